/**
 * A client for programs other than browsers: a mobile app, another server. It needs `fetch`, Web Crypto and the package
 * altcha-lib, and nothing from this project, so you can copy it unchanged.
 */
import { type Challenge, solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2';

/** Longer than the server's longest answer: by default two calls to Infobip of 30 s (INFOBIP_TIMEOUT_MS), plus 5 s. */
const DEADLINE_MS = 70_000;

/** The service may ask for another, harder challenge if others have used up the remaining credit in the meantime. */
const MOST_CHALLENGES = 2;

export interface Sent {
  readonly ok: true;
  /** The token of the verification. Keep it until the code is verified, even while the person reads the message. */
  readonly pinId: string;
  /** The number, masked. */
  readonly to: string;
  readonly pinLength: number;
  readonly expiresInSeconds: number;
  /** Until the next message to the number is allowed. */
  readonly resendInSeconds: number;
  readonly callOffered: boolean;
}

export interface Verified {
  readonly ok: true;
  /** E.164, for display. Your server takes it from the proof: what a client says proves nothing. */
  readonly phoneNumber: string;
  readonly proof: string;
}

export interface Refused {
  readonly ok: false;
  /** For decisions: an error code from docs/api.md, or `NO_ANSWER`. */
  readonly code: string;
  /** For display. */
  readonly message: string;
  readonly attemptsRemaining?: number;
  /** How long to wait before the same request. */
  readonly retryAfterSeconds?: number;
  /** With `CHALLENGE_REQUIRED`. The client returns it only if solving did not help. */
  readonly challenge?: Challenge;
}

export interface SendOptions {
  readonly country?: string;
  readonly channel?: 'sms' | 'voice';
  readonly language?: string;
}

/** A message may be on its way, or the attempt may have counted. So the client never retries: the person decides. */
const NO_ANSWER: Refused = { ok: false, code: 'NO_ANSWER', message: 'There was no answer. Check your connection.' };

/** Some networks answer in place of the service, with pages of their own. */
const isRefusal = ({ code, message }: Partial<Refused>) => typeof code === 'string' && typeof message === 'string';

/** Returns the `solution` for a request. A phone needs a second or several, so run this where it blocks nothing. */
async function solve(challenge: Challenge): Promise<string | undefined> {
  const solution = await solveChallenge({ challenge, deriveKey });
  if (!solution) return undefined;
  const { counter, derivedKey } = solution;
  const base64 = btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** @param url the address of the service: `https://verify.example.com` */
export function createClient(url: string) {
  async function post<Reply extends Sent | Verified>(
    path: string,
    body: object,
    isYes: (answer: Record<string, unknown>) => boolean,
  ): Promise<Reply | Refused> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), DEADLINE_MS);
    try {
      const reply = await fetch(url + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
        // The pinId is enough. A stored cookie would be a second copy of it.
        credentials: 'omit',
        redirect: 'error',
        signal: deadline.signal,
      });
      const answer = await reply.json();
      if (reply.status === 200 && isYes(answer)) return { ...answer, ok: true };
      return reply.status >= 400 && isRefusal(answer) ? { ...answer, ok: false } : NO_ANSWER;
    } catch {
      return NO_ANSWER;
    } finally {
      clearTimeout(timer);
    }
  }

  /** A server that asks for a challenge has sent nothing, so this never sends a message twice. */
  async function postMessage(path: string, body: object): Promise<Sent | Refused> {
    let answer = await post<Sent>(path, body, isSent);
    for (let asked = 0; asked < MOST_CHALLENGES && !answer.ok && answer.challenge; asked += 1) {
      const solution = await solve(answer.challenge);
      if (solution === undefined) return answer;
      answer = await post<Sent>(path, { ...body, solution }, isSent);
    }
    return answer;
  }

  const isSent = ({ pinId }: Record<string, unknown>) => typeof pinId === 'string';
  const isVerified = ({ verified, proof }: Record<string, unknown>) => verified === true && typeof proof === 'string';

  return {
    send: (phoneNumber: string, options: SendOptions = {}) => postMessage('/api/send-otp', { phoneNumber, ...options }),
    resend: (pinId: string, options: Omit<SendOptions, 'country'> = {}) =>
      postMessage('/api/resend-otp', { pinId, ...options }),
    verify: (pinId: string, pin: string) => post<Verified>('/api/verify-otp', { pinId, pin }, isVerified),
  };
}
