import { post } from '@/components/client';
import type { Answer } from '@/components/flow/requests';
import type { Failure } from '@/components/ui/problem';
import { BASE_PATH } from '@/lib/base-path';
import type { FactorAddedReply, PasskeyOptionsReply } from '@/lib/contract';
import { creationOptions, credentialJson } from './credential-json';
import { stopSuggesting } from './passkeys';

/** Its subject matters to no control here. */
const failed = (failure: Omit<Failure, 'about'>) => ({ ok: false, failure: { ...failure, about: 'request' } }) as const;

async function send<Reply>(path: string, body: object): Promise<Answer<Reply>> {
  const outcome = await post<Reply>(`${BASE_PATH}/api/passkeys/${path}`, body, null, () => undefined);
  return outcome.ok ? outcome : failed(outcome.failure);
}

/**
 * Adds a passkey to the number of this browser's session, with a dialog of the browser. Never throws.
 * @param name by default, the server chooses one
 */
export async function addPasskey(name?: string): Promise<Answer<FactorAddedReply>> {
  stopSuggesting();
  const options = await send<PasskeyOptionsReply>('enrol-options', {});
  if (!options.ok) return options;
  let credential: Credential | null;
  try {
    credential = await navigator.credentials.create({ publicKey: creationOptions(options.reply) });
  } catch (error) {
    // The authenticator has one of those that the server named.
    const exists = (error as Error).name === 'InvalidStateError';
    return failed({ code: exists ? 'PASSKEY_EXISTS' : 'PASSKEY_NOT_ADDED' });
  }
  return send('enrol', { credential: credentialJson(credential as PublicKeyCredential), ...(name && { name }) });
}
