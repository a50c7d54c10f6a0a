import type { Caller } from '@/lib/verification/caller';
import { isToken } from '@/lib/verification/token';
import { setCookie } from './cookies';
import { isBrowser } from './guards/same-origin';
import type { RouteCall } from './route';

/** Carries a program's session in requests without a body. */
const HEADER = 'Phone-Session';

/**
 * The caller of a request without a body. The header wins over the cookie. With a key, the cookie does not count,
 * because a program may keep one set of cookies for all its users.
 */
export function callerWithSession({ request: { headers }, caller, keyHolder }: RouteCall): Caller {
  const given = headers[HEADER.toLowerCase()];
  const session = typeof given === 'string' && isToken(given) ? given : undefined;
  return { ...caller, sessionToken: session ?? (keyHolder ? undefined : caller.sessionToken) };
}

/** Returns a session that continues under a new token: in the cookie, and to programs in the header as well. */
export function returnSession({ request, response, services: { config } }: RouteCall, sessionToken: string): void {
  setCookie(response, config, 'phone-session', sessionToken);
  if (!isBrowser(request.headers)) response.setHeader(HEADER, sessionToken);
}
