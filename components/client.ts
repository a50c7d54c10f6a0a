import { BASE_PATH } from '@/lib/base-path';
import type {
  Challenge,
  ErrorReply,
  PageState,
  PendingVerification,
  ResendReply,
  ResendRequest,
  SendReply,
  SendRequest,
  SessionReply,
  VerifyReply,
  VerifyRequest,
} from '@/lib/contract';
import type { Language } from '@/lib/i18n/languages';

/** Why a request failed: an error from the server, or one that the browser noticed. */
export interface RequestFailure extends Pick<ErrorReply, 'reason' | 'retryAfterSeconds' | 'attemptsRemaining'> {
  /** `NO_CONNECTION`: no reply came. `UNREADABLE_REPLY`: the reply does not look like one of the server's. */
  code: ErrorReply['code'] | 'NO_CONNECTION' | 'UNREADABLE_REPLY';
  /** The server's message, in English. */
  message?: string;
  /** With `CHALLENGE_REQUIRED`, if the browser could not solve the challenge. */
  challenge?: Challenge;
}

/** A failure's `gone` is true for a 401 or 404: there is no such verification or session. */
export type Outcome<Reply> = { ok: true; reply: Reply } | { ok: false; failure: RequestFailure; gone?: boolean };

const UNREADABLE_REPLY: RequestFailure = { code: 'UNREADABLE_REPLY' };

/** Calls this site's API. Never throws: every error comes back as a failure. */
export async function request<Reply>(address: string, init?: RequestInit): Promise<Outcome<Reply>> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(address, { ...init, credentials: 'same-origin' });
    text = await response.text();
  } catch {
    return { ok: false, failure: { code: 'NO_CONNECTION' } };
  }

  const json = parse(text);
  if (response.ok) {
    return isObject(json) ? { ok: true, reply: json as Reply } : { ok: false, failure: UNREADABLE_REPLY };
  }
  const failure = isErrorReply(json) ? json : withRetryAfter(UNREADABLE_REPLY, response);
  return { ok: false, failure, gone: response.status === 401 || response.status === 404 };
}

/** A proxy in between may answer with its own page and still send Retry-After. */
function withRetryAfter(failure: RequestFailure, response: Response): RequestFailure {
  const seconds = Number(response.headers.get('Retry-After'));
  return Number.isInteger(seconds) && seconds > 0 ? { ...failure, retryAfterSeconds: seconds } : failure;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isErrorReply(value: unknown): value is ErrorReply {
  return isObject(value) && typeof value.code === 'string' && typeof value.message === 'string';
}

/** Solves the challenge in an answer. Few people ever get one, so the solver loads only when needed. */
async function answer<Reply>(
  outcome: Outcome<Reply>,
  send: (more: { solution: string }) => Promise<Outcome<Reply>>,
  signal: AbortSignal | null,
): Promise<Outcome<Reply>> {
  try {
    const { answerChallenge } = await import('@/components/flow/challenge');
    return await answerChallenge(outcome, (solution) => send({ solution }), signal);
  } catch {
    // There is no worker, or it did not load.
    return outcome;
  }
}

/**
 * Posts JSON to this site's API. If the server asks for a challenge, solves it and posts again. Never throws.
 * @param onChallenge called before the browser starts to solve the challenge, which takes a while
 */
export async function post<Reply>(
  address: string,
  body: object,
  signal: AbortSignal | null,
  onChallenge: () => void,
): Promise<Outcome<Reply>> {
  const send = (more?: { solution: string }) =>
    request<Reply>(address, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ ...body, ...more }),
      signal,
    });
  const outcome = await send();
  if (outcome.ok || !outcome.failure.challenge) return outcome;
  onChallenge();
  return answer(outcome, send, signal);
}

export interface PostOptions {
  /** Aborts the request and the solving of a challenge. */
  signal?: AbortSignal;
  /** Called before the browser starts to solve a challenge, which takes a while. */
  onChallenge?: () => void;
}

const postTo = <Reply>(
  path: string,
  body: object,
  { signal, onChallenge = () => undefined }: PostOptions = {},
): Promise<Outcome<Reply>> => post(BASE_PATH + path, body, signal ?? null, onChallenge);

/** Sends a code to a number. Each message costs money, so never repeat this unless the person asks for it. */
export const sendCode = (body: SendRequest, options?: PostOptions): Promise<Outcome<SendReply>> =>
  postTo('/api/send-otp', body, options);

/** Sends the code of this browser's verification again, or a new one. */
export const resendCode = (body: ResendRequest = {}, options?: PostOptions): Promise<Outcome<ResendReply>> =>
  postTo('/api/resend-otp', body, options);

/** Checks the code of this browser's verification. */
export const verifyCode = (body: VerifyRequest, options?: PostOptions): Promise<Outcome<VerifyReply>> =>
  postTo('/api/verify-otp', body, options);

/** This browser's verification in progress. */
export const fetchVerification = (init?: RequestInit): Promise<Outcome<PendingVerification>> =>
  request(`${BASE_PATH}/api/verification`, init);

/** The number that this browser has verified. Your server must request the session itself, and not trust this one. */
export const fetchSession = (init?: RequestInit): Promise<Outcome<SessionReply>> =>
  request(`${BASE_PATH}/api/session`, init);

/**
 * Fetches what `<PhoneVerification>` needs to start.
 * @param language of the texts; by default the one that the person chose earlier, or that the browser requests
 */
export const fetchPageState = (language?: Language, init?: RequestInit): Promise<Outcome<PageState>> =>
  request(`${BASE_PATH}/api/page-state${language ? `?lang=${language}` : ''}`, init);
