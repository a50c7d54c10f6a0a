const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Longest period for PINs and send limits ("Must not exceed one year"), in milliseconds. */
export const ONE_YEAR_MS = 365 * MILLISECONDS.d;
/** Longest period of `verifyPinLimit` ("Must not exceed one day"), in milliseconds. */
export const ONE_DAY_MS = MILLISECONDS.d;

/** A count of requests within a number of milliseconds. */
export interface Limit {
  attempts: number;
  windowMs: number;
}

/**
 * Milliseconds of `{timeLength}{timeUnit}` (`5m`; `m` alone is one minute), or null.
 * Document: ApplicationConfiguration, pinTimeToLive.
 */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,12})?(ms|s|m|h|d)$/.exec(text);
  const length = Number(match?.[1] ?? 1);
  return match && length > 0 ? length * MILLISECONDS[match[2] as keyof typeof MILLISECONDS] : null;
}

/**
 * A limit written `{attempts}/{timeLength}{timeUnit}` (`5/1s`, `5/s`), or null.
 * Document: ApplicationConfiguration, sendPinPerApplicationLimit and the like.
 */
export function parseLimit(text: string): Limit | null {
  const match = /^(\d{1,9})\/(.+)$/.exec(text);
  const attempts = Number(match?.[1] ?? 0);
  const windowMs = parseDuration(match?.[2] ?? '');
  return attempts > 0 && windowMs !== null ? { attempts, windowMs } : null;
}
