import type { NextApiRequest, NextApiResponse } from 'next';
import type { Config } from '@/lib/config';
import { RESEND_GRACE_MS } from '@/lib/store/store';
import { isVerificationId } from '@/lib/verification/verification-id';

/** `Secure` follows the public origin's scheme; where none is configured, a proxy in front is taken to speak TLS. */
const isSecure = ({ appOrigins, trustedProxyHops }: Config): boolean =>
  appOrigins.length > 0 ? appOrigins.some((origin) => origin.startsWith('https:')) : trustedProxyHops > 0;

/** With `__Host-` a browser takes the cookie from this host over TLS only (RFC 6265bis, §4.1.3.2). */
const cookieName = (config: Config): string => (isSecure(config) ? '__Host-verification' : 'verification');

function setCookie(response: NextApiResponse, config: Config, value: string, maxAgeSeconds: number): void {
  const attributes = ['Path=/', `Max-Age=${maxAgeSeconds}`, 'HttpOnly', 'SameSite=Lax'];
  if (isSecure(config)) attributes.push('Secure');
  response.setHeader('Set-Cookie', [`${cookieName(config)}=${value}`, ...attributes].join('; '));
}

/** Hands a browser its verification's handle, for as long as the server keeps the verification. */
export function setVerificationCookie(response: NextApiResponse, config: Config, verificationId: string): void {
  setCookie(response, config, verificationId, config.pin.ttlSeconds + RESEND_GRACE_MS / 1000);
}

export function clearVerificationCookie(response: NextApiResponse, config: Config): void {
  setCookie(response, config, '', 0);
}

/** The handle in a request's cookie; undefined where there is none of the right form. */
export function readVerificationCookie(request: { cookies: NextApiRequest['cookies'] }, config: Config) {
  const value = request.cookies[cookieName(config)];
  return value !== undefined && isVerificationId(value) ? value : undefined;
}
