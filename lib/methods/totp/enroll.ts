import { randomUUID } from 'node:crypto';
import { AppError } from '@/lib/errors';
import { type AccountDependencies, reportFactor } from '@/lib/methods/account-events';
import { numberLogFields } from '@/lib/methods/phone/phone-number';
import { replaceRecoveryCodes } from '@/lib/methods/recovery-code/make';
import type { RequestLog } from '@/lib/observability/request-log';
import type { AccountState, Factor, NewFactor } from '@/lib/store/factors';
import { factorsOf, type Manager, requireManager } from '@/lib/verification/account';
import { type Added, addFactor, assertRoomFor } from '@/lib/verification/add-factor';
import type { Caller } from '@/lib/verification/caller';
import { CEREMONY_TTL_MS, openCeremony, startCeremony } from '@/lib/verification/ceremony';
import type { Dependencies } from '@/lib/verification/dependencies';
import { keyOf } from '@/lib/verification/token';
import { matchingSteps, newSecret, normalizeCode } from './code';
import { keyUri, qrOf } from './key-uri';

/** What an app needs, and the token with which its first code completes the enrollment. */
export interface TotpEnrollment {
  /** The secret in base32, for people who cannot scan the QR code. */
  readonly secret: string;
  /** The `otpauth:` address from which an app learns the secret. */
  readonly uri: string;
  /** The same address as a QR code, in SVG. */
  readonly qr: string;
  readonly expiresInSeconds: number;
  readonly ceremony: string;
}

/** The first code of a new app. */
export interface TotpConfirmation {
  /** The code as typed. */
  readonly code: string;
  readonly name?: string | undefined;
  /** Token of the enrollment; undefined if the client has none. */
  readonly ceremony: string | undefined;
}

/** An authenticator app that was added. */
export interface TotpAdded extends Added {
  readonly factor: Factor;
  /**
   * New recovery codes, to show once; undefined if the person has some already, or the server failed to create them.
   */
  readonly recoveryCodes: readonly string[] | undefined;
}

const DEFAULT_NAME = 'Authenticator app';

async function managerOf(dependencies: Dependencies, { sessionToken }: Caller, log: RequestLog): Promise<Manager> {
  const manager = await log.store(requireManager(dependencies, sessionToken));
  log.note({ factor: 'totp', ...numberLogFields(dependencies.privacy, manager.session.phoneNumber) });
  return manager;
}

/** Binds an enrollment to its session and its account: nobody can finish it with another one. */
const bindingOf = ({ sessionToken = '' }: Caller, { state, replaces }: Manager): string =>
  JSON.stringify([keyOf(sessionToken), state?.account.id ?? null, replaces ?? null]);

/**
 * Begins to add an authenticator app. The server stores nothing until a code from the app has confirmed it.
 * @throws {AppError} NO_SESSION, STEP_UP_REQUIRED, TOO_MANY_FACTORS, STORE_UNAVAILABLE
 */
export async function beginTotp(dependencies: Dependencies, caller: Caller, log: RequestLog): Promise<TotpEnrollment> {
  const manager = await managerOf(dependencies, caller, log);
  assertRoomFor('totp', manager.state);
  const { config, privacy } = dependencies;
  const secret = newSecret();
  const uri = keyUri(secret, manager.session.phoneNumber, config);
  return {
    secret,
    uri,
    qr: qrOf(uri),
    expiresInSeconds: CEREMONY_TTL_MS['enroll-totp'] / 1000,
    ceremony: startCeremony(privacy, 'enroll-totp', bindingOf(caller, manager), { secret }),
  };
}

/**
 * What an app needs, for a page that shows it again.
 * @param ceremony token of the enrollment
 * @returns undefined if that has expired or belongs to another session
 * @throws {AppError} NO_SESSION, STEP_UP_REQUIRED, STORE_UNAVAILABLE
 */
export async function resumeTotp(
  dependencies: Dependencies,
  ceremony: string | undefined,
  caller: Caller,
  log: RequestLog,
): Promise<Pick<TotpEnrollment, 'secret' | 'uri' | 'qr'> | undefined> {
  const manager = await log.store(requireManager(dependencies, caller.sessionToken));
  const { config, privacy } = dependencies;
  const open = openCeremony<{ secret: string }>(privacy, 'enroll-totp', bindingOf(caller, manager), ceremony);
  if (!open) return undefined;
  const { secret } = open.data;
  const uri = keyUri(secret, manager.session.phoneNumber, config);
  return { secret, uri, qr: qrOf(uri) };
}

/** The secret of an enrollment, and the time step of its first code, which must not count a second time. */
async function confirmedSecret(
  dependencies: Dependencies,
  { code, ceremony }: TotpConfirmation,
  binding: string,
  log: RequestLog,
): Promise<{ secret: string; lastStep: number }> {
  const open = openCeremony<{ secret: string }>(dependencies.privacy, 'enroll-totp', binding, ceremony);
  if (!open) throw new AppError('CEREMONY_NOT_FOUND');
  const digits = normalizeCode(code);
  const lastStep = digits === undefined ? undefined : matchingSteps(open.data.secret, digits).at(-1);
  // The person may try again: the client that has the token knows the secret, so there is nothing to guess.
  if (lastStep === undefined) throw new AppError('WRONG_CODE');
  if (!(await log.store(open.spend(factorsOf(dependencies))))) throw new AppError('CEREMONY_NOT_FOUND');
  return { secret: open.data.secret, lastStep };
}

const needsRecoveryCodes = (state: AccountState | undefined): boolean =>
  !state || (state.recoveryCodesLeft === 0 && !state.factors.some(({ type }) => type === 'totp'));

/**
 * The recovery codes that come with a first app; undefined if the person has some, or the server failed to create them.
 */
async function firstRecoveryCodes(
  dependencies: Dependencies,
  { session, state }: Manager,
  { account }: Added,
  log: RequestLog,
): Promise<readonly string[] | undefined> {
  if (!needsRecoveryCodes(state)) return undefined;
  try {
    return await replaceRecoveryCodes(dependencies, account, session.phoneNumber, log);
  } catch (error) {
    // The app has been added, and the session continues under a new token, which the client must get. The person can
    // create codes later.
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/**
 * Adds an authenticator app, once a code shows that it has the secret. Recovery codes come with the first one.
 * @throws {AppError} NO_SESSION, STEP_UP_REQUIRED, CEREMONY_NOT_FOUND, WRONG_CODE, TOO_MANY_FACTORS, STORE_UNAVAILABLE
 */
export async function confirmTotp(
  dependencies: AccountDependencies,
  confirmation: TotpConfirmation,
  caller: Caller,
  log: RequestLog,
): Promise<TotpAdded> {
  const manager = await managerOf(dependencies, caller, log);
  const confirmed = await confirmedSecret(dependencies, confirmation, bindingOf(caller, manager), log);
  const created = {
    id: randomUUID(),
    type: 'totp',
    name: confirmation.name ?? DEFAULT_NAME,
    createdAt: Date.now(),
    isSynced: false,
  } as const;
  const totp: NewFactor = { ...created, ...confirmed };
  const { phoneNumber } = manager.session;
  const added = await addFactor(dependencies, manager, totp, caller, log, {
    onAdded: (account) => reportFactor(dependencies, 'factor.added', { account, phoneNumber }, 'totp'),
  });
  // Only a passkey can be a duplicate.
  if (added === 'duplicate') throw new Error('The id of a factor exists.');
  const recoveryCodes = await firstRecoveryCodes(dependencies, manager, added, log);
  return { ...added, factor: { ...created, lastUsedAt: undefined }, recoveryCodes };
}
