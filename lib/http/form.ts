import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { HOME } from '@/lib/base-path';
import type { ProblemPlace, VerifyReply } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import { messagesFor } from '@/lib/i18n';
import { decode } from './body';
import { isBrowser } from './guards/same-origin';
import { languageOf } from './language';
import { dropProblem, keepProblem, pageOf } from './problem';
import { leadOn } from './redirect-to';
import type { Representation } from './representation';
import type { RouteCall } from './route';

/** Whether the request is a form that the browser submitted without the page's script. */
export const isFormPost = (headers: IncomingHttpHeaders): boolean =>
  /^application\/x-www-form-urlencoded\s*(;|$)/i.test(headers['content-type'] ?? '') &&
  headers['content-encoding'] === undefined &&
  isBrowser(headers);

/** An optional field that the person left empty counts as absent. */
function isLeftOut(schema: z.ZodType, name: string, value: string): boolean {
  const field = schema instanceof z.ZodObject && Object.hasOwn(schema.shape, name) && schema.shape[name];
  return value === '' && field && field.safeParse(undefined).success;
}

/**
 * Reads the fields of a form.
 * @throws {AppError} INVALID_REQUEST
 */
export function parseForm(bytes: Buffer, schema: z.ZodType): unknown {
  let text: string;
  try {
    text = decode(bytes);
  } catch {
    throw new AppError('INVALID_REQUEST', { message: 'The form is not valid UTF-8.' });
  }
  const pairs = [...new URLSearchParams(text)];
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) {
    throw new AppError('INVALID_REQUEST', { message: 'A field occurs more than once.' });
  }
  return Object.fromEntries(pairs.filter(([name, value]) => !isLeftOut(schema, name, value)));
}

/** The page with the form. A login has its own main page, and its own page for other factors. */
const addressOf = (page: string, login: RouteCall['login']): string =>
  login ? (page === HOME ? login.page : login.signInPage) : page;

/** 303 See Other, so that a reload does not send the form again (RFC 9110, §15.4.4). */
function leadTo(page: string, { response, login }: RouteCall): void {
  response.statusCode = 303;
  response.setHeader('Location', addressOf(page, login));
  response.setHeader('Content-Length', 0);
  response.end();
}

/** If a code by phone is due as well, the person continues on the main page, which asks for the number. */
const placeOf = ({ code }: AppError, place: ProblemPlace): ProblemPlace => (code === 'NUMBER_STALE' ? 'phone' : place);

/**
 * Reads a form, and answers with a redirect to a page, which shows the outcome. A reply with `redirectTo` leads there
 * instead.
 * @param place where a page shows a problem
 * @param next the page that shows a success
 */
export const formRepresentation = (place: ProblemPlace, next = pageOf(place)): Representation => ({
  takes: isFormPost,
  parse: parseForm,
  succeed(call, reply: Pick<VerifyReply, 'redirectTo'> = {}) {
    const { request, response, services, login } = call;
    dropProblem(request, response, services);
    if (reply.redirectTo === undefined) return leadTo(next, call);
    const { verified } = messagesFor(languageOf(request, services.config, login), null);
    leadOn(response, reply.redirectTo, verified.goOn);
  },
  fail(call, error) {
    const { response, services, body } = call;
    const at = placeOf(error, place);
    keepProblem(response, services, at, error, body);
    leadTo(pageOf(at), call);
  },
});
