import { AppError } from '@/lib/errors';
import type { RequestLog } from '@/lib/observability/request-log';
import type { Account, AccountState, FactorStore } from '@/lib/store/factors';
import { isResetOpen, isResetPending } from '@/lib/store/factors';
import type { Dependencies } from './dependencies';
import { findSession, type Session } from './session';

/** What a person can step up with. */
export type StepUpMethod = 'passkey' | 'totp' | 'recovery-code';

/** What an account can be used with. */
export function methodsOf({ factors, recoveryCodesLeft }: AccountState): StepUpMethod[] {
  const types = new Set<StepUpMethod>(factors.map(({ type }) => type));
  if (recoveryCodesLeft > 0) types.add('recovery-code');
  return [...types];
}

/** The durable store. @throws {AppError} NOT_FOUND where it is switched off */
export function factorsOf({ factors }: Pick<Dependencies, 'factors'>): FactorStore {
  if (!factors) throw new AppError('NOT_FOUND');
  return factors;
}

/** What somebody knew of an account when one of its factors was used. */
export interface KnownAccount {
  /** Its id. */
  readonly account: string | undefined;
  readonly sessionsSince: number | undefined;
}

/**
 * Whether a factor of the account was used or added, and none was removed since. Compares what was known of the account then
 * with what is known now, and no clocks: those of two servers differ, and a use may be in flight during a removal.
 */
export const isOpenedBy = ({ id, sessionsSince }: Account, known: KnownAccount | undefined): boolean =>
  known?.account === id && known.sessionsSince === sessionsSince;

/** Whether the session says what it said when it was opened: no factor of the account that it speaks for was removed since. */
export async function isCurrent({ factors }: Pick<Dependencies, 'factors'>, session: Session): Promise<boolean> {
  if (!factors || session.account === undefined) return true;
  const state = await factors.findAccountById(session.account);
  return state !== undefined && isOpenedBy(state.account, session);
}

/** Whether a code opened the session, and the account's reset has taken effect: the next first factor replaces the account. */
export const mayReplace = (account: Account, { channel }: Pick<Session, 'channel'>): boolean =>
  channel !== undefined && isResetOpen(account, Date.now());

/**
 * Notes that the owner's use, or change, of an account has canceled a reset, if somebody had requested one.
 * @param account as it was before
 */
export function noteCanceledReset(account: Account, log: RequestLog): void {
  if (isResetPending(account, Date.now())) log.event('account.reset_canceled');
}

/** A session that may change the factors of its number. */
export interface Manager {
  readonly session: Session;
  /** Undefined where the number has no account yet. */
  readonly state: AccountState | undefined;
  /** Id of the account whose reset has taken effect: the next first factor replaces it. */
  readonly replaces: string | undefined;
}

/**
 * Finds who may change the factors of a number. Whoever gets a text message may add the first one, and no more than that: otherwise
 * anyone who took over the number could add a factor of their own, or remove the owner's.
 * @throws {AppError} NO_SESSION, also where the number has no factors and no code was entered in this session;
 * STEP_UP_REQUIRED where the number has factors and none of them opened this session
 */
export async function requireManager(dependencies: Dependencies, sessionToken: string | undefined): Promise<Manager> {
  const session = await findSession(dependencies, sessionToken);
  if (!session) throw new AppError('NO_SESSION');
  const state = await factorsOf(dependencies).findAccount(session.phoneNumber);
  if (state && isOpenedBy(state.account, session)) return { session, state, replaces: undefined };
  const hasCode = session.channel !== undefined;
  if (!state && hasCode) return { session, state, replaces: undefined };
  // Somebody has just removed the last factor: the number may have been theirs when a code last came, weeks ago.
  if (!state) throw new AppError('NO_SESSION');
  if (mayReplace(state.account, session)) return { session, state: undefined, replaces: state.account.id };
  throw new AppError('STEP_UP_REQUIRED', { methods: methodsOf(state) });
}

/**
 * Why a session may no longer manage what it managed a moment ago: another one has removed a factor meanwhile.
 * @param state of the number now
 */
export const outdatedError = (state: AccountState | undefined): AppError =>
  state ? new AppError('STEP_UP_REQUIRED', { methods: methodsOf(state) }) : new AppError('NO_SESSION');

/** Like {@link requireManager}, for what only an account has. @throws {AppError} also FACTOR_NOT_FOUND without one */
export async function requireAccount(
  dependencies: Dependencies,
  sessionToken: string | undefined,
): Promise<{ session: Session; state: AccountState }> {
  const { session, state } = await requireManager(dependencies, sessionToken);
  if (!state) throw new AppError('FACTOR_NOT_FOUND');
  return { session, state };
}
