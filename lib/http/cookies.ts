import type { IncomingHttpHeaders } from 'node:http';
import type { NextApiRequest, NextApiResponse } from 'next';
import type { Config } from '@/lib/config';
import { RESEND_GRACE_MS } from '@/lib/store/store';
import { isHandle } from '@/lib/verification/handle';
import { PROOF_TTL_SECONDS } from '@/lib/verification/proof';

/** The cookies, each with a handle and nothing else in it, and how long a browser keeps it: as long as the server does. */
const COOKIES = {
  verification: ({ pin }: Config) => pin.ttlSeconds + RESEND_GRACE_MS / 1000,
  'phone-session': () => PROOF_TTL_SECONDS,
} as const;

export type CookieName = keyof typeof COOKIES;

/** `Secure` follows the public origin's scheme; where none is configured, a proxy in front is taken to speak TLS. */
const isSecure = ({ appOrigins, trustedProxyHops }: Config): boolean =>
  appOrigins.length > 0 ? appOrigins.some((origin) => origin.startsWith('https:')) : trustedProxyHops > 0;

/** With `__Host-` a browser takes the cookie from this host over TLS only (RFC 6265bis, §4.1.3.2). */
const nameOf = (name: CookieName, config: Config): string => (isSecure(config) ? `__Host-${name}` : name);

function append(response: NextApiResponse, config: Config, name: CookieName, value: string, maxAge: number): void {
  const attributes = ['Path=/', `Max-Age=${maxAge}`, 'HttpOnly', 'SameSite=Lax'];
  if (isSecure(config)) attributes.push('Secure');
  response.appendHeader('Set-Cookie', [`${nameOf(name, config)}=${value}`, ...attributes].join('; '));
}

/** Hands a browser a handle. */
export const setCookie = (response: NextApiResponse, config: Config, name: CookieName, handle: string): void =>
  append(response, config, name, handle, COOKIES[name](config));

export const clearCookie = (response: NextApiResponse, config: Config, name: CookieName): void =>
  append(response, config, name, '', 0);

/** Whether a request has a cookie more than once: somebody else's next to ours, and nobody can tell which is which. */
const isDoubled = (header: string | undefined, name: string): boolean =>
  (header ?? '').split(';').filter((pair) => pair.split('=')[0]?.trim() === name).length > 1;

/** The handle in a request's cookie; undefined where there is none of the right form, or more than one. */
export function readCookie(
  request: { cookies: NextApiRequest['cookies']; headers: IncomingHttpHeaders },
  config: Config,
  name: CookieName,
): string | undefined {
  const fullName = nameOf(name, config);
  const value = request.cookies[fullName];
  if (value === undefined || !isHandle(value) || isDoubled(request.headers.cookie, fullName)) return undefined;
  return value;
}
