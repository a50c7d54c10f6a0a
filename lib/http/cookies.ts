import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { NextApiRequest } from 'next';
import type { Config } from '@/lib/config/config';
import { isLanguage } from '@/lib/i18n/languages';
import { RESEND_GRACE_MS } from '@/lib/store/store';
import { PROOF_TTL_SECONDS } from '@/lib/verification/proof';
import { isToken } from '@/lib/verification/token';

interface Cookie {
  /** Seconds that a browser keeps it: a handle as long as the server does. */
  readonly maxAge: (config: Config) => number;
  readonly isValid: (value: string) => boolean;
}

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** The cookies: two handles with nothing else in them, and the language of the page. */
const COOKIES = {
  verification: { maxAge: ({ pin }) => pin.ttlSeconds + RESEND_GRACE_MS / 1000, isValid: isToken },
  'phone-session': { maxAge: () => PROOF_TTL_SECONDS, isValid: isToken },
  language: { maxAge: () => YEAR_SECONDS, isValid: isLanguage },
} as const satisfies Record<string, Cookie>;

export type CookieName = keyof typeof COOKIES;

/** `Secure` follows the public origin's scheme; where none is configured, a proxy in front is taken to speak TLS. */
const isSecure = ({ appOrigins, trustedProxyHops }: Config): boolean =>
  appOrigins.length > 0 ? appOrigins.some((origin) => origin.startsWith('https:')) : trustedProxyHops > 0;

/** With `__Host-` a browser takes the cookie from this host over TLS only (RFC 6265bis, §4.1.3.2). */
const nameOf = (name: CookieName, config: Config): string => (isSecure(config) ? `__Host-${name}` : name);

function append(response: ServerResponse, config: Config, name: CookieName, value: string, maxAge: number): void {
  const attributes = ['Path=/', `Max-Age=${maxAge}`, 'HttpOnly', 'SameSite=Lax'];
  if (isSecure(config)) attributes.push('Secure');
  response.appendHeader('Set-Cookie', [`${nameOf(name, config)}=${value}`, ...attributes].join('; '));
}

/** Hands a browser a handle, or its language. */
export const setCookie = (response: ServerResponse, config: Config, name: CookieName, value: string): void =>
  append(response, config, name, value, COOKIES[name].maxAge(config));

export const clearCookie = (response: ServerResponse, config: Config, name: CookieName): void =>
  append(response, config, name, '', 0);

/** Whether a request has a cookie more than once: somebody else's next to ours, and nobody can tell which is which. */
const isDoubled = (header: string | undefined, name: string): boolean =>
  (header ?? '').split(';').filter((pair) => pair.split('=')[0]?.trim() === name).length > 1;

/** The value of a request's cookie; undefined where there is none of the right form, or more than one. */
export function readCookie(
  request: { cookies: NextApiRequest['cookies']; headers: IncomingHttpHeaders },
  config: Config,
  name: CookieName,
): string | undefined {
  const fullName = nameOf(name, config);
  const value = request.cookies[fullName];
  if (value === undefined || !COOKIES[name].isValid(value) || isDoubled(request.headers.cookie, fullName))
    return undefined;
  return value;
}
