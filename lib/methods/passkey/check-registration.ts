import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import type { PasskeyData } from '@/lib/store/factors';
import { faultOfPage, refusePasskey } from './client-data';
import { ALGORITHMS, loadHelpers, loadWebAuthn, type RelyingParty } from './relying-party';

/** The transports of WebAuthn Level 3, §5.8.4, and of earlier editions. Others could be any text. */
const TRANSPORTS: ReadonlySet<string> = new Set(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']);

/** A new passkey, as its authenticator describes it. */
export interface NewPasskey extends PasskeyData {
  readonly isSynced: boolean;
}

/**
 * Whether a response contains no certificates, as we asked. Its format is `none`, or it has a signature by the passkey
 * itself, which browsers may leave in (WebAuthn Level 3, §5.1.3). For any other statement, the library would read
 * strangers' certificates and fetch lists of revoked ones, and we would not use the result.
 */
async function isUncertified(attestationObject: string): Promise<boolean> {
  const { decodeAttestationObject } = await loadHelpers();
  const object = decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, 'base64url')));
  const format = object.get('fmt');
  return format === 'none' || (format === 'packed' && object.get('attStmt').get('x5c') === undefined);
}

async function read(party: RelyingParty, challenge: string, credential: RegistrationResponseJSON) {
  try {
    if (!(await isUncertified(credential.response.attestationObject))) return undefined;
    const { verifyRegistrationResponse } = await loadWebAuthn();
    const { registrationInfo } = await verifyRegistrationResponse({
      response: credential,
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.rpId,
      requireUserPresence: true,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    return registrationInfo;
  } catch {
    // Drop the error, because the library's messages quote what the client sent.
    return undefined;
  }
}

/**
 * Checks what `navigator.credentials.create` returned.
 * @throws {AppError} PASSKEY_REJECTED
 */
export async function checkRegistration(
  party: RelyingParty,
  challenge: string,
  credential: RegistrationResponseJSON,
): Promise<NewPasskey> {
  const fault = faultOfPage(credential.response.clientDataJSON, party);
  if (fault !== undefined) throw refusePasskey(fault);
  const info = await read(party, challenge, credential);
  // The library takes the id from what the authenticator made, and compares it with nothing.
  if (!info || info.credential.id !== credential.id) throw refusePasskey('authenticator data');
  const { id, publicKey, counter, transports = [] } = info.credential;
  return {
    type: 'passkey',
    credentialId: id,
    publicKey: Buffer.from(publicKey).toString('base64url'),
    counter,
    transports: [...new Set(transports)].filter((transport) => TRANSPORTS.has(transport)),
    isSynced: info.credentialBackedUp,
  };
}
