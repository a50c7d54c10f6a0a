import type { IncomingMessage, ServerResponse } from 'node:http';

/** Largest request body read, in bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** The body as text; empty if there is none, null when it is larger than 64 kB. */
export async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Even an oversized body is read to its end. Otherwise the client might not get the refusal.
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return bytes <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString('utf8') : null;
}

/** Writes a complete reply with a correct length. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(text), ...headers });
  response.end(text);
}

export const JSON_TYPE = { 'content-type': 'application/json;charset=UTF-8' };

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  sendText(response, status, JSON.stringify(body), { ...JSON_TYPE, ...headers });
}

/** Splits a request's address; neither part is normalized. */
export function splitTarget(target: string): { path: string; query: URLSearchParams } {
  const [path = '', ...rest] = target.split('?');
  return { path, query: new URLSearchParams(rest.join('?')) };
}
