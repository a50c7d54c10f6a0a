import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '@/lib/config/config';
import { isLanguage } from '@/lib/i18n/languages';
import { LOGIN_TTL_SECONDS } from '@/lib/openid/ttl';
import { RESEND_GRACE_MS } from '@/lib/store/verifications';
import { CEREMONY_TTL_MS, type CeremonyKind, isCeremonyToken } from '@/lib/verification/ceremony';
import { DEVICE_TTL_SECONDS, isDeviceCookie } from '@/lib/verification/device';
import { PROOF_TTL_SECONDS } from '@/lib/verification/proof';
import { isToken } from '@/lib/verification/token';

interface Cookie {
  /**
   * How long a browser keeps the cookie, in seconds. A cookie with a token lives as long as the token does on the
   * server.
   */
  readonly maxAge: (config: Config) => number;
  readonly isValid: (value: string) => boolean;
}

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** The redirect back to the page takes only a moment. */
export const PROBLEM_SECONDS = 60;

const verificationSeconds = ({ pin }: Config): number => pin.ttlSeconds + RESEND_GRACE_MS / 1000;

const secondsOf = (kind: CeremonyKind): number => CEREMONY_TTL_MS[kind] / 1000;

/**
 * The cookies: the tokens of the verification and the session, the mark of the browser in which the person typed the
 * number, the device's record, what people began with other factors, the browser that began a login, the page's
 * language, and the outcome of a form.
 */
const COOKIES = {
  verification: { maxAge: verificationSeconds, isValid: isToken },
  'started-here': { maxAge: verificationSeconds, isValid: isToken },
  device: { maxAge: () => DEVICE_TTL_SECONDS, isValid: isDeviceCookie },
  'phone-session': { maxAge: () => PROOF_TTL_SECONDS, isValid: isToken },
  'passkey-enrollment': { maxAge: () => secondsOf('enroll-passkey'), isValid: isCeremonyToken },
  'passkey-verification': { maxAge: () => secondsOf('verify-passkey'), isValid: isCeremonyToken },
  'totp-enrollment': { maxAge: () => secondsOf('enroll-totp'), isValid: isCeremonyToken },
  'factor-used': { maxAge: () => secondsOf('confirm-number'), isValid: isCeremonyToken },
  login: { maxAge: () => LOGIN_TTL_SECONDS, isValid: isToken },
  language: { maxAge: () => YEAR_SECONDS, isValid: isLanguage },
  problem: { maxAge: () => PROBLEM_SECONDS, isValid: (value) => /^[\w-]{1,1024}\.[\w-]{43}$/.test(value) },
} as const satisfies Record<string, Cookie>;

export type CookieName = keyof typeof COOKIES;

/**
 * `Secure` follows the scheme of the public origin. If no origin is configured, the server assumes that any proxy in
 * front speaks TLS.
 */
const isSecure = ({ appOrigins, isBehindProxy }: Config): boolean =>
  appOrigins.length > 0 ? appOrigins.some((origin) => origin.startsWith('https:')) : isBehindProxy;

/** With `__Host-`, a browser accepts the cookie only from this host over TLS (RFC 6265bis, §4.1.3.2). */
const nameOf = (name: CookieName, config: Config, login?: string): string => {
  const own = login === undefined ? name : `${name}-${login}`;
  return isSecure(config) ? `__Host-${own}` : own;
};

interface Setting {
  readonly name: CookieName;
  readonly value: string;
  /** Seconds. */
  readonly maxAge: number;
  /** Id of the login that has a cookie of this name for itself. */
  readonly login: string | undefined;
}

function append(response: ServerResponse, config: Config, { name, value, maxAge, login }: Setting): void {
  const attributes = ['Path=/', `Max-Age=${maxAge}`, 'HttpOnly', 'SameSite=Lax'];
  if (isSecure(config)) attributes.push('Secure');
  response.appendHeader('Set-Cookie', [`${nameOf(name, config, login)}=${value}`, ...attributes].join('; '));
}

/**
 * Sets a cookie.
 * @param login id of the login that has a cookie of this name for itself
 */
export const setCookie = (
  response: ServerResponse,
  config: Config,
  name: CookieName,
  value: string,
  login?: string,
): void => append(response, config, { name, value, maxAge: COOKIES[name].maxAge(config), login });

export const clearCookie = (response: ServerResponse, config: Config, name: CookieName, login?: string): void =>
  append(response, config, { name, value: '', maxAge: 0, login });

const isBlank = (sign: string | undefined): boolean => sign === ' ' || sign === '\t';

/**
 * Trims space and tab as RFC 6265 (§5.2) says, and nothing else. `trim()` would also remove 0xA0, 0x0B and 0x0C. Then a
 * cookie that another host of the domain may set (`\xa0__Host-phone-session`) would pass for one that only this host
 * can set.
 */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

/**
 * The value of a request's cookie; undefined if the request has no well-formed one. Names must match exactly, and
 * nothing is decoded. Look-alikes beside the real cookie change nothing. If several match, the first well-formed one
 * counts. With `__Host-` a browser holds only one cookie of the name, and only this host can set it. Without the
 * prefix, over plain http, nobody can tell which host set a cookie.
 */
export function readCookie(
  request: IncomingMessage,
  config: Config,
  name: CookieName,
  login?: string,
): string | undefined {
  const { cookie } = request.headers;
  if (cookie === undefined) return undefined;
  const fullName = nameOf(name, config, login);
  for (const pair of cookie.split(';')) {
    const equals = pair.indexOf('=');
    if (equals < 0 || trimBlanks(pair.slice(0, equals)) !== fullName) continue;
    const value = trimBlanks(pair.slice(equals + 1));
    if (COOKIES[name].isValid(value)) return value;
  }
  return undefined;
}
