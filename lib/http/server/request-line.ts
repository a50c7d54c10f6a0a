import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { BASE_PATH } from '@/lib/base-path';
import { AppError } from '@/lib/errors';
import { isFormPost } from '@/lib/http/form';
import { refuse } from '@/lib/http/refuse';

const ROUTES = `${BASE_PATH}/api/`;

/** The routes' names, in the only spelling that clients have a reason to use. */
const PLAIN_NAME = /^[a-z-]+$/;

/** Whether a route answers this path itself, with its own methods. Dot segments could lead from there to pages. */
const isForRoute = (url: string): boolean =>
  url.startsWith(ROUTES) &&
  (PLAIN_NAME.test(url.slice(ROUTES.length)) || new URL(url, 'http://localhost').pathname.startsWith(ROUTES));

/** The pages that take forms: `lib/http/language-form.ts`, `login-props.ts`, `sign-in-props.ts` and `ways-props.ts`. */
const PAGE_WITH_FORM = new RegExp(`^${BASE_PATH}(?:/|/sign-in|/ways|/connect/(?:verify|sign-in)/[\\w.-]+)?\\??$`);

const isForPage = ({ method, url = '', headers }: IncomingMessage): boolean =>
  method === 'POST' && PAGE_WITH_FORM.test(url) && isFormPost(headers);

function faultOf(request: IncomingMessage): AppError | undefined {
  const { method, url = '' } = request;
  // Clients send a proxy an absolute URL (RFC 9112, §3.2.2). Next would redirect to the host in it.
  if (!url.startsWith('/'))
    return new AppError('INVALID_REQUEST', { message: 'The request target must be a path that begins with a slash.' });
  // Pages and files are read-only, but Next serves most of them to any method.
  if (method === 'GET' || method === 'HEAD' || isForRoute(url) || isForPage(request)) return undefined;
  return new AppError('METHOD_NOT_ALLOWED');
}

/** Refuses requests that no page and no route accepts, before Next sees them. */
export function checkRequestLines(server: Server): void {
  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    const fault = faultOf(request);
    if (fault) refuse(request, response, fault);
    else for (const listener of listeners) listener.call(server, request, response);
  });
}
