/** What a limit counts by. A number's limits are kept by the store, together with the claim of its next message. */
export type LimitKey = 'address' | 'number' | 'everyone';

/** One limit: what it counts, when, and how many are allowed unless the environment says otherwise. */
export interface Policy {
  readonly key: LimitKey;
  readonly counts: 'messages' | 'calls' | 'tries' | 'requests';
  /** Infobip's notation: `{points}/{duration}`. */
  readonly allowed: string;
}

/**
 * The limits, by the variable that overrides each. Messages are sends and resends, by any channel; tries are requests to
 * verify; requests are all of them, to any API route. Windows are fixed: the first request opens one.
 */
export const POLICIES = {
  // An office or a mobile network behind one address asks for some codes an hour; a script for thousands.
  LIMIT_SEND_PER_ADDRESS: { key: 'address', counts: 'messages', allowed: '20/1h' },
  // Nobody needs more codes a day; each one disturbs a person and costs money.
  LIMIT_SEND_PER_NUMBER: { key: 'number', counts: 'messages', allowed: '5/1d' },
  // Calls cost more, and disturb more.
  LIMIT_VOICE_PER_NUMBER: { key: 'number', counts: 'calls', allowed: '2/1d' },
  // A ceiling for the bill, whatever else fails.
  LIMIT_SEND_GLOBAL: { key: 'everyone', counts: 'messages', allowed: '1000/1m' },
  // Twelve verifications an hour with all their tries.
  LIMIT_VERIFY_PER_ADDRESS: { key: 'address', counts: 'tries', allowed: '60/1h' },
  // Far above what an office does, health checks included; a flood asks as often within a second. Behind a proxy that is not
  // configured everybody shares one address, and the service still answers 10 requests a second.
  LIMIT_REQUESTS_PER_ADDRESS: { key: 'address', counts: 'requests', allowed: '600/1m' },
} as const satisfies Record<string, Policy>;

export type LimitName = keyof typeof POLICIES;

/** A limit with its figures. */
export interface Limit extends Policy {
  readonly name: LimitName;
  readonly points: number;
  readonly windowMs: number;
}

/** As long as a timer of Node's can be; rate-limiter-flexible in memory needs one. */
const MAX_WINDOW_MS = 24 * 86_400_000;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads Infobip's notation: `3/1d`, `10/30s`; the length may be left out (`5/m`).
 * @returns undefined where it is something else, allows nothing, or is shorter than a second or longer than 24 days
 */
export function parseAllowed(text: string): { points: number; windowMs: number } | undefined {
  const match = /^(\d{1,9})\/(\d{0,6})(ms|s|m|h|d)$/.exec(text);
  if (!match) return undefined;
  const points = Number(match[1]);
  const windowMs = Number(match[2] || 1) * (UNIT_MS[match[3] ?? ''] ?? 0);
  return points > 0 && windowMs >= 1000 && windowMs <= MAX_WINDOW_MS ? { points, windowMs } : undefined;
}
