import type { CreditRow, Verdict } from '@/lib/store/limits';

/**
 * A kind of credit bucket, as the guard against SMS pumping fills and empties it. docs/fraud-guard.md gives the reasons
 * and the measurements.
 */
export interface CreditPolicy {
  /** Default figures: capacity, refill per hour, and the share of codes that people have to verify. */
  readonly credit: string;
  readonly whenEmpty: Verdict;
  /** What messages with a solved challenge may take from an empty bucket, as a multiple of the capacity. */
  readonly debt: number;
  readonly whenOwing: Verdict;
}

/**
 * Once the bucket is empty, one more message may leave, with a solved challenge. People solve it more often than bots.
 */
const CHALLENGES_ONCE_THEN_BLOCKS = { whenEmpty: 'challenge', debt: 0.2, whenOwing: 'block' } as const;
const CHALLENGES = { whenEmpty: 'challenge', debt: 1, whenOwing: 'challenge' } as const;
const CHALLENGES_THEN_BLOCKS = { whenEmpty: 'challenge', debt: 0.5, whenOwing: 'block' } as const;

/**
 * The buckets, by the variable that overrides each. A text message takes one credit. A call takes one for each text
 * message that its price would buy.
 */
export const CREDIT_POLICIES = {
  // A range has ten thousand numbers, which is what fraudsters rent. If nobody verifies, they get these few messages,
  // and then one every five hours.
  CREDIT_PER_RANGE: { credit: '5,0.2,0.35', ...CHALLENGES_ONCE_THEN_BLOCKS },
  // In a small home country, a range has hundreds of customers a day, and six of them in a row may abandon their codes.
  // That would exhaust CREDIT_PER_RANGE.
  CREDIT_PER_HOME_RANGE: { credit: '20,1,0.35', ...CHALLENGES_THEN_BLOCKS },
  // A block has a million numbers. This bucket does not apply at home, where many customers share a block.
  CREDIT_PER_BLOCK: { credit: '25,3,0.35', ...CHALLENGES },
  CREDIT_PER_COUNTRY: { credit: '30,1.5,0.35', ...CHALLENGES },
  CREDIT_PER_MAIN_COUNTRY: { credit: '150,7.5,0.5', ...CHALLENGES },
  CREDIT_PER_HOME_COUNTRY: { credit: '1000,50,0.56', ...CHALLENGES },
  // A busy shared address earns its credit back, because its people verify. An address that verifies nothing needs no
  // more.
  CREDIT_PER_ADDRESS: { credit: '10,1,0.35', ...CHALLENGES_THEN_BLOCKS },
  CREDIT_PER_SITE: { credit: '20,5.8,0.35', ...CHALLENGES_THEN_BLOCKS },
  CREDIT_PER_NETWORK: { credit: '40,11.6,0.35', ...CHALLENGES_THEN_BLOCKS },
} as const satisfies Record<string, CreditPolicy>;

export type CreditName = keyof typeof CREDIT_POLICIES;

/** How many recently verified codes make a country a main one, and how many make it as good as the home country. */
export const MAIN_COUNTRY_FROM = 100;
export const HOME_COUNTRY_FROM = 5000;
/** The half-life of the count of verified codes. */
export const HALF_LIFE_MS = 3 * 86_400_000;
/**
 * How many recently verified codes a country needs for calls, if the configuration does not say which countries get
 * calls. Codes for six ranges in one day are enough. One range that verifies every day adds up to 4.8, which is never
 * enough.
 */
export const CALLS_FROM = 5;

const HOUR_MS = 3_600_000;

/**
 * Reads `capacity,refill per hour,share of codes that people have to verify`, like `6,0.5,0.35`.
 * @returns undefined if it is something else, or a bucket that never refills
 */
export function parseCredit(text: string): Pick<CreditRow, 'capacity' | 'refillPerMs' | 'returned'> | undefined {
  const match = /^(\d{1,7}),(\d{1,7}(?:\.\d{1,3})?),(0\.\d{1,3}|1)$/.exec(text.replaceAll(' ', ''));
  const [capacity = 0, refill = 0, share = 0] = match?.slice(1).map(Number) ?? [];
  if (capacity < 1 || refill <= 0 || share <= 0) return undefined;
  return { capacity, refillPerMs: refill / HOUR_MS, returned: 1 / share };
}

/** A bucket with its figures. */
export function creditRow(name: CreditName, credit: string): CreditRow {
  const { whenEmpty, whenOwing, debt } = CREDIT_POLICIES[name];
  const figures = parseCredit(credit);
  if (!figures) throw new Error(`${name} was not checked.`);
  return { name, ...figures, whenEmpty, whenOwing, debt: debt * figures.capacity };
}
