import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import type { Account, KnownPasskey } from '@/lib/store/factors';
import { faultOfPage, refusePasskey } from './client-data';
import { loadWebAuthn, type RelyingParty } from './relying-party';

/** What a valid assertion says about its passkey. */
export interface PasskeyUse {
  readonly counter: number;
  readonly isSynced: boolean;
}

async function read(
  party: RelyingParty,
  challenge: string,
  { credentialId, publicKey }: KnownPasskey,
  credential: AuthenticationResponseJSON,
) {
  try {
    const { verifyAuthenticationResponse } = await loadWebAuthn();
    return await verifyAuthenticationResponse({
      response: credential,
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.rpId,
      requireUserVerification: true,
      credential: {
        id: credentialId,
        publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')),
        // The library would compare counters before it checks the signature, so anybody could raise a false alarm.
        counter: 0,
      },
    });
  } catch {
    // Drop the error, because the library's messages quote what the client sent.
    return undefined;
  }
}

/**
 * Checks what `navigator.credentials.get` returned, except for its counter.
 * @throws {AppError} PASSKEY_REJECTED
 */
export async function checkAssertion(
  party: RelyingParty,
  challenge: string,
  { account, passkey }: { account: Account; passkey: KnownPasskey },
  credential: AuthenticationResponseJSON,
): Promise<PasskeyUse> {
  const { clientDataJSON, userHandle } = credential.response;
  // The library does not check the user handle. Nobody typed a number, so the response must name the account (WebAuthn
  // Level 3, §7.2).
  if (userHandle !== account.userHandle) throw refusePasskey('user handle', 401);
  const fault = faultOfPage(clientDataJSON, party);
  if (fault !== undefined) throw refusePasskey(fault, 401);
  const result = await read(party, challenge, passkey, credential);
  if (!result?.verified) throw refusePasskey('authenticator data or signature', 401);
  const { newCounter, credentialBackedUp } = result.authenticationInfo;
  return { counter: newCounter, isSynced: credentialBackedUp };
}
