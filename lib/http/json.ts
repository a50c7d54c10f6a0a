import type { NextApiResponse } from 'next';
import { AppError } from '@/lib/errors';
import { decode } from './body';
import type { Representation } from './representation';

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(decode(bytes)) as unknown;
  } catch {
    throw new AppError('INVALID_REQUEST', { message: 'The request body is not valid JSON.' });
  }
}

/** Like Next's own `json`, but without computing an ETag, because nothing may be cached. */
function send(response: NextApiResponse, status: number, body: object): void {
  const json = JSON.stringify(body);
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(json));
  response.end(json);
}

/**
 * Reads and writes JSON; answers 204 if there is nothing to say.
 * @param errorFields fields to add to every error
 */
export const jsonRepresentation = (errorFields: Readonly<Record<string, unknown>> = {}): Representation => ({
  takes: (headers) =>
    /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '') && headers['content-encoding'] === undefined,
  parse,
  succeed({ response }, body) {
    if (body !== undefined) return send(response, response.statusCode, body);
    response.statusCode = 204;
    response.end();
  },
  fail: ({ response }, error) => send(response, error.status, { ...errorFields, ...error.toReply() }),
});
