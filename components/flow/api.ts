import type { Failure } from '@/components/ui/problem';
import type { ErrorReply } from '@/lib/contract';
import type { ErrorSubjects } from '@/lib/errors';

/** A failure's `gone` is true for a 401 or 404: the requested resource does not exist. */
export type Outcome<Reply> = { ok: true; reply: Reply } | { ok: false; failure: Failure; gone?: boolean };

const UNREADABLE_REPLY: Failure = { code: 'UNREADABLE_REPLY', about: 'outage' };

/** A newer server may have codes that this page does not know. The page treats them as INTERNAL_ERROR. */
const failureOf = (reply: ErrorReply, subjects: ErrorSubjects): Failure => ({
  ...reply,
  about: subjects[reply.code] ?? subjects.INTERNAL_ERROR,
});

/**
 * Calls this site's API. Never throws: every error comes back as a failure.
 * @param subjects what each error code is about
 */
export async function request<Reply>(
  path: string,
  init: RequestInit,
  subjects: ErrorSubjects,
): Promise<Outcome<Reply>> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, { ...init, credentials: 'same-origin' });
    text = await response.text();
  } catch {
    return { ok: false, failure: { code: 'NO_CONNECTION', about: 'outage' } };
  }

  const json = parse(text);
  if (response.ok) {
    return isObject(json) ? { ok: true, reply: json as Reply } : { ok: false, failure: UNREADABLE_REPLY };
  }
  const failure = isErrorReply(json) ? failureOf(json, subjects) : withRetryAfter(UNREADABLE_REPLY, response);
  return { ok: false, failure, gone: response.status === 401 || response.status === 404 };
}

/** Posts JSON to this site's API. */
export const post = <Reply>(
  path: string,
  body: object,
  signal: AbortSignal,
  subjects: ErrorSubjects,
): Promise<Outcome<Reply>> =>
  request<Reply>(
    path,
    {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify(body),
      signal,
    },
    subjects,
  );

/** A proxy in between may answer with its own page and still send Retry-After. */
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
