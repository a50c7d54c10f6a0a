import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a browser sent this: they add `Origin` to every POST (Fetch Standard, §3.1), or `Sec-Fetch-Site` (Fetch Metadata
 * Request Headers, §2.3). `Sec-Fetch-Mode` alone proves nothing: Node's own `fetch` sends it.
 */
export const isBrowser = (headers: IncomingHttpHeaders): boolean =>
  headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
