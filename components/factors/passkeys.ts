import { type Answer, ask } from '@/components/flow/requests';
import { apiAddress } from '@/components/ui/page-login';
import type { Failure } from '@/components/ui/problem';
import type { PageState, PasskeyOptionsReply } from '@/lib/contract';
import { requestOptions } from './passkey-options';

/** The parts of the page's state that the requests need. */
export type PasskeyContext = Pick<PageState, 'login' | 'errorSubjects'>;

/** The script for a step did not load. The next attempt loads it again. */
export const NOT_LOADED: { ok: false; failure: Failure } = {
  ok: false,
  failure: { code: 'NO_CONNECTION', about: 'outage' },
};

/** The time limit of a request, which never waits for a dialog. */
const WITHIN_MS = 15_000;
/** The page uses options until this long before their challenge expires, so that an answer still arrives in time. */
const MARGIN_SECONDS = 60;

/** Posts to one of the routes for passkeys. */
export const post = <Reply>(
  path: string,
  body: object,
  { login, errorSubjects }: PasskeyContext,
  signal = AbortSignal.timeout(WITHIN_MS),
): Promise<Answer<Reply>> =>
  ask(apiAddress(`/api/passkeys/${path}`, login), body, errorSubjects, signal, () => undefined);

interface Begun {
  readonly answer: Promise<Answer<PasskeyOptionsReply>>;
  /** Epoch milliseconds. */
  until: number;
}

/** Options that no passkey has answered yet. New ones would void these, because they replace the challenge's cookie. */
let begun: Begun | undefined;

const isFresh = (): boolean => begun !== undefined && Date.now() < begun.until;

export async function begin(context: PasskeyContext): Promise<Answer<PasskeyOptionsReply>> {
  if (begun && isFresh()) return begun.answer;
  const own: Begun = { answer: post('verify-options', {}, context), until: Number.POSITIVE_INFINITY };
  begun = own;
  const answer = await own.answer;
  own.until = answer.ok ? Date.now() + (answer.reply.expiresInSeconds - MARGIN_SECONDS) * 1000 : 0;
  return answer;
}

export async function choose(
  options: PasskeyOptionsReply,
  signal: AbortSignal,
  mediation?: 'conditional',
): Promise<PublicKeyCredential> {
  const publicKey = requestOptions(options);
  const credential = await navigator.credentials.get({ publicKey, signal, ...(mediation && { mediation }) });
  return credential as PublicKeyCredential;
}

let suggesting: AbortController | undefined;
/** Whether suggestions are over, because the server refused or the browser cannot suggest. */
let isOver = false;

/** Browsers allow one request for passkeys at a time, so the suggestions have to end before another request starts. */
export function stopSuggesting(): void {
  suggesting?.abort();
  suggesting = undefined;
}

/**
 * Lets the browser suggest passkeys in the field whose `autocomplete` includes `webauthn`. Does nothing if the browser
 * already does so, or cannot. Never throws.
 */
export async function suggestPasskeys(
  context: PasskeyContext,
  onChosen: (chosen: PublicKeyCredential) => void,
): Promise<void> {
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

let wasUsed = false;

/** Whether a passkey has answered since the page loaded. */
export const hasUsedPasskey = (): boolean => wasUsed;

/** A passkey has answered, so its options are used up. */
export function spendOptions(): void {
  wasUsed = true;
  begun = undefined;
}
