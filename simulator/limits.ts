import { BoundedMap } from './bounded-map';
import type { Limit } from './durations';
import { tooManyRequests } from './errors';

/** How many keys to remember. Beyond that, the simulator forgets the least recently counted one first. */
const MAX_KEYS = 20_000;

/** A limit, and the key of what it counts. */
export interface KeyedLimit {
  key: string;
  limit: Limit;
}

/**
 * Counts requests in fixed windows, each opened by its first request. Infobip does not document its windows. Fixed ones
 * are the strictest for a client that has just used one up.
 */
export class Limits {
  readonly #windows = new BoundedMap<string, { openedAt: number; count: number }>(MAX_KEYS);

  /** Counts one request against every given limit, or throws 429 and counts it against none. Time in milliseconds. */
  take(limits: KeyedLimit[], now: number): void {
    const windows = limits.map(({ key, limit }) => {
      const open = this.#windows.get(key);
      const window = open && now < open.openedAt + limit.windowMs ? open : { openedAt: now, count: 0 };
      if (window.count >= limit.attempts) throw tooManyRequests(window.openedAt + limit.windowMs - now);
      return { key, window };
    });
    for (const { key, window } of windows) {
      window.count += 1;
      this.#windows.set(key, window);
    }
  }

  reset(): void {
    this.#windows.clear();
  }
}
