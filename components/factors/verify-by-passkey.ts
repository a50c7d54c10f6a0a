import type { Answer } from '@/components/flow/requests';
import type { Failure } from '@/components/ui/problem';
import type { VerifyReply } from '@/lib/contract';
import { credentialJson } from './credential-json';
import { begin, choose, type PasskeyContext, post, spendOptions, stopSuggesting } from './passkeys';

/** The person closed the dialog, has no passkey for this site, or let it time out. Browsers do not say which. */
const NOT_USED: Failure = { code: 'PASSKEY_NOT_USED', about: 'request' };

/** A passkey's answer, in JSON. Some password managers return credentials that nothing can read. */
const read = (credential: Promise<PublicKeyCredential>): Promise<Answer<object>> =>
  credential.then(credentialJson).then(
    (reply) => ({ ok: true, reply }),
    () => ({ ok: false, failure: NOT_USED }),
  );

async function chooseInDialog(context: PasskeyContext, signal: AbortSignal): Promise<Answer<object>> {
  stopSuggesting();
  const options = await begin(context);
  return options.ok ? read(choose(options.reply, signal)) : options;
}

/** Says where a problem appears, and in which words. */
function placed(failure: Failure): Failure {
  // Only a code by phone is missing, so the problem belongs to the number.
  if (failure.code === 'NUMBER_STALE') return { ...failure, at: 'phone' };
  // The login is for another number. The usual text for this code speaks of messages.
  if (failure.code === 'PHONE_NUMBER_NOT_SUPPORTED') return { code: 'PASSKEY_REJECTED', about: 'request' };
  return failure;
}

/**
 * Lets the person choose a passkey, and sends its answer to the server. Never throws.
 * @param chosen the answer from a passkey that the browser suggested, in place of a dialog
 */
export async function verifyByPasskey(
  context: PasskeyContext,
  signal: AbortSignal,
  chosen?: PublicKeyCredential,
): Promise<Answer<VerifyReply>> {
  const credential = await (chosen ? read(Promise.resolve(chosen)) : chooseInDialog(context, signal));
  if (!credential.ok) return credential;
  spendOptions();
  const verdict = await post<VerifyReply>('verify', { credential: credential.reply }, context, signal);
  return verdict.ok ? verdict : { ok: false, failure: placed(verdict.failure) };
}
