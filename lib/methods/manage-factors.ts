import { AppError } from '@/lib/errors';
import type { RequestLog } from '@/lib/observability/request-log';
import { type AccountState, isResetPending, RESET_AFTER_MS } from '@/lib/store/factors';
import {
  factorsOf,
  isOpenedBy,
  mayReplace,
  methodsOf,
  noteCanceledReset,
  outdatedError,
  requireAccount,
} from '@/lib/verification/account';
import type { Caller } from '@/lib/verification/caller';
import type { Dependencies } from '@/lib/verification/dependencies';
import { type Opened, renewSession } from '@/lib/verification/open-session';
import { findSession, type Session } from '@/lib/verification/session';
import { type AccountDependencies, reportFactor, reportReset } from './account-events';
import { numberLogFields } from './phone/phone-number';

/** What a person may see and change. */
export type FactorList = Pick<AccountState, 'factors' | 'recoveryCodesLeft'> & {
  /** When a requested reset takes effect, or took effect; undefined if none is pending. */
  readonly resetAt: Date | undefined;
};

const NONE: FactorList = { factors: [], recoveryCodesLeft: 0, resetAt: undefined };

/** The session of a caller, and the account of its number; undefined if the number has none. */
async function standing(
  dependencies: Dependencies,
  { sessionToken }: Caller,
): Promise<{ session: Session; state: AccountState | undefined }> {
  const session = await findSession(dependencies, sessionToken);
  if (!session) throw new AppError('NO_SESSION');
  return { session, state: await factorsOf(dependencies).findAccount(session.phoneNumber) };
}

const resetOf = (state: AccountState | undefined): Date | undefined =>
  state && isResetPending(state.account, Date.now()) ? new Date(state.account.resetAt) : undefined;

/**
 * The factors of a session's number.
 * @throws {AppError} NO_SESSION, STEP_UP_REQUIRED, STORE_UNAVAILABLE
 */
export async function listFactors(dependencies: Dependencies, caller: Caller): Promise<FactorList> {
  const { session, state } = await standing(dependencies, caller);
  if (!state) return NONE;
  const { account, factors, recoveryCodesLeft } = state;
  const resetAt = resetOf(state);
  if (isOpenedBy(account, session)) return { factors, recoveryCodesLeft, resetAt };
  // Somebody who may replace the account must not learn what factors it has.
  if (mayReplace(account, session)) return { ...NONE, resetAt };
  throw new AppError('STEP_UP_REQUIRED', { methods: methodsOf(state) });
}

/**
 * Removes a factor. After that, no other session of the account can manage anything. Removing the last factor also
 * removes the account and its recovery codes.
 * @returns the session that replaces the caller's
 * @throws {AppError} NO_SESSION, STEP_UP_REQUIRED, FACTOR_NOT_FOUND, STORE_UNAVAILABLE
 */
export async function removeFactor(
  dependencies: AccountDependencies,
  id: string,
  caller: Caller,
  log: RequestLog,
): Promise<Opened> {
  const factors = factorsOf(dependencies);
  const { session, state } = await log.store(requireAccount(dependencies, caller.sessionToken));
  log.note(numberLogFields(dependencies.privacy, session.phoneNumber));
  const factor = state.factors.find((one) => one.id === id);
  if (!factor) throw new AppError('FACTOR_NOT_FOUND');
  const { account: before } = state;
  // The new value is higher even if the clock has gone back.
  const account = { id: before.id, sessionsSince: Math.max(Date.now(), before.sessionsSince + 1) };
  if (!(await log.store(factors.removeFactor(before, id, account.sessionsSince))))
    throw outdatedError(await log.store(factors.findAccount(session.phoneNumber)));
  log.note({ factor: factor.type });
  log.event('factor.removed');
  noteCanceledReset(before, log);
  const { phoneNumber } = session;
  reportFactor(dependencies, 'factor.removed', { account: account.id, phoneNumber }, factor.type);
  // Another session may have removed another factor at the same time.
  const remains = await log.store(factors.findAccountById(account.id));
  return log.store(renewSession(dependencies, session, remains && account, caller));
}

/**
 * Requests a reset, for somebody who has lost all factors and still gets codes. A repeated request does not change the
 * time.
 * @returns when it takes effect
 * @throws {AppError} NO_SESSION if nobody entered a code in the session; FACTOR_NOT_FOUND if the number has no account;
 * STORE_UNAVAILABLE
 */
export async function requestReset(dependencies: AccountDependencies, caller: Caller, log: RequestLog): Promise<Date> {
  const { session, state } = await log.store(standing(dependencies, caller));
  log.note(numberLogFields(dependencies.privacy, session.phoneNumber));
  if (session.channel === undefined) throw new AppError('NO_SESSION');
  if (!state) throw new AppError('FACTOR_NOT_FOUND');
  const now = Date.now();
  const own = now + RESET_AFTER_MS;
  const effectiveAt = await log.store(factorsOf(dependencies).requestReset(state.account.id, own, now));
  if (effectiveAt === undefined) throw new AppError('FACTOR_NOT_FOUND');
  if (effectiveAt === own) {
    log.event('account.reset_requested');
    reportReset(dependencies, { account: state.account.id, phoneNumber: session.phoneNumber }, effectiveAt);
  }
  return new Date(effectiveAt);
}

/**
 * When the requested reset of a session's number takes effect, or took effect; undefined if none is pending.
 * @throws {AppError} NO_SESSION, STORE_UNAVAILABLE
 */
export const pendingReset = async (dependencies: Dependencies, caller: Caller): Promise<Date | undefined> =>
  resetOf((await standing(dependencies, caller)).state);
