import type { ProgramTokens } from '@/lib/contract';
import { type CookieName, readCookie } from './cookies';
import type { RouteCall } from './route';

/**
 * The token of the ceremony that a client wants to finish, from the body or from a cookie. If the client has an API
 * key, cookies do not count, because a program may keep one set of them for all its users.
 */
export const ceremonyIn = (
  { request, services: { config }, body, keyHolder, login }: RouteCall<Pick<ProgramTokens, 'ceremony'>>,
  cookie: CookieName,
): string | undefined => body.ceremony ?? (keyHolder ? undefined : readCookie(request, config, cookie, login?.uid));
