/** The wait after the first failure. Each further wait is twice as long. */
const FIRST_MS = 5_000;
/** A receiver that is back after an outage gets what it missed within this time. */
const LONGEST_MS = 60 * 60_000;

/**
 * The wait after a failed attempt: exponential, with jitter, so that events that failed together don't come back
 * together.
 * @param failures failed attempts, including this one
 * @param askedMs the wait that the receiver asked for (`Retry-After`); at most an hour of it counts
 */
export function retryDelayMs(failures: number, askedMs = 0): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.max(full * (0.5 + Math.random() / 2), Math.min(LONGEST_MS, askedMs));
}
