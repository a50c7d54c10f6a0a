import { randomBytes, randomUUID } from 'node:crypto';
import type { FactorType } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import type { RequestLog } from '@/lib/observability/request-log';
import type { Account, AccountState, ManagedAccount, NewFactor } from '@/lib/store/factors';
import { factorsOf, type Manager, noteCanceledReset, outdatedError } from './account';
import type { Caller } from './caller';
import type { Dependencies } from './dependencies';
import { type Opened, renewSession } from './open-session';

/** How many factors of each type an account may have. */
export const MOST_FACTORS = { passkey: 10, totp: 5 } as const satisfies Record<FactorType, number>;

/** An id by which authenticators know an account. WebAuthn Level 3, §14.6.1: at most 64 bytes, and nothing personal. */
export const newUserHandle = (): string => randomBytes(32).toString('base64url');

/** @throws {AppError} TOO_MANY_FACTORS */
export function assertRoomFor(type: FactorType, state: AccountState | undefined): void {
  const has = state?.factors.filter((factor) => factor.type === type).length ?? 0;
  if (has >= MOST_FACTORS[type]) throw new AppError('TOO_MANY_FACTORS');
}

/** A factor that was added. */
export interface Added {
  readonly account: ManagedAccount;
  /** The new session, which may manage the account. It replaces the one in which the factor was added. */
  readonly session: Opened;
}

/** What adding a factor needs besides the factor. */
interface Adding {
  /** The handle of the new account, if this creates one and an authenticator already knows the handle. */
  readonly userHandle?: string;
  /** Called once the database has the factor, whatever fails after that. Must not wait. */
  readonly onAdded: (account: string) => void;
}

/** Creates the account of a number, with its first factor. */
async function createAccount(
  dependencies: Dependencies,
  { session, replaces }: Manager,
  factor: NewFactor,
  userHandle: string,
): Promise<ManagedAccount | 'duplicate'> {
  const factors = factorsOf(dependencies);
  const { phoneNumber, phoneVerifiedAt } = session;
  const now = Date.now();
  const account: Account = {
    id: randomUUID(),
    phoneNumber,
    userHandle,
    phoneVerifiedAt: phoneVerifiedAt.getTime(),
    createdAt: now,
    lastUsedAt: now,
    sessionsSince: now,
    resetAt: undefined,
  };
  const outcome = await factors.createAccount(account, factor, replaces);
  if (outcome === 'created') return account;
  if (outcome === 'duplicate') return outcome;
  // Somebody was quicker, or the owner has canceled the reset.
  throw outdatedError(await factors.findAccount(phoneNumber));
}

async function addToAccount(
  dependencies: Dependencies,
  account: ManagedAccount,
  factor: NewFactor,
  { phoneNumber }: Manager['session'],
): Promise<ManagedAccount | 'duplicate'> {
  const factors = factorsOf(dependencies);
  const outcome = await factors.addFactor(account, factor, { most: MOST_FACTORS[factor.type] });
  if (outcome === 'full') throw new AppError('TOO_MANY_FACTORS');
  if (outcome === 'outdated') throw outdatedError(await factors.findAccount(phoneNumber));
  return outcome === 'added' ? account : outcome;
}

/**
 * Adds a factor to the account of a session's number, or creates the account with it.
 * @param manager as `requireManager` returned it
 * @returns `duplicate` if somebody already has the credential
 * @throws {AppError} STEP_UP_REQUIRED, TOO_MANY_FACTORS, NO_SESSION, STORE_UNAVAILABLE
 */
export async function addFactor(
  dependencies: Dependencies,
  manager: Manager,
  factor: NewFactor,
  caller: Caller,
  log: RequestLog,
  { userHandle = newUserHandle(), onAdded }: Adding,
): Promise<Added | 'duplicate'> {
  const { session, state } = manager;
  const account = await log.store(
    state
      ? addToAccount(dependencies, state.account, factor, session)
      : createAccount(dependencies, manager, factor, userHandle),
  );
  if (account === 'duplicate') return account;
  log.event('factor.added');
  if (state) noteCanceledReset(state.account, log);
  onAdded(account.id);
  return { account, session: await log.store(renewSession(dependencies, session, account, caller)) };
}
