import type { ServerResponse } from 'node:http';
import securityHeaders from './security-headers.json';

const HEADERS = new Map([
  ...securityHeaders.map(({ key, value }) => [key, value] as const),
  // A reply from an API route is not a document, and must never be shown as one.
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ['Cache-Control', 'no-store'],
]);

/** Sets the headers that every reply from an API route carries. `next.config.js` sets those of pages and files. */
export function setApiHeaders(response: ServerResponse): void {
  for (const [name, value] of HEADERS) response.setHeader(name, value);
}
