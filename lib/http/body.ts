import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { AppError } from '@/lib/errors';
import type { Representation } from './representation';

/** Far above what any request of ours needs. */
const MAX_BODY_BYTES = 4096;
const BODY_WITHIN_MS = 10_000;

/** By events: an iterator over the stream costs several times as much for a body that comes in one piece. */
function readBytes(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES)
    return Promise.reject(new AppError('BODY_TOO_LARGE'));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    function settle(error?: AppError): void {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      if (error) {
        // The rest is not read. Destroying the stream would take the connection, and the reply with it.
        request.pause();
        reject(error);
      } else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    }
    function onData(chunk: Buffer): void {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) settle(new AppError('BODY_TOO_LARGE'));
      else chunks.push(chunk);
    }
    const onEnd = () => settle();
    // The client went away; nobody reads the reply, and it is no fault of ours.
    const onClose = () =>
      settle(new AppError('INVALID_REQUEST', { message: 'The request body did not arrive whole.' }));
    // A client that sends a byte now and then must not hold a connection for minutes.
    const timer = setTimeout(() => settle(new AppError('REQUEST_TIMEOUT')), BODY_WITHIN_MS);
    request
      .on('data', onData)
      .on('end', onEnd)
      .on('close', onClose)
      .on('error', () => undefined);
  });
}

/** Once the reply is out: who goes on sending a body that nobody reads has no more time for it than others. */
export function endLateBody(request: IncomingMessage): void {
  if (request.complete) return;
  const timer = setTimeout(() => request.socket.destroy(), BODY_WITHIN_MS).unref();
  // Most end at once, and are not to be held in memory until then.
  request.once('close', () => clearTimeout(timer));
}

/** Names the first fault. Values are never repeated, and names only where they are plain words. */
function describe(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys') {
    const name = issue.keys[0] ?? '';
    return /^\w{1,40}$/.test(name) ? `The field ${name} is not known.` : 'There is a field that is not known.';
  }
  const field = issue?.path[0];
  return field === undefined
    ? 'The request body must be a JSON object.'
    : `The field ${String(field)} ${issue?.message}.`;
}

/**
 * Reads a body of at most 4 kB, within 10 seconds, and checks it.
 * @throws {AppError} UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, REQUEST_TIMEOUT or INVALID_REQUEST
 */
export async function readBody<Body>(
  request: IncomingMessage,
  schema: z.ZodType<Body>,
  { takes, parse }: Pick<Representation, 'takes' | 'parse'>,
): Promise<Body> {
  if (!takes(request.headers)) throw new AppError('UNSUPPORTED_MEDIA_TYPE');
  const result = schema.safeParse(parse(await readBytes(request), schema));
  if (result.success) return result.data;
  throw new AppError('INVALID_REQUEST', { message: describe(result.error.issues[0]) });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws {Error} where the bytes are no UTF-8 */
export const decode = (bytes: Buffer): string => utf8.decode(bytes);
