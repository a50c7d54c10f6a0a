import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { AppError } from '@/lib/errors';
import type { Representation } from './representation';

/** Far more than most of our requests need. */
const MAX_BODY_BYTES = 4096;
const BODY_WITHIN_MS = 10_000;

const tooLarge = (maxBytes: number): AppError =>
  new AppError('BODY_TOO_LARGE', {
    message: `The request body is too large. The limit is ${maxBytes / 1024} kB.`,
  });

/**
 * Reads with events, because an iterator over the stream costs several times as much for a body that arrives in one
 * piece.
 */
function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    function settle(error?: AppError): void {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      if (error) {
        // Stop reading. Destroying the stream would also end the connection before the reply is out.
        request.pause();
        reject(error);
      } else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    }
    function onData(chunk: Buffer): void {
      size += chunk.length;
      if (size > maxBytes) settle(tooLarge(maxBytes));
      else chunks.push(chunk);
    }
    const onEnd = () => settle();
    // The client went away. Nobody reads the reply, and the fault is not ours.
    const onClose = () => settle(new AppError('INVALID_REQUEST', { message: 'The request body arrived incomplete.' }));
    // A client must not hold a connection for minutes by sending a byte now and then.
    const timer = setTimeout(() => settle(new AppError('REQUEST_TIMEOUT')), BODY_WITHIN_MS);
    request
      .on('data', onData)
      .on('end', onEnd)
      .on('close', onClose)
      .on('error', () => undefined);
  });
}

/** After the reply, gives a client that is still sending its body 10 more seconds. */
export function endLateBody(request: IncomingMessage): void {
  if (request.complete) return;
  const timer = setTimeout(() => request.socket.destroy(), BODY_WITHIN_MS).unref();
  // Most requests end at once, and must not stay in memory until the timer fires.
  request.once('close', () => clearTimeout(timer));
}

/** Describes the first fault. The text never repeats a value, and repeats a field's name only if it is a plain word. */
function describe(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys') {
    const name = issue.keys[0] ?? '';
    return /^\w{1,40}$/.test(name) ? `The field ${name} is unknown.` : 'The body has an unknown field.';
  }
  const field = issue?.path[0];
  return field === undefined
    ? 'The request body must be a JSON object.'
    : `The field ${String(field)} ${issue?.message}.`;
}

/**
 * Reads a body, within 10 seconds, and checks it.
 * @param maxBytes 4 kB unless the route needs more
 * @throws {AppError} UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, REQUEST_TIMEOUT or INVALID_REQUEST
 */
export async function readBody<Body>(
  request: IncomingMessage,
  schema: z.ZodType<Body>,
  { takes, parse }: Pick<Representation, 'takes' | 'parse'>,
  maxBytes = MAX_BODY_BYTES,
): Promise<Body> {
  if (!takes(request.headers)) throw new AppError('UNSUPPORTED_MEDIA_TYPE');
  const result = schema.safeParse(parse(await readBytes(request, maxBytes), schema));
  if (result.success) return result.data;
  throw new AppError('INVALID_REQUEST', { message: describe(result.error.issues[0]) });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws {Error} if the bytes are not UTF-8 */
export const decode = (bytes: Buffer): string => utf8.decode(bytes);
