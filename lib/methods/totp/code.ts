import { createHmac, randomBytes } from 'node:crypto';
import { withAsciiDigits } from '@/lib/i18n/digits';
import { fromBase32, toBase32 } from './base32';

/** Values that every app supports. RFC 6238, §5.2, recommends the step, and RFC 4226, §4, a secret of 160 bits. */
const DIGITS = 6;
const STEP_MS = 30_000;
const SECRET_BYTES = 20;

/** Steps around the current one whose codes count: people type slowly, and clocks differ (RFC 6238, §5.2 and §6). */
const STEPS_AROUND = [-1, 0, 1] as const;

/** @returns a secret in base32 */
export const newSecret = (): string => toBase32(randomBytes(SECRET_BYTES));

/** @param now epoch milliseconds */
export const stepAt = (now: number): number => Math.floor(now / STEP_MS);

/** The code of a time step (RFC 4226, §5.3). */
export function codeOf(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

/** The digits of a code as typed, in any script, without spaces and dashes; undefined if it is not a code. */
export function normalizeCode(typed: string): string | undefined {
  const digits = withAsciiDigits(typed.replace(/[\p{Zs}\t\p{Pd}]/gu, ''));
  return digits.length === DIGITS && /^[0-9]+$/.test(digits) ? digits : undefined;
}

/**
 * The time steps around now that have this code: none if it is wrong, very rarely more than one. The work is always the
 * same.
 * @param secret in base32
 * @param code as {@link normalizeCode} returned it
 */
export function matchingSteps(secret: string, code: string, now = Date.now()): number[] {
  const key = fromBase32(secret);
  const current = stepAt(now);
  return STEPS_AROUND.map((around) => current + around).filter((step) => codeOf(key, step) === code);
}
