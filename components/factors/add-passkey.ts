import type { Answer } from '@/components/flow/requests';
import type { FactorAddedReply, PasskeyOptionsReply } from '@/lib/contract';
import { credentialJson } from './credential-json';
import { described, toBytes } from './passkey-options';
import { type PasskeyContext, post, stopSuggesting } from './passkeys';

function creationOptions({ publicKey }: PasskeyOptionsReply): PublicKeyCredentialCreationOptions {
  const { challenge, user, excludeCredentials = [], ...rest } = publicKey as PublicKeyCredentialCreationOptionsJSON;
  return {
    // These fields are the same in the server's JSON and in the browser's options.
    ...(rest as Pick<PublicKeyCredentialCreationOptions, 'rp' | 'pubKeyCredParams'>),
    challenge: toBytes(challenge),
    user: { ...user, id: toBytes(user.id) },
    excludeCredentials: excludeCredentials.map(described),
  };
}

/**
 * Adds a passkey to the number of this browser's session, with a dialog of the browser. Never throws.
 * @param name how the list of ways shows it
 */
export async function addPasskey(context: PasskeyContext, name: string): Promise<Answer<FactorAddedReply>> {
  stopSuggesting();
  const options = await post<PasskeyOptionsReply>('enrol-options', {}, context);
  if (!options.ok) return options;
  let credential: Credential | null;
  try {
    credential = await navigator.credentials.create({ publicKey: creationOptions(options.reply) });
  } catch (error) {
    // The authenticator already has one of the passkeys that the server named.
    const exists = (error as Error).name === 'InvalidStateError';
    return { ok: false, failure: { code: exists ? 'PASSKEY_EXISTS' : 'PASSKEY_NOT_ADDED', about: 'request' } };
  }
  return post('enrol', { credential: credentialJson(credential as PublicKeyCredential), name }, context);
}
