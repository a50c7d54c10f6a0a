import { randomInt } from 'node:crypto';
import { withAsciiDigits } from '@/lib/i18n/digits';

/**
 * Crockford's base 32, without letters that look like digits or like each other: https://www.crockford.com/base32.html
 */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 80 bits. NIST SP 800-63B-4, §4.2.1.1, requires at least 64. */
const LENGTH = 16;
const GROUP = /.{4}/g;
const FORM = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);

/** Letters that people mistake for digits. */
const READ_AS: Readonly<Record<string, string>> = { O: '0', I: '1', L: '1' };

/** @returns a code in the form in which it is stored */
export const newRecoveryCode = (): string =>
  Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/** A code in the form in which people get it: `7K3M-9QXR-T2WH-04ZB`. */
export const written = (code: string): string => code.match(GROUP)?.join('-') ?? code;

/** Converts a typed code to the form in which it is stored; undefined if it is not a code. */
export function normalizeRecoveryCode(typed: string): string | undefined {
  const signs = withAsciiDigits(typed.replace(/[\p{Zs}\t\p{Pd}]/gu, ''));
  // Conversion to upper case can turn another letter into two of these.
  if (!/^[0-9A-Za-z]+$/.test(signs)) return undefined;
  const code = signs.toUpperCase().replace(/[OIL]/g, (sign) => READ_AS[sign] ?? sign);
  return FORM.test(code) ? code : undefined;
}
