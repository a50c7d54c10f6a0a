import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PageProblem, ProblemPlace, SendRequest, TypedNumber } from '@/lib/contract';
import type { AppError } from '@/lib/errors';
import type { Dependencies } from '@/lib/verification/dependencies';
import { clearCookie, PROBLEM_SECONDS, readCookie, setCookie } from './cookies';

/** Purpose of the signature. */
const PURPOSE = 'problem';

/** Purpose of the encryption of a typed number. */
const TYPED_PLACE = 'typed number';

/** The parts of an error that the page shows. They contain nothing that a person typed. */
const pageProblem = (at: ProblemPlace, { code, details }: AppError): PageProblem => ({
  code,
  at,
  ...(details.reason !== undefined && { reason: details.reason }),
  ...(details.retryAfterSeconds !== undefined && { retryAfterSeconds: details.retryAfterSeconds }),
  ...(details.attemptsRemaining !== undefined && { attemptsRemaining: details.attemptsRemaining }),
  ...(details.ticket && { ticket: details.ticket.text, retryAfterSeconds: details.ticket.waitSeconds }),
});

/** The cookie's JSON. */
interface Kept {
  readonly problem: PageProblem;
  /** The number that the ticket is valid for, encrypted. */
  readonly typed?: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

type Keepers = Pick<Dependencies, 'config' | 'privacy'>;

/** After the wait the form sends the same number again, so that nobody has to type it twice. */
function sealTyped(privacy: Keepers['privacy'], body: unknown): string | undefined {
  const { phoneNumber, country } = (body ?? {}) as Partial<SendRequest>;
  if (phoneNumber === undefined) return undefined;
  const typed: TypedNumber = { number: phoneNumber, country: country ?? '' };
  return privacy.seal(JSON.stringify(typed), TYPED_PLACE);
}

function openTyped(privacy: Keepers['privacy'], sealed: string | undefined): TypedNumber | undefined {
  const text = sealed && privacy.open(sealed, TYPED_PLACE);
  return text ? (JSON.parse(text) as TypedNumber) : undefined;
}

/**
 * Keeps a form's problem in a signed cookie until the browser loads the page. If the problem were in the page's
 * address, anybody who makes a link could show people a message in our name.
 * @param body of the request, as far as the server read it
 */
export function keepProblem(
  response: ServerResponse,
  { config, privacy }: Keepers,
  place: ProblemPlace,
  error: AppError,
  body: unknown,
): void {
  const typed = error.details.ticket && sealTyped(privacy, body);
  const kept: Kept = { problem: pageProblem(place, error), at: Date.now(), ...(typed && { typed }) };
  const text = Buffer.from(JSON.stringify(kept)).toString('base64url');
  setCookie(response, config, 'problem', `${text}.${privacy.sign(PURPOSE, text)}`);
}

/** Clears a problem that the browser still holds, so that the page does not show it after a success. */
export function dropProblem(request: IncomingMessage, response: ServerResponse, { config }: Keepers): void {
  if (readCookie(request, config, 'problem') !== undefined) clearCookie(response, config, 'problem');
}

const NO_PROBLEM = { problem: null, typed: null };

/**
 * The problem to show, once, and the number that the form repeats. Both are null where there is no problem, where the
 * signature is not ours, or where it is old.
 */
export function takeProblem(
  request: IncomingMessage,
  response: ServerResponse,
  { config, privacy }: Keepers,
): { problem: PageProblem | null; typed: TypedNumber | null } {
  const value = readCookie(request, config, 'problem');
  if (value === undefined) return NO_PROBLEM;
  clearCookie(response, config, 'problem');
  const [text = '', signature = ''] = value.split('.');
  if (!privacy.verify(PURPOSE, text, signature)) return NO_PROBLEM;
  const { problem, typed, at } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Kept;
  // Instances' clocks differ a little, so the time may be in the future.
  if (Math.abs(Date.now() - at) >= PROBLEM_SECONDS * 1000) return NO_PROBLEM;
  return { problem, typed: openTyped(privacy, typed) ?? null };
}
