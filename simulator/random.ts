import { randomBytes, randomInt } from 'node:crypto';
import type { PIN_TYPES } from './contract';

const DIGITS = '0123456789';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

const ALPHABETS: Record<(typeof PIN_TYPES)[number], string> = {
  NUMERIC: DIGITS,
  ALPHA: LETTERS,
  HEX: `${DIGITS}ABCDEF`,
  ALPHANUMERIC: DIGITS + LETTERS,
};

/** An id in Infobip's form: 32 upper-case hex digits. */
export function randomId(): string {
  return randomBytes(16).toString('hex').toUpperCase();
}

/** A PIN of the template's type and length, with uniformly drawn characters. */
export function randomPin(template: { pinType: (typeof PIN_TYPES)[number]; pinLength: number }): string {
  const alphabet = ALPHABETS[template.pinType];
  return Array.from({ length: template.pinLength }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}
