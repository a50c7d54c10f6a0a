import { randomUUID } from 'node:crypto';
import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import { AppError } from '@/lib/errors';
import { type AccountDependencies, reportFactor } from '@/lib/methods/account-events';
import { numberLogFields } from '@/lib/methods/phone/phone-number';
import type { RequestLog } from '@/lib/observability/request-log';
import type { Factor } from '@/lib/store/factors';
import { factorsOf, type Manager, requireManager } from '@/lib/verification/account';
import { addFactor } from '@/lib/verification/add-factor';
import type { Caller } from '@/lib/verification/caller';
import { openCeremony } from '@/lib/verification/ceremony';
import type { Dependencies } from '@/lib/verification/dependencies';
import type { Opened } from '@/lib/verification/open-session';
import { type Enrollment, enrollmentBinding } from './ceremonies';
import { checkRegistration } from './check-registration';
import { refusePasskey } from './client-data';
import { relyingPartyOf } from './relying-party';

/** What a client sends to end an enrollment. */
export interface EnrollmentRequest {
  readonly credential: RegistrationResponseJSON;
  /** The person's name for the passkey. */
  readonly name?: string | undefined;
  readonly ceremony: string | undefined;
}

/** A passkey that was added. */
export interface Enrolled {
  readonly factor: Factor;
  /** Replaces the session in which the passkey was added. */
  readonly session: Opened;
}

/** For clients that give no name. Our pages give one in the person's language. */
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

/**
 * Adds a passkey to the session's number: to its account, or as the first factor of a new one. The session continues
 * under a new token, and speaks for the account.
 * @throws {AppError} NO_SESSION, STEP_UP_REQUIRED, CEREMONY_NOT_FOUND, PASSKEY_REJECTED, TOO_MANY_FACTORS,
 * STORE_UNAVAILABLE
 */
export async function enrollPasskey(
  dependencies: AccountDependencies,
  { credential, name = DEFAULT_NAME, ceremony }: EnrollmentRequest,
  caller: Caller,
  log: RequestLog,
): Promise<Enrolled> {
  const manager = await log.store(requireManager(dependencies, caller.sessionToken));
  log.note({ factor: 'passkey', ...numberLogFields(dependencies.privacy, manager.session.phoneNumber) });
  const { challenge, userHandle } = await spendEnrollment(dependencies, manager, ceremony, caller, log);
  const passkey = await checkRegistration(relyingPartyOf(dependencies.config), challenge, credential);
  const factor = { ...passkey, id: randomUUID(), name, createdAt: Date.now() };
  const { phoneNumber } = manager.session;
  const added = await addFactor(dependencies, manager, factor, caller, log, {
    userHandle,
    onAdded: (account) => reportFactor(dependencies, 'factor.added', { account, phoneNumber }, 'passkey'),
  });
  if (added === 'duplicate') throw refusePasskey('known already');
  return { factor: { ...factor, lastUsedAt: undefined }, session: added.session };
}
