import { AppError } from '@/lib/errors';
import type { Guard } from '@/lib/http/route';

/** The page itself, or an address typed by hand. */
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none']);

/** Browsers send an origin and nothing more (RFC 6454, §6.2): neither a path nor a user's name before the host. */
function isOwnHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.origin === origin && url.host === host;
}

/**
 * Lets in the page's own requests, and clients that are not browsers. `Sec-Fetch-Site` settles it where the browser sends
 * it; otherwise an `Origin` must be configured or be the request's own host. Refuses with FORBIDDEN_ORIGIN.
 */
export const sameOrigin: Guard = ({ request: { headers }, services: { config } }) => {
  const { origin, host, 'sec-fetch-site': site } = headers;
  const welcome =
    site === undefined
      ? origin === undefined || config.appOrigins.includes(origin) || isOwnHost(origin, host)
      : OWN_SITES.has(String(site));
  if (!welcome) throw new AppError('FORBIDDEN_ORIGIN');
};
