import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '@/lib/errors';

const SAME_SITE_ENOUGH = new Set(['same-origin', 'none']);

function isOwnHost(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

/** Whether a browser sent this: only browsers add `Origin` and `Sec-Fetch-…` (Fetch Metadata Request Headers, §2). */
export const isBrowser = (headers: IncomingHttpHeaders): boolean =>
  headers.origin !== undefined || Object.keys(headers).some((name) => name.startsWith('sec-fetch-'));

/**
 * Lets in the page's own requests, and clients that are no browser. `Sec-Fetch-Site` decides where the browser sends it,
 * except that a configured origin is always welcome; else `Origin`, which must be configured or the request's own host.
 * @throws {AppError} FORBIDDEN_ORIGIN
 */
export function checkOrigin(headers: IncomingHttpHeaders, appOrigins: readonly string[]): void {
  const { origin, host } = headers;
  if (origin !== undefined && appOrigins.includes(origin)) return;
  const site = headers['sec-fetch-site'];
  const sameSite = site === undefined || SAME_SITE_ENOUGH.has(String(site));
  const ownOrigin = origin === undefined || isOwnHost(origin, host);
  if (!sameSite || !ownOrigin) throw new AppError('FORBIDDEN_ORIGIN');
}
