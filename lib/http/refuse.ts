import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AppError } from '@/lib/errors';
import { setApiHeaders } from './api-headers';
import { endLateBody } from './body';

/** Refuses a request that no route handles, in the same form as a route does. */
export function refuse(request: IncomingMessage, response: ServerResponse, fault: AppError): void {
  const body = JSON.stringify(fault.toReply());
  response.statusCode = fault.status;
  setApiHeaders(response);
  if (fault.code === 'METHOD_NOT_ALLOWED') response.setHeader('Allow', 'GET, HEAD');
  // The server must not take the rest of a body for the next request.
  if (!request.complete) response.setHeader('Connection', 'close');
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(body);
  endLateBody(request);
}
