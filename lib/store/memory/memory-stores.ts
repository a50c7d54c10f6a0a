import type { Stores } from '@/lib/store/stores';
import { createMemoryLimitStore } from './limit-store';
import { createMemoryOpenIdStore } from './openid-store';
import { createMemorySessionStore } from './session-store';
import { createMemoryMaps } from './state';
import { createMemoryVerificationStore } from './verification-store';

/**
 * The most entries of each kind. A verification takes about 600 bytes, and 1,600 with everything that limits and credit
 * remember about it.
 */
const MAX_ENTRIES = 200_000;

/**
 * State in this process: for one instance, development and tests.
 * @param options.maxAttempts the most attempts on a challenge
 * @param options.maxEntries the most entries of each kind; when a kind is full, new entries get STORE_UNAVAILABLE, and
 * existing ones stay
 * @param options.now the clock, in epoch milliseconds
 */
export function createMemoryStores(options: { maxAttempts: number; maxEntries?: number; now?: () => number }): Stores {
  const { maxAttempts, maxEntries = MAX_ENTRIES, now = Date.now } = options;
  const state = createMemoryMaps(maxEntries, now);
  return {
    verifications: createMemoryVerificationStore(state, maxAttempts),
    sessions: createMemorySessionStore(state),
    openid: createMemoryOpenIdStore(state),
    limits: createMemoryLimitStore(state),
    ping: async () => undefined,
    isConnected: () => true,
  };
}
