import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PageProblem, ProblemPlace } from '@/lib/contract';
import type { AppError } from '@/lib/errors';
import type { Dependencies } from '@/lib/verification/dependencies';
import { clearCookie, PROBLEM_SECONDS, readCookie, setCookie } from './cookies';

/** What the signature is for. */
const PURPOSE = 'problem';

/** What the page says about an error. Nothing of it was typed by a person. */
const pageProblem = (at: ProblemPlace, { code, details }: AppError): PageProblem => ({
  code,
  at,
  ...(details.reason !== undefined && { reason: details.reason }),
  ...(details.retryAfterSeconds !== undefined && { retryAfterSeconds: details.retryAfterSeconds }),
  ...(details.attemptsRemaining !== undefined && { attemptsRemaining: details.attemptsRemaining }),
});

/** The cookie's JSON. */
interface Kept {
  readonly problem: PageProblem;
  /** Epoch milliseconds. */
  readonly at: number;
}

type Keepers = Pick<Dependencies, 'config' | 'privacy'>;

/**
 * Keeps what went wrong with a form until the browser loads the page, in a signed cookie. In the page's address anybody who
 * makes a link could put our words before a person.
 */
export function keepProblem(
  response: ServerResponse,
  { config, privacy }: Keepers,
  place: ProblemPlace,
  error: AppError,
): void {
  const kept: Kept = { problem: pageProblem(place, error), at: Date.now() };
  const text = Buffer.from(JSON.stringify(kept)).toString('base64url');
  setCookie(response, config, 'problem', `${text}.${privacy.sign(PURPOSE, text)}`);
}

/** Clears a problem that the browser still has, so that the page does not show it after a success. */
export function dropProblem(request: IncomingMessage, response: ServerResponse, { config }: Keepers): void {
  if (readCookie(request, config, 'problem') !== undefined) clearCookie(response, config, 'problem');
}

/** The problem to show, once; undefined where there is none, where we did not sign it, or where it is old. */
export function takeProblem(
  request: IncomingMessage,
  response: ServerResponse,
  { config, privacy }: Keepers,
): PageProblem | undefined {
  const value = readCookie(request, config, 'problem');
  if (value === undefined) return undefined;
  clearCookie(response, config, 'problem');
  const [text = '', signature = ''] = value.split('.');
  if (!privacy.verify(PURPOSE, text, signature)) return undefined;
  const { problem, at } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Kept;
  // Clocks of instances differ a little, so it may be from the future.
  return Math.abs(Date.now() - at) < PROBLEM_SECONDS * 1000 ? problem : undefined;
}
