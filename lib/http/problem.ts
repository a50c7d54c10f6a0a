import type { IncomingMessage, ServerResponse } from 'node:http';
import { HOME, SIGN_IN, WAYS } from '@/lib/base-path';
import type { PageProblem, ProblemPlace, SendRequest, TypedNumber } from '@/lib/contract';
import type { AppError } from '@/lib/errors';
import type { Dependencies } from '@/lib/verification/dependencies';
import { clearCookie, PROBLEM_SECONDS, readCookie, setCookie } from './cookies';

/** Purpose of the signature. */
const PURPOSE = 'problem';

/** The place that a typed number is encrypted for. */
const TYPED_PLACE = 'typed number';

const PAGES: Readonly<Record<ProblemPlace, string>> = {
  phone: HOME,
  code: HOME,
  resend: HOME,
  totp: SIGN_IN,
  'recovery-code': SIGN_IN,
  factors: WAYS,
};

/** Address of the page that shows a problem at a place. */
export const pageOf = (place: ProblemPlace): string => PAGES[place];

/** The parts of an error that the page shows. They contain nothing that a person typed. */
export const pageProblem = (at: ProblemPlace, { code, details }: AppError): PageProblem => ({
  code,
  at,
  ...(details.reason !== undefined && { reason: details.reason }),
  ...(details.retryAfterSeconds !== undefined && { retryAfterSeconds: details.retryAfterSeconds }),
  ...(details.attemptsRemaining !== undefined && { attemptsRemaining: details.attemptsRemaining }),
  ...(details.ticket && { ticket: details.ticket.text, retryAfterSeconds: details.ticket.waitSeconds }),
});

/** The cookie's JSON. */
interface Kept {
  readonly problem: PageProblem | null;
  /** The number that the page shows again, encrypted. */
  readonly typed?: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

type Keepers = Pick<Dependencies, 'config' | 'privacy'>;

/** The most characters that the form's field takes. A much longer text would not fit into the cookie. */
const MAX_TYPED = 32;

/** The number in a form, so that nobody has to type it twice. */
function typedIn(body: unknown): TypedNumber | undefined {
  const { phoneNumber = '', country = '' } = (body ?? {}) as Partial<SendRequest>;
  return phoneNumber && phoneNumber.length <= MAX_TYPED ? { number: phoneNumber, country } : undefined;
}

function openTyped(privacy: Keepers['privacy'], sealed: string | undefined): TypedNumber | undefined {
  const text = sealed && privacy.open(sealed, TYPED_PLACE);
  return text ? (JSON.parse(text) as TypedNumber) : undefined;
}

function keep(
  response: ServerResponse,
  { config, privacy }: Keepers,
  problem: PageProblem | null,
  typed: TypedNumber | undefined,
): void {
  const sealed = typed && privacy.seal(JSON.stringify(typed), TYPED_PLACE);
  const kept: Kept = { problem, at: Date.now(), ...(sealed && { typed: sealed }) };
  const text = Buffer.from(JSON.stringify(kept)).toString('base64url');
  setCookie(response, config, 'problem', `${text}.${privacy.sign(PURPOSE, text)}`);
}

/** Keeps a typed number, in the same way as a problem. */
export const keepTyped = (response: ServerResponse, keepers: Keepers, typed: TypedNumber): void =>
  keep(response, keepers, null, typed);

/**
 * Keeps a form's problem in a signed cookie until the browser loads the page. If the problem were in the page's
 * address, anybody who makes a link could show people a message in our name.
 * @param body the request's, as far as the server read it
 */
export function keepProblem(
  response: ServerResponse,
  keepers: Keepers,
  place: ProblemPlace,
  error: AppError,
  body: unknown,
): void {
  keep(response, keepers, pageProblem(place, error), typedIn(body));
}

/** Clears a problem that the browser still holds, so that the page does not show it after a success. */
export function dropProblem(request: IncomingMessage, response: ServerResponse, { config }: Keepers): void {
  if (readCookie(request, config, 'problem') !== undefined) clearCookie(response, config, 'problem');
}

/** There is no problem to show, and no number. */
export const NOTHING_KEPT = { problem: null, typed: null };

/**
 * The problem and the number to show, once. Both are null if nothing was kept, if the signature is not ours, or if the
 * cookie is too old.
 * @param page the page that asks; the function drops a problem of another page
 */
export function takeProblem(
  request: IncomingMessage,
  response: ServerResponse,
  { config, privacy }: Keepers,
  page = HOME,
): { problem: PageProblem | null; typed: TypedNumber | null } {
  const value = readCookie(request, config, 'problem');
  if (value === undefined) return NOTHING_KEPT;
  clearCookie(response, config, 'problem');
  const [text = '', signature = ''] = value.split('.');
  if (!privacy.verify(PURPOSE, text, signature)) return NOTHING_KEPT;
  const { problem, typed, at } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Kept;
  // Instances' clocks differ a little, so the time may be in the future.
  if (Math.abs(Date.now() - at) >= PROBLEM_SECONDS * 1000) return NOTHING_KEPT;
  const isHere = problem !== null && pageOf(problem.at) === page;
  return { problem: isHere ? problem : null, typed: openTyped(privacy, typed) ?? null };
}
