/**
 * What a limit keeps separate counts for. `network` is an IPv4 /24 or an IPv6 /48. `number-by-network` is a number
 * together with the network from which a stranger asks. `range` and `block` are numbers that differ only in their last
 * four and six digits.
 */
export type LimitKey =
  | 'address'
  | 'network'
  | 'number'
  | 'number-by-network'
  | 'range'
  | 'block'
  | 'country'
  | 'everyone';

/** One limit: what it counts, when, and how many it allows by default. */
export interface Policy {
  readonly key: LimitKey;
  /** The flood shield counts `requests` in this process; the store counts all others. */
  readonly counts: 'messages' | 'calls' | 'waits' | 'tries' | 'factors' | 'guesses' | 'requests';
  /** The limit's name in the store: a capital, unique for its key. */
  readonly field: string;
  /** Points that one request takes. */
  readonly cost: number;
  /** Infobip's notation: `{points}/{duration}`. */
  readonly allowed: string;
  /**
   * The default while the guard against SMS pumping is enforced: the guard measures the same more finely, so this limit
   * is only a ceiling.
   */
  readonly allowedBesideGuard?: string;
  /** Part of that guard: counts only while it is enforced. */
  readonly isOfGuard?: true;
  /** A correct code takes its request out of the count again. */
  readonly isReturned?: true;
}

/**
 * The limits, by the variable that overrides each. Messages are sends and resends, by any channel. Tries are requests
 * to verify. Factors are verifications with a passkey, an authenticator app or a recovery code. Guesses are
 * verifications with a factor that somebody could guess. Requests are all requests, to any API route. Windows are
 * fixed: the first request opens one.
 */
export const POLICIES = {
  // An office or a mobile network behind one address requests a few codes an hour; a script requests thousands.
  LIMIT_SEND_PER_ADDRESS: {
    key: 'address',
    counts: 'messages',
    field: 'M',
    cost: 1,
    allowed: '20/1h',
    allowedBesideGuard: '200/1h',
  },
  // As much as ten addresses at their limit. An attacker with many addresses in one network gets no more than that.
  LIMIT_SEND_PER_NETWORK: {
    key: 'network',
    counts: 'messages',
    field: 'M',
    cost: 1,
    allowed: '200/1h',
    allowedBesideGuard: '2000/1h',
  },
  // Nobody needs more codes in a day than this, and each one disturbs a person and costs money.
  LIMIT_SEND_PER_NUMBER: { key: 'number', counts: 'messages', field: 'M', cost: 1, allowed: '5/1d' },
  // Keeps one stranger from using up a number's messages alone.
  LIMIT_SEND_PER_NUMBER_AND_NETWORK: {
    key: 'number-by-network',
    counts: 'messages',
    field: 'N',
    cost: 1,
    allowed: '3/1d',
  },
  // Calls cost more, and are more intrusive.
  LIMIT_VOICE_PER_NUMBER: { key: 'number', counts: 'calls', field: 'V', cost: 1, allowed: '2/1d' },
  // A ceiling for the bill, whatever else fails.
  LIMIT_SEND_GLOBAL: { key: 'everyone', counts: 'messages', field: 'M', cost: 1, allowed: '1000/1m' },
  // Infobip's own default limit for an application.
  LIMIT_SEND_GLOBAL_PER_DAY: { key: 'everyone', counts: 'messages', field: 'D', cost: 1, allowed: '10000/1d' },
  // Stops even a slow walk through a range: it counts codes that nobody verified. It does not apply at home, where a
  // small country's ranges have hundreds of customers a day.
  LIMIT_SEND_PER_RANGE: {
    key: 'range',
    counts: 'messages',
    field: 'M',
    cost: 1,
    allowed: '25/1d',
    isOfGuard: true,
    isReturned: true,
  },
  LIMIT_SEND_PER_BLOCK: {
    key: 'block',
    counts: 'messages',
    field: 'M',
    cost: 1,
    allowed: '1500/1d',
    isOfGuard: true,
    isReturned: true,
  },
  // For browsers without script, which cannot solve a challenge. Bots can wait as well, so only a few messages may pass
  // like this.
  LIMIT_WAITS_PER_COUNTRY: { key: 'country', counts: 'waits', field: 'W', cost: 1, allowed: '10/1d', isOfGuard: true },
  // Enough for twelve verifications an hour, each with all its tries.
  LIMIT_VERIFY_PER_ADDRESS: { key: 'address', counts: 'tries', field: 'T', cost: 1, allowed: '60/1h' },
  LIMIT_VERIFY_PER_NETWORK: { key: 'network', counts: 'tries', field: 'T', cost: 1, allowed: '600/1h' },
  // A whole office behind one address may start its day with a passkey. These verifications cost nothing.
  LIMIT_FACTORS_PER_ADDRESS: { key: 'address', counts: 'factors', field: 'F', cost: 1, allowed: '300/1h' },
  LIMIT_FACTORS_PER_NETWORK: { key: 'network', counts: 'factors', field: 'F', cost: 1, allowed: '3000/1h' },
  // As many wrong guesses as lock a number once, so guesses from one network lock it at most once a day.
  LIMIT_GUESSES_PER_NUMBER_AND_NETWORK: {
    key: 'number-by-network',
    counts: 'guesses',
    field: 'G',
    cost: 1,
    allowed: '10/1d',
    isReturned: true,
  },
  // Far more than an office sends, health checks included; a flood sends as much within a second. Behind a proxy that
  // is not configured, everybody shares one address, and the service still answers 10 requests a second.
  LIMIT_REQUESTS_PER_ADDRESS: { key: 'address', counts: 'requests', field: 'R', cost: 1, allowed: '600/1m' },
} as const satisfies Record<string, Policy>;

/**
 * When wrong codes lock a number (NIST SP 800-63B-4, §3.2.2). The store counts them over all verifications of the
 * number: once for all strangers together, and separately for each known device.
 */
export const LOCK = {
  every: 10,
  firstMs: 60 * 60_000,
  longestMs: 24 * 60 * 60_000,
  forGoodAfter: 100,
  memoryMs: 30 * 24 * 60 * 60_000,
  forGoodMs: 365 * 24 * 60 * 60_000,
} as const;

/**
 * The limit for all known devices of a number together. Every success makes a device known, so a limit for each device
 * alone would never stop anybody who once could read the number's codes.
 */
export const ALL_DEVICES = {
  /** How many messages and calls, as a multiple of those of one device. */
  share: 3,
  /** How many wrong codes by any of these devices make all of them count as strangers. */
  wrongCodes: 30,
  windowMs: 30 * 24 * 60 * 60_000,
} as const;

/** This long after the last cooldown of a number has ended, its cooldowns start over. */
export const COOLDOWN_MEMORY_MS = 60 * 60_000;

/** Other reasons to refuse a request, besides `POLICIES` and `CREDIT_POLICIES`, as logs and metrics name them. */
export const OTHER_LIMITS = [
  'RESEND_COOLDOWN_SECONDS',
  'NUMBER_LOCK',
  'INFOBIP',
  'BUDGET_PER_HOUR',
  'BUDGET_PER_DAY',
  'BUDGET_PER_HOUR_NEW_COUNTRIES',
  'BUDGET_PER_DAY_NEW_COUNTRIES',
  'VOICE_COUNTRIES',
  'BLOCKED_NUMBERS',
  'CLIENT_MESSAGES_PER_DAY',
  'CLIENT_BUDGET_PER_DAY',
] as const;
export type OtherLimit = (typeof OTHER_LIMITS)[number];

export type LimitName = keyof typeof POLICIES;

/** A limit with its figures. */
export interface Limit extends Policy {
  readonly name: LimitName;
  readonly points: number;
  readonly windowMs: number;
}

/** Node's timers last at most 24.8 days, and the flood shield sets one for each window. */
const MAX_WINDOW_MS = 24 * 86_400_000;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads Infobip's notation: `3/1d`, `10/30s`; the number before the unit is optional (`5/m`).
 * @returns undefined if the text is something else, allows nothing, or its period is shorter than a second or longer
 * than 24 days
 */
export function parseAllowed(text: string): { points: number; windowMs: number } | undefined {
  const match = /^(\d{1,9})\/(\d{0,6})(ms|s|m|h|d)$/.exec(text);
  if (!match) return undefined;
  const points = Number(match[1]);
  const windowMs = Number(match[2] || 1) * (UNIT_MS[match[3] ?? ''] ?? 0);
  return points > 0 && windowMs >= 1000 && windowMs <= MAX_WINDOW_MS ? { points, windowMs } : undefined;
}
