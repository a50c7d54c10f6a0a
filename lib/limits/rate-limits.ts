import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '@/lib/errors';
import type { Privacy } from '@/lib/privacy';
import type { Limit, LimitKey, LimitName } from './policies';

/** Whom a request is counted for, by each key. */
export type Subject = Readonly<Record<Exclude<LimitKey, 'number'>, string>>;

/** What was taken of the limits for one request. */
export interface Admission {
  /** Milliseconds until every limit that refused has room again; 0 where the request may go on. */
  readonly waitMs: number;
  /** The limit that makes it wait longest; undefined where none refused. */
  readonly refusedBy: LimitName | undefined;
  /** Undoes it, without waiting for the store: what another limit refuses uses up nothing of these. */
  readonly giveBack: () => void;
}

/** The limits by client address and for everyone. */
export interface RateLimits {
  /**
   * Takes one of every limit of the kind. Where one of them refuses, give it all back.
   * @throws {AppError} STORE_UNAVAILABLE: without the store nothing is let through
   */
  admit(counts: Limit['counts'], subject: Subject): Promise<Admission>;
  /** How much of each limit for everyone is used in its current window, as this process last saw it: 0 to 1 and more. */
  usedForEveryone(): Readonly<Record<string, number>>;
}

/** Addresses that one limit remembers in memory; the least recently seen go first. */
const MAX_KEYS = 100_000;

interface Limiter {
  consume(key: string): Promise<RateLimiterRes>;
  reward(key: string): Promise<unknown>;
}

function inMemory({ points, windowMs }: Limit): Limiter {
  const limiter = new RateLimiterMemory({ points, duration: windowMs / 1000 });
  // The library's memory has no bound of its own.
  const seen = new LRUCache<string, true>({ max: MAX_KEYS, dispose: (_, key) => void limiter.delete(key) });
  return {
    consume(key) {
      seen.set(key, true, { noDisposeOnSet: true });
      return limiter.consume(key);
    },
    reward: (key) => limiter.reward(key),
  };
}

/** Where to count for all instances, and what addresses are hidden with there. */
export interface SharedCounters {
  readonly redis: Redis;
  readonly privacy: Privacy;
}

function inRedis({ name, points, windowMs }: Limit, { redis, privacy }: SharedCounters): Limiter {
  const limiter = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: `phone-verification:r:${name}`,
    points,
    duration: Math.ceil(windowMs / 1000),
    rejectIfRedisNotReady: true,
  });
  const hidden = (key: string) => privacy.pseudonym('address', key);
  return {
    consume: (key) => limiter.consume(hidden(key)),
    reward: (key) => limiter.reward(hidden(key)),
  };
}

/** One of a limit, taken or refused. */
interface Taken {
  /** 0 where it was not refused. */
  readonly waitMs: number;
  /** Epoch milliseconds. */
  readonly windowEndsAt: number;
  /** In the window so far, this one included. */
  readonly consumed: number;
}

/** Takes one of a limit, and tells the wait in milliseconds where it refuses. Being refused is a value; only a store that does not answer is an error. */
async function take(limiter: Limiter, key: string): Promise<Taken> {
  try {
    const { msBeforeNext, consumedPoints: consumed } = await limiter.consume(key);
    return { waitMs: 0, windowEndsAt: Date.now() + msBeforeNext, consumed };
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) {
      const waitMs = Math.max(1, refusal.msBeforeNext);
      return { waitMs, windowEndsAt: Date.now() + waitMs, consumed: refusal.consumedPoints };
    }
    throw new AppError('STORE_UNAVAILABLE', { cause: { store: 'redis', fault: 'rate limit' } });
  }
}

/** @param shared without it this process counts for itself */
export function createRateLimits(limits: readonly Limit[], shared?: SharedCounters): RateLimits {
  const limiters = limits.flatMap(({ key, ...limit }) =>
    key === 'number'
      ? []
      : [{ ...limit, key, limiter: shared ? inRedis({ ...limit, key }, shared) : inMemory({ ...limit, key }) }],
  );

  const seen = new Map<LimitName, { ratio: number; windowEndsAt: number }>();

  return {
    async admit(counts, subject) {
      const asked = limiters.filter((limit) => limit.counts === counts);
      const results = await Promise.all(asked.map(({ limiter, key }) => take(limiter, subject[key])));
      const waitMs = Math.max(0, ...results.map((result) => result.waitMs));
      for (const [i, { name, key, points }] of asked.entries()) {
        const { consumed = 0, windowEndsAt = 0 } = results[i] ?? {};
        if (key === 'everyone') seen.set(name, { ratio: consumed / points, windowEndsAt });
      }
      return {
        waitMs,
        refusedBy: waitMs > 0 ? asked[results.findIndex((result) => result.waitMs === waitMs)]?.name : undefined,
        // The library counts what it refuses, too.
        giveBack() {
          // Into a window that has ended meanwhile nothing is given back: it would be credit in the next one.
          for (const [i, { limiter, key }] of asked.entries()) {
            if (Date.now() < (results[i]?.windowEndsAt ?? 0)) limiter.reward(subject[key]).catch(() => undefined);
          }
        },
      };
    },

    usedForEveryone() {
      const names = limiters.filter(({ key }) => key === 'everyone').map(({ name }) => name);
      const used = (name: LimitName) => {
        const { ratio, windowEndsAt } = seen.get(name) ?? { ratio: 0, windowEndsAt: 0 };
        return Date.now() < windowEndsAt ? ratio : 0;
      };
      return Object.fromEntries(names.map((name) => [name, used(name)]));
    },
  };
}
