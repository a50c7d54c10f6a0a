import type { Rate } from '@/scripts/infobip-notation';

/**
 * How many messages a number can get within a period. Our limit caps that number, and so do the waits between messages.
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
