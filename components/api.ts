import type { ErrorReply } from '@/lib/contract';
import type { ErrorCode } from '@/lib/errors';

/** Why a request did not succeed: the server's word, or what the browser saw instead of one. */
export interface Failure {
  code: ErrorCode | 'NO_CONNECTION' | 'UNREADABLE_REPLY';
  /** For people. */
  message: string;
  /** Whole seconds until asking again makes sense. */
  retryAfterSeconds?: number;
  attemptsRemaining?: number;
}

export type Outcome<Reply> = { ok: true; reply: Reply } | { ok: false; failure: Failure };

const NO_CONNECTION: Failure = {
  code: 'NO_CONNECTION',
  message: 'The server could not be reached. Check your connection and try again.',
};

const UNREADABLE_REPLY: Failure = {
  code: 'UNREADABLE_REPLY',
  message: 'The server did not answer properly. Please try again.',
};

/** True where the same request may work a moment later: nothing is wrong with what the person entered. */
export function isOutage({ code }: Failure): boolean {
  return (
    code === 'NO_CONNECTION' || code === 'UNREADABLE_REPLY' || code === 'INTERNAL_ERROR' || code.startsWith('UPSTREAM_')
  );
}

/** Posts JSON to this site's API. Never throws: whatever goes wrong comes back as a failure with words for it. */
export async function post<Reply>(path: string, body: object, signal: AbortSignal): Promise<Outcome<Reply>> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify(body),
      credentials: 'same-origin',
      signal,
    });
    text = await response.text();
  } catch {
    return { ok: false, failure: NO_CONNECTION };
  }

  const json = parse(text);
  if (response.ok) {
    return isObject(json) ? { ok: true, reply: json as Reply } : { ok: false, failure: UNREADABLE_REPLY };
  }
  return { ok: false, failure: isErrorReply(json) ? json : withRetryAfter(UNREADABLE_REPLY, response) };
}

/** A proxy in between may answer with a page of its own, and still say when to come back. */
function withRetryAfter(failure: Failure, response: Response): Failure {
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
