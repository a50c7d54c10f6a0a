/** Waits before further attempts double from here. */
const FIRST_MS = 5_000;
/** A receiver that is back after hours gets what it missed within this time. */
const LONGEST_MS = 60 * 60_000;

/**
 * The wait after an attempt failed: exponential, with jitter so that events that failed together don't come back
 * together.
 * @param failures attempts that failed, this one included
 * @param askedMs the wait that the receiver asked for (`Retry-After`); no longer than an hour counts
 */
export function retryDelayMs(failures: number, askedMs = 0): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.max(full * (0.5 + Math.random() / 2), Math.min(LONGEST_MS, askedMs));
}
