import { renderSVG } from 'uqr';
import type { Config } from '@/lib/config/config';

/** ISO/IEC 18004, §5.3.8: without it, cameras miss the QR code on a dark page. */
const QUIET_ZONE = 4;

/** What apps show beside the number. A colon would end it. */
function issuerOf({ brand, appOrigins: [origin] }: Pick<Config, 'brand' | 'appOrigins'>): string {
  const host = origin === undefined ? 'localhost' : new URL(origin).hostname;
  return (brand.name ?? host).replaceAll(':', ' ').trim();
}

/**
 * The address by which an app learns a secret, in the form that all apps read:
 * https://github.com/google/google-authenticator/wiki/Key-Uri-Format. It leaves out parameters that have their default
 * values.
 * @param phoneNumber E.164
 */
export function keyUri(secret: string, phoneNumber: string, config: Pick<Config, 'brand' | 'appOrigins'>): string {
  const issuer = encodeURIComponent(issuerOf(config));
  return `otpauth://totp/${issuer}:${encodeURIComponent(phoneNumber)}?secret=${secret}&issuer=${issuer}`;
}

/** A text as a QR code, in SVG without styles or scripts, so that the page's Content-Security-Policy allows it. */
export const qrOf = (text: string): string => renderSVG(text, { border: QUIET_ZONE, ecc: 'M' });
