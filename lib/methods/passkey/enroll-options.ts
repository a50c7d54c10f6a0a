import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import type { PasskeyOptionsReply } from '@/lib/contract';
import { formatPhoneNumber, numberLogFields } from '@/lib/methods/phone/phone-number';
import type { RequestLog } from '@/lib/observability/request-log';
import { factorsOf, requireManager } from '@/lib/verification/account';
import { assertRoomFor, newUserHandle } from '@/lib/verification/add-factor';
import type { Caller } from '@/lib/verification/caller';
import { CEREMONY_TTL_MS, startCeremony } from '@/lib/verification/ceremony';
import type { Dependencies } from '@/lib/verification/dependencies';
import { createToken } from '@/lib/verification/token';
import { type Enrollment, enrollmentBinding } from './ceremonies';
import { ALGORITHMS, loadWebAuthn, relyingPartyOf } from './relying-party';

/** What the browser needs for a passkey, and the token that finishes the ceremony. */
export interface Options<PublicKey> {
  readonly reply: Omit<PasskeyOptionsReply<PublicKey>, 'ceremony'>;
  readonly ceremony: string;
}

/**
 * Begins to add a passkey to the session's number.
 * @param name the service's name, as an authenticator may show it; by default the host (WebAuthn Level 3, §5.4.1)
 * @throws {AppError} NO_SESSION, STEP_UP_REQUIRED, TOO_MANY_FACTORS, STORE_UNAVAILABLE
 */
export async function startEnrollment(
  dependencies: Dependencies,
  name: string | null,
  caller: Caller,
  log: RequestLog,
): Promise<Options<PublicKeyCredentialCreationOptionsJSON>> {
  const { config, privacy } = dependencies;
  const { rpId } = relyingPartyOf(config);
  const manager = await log.store(requireManager(dependencies, caller.sessionToken));
  const { session, state } = manager;
  log.note(numberLogFields(privacy, session.phoneNumber));
  assertRoomFor('passkey', state);
  const known = state ? await log.store(factorsOf(dependencies).findCredentials(state.account.id)) : [];
  const userHandle = state?.account.userHandle ?? newUserHandle();
  const enrollment: Enrollment = { challenge: createToken(), userHandle };
  const text = formatPhoneNumber(session.phoneNumber);
  const { generateRegistrationOptions } = await loadWebAuthn();
  const publicKey = await generateRegistrationOptions({
    rpName: name ?? rpId,
    rpID: rpId,
    userName: text,
    userDisplayName: text,
    userID: new Uint8Array(Buffer.from(userHandle, 'base64url')),
    challenge: new Uint8Array(Buffer.from(enrollment.challenge, 'base64url')),
    timeout: CEREMONY_TTL_MS['enroll-passkey'],
    attestationType: 'none',
    excludeCredentials: known.map(({ credentialId, transports }) => ({
      id: credentialId,
      transports: [...transports],
    })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: ALGORITHMS,
  });
  const binding = enrollmentBinding(caller.sessionToken, manager);
  return {
    reply: { publicKey, expiresInSeconds: CEREMONY_TTL_MS['enroll-passkey'] / 1000 },
    ceremony: startCeremony(privacy, 'enroll-passkey', binding, enrollment),
  };
}
