import type { Answer } from '@/components/flow/requests';
import type { Requests } from '@/components/flow/use-verification';
import { apiAddress } from '@/components/ui/page-login';
import type { Failure } from '@/components/ui/problem';
import type { PageState, PasskeyOptionsReply, VerifyReply } from '@/lib/contract';
import { credentialJson, requestOptions } from './credential-json';

/** What the requests need: the code for them, which is a part of the script of its own, and the page. */
export interface PasskeyContext extends Pick<Requests, 'ask'>, Pick<PageState, 'login' | 'errorSubjects'> {}

/** The person closed the dialog, has no passkey for this site, or let the time pass: browsers do not tell which. */
const NOT_USED: Failure = { code: 'PASSKEY_NOT_USED', about: 'request' };

/** Without a dialog, nothing takes long. */
const WITHIN_MS = 15_000;
/** Nobody should choose a passkey in the last moments of a challenge. */
const MARGIN_SECONDS = 60;

/** Posts to one of the routes for passkeys. */
export const post = <Reply>(
  path: string,
  body: object,
  { ask, login, errorSubjects }: PasskeyContext,
  signal = AbortSignal.timeout(WITHIN_MS),
): Promise<Answer<Reply>> =>
  ask(apiAddress(`/api/passkeys/${path}`, login), body, errorSubjects, signal, () => undefined);

interface Begun {
  readonly answer: Promise<Answer<PasskeyOptionsReply>>;
  /** Epoch milliseconds. */
  until: number;
}

/** Options that no passkey has answered yet. New ones would make these useless: the browser keeps one cookie for both. */
let begun: Begun | undefined;

const isFresh = (): boolean => begun !== undefined && Date.now() < begun.until;

async function begin(context: PasskeyContext): Promise<Answer<PasskeyOptionsReply>> {
  if (begun && isFresh()) return begun.answer;
  const own: Begun = { answer: post('verify-options', {}, context), until: Number.POSITIVE_INFINITY };
  begun = own;
  const answer = await own.answer;
  own.until = answer.ok ? Date.now() + (answer.reply.expiresInSeconds - MARGIN_SECONDS) * 1000 : 0;
  return answer;
}

async function choose(options: PasskeyOptionsReply, signal: AbortSignal, mediation?: 'conditional'): Promise<object> {
  const publicKey = requestOptions(options);
  const credential = await navigator.credentials.get({ publicKey, signal, ...(mediation && { mediation }) });
  return credentialJson(credential as PublicKeyCredential);
}

let suggesting: AbortController | undefined;
/** The server has refused, or the browser cannot suggest. */
let isOver = false;

/** Browsers allow one request for passkeys at a time, so the suggestions have to end before another one. */
export function stopSuggesting(): void {
  suggesting?.abort();
  suggesting = undefined;
}

/**
 * From now on, the browser suggests passkeys in the field that asks for them. Does nothing if it already does, or cannot. Never
 * throws.
 */
export async function suggestPasskeys(context: PasskeyContext, onChosen: (chosen: object) => void): Promise<void> {
  const isWanted = document.querySelector('[autocomplete~=webauthn]') !== null;
  if (!isWanted || isOver || (suggesting && isFresh())) return;
  stopSuggesting();
  const own = new AbortController();
  suggesting = own;
  const canSuggest = await window.PublicKeyCredential?.isConditionalMediationAvailable?.().catch(() => false);
  const options = canSuggest ? await begin(context) : undefined;
  if (!options?.ok) {
    isOver = true;
    return;
  }
  await choose(options.reply, own.signal, 'conditional').then(onChosen, () => undefined);
  if (suggesting === own) suggesting = undefined;
}

async function chooseInDialog(context: PasskeyContext, signal: AbortSignal): Promise<Answer<object>> {
  stopSuggesting();
  const options = await begin(context);
  if (!options.ok) return options;
  return choose(options.reply, signal).then(
    (reply) => ({ ok: true, reply }),
    () => ({ ok: false, failure: NOT_USED }),
  );
}

let wasUsed = false;

/** Whether a passkey has answered since the page loaded. */
export const hasUsedPasskey = (): boolean => wasUsed;

/** Says where a problem appears, and in which words. */
function placed(failure: Failure): Failure {
  // What is missing is a code.
  if (failure.code === 'NUMBER_STALE') return { ...failure, at: 'phone' };
  // The login is for another number. The text for that speaks of messages.
  if (failure.code === 'PHONE_NUMBER_NOT_SUPPORTED') return { code: 'PASSKEY_REJECTED', about: 'request' };
  return failure;
}

/**
 * Lets the person choose a passkey, and sends its answer to the server. Never throws.
 * @param chosen the answer of a passkey that the browser suggested, in place of a dialog
 */
export async function verifyByPasskey(
  context: PasskeyContext,
  signal: AbortSignal,
  chosen?: object,
): Promise<Answer<VerifyReply>> {
  const credential: Answer<object> = chosen ? { ok: true, reply: chosen } : await chooseInDialog(context, signal);
  if (!credential.ok) return credential;
  wasUsed = true;
  begun = undefined;
  const verdict = await post<VerifyReply>('verify', { credential: credential.reply }, context, signal);
  return verdict.ok ? verdict : { ok: false, failure: placed(verdict.failure) };
}
