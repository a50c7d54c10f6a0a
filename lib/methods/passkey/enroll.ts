import { randomUUID } from 'node:crypto';
import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import type { FactorReply } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import { factorReply } from '@/lib/methods/factor-reply';
import { numberLogFields } from '@/lib/methods/phone/phone-number';
import type { RequestLog } from '@/lib/observability/request-log';
import type { NewFactor } from '@/lib/store/factors';
import { factorsOf, type Manager, methodsOf, requireManager } from '@/lib/verification/account';
import type { Caller } from '@/lib/verification/caller';
import { openCeremony } from '@/lib/verification/ceremony';
import type { Dependencies } from '@/lib/verification/dependencies';
import { type Opened, renewSession } from '@/lib/verification/open-session';
import { type Enrollment, enrollmentBinding } from './ceremonies';
import { checkRegistration } from './check-registration';
import { refusePasskey } from './client-data';
import { MOST_PASSKEYS, relyingPartyOf } from './relying-party';

/** What a client sends to end an enrollment. */
export interface EnrollmentRequest {
  readonly credential: RegistrationResponseJSON;
  /** The person's name for the passkey. */
  readonly name?: string | undefined;
  readonly ceremony: string | undefined;
}

/** A passkey that was added, and the session that goes on. */
export interface Enrolled extends Opened {
  readonly factor: FactorReply;
}

/** Pages show it in the person's language. */
const DEFAULT_NAME = 'Passkey';

/** Opens the ceremony of this session and this account, and uses it up before anything else is checked. */
async function spendEnrollment(
  dependencies: Dependencies,
  manager: Manager,
  ceremony: string | undefined,
  caller: Caller,
  log: RequestLog,
): Promise<Enrollment> {
  const binding = enrollmentBinding(caller.sessionToken, manager);
  const open = openCeremony<Enrollment>(dependencies.privacy, 'enroll-passkey', binding, ceremony);
  if (!open || !(await log.store(open.spend(factorsOf(dependencies))))) throw new AppError('CEREMONY_NOT_FOUND');
  return open.data;
}

/** @returns id of the account. @throws {AppError} STEP_UP_REQUIRED where another tab, or somebody else, came first */
async function createAccount(
  dependencies: Dependencies,
  { session, replaces }: Manager,
  { id, userHandle }: NonNullable<Enrollment['newAccount']>,
  factor: NewFactor,
): Promise<string> {
  const store = factorsOf(dependencies);
  const { phoneNumber, phoneVerifiedAt } = session;
  const now = factor.createdAt;
  const account = {
    id,
    phoneNumber,
    userHandle,
    phoneVerifiedAt: phoneVerifiedAt.getTime(),
    createdAt: now,
    lastUsedAt: now,
    // No earlier session speaks for this account, so there is nothing to end.
    sessionsSince: 0,
    resetAt: undefined,
  };
  const result = await store.createAccount(account, factor, replaces);
  if (result === 'created') return id;
  if (result === 'duplicate') throw refusePasskey('known already');
  const state = await store.findAccount(phoneNumber);
  throw state ? new AppError('STEP_UP_REQUIRED', { methods: methodsOf(state) }) : new AppError('CEREMONY_NOT_FOUND');
}

/** @returns id of the account. @throws {AppError} TOO_MANY_FACTORS, PASSKEY_REJECTED, CEREMONY_NOT_FOUND */
async function addTo(dependencies: Dependencies, account: string, factor: NewFactor): Promise<string> {
  switch (await factorsOf(dependencies).addFactor(account, factor, { most: MOST_PASSKEYS })) {
    case 'added':
      return account;
    case 'full':
      throw new AppError('TOO_MANY_FACTORS');
    case 'duplicate':
      throw refusePasskey('known already');
    case 'gone':
      throw new AppError('CEREMONY_NOT_FOUND');
  }
}

/**
 * Adds a passkey to the session's number: to its account, or as the first factor of a new one. The session goes on under
 * another token, and speaks for the account.
 * @throws {AppError} NO_SESSION, STEP_UP_REQUIRED, CEREMONY_NOT_FOUND, PASSKEY_REJECTED, TOO_MANY_FACTORS, STORE_UNAVAILABLE
 */
export async function enrollPasskey(
  dependencies: Dependencies,
  { credential, name = DEFAULT_NAME, ceremony }: EnrollmentRequest,
  caller: Caller,
  log: RequestLog,
): Promise<Enrolled> {
  const manager = await log.store(requireManager(dependencies, caller.sessionToken));
  const { session, state } = manager;
  log.note({ factor: 'passkey', ...numberLogFields(dependencies.privacy, session.phoneNumber) });
  const { challenge, newAccount } = await spendEnrollment(dependencies, manager, ceremony, caller, log);
  const passkey = await checkRegistration(relyingPartyOf(dependencies.config), challenge, credential);
  const factor = { ...passkey, id: randomUUID(), name, createdAt: Date.now() };
  const added = state
    ? addTo(dependencies, state.account.id, factor)
    : createAccount(dependencies, manager, newAccount as NonNullable<typeof newAccount>, factor);
  const account = await log.store(added);
  log.event('factor.added');
  const opened = await log.store(renewSession(dependencies, session, account, caller));
  return { ...opened, factor: factorReply({ ...factor, lastUsedAt: undefined }) };
}
