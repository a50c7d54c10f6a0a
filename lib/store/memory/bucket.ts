import { HARDEST } from '@/lib/store/charges';
import type { CreditRow, Verdict } from '@/lib/store/limits';
import { lastEnd, type Windows } from './windows';

/** The state of one bucket of credit. Times are epoch milliseconds. */
export interface Bucket {
  /** Credit at the time `at`; undefined for a full bucket. */
  level: number | undefined;
  at: number;
  /** For a country: codes verified recently, counted at `codesAt`. */
  codes: number;
  codesAt: number;
  /** Daily caps, by the field of their row. */
  readonly windows: Windows;
}

/** How a bucket falls short of what a message costs. */
export interface Shortage {
  readonly verdict: Verdict;
  /** How hard the challenge must be, from 1 to 4. */
  readonly level: number;
  /**
   * Milliseconds until the message passes without a challenge. If the verdict is `block`: until it passes with a solved
   * challenge.
   */
  readonly waitMs: number;
}

/** Tolerates rounding: refills add up in binary fractions. */
const EPSILON = 1e-6;
/** After this long without a verified code, a country starts from none. */
const CODES_KEPT_HALF_LIVES = 12;

export const newBucket = (): Bucket => ({ level: undefined, at: 0, codes: 0, codesAt: 0, windows: {} });

/**
 * The credit in a bucket now. A bucket owes no more than its debt, even if it was a larger bucket before, like that of
 * a country that loses customers.
 */
export function levelOf(bucket: Bucket | undefined, { capacity, refillPerMs, debt }: CreditRow, now: number): number {
  if (bucket?.level === undefined) return capacity;
  return Math.max(-debt, Math.min(capacity, bucket.level + Math.max(0, now - bucket.at) * refillPerMs));
}

/** Why the bucket cannot cover the cost; undefined if it can. */
export function shortageOf(row: CreditRow, level: number, cost: number): Shortage | undefined {
  const after = level - cost;
  if (after >= -EPSILON) return undefined;
  const isOwing = after < -row.debt - EPSILON;
  const verdict = isOwing ? row.whenOwing : row.whenEmpty;
  const missing = isOwing && verdict === 'block' ? cost - row.debt - level : cost - level;
  const emptiness = row.debt > 0 ? -after / row.debt : 1;
  return {
    verdict,
    level: Math.min(HARDEST, 1 + Math.floor(HARDEST * emptiness)),
    waitMs: Math.max(1, Math.ceil(missing / row.refillPerMs)),
  };
}

/** Takes the cost, as far as the row's debt allows. @returns the credit taken */
export function takeCredit(bucket: Bucket, row: CreditRow, cost: number, now: number): number {
  const level = levelOf(bucket, row, now);
  const taken = Math.max(0, Math.min(cost, level + row.debt));
  setLevel(bucket, row, level - taken, now);
  return taken;
}

/** Puts credit back. What exceeds the bucket's capacity is lost. */
export const putCredit = (bucket: Bucket, row: CreditRow, amount: number, now: number): void =>
  setLevel(bucket, row, levelOf(bucket, row, now) + amount, now);

function setLevel(bucket: Bucket, { capacity }: CreditRow, level: number, now: number): void {
  bucket.level = level >= capacity ? undefined : level;
  bucket.at = now;
}

/** Codes verified recently. */
export const codesOf = (bucket: Bucket | undefined, halfLifeMs: number, now: number): number =>
  bucket && bucket.codes > 0 ? bucket.codes * 2 ** (-Math.max(0, now - bucket.codesAt) / halfLifeMs) : 0;

export function countCode(bucket: Bucket, halfLifeMs: number, now: number): void {
  bucket.codes = codesOf(bucket, halfLifeMs, now) + 1;
  bucket.codesAt = now;
}

/** When the bucket's state no longer matters. */
export function bucketEndsAt(
  { level, at, codes, codesAt, windows }: Bucket,
  row: CreditRow,
  halfLifeMs: number,
): number {
  const fullAt = level === undefined ? 0 : at + Math.ceil((row.capacity - level) / row.refillPerMs);
  return Math.max(fullAt, codes > 0 ? codesAt + CODES_KEPT_HALF_LIVES * halfLifeMs : 0, lastEnd(windows));
}
