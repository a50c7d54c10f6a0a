import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '@/lib/config/config';
import { AppError } from '@/lib/errors';
import type { Guard } from '@/lib/http/route';

/**
 * Whether a browser sent this. Browsers add `Origin` to every POST (Fetch Standard, §3.1), and most add
 * `Sec-Fetch-Site` to other requests (Fetch Metadata Request Headers, §2.3). `Sec-Fetch-Mode` alone proves nothing,
 * because Node's own `fetch` sends it.
 */
export const isBrowser = (headers: IncomingHttpHeaders): boolean =>
  headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;

/** The page itself, or an address that the person typed. */
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none']);

/** Browsers send only an origin (RFC 6454, §6.2), without a path and without a user's name before the host. */
function isOwnHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.origin === origin && url.host === host;
}

/** The client chooses its `Host` header, so `Host` counts only if no origin is configured. */
const isOwnOrigin = (origin: string, host: string | undefined, appOrigins: readonly string[]): boolean =>
  appOrigins.length > 0 ? appOrigins.includes(origin) : isOwnHost(origin, host);

/**
 * Admits the page's own requests, and clients that are not browsers. `Sec-Fetch-Site` decides if the browser sends it.
 * Otherwise the `Origin` must be a configured one or, if none is configured, have the request's own host.
 * @throws {AppError} FORBIDDEN_ORIGIN
 */
export function requireSameOrigin(headers: IncomingHttpHeaders, config: Config): void {
  const { origin, host, 'sec-fetch-site': site } = headers;
  const welcome =
    site === undefined
      ? origin === undefined || isOwnOrigin(origin, host, config.appOrigins)
      : OWN_SITES.has(String(site));
  if (!welcome) throw new AppError('FORBIDDEN_ORIGIN');
}

/** {@link requireSameOrigin}, for routes. */
export const sameOrigin: Guard = ({ request, services }) => requireSameOrigin(request.headers, services.config);
