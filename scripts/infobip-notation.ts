/** Infobip's notation of durations and limits in its applications. Periods there may be longer than our own. */

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A number of times within a period. */
export interface Rate {
  readonly points: number;
  readonly windowMs: number;
}

/** Milliseconds of Infobip's `{timeLength}{timeUnit}`, like `5m` or `m`; undefined if it is something else. */
export function durationMs(text: string): number | undefined {
  const match = /^(\d{1,12})?(ms|s|m|h|d)$/.exec(text.trim());
  return match ? Number(match[1] ?? 1) * (UNIT_MS[match[2] ?? ''] ?? 0) : undefined;
}

/**
 * Infobip's `{attempts}/{duration}`, like `3/1d`; undefined if it is something else. Windows may be longer than ours.
 */
export function rateOf(text: string): Rate | undefined {
  const match = /^(\d{1,12})\/(.+)$/.exec(text.trim());
  const windowMs = durationMs(match?.[2] ?? '');
  return match && windowMs ? { points: Number(match[1]), windowMs } : undefined;
}

export const perDay = ({ points, windowMs }: Rate): number => Math.round((points * 86_400_000) / windowMs);
