import { type CookieName, clearCookie, setCookie } from './cookies';
import { isBrowser } from './guards/same-origin';
import type { RouteCall } from './route';

/** The outcome of a request, and the secrets that its client gets with it. */
export interface Result<Reply extends object> {
  readonly reply: Reply;
  /** Cookies to set, by name; null clears one. */
  readonly cookies: Readonly<Partial<Record<CookieName, string | null>>>;
  /** Goes into the body for programs, which need not keep cookies. A browser's scripts never see it. */
  readonly forPrograms: Partial<Reply>;
}

/** Each login has cookies of its own for what it has begun, so that two tabs do not interfere. */
const OF_LOGIN: ReadonlySet<CookieName> = new Set(['verification', 'passkey-verification', 'factor-used']);

/**
 * Sets the cookies, and adds secrets to the body only for clients that are not browsers.
 * @returns the body of the reply
 */
export function present<Reply extends object>(
  { request, response, login, services: { config } }: RouteCall,
  { reply, cookies, forPrograms }: Result<Reply>,
): Reply {
  for (const [name, value] of Object.entries(cookies) as [CookieName, string | null][]) {
    const own = OF_LOGIN.has(name) ? login?.uid : undefined;
    if (value === null) clearCookie(response, config, name, own);
    else setCookie(response, config, name, value, own);
  }
  return isBrowser(request.headers) ? reply : { ...reply, ...forPrograms };
}
