import { AppError } from '@/lib/errors';
import type { RequestLog } from '@/lib/observability/request-log';
import type { Account, AccountState, FactorStore } from '@/lib/store/factors';
import { isResetOpen, isResetPending } from '@/lib/store/factors';
import type { Dependencies } from './dependencies';
import { findSession, type Session } from './session';

/** A method that is stronger than a code by phone. */
export type StepUpMethod = 'passkey' | 'totp' | 'recovery-code';

/** The methods that an account has. */
export function methodsOf({ factors, recoveryCodesLeft }: AccountState): StepUpMethod[] {
  const types = new Set<StepUpMethod>(factors.map(({ type }) => type));
  if (recoveryCodesLeft > 0) types.add('recovery-code');
  return [...types];
}

/** The store of accounts and factors. @throws {AppError} NOT_FOUND if factors are switched off */
export function factorsOf({ factors }: Pick<Dependencies, 'factors'>): FactorStore {
  if (!factors) throw new AppError('NOT_FOUND');
  return factors;
}

/** What a session or a ceremony remembers of an account, from when one of its factors was used. */
export interface KnownAccount {
  /** Id of the account. */
  readonly account: string | undefined;
  readonly sessionsSince: number | undefined;
}

/**
 * Whether a factor of the account was used or added, and none was removed since. Compares what was known of the account
 * then with what is known now, instead of clocks: those of two servers differ, and a use may be in flight during a
 * removal.
 */
export const isOpenedBy = ({ id, sessionsSince }: Account, known: KnownAccount | undefined): boolean =>
  known?.account === id && known.sessionsSince === sessionsSince;

/**
 * Whether the session still holds: nobody has removed a factor of the account that it speaks for since it was opened.
 */
export async function isCurrent({ factors }: Pick<Dependencies, 'factors'>, session: Session): Promise<boolean> {
  if (!factors || session.account === undefined) return true;
  const state = await factors.findAccountById(session.account);
  return state !== undefined && isOpenedBy(state.account, session);
}

/**
 * Whether a code opened the session, and the account's reset has taken effect: a new first factor then replaces the
 * account.
 */
export const mayReplace = (account: Account, { channel }: Pick<Session, 'channel'>): boolean =>
  channel !== undefined && isResetOpen(account, Date.now());

/**
 * Logs that using or changing an account has canceled a reset, if somebody had requested one.
 * @param account as it was before
 */
export function noteCanceledReset(account: Account, log: RequestLog): void {
  if (isResetPending(account, Date.now())) log.event('account.reset_canceled');
}

/** A session that may change the factors of its number. */
export interface Manager {
  readonly session: Session;
  /** Undefined if the number has no account yet. */
  readonly state: AccountState | undefined;
  /** Id of the account whose reset has taken effect: a new first factor replaces it. */
  readonly replaces: string | undefined;
}

/**
 * Checks that a session may change the factors of its number. Anyone who gets a text message may add the first factor.
 * Until a reset has taken effect, all other changes need one of the factors. Otherwise, anyone who took over the number
 * could add one of their own, or remove the owner's.
 * @throws {AppError} NO_SESSION, also if the number has no factors and nobody entered a code in this session;
 * STEP_UP_REQUIRED if the number has factors and none of them opened this session
 */
export async function requireManager(dependencies: Dependencies, sessionToken: string | undefined): Promise<Manager> {
  const session = await findSession(dependencies, sessionToken);
  if (!session) throw new AppError('NO_SESSION');
  const state = await factorsOf(dependencies).findAccount(session.phoneNumber);
  if (state && isOpenedBy(state.account, session)) return { session, state, replaces: undefined };
  const hasCode = session.channel !== undefined;
  if (!state && hasCode) return { session, state, replaces: undefined };
  // Somebody has just removed the last factor, and nobody entered a code in this session. The last code may have come
  // weeks ago, and the number may have changed hands since.
  if (!state) throw new AppError('NO_SESSION');
  if (mayReplace(state.account, session)) return { session, state: undefined, replaces: state.account.id };
  throw new AppError('STEP_UP_REQUIRED', { methods: methodsOf(state) });
}

/**
 * Why a session may no longer manage what it managed a moment ago: another session has removed a factor meanwhile.
 * @param state the number's state now
 */
export const outdatedError = (state: AccountState | undefined): AppError =>
  state ? new AppError('STEP_UP_REQUIRED', { methods: methodsOf(state) }) : new AppError('NO_SESSION');

/**
 * Like {@link requireManager}, for changes that need an account. @throws {AppError} also FACTOR_NOT_FOUND if there is
 * none
 */
export async function requireAccount(
  dependencies: Dependencies,
  sessionToken: string | undefined,
): Promise<{ session: Session; state: AccountState }> {
  const { session, state } = await requireManager(dependencies, sessionToken);
  if (!state) throw new AppError('FACTOR_NOT_FOUND');
  return { session, state };
}
