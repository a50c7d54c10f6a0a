import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { AppError } from '@/lib/errors';
import { setApiHeaders } from '@/lib/http/api-headers';
import { endLateBody } from '@/lib/http/body';

const ROUTES = '/api/';

/** Matches the routes in the only spelling that clients have a reason to use. */
const PLAIN_ROUTE = /^\/api\/[a-z-]+$/;

/** Whether a route answers this path itself, with its own methods. Dot segments could lead from there to pages. */
const isForRoute = (url: string): boolean =>
  PLAIN_ROUTE.test(url) || (url.startsWith(ROUTES) && new URL(url, 'http://localhost').pathname.startsWith(ROUTES));

function faultOf({ method, url = '' }: IncomingMessage): AppError | undefined {
  // The target is an absolute URL, as clients send it to a proxy (RFC 9112, §3.2.2). Next would redirect to the host in
  // it.
  if (!url.startsWith('/'))
    return new AppError('INVALID_REQUEST', { message: 'The request target must be a path that begins with a slash.' });
  // Pages and files are read-only, but Next serves most of them to any method.
  if (method === 'GET' || method === 'HEAD' || isForRoute(url)) return undefined;
  return new AppError('METHOD_NOT_ALLOWED');
}

/** Refuses in the same form as a route does. */
function refuse(request: IncomingMessage, response: ServerResponse, fault: AppError): void {
  const body = JSON.stringify(fault.toReply());
  response.statusCode = fault.status;
  setApiHeaders(response);
  if (fault.code === 'METHOD_NOT_ALLOWED') response.setHeader('Allow', 'GET, HEAD');
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(body);
  endLateBody(request);
}

/** Refuses what no page and no route takes, before Next sees it. */
export function checkRequestLines(server: Server): void {
  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    const fault = faultOf(request);
    if (fault) refuse(request, response, fault);
    else for (const listener of listeners) listener.call(server, request, response);
  });
}
