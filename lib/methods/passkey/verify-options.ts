import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server';
import type { Caller } from '@/lib/verification/caller';
import { CEREMONY_TTL_MS, startCeremony } from '@/lib/verification/ceremony';
import type { Dependencies } from '@/lib/verification/dependencies';
import { createToken } from '@/lib/verification/token';
import { type Assertion, assertionBinding } from './ceremonies';
import type { Options } from './enroll-options';
import { relyingPartyOf } from './relying-party';

const TTL_MS = CEREMONY_TTL_MS['verify-passkey'];

/**
 * Begins a verification with a passkey. It names no credentials, so it tells nobody which numbers have passkeys: the
 * browser offers those that it finds itself.
 */
export function startVerificationByPasskey(
  { config, privacy }: Pick<Dependencies, 'config' | 'privacy'>,
  caller: Caller,
): Options<PublicKeyCredentialRequestOptionsJSON> {
  const { rpId } = relyingPartyOf(config);
  const challenge = createToken();
  const assertion: Assertion = { challenge };
  return {
    reply: {
      publicKey: { challenge, rpId, timeout: TTL_MS, allowCredentials: [], userVerification: 'required' },
      expiresInSeconds: TTL_MS / 1000,
    },
    ceremony: startCeremony(privacy, 'verify-passkey', assertionBinding(caller), assertion),
  };
}
