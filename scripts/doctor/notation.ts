const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** So many in so long. */
export interface Rate {
  readonly points: number;
  readonly windowMs: number;
}

/** Milliseconds of Infobip's `{timeLength}{timeUnit}`, like `5m` or `m`; undefined where it is something else. */
export function durationMs(text: string): number | undefined {
  const match = /^(\d{1,12})?(ms|s|m|h|d)$/.exec(text.trim());
  return match ? Number(match[1] ?? 1) * (UNIT_MS[match[2] ?? ''] ?? 0) : undefined;
}

/** Infobip's `{attempts}/{duration}`, like `3/1d`; undefined where it is something else. Longer windows than ours may be. */
export function rateOf(text: string): Rate | undefined {
  const match = /^(\d{1,12})\/(.+)$/.exec(text.trim());
  const windowMs = durationMs(match?.[2] ?? '');
  return match && windowMs ? { points: Number(match[1]), windowMs } : undefined;
}

export const perDay = ({ points, windowMs }: Rate): number => Math.round((points * 86_400_000) / windowMs);

/**
 * How many messages a number can get within a time: what our limit allows, and what the waits between them leave room for.
 * @param cooldownSeconds the wait after the first, second, … message; the last repeats
 */
export function mostWithin(spanMs: number, ours: Rate, cooldownSeconds: readonly number[]): number {
  const byLimit = ours.points * Math.ceil(spanMs / ours.windowMs);
  let elapsedMs = 0;
  let messages = 1;
  for (const wait of cooldownSeconds) {
    elapsedMs += wait * 1000;
    if (elapsedMs >= spanMs) return Math.min(byLimit, messages);
    messages += 1;
  }
  const lastMs = (cooldownSeconds.at(-1) ?? 0) * 1000;
  const more = lastMs === 0 ? byLimit : Math.ceil((spanMs - elapsedMs) / lastMs) - 1;
  return Math.min(byLimit, messages + more);
}
