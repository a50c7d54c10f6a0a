import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '@/lib/errors';
import type { Guard } from '@/lib/http/route';
import type { Limit, LimitName } from '@/lib/limits/policies';

const LIMIT = 'LIMIT_REQUESTS_PER_ADDRESS' satisfies LimitName;

/**
 * How many addresses to remember, in about 6 MB. The least recently seen leave first, so an address that floods the
 * server stays.
 */
const MAX_ADDRESSES = 10_000;

/** Counts all requests of each client address, in this process. */
export interface FloodShield {
  /** @returns milliseconds until the address may send another request; 0 admits this one */
  take(address: string): Promise<number>;
}

/** @param limits all configured limits; the shield picks its own */
export function createFloodShield(limits: readonly Limit[]): FloodShield {
  const limit = limits.find(({ name }) => name === LIMIT);
  if (!limit) throw new Error(`${LIMIT} is missing.`);
  const limiter = new RateLimiterMemory({ keyPrefix: '', points: limit.points, duration: limit.windowMs / 1000 });
  // The library's in-memory limiter has no bound of its own.
  const seen = new LRUCache<string, true>({
    max: MAX_ADDRESSES,
    dispose: (_, address) => void limiter.delete(address),
    noDisposeOnSet: true,
  });
  return {
    take(address) {
      seen.set(address, true);
      return limiter.consume(address).then(
        () => 0,
        ({ msBeforeNext }: RateLimiterRes) => Math.max(1, msBeforeNext),
      );
    },
  };
}

/**
 * Refuses requests from an address that sends too many, with RATE_LIMITED and before a request costs anything. Every
 * API route lists it after `sameOrigin`, so that another site cannot make visitors' browsers use up the budget of their
 * address. Each process counts for itself, because the shield protects the process and is not a quota. Programs with a
 * key pass, because all their users come from one address.
 */
export const floodShield: Guard = async ({ services, caller }) => {
  if (caller.program) return;
  const waitMs = await services.floodShield.take(caller.address);
  if (waitMs > 0) throw new AppError('RATE_LIMITED', { retryAfterSeconds: Math.ceil(waitMs / 1000), limit: LIMIT });
};
