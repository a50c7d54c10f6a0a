/** Keeps the guard's state in a real Redis, whose scripts get simulated time instead of the server's. */
import { once } from 'node:events';
import { makePrivacyKey } from '@/lib/config/keys';
import { createPrivacy } from '@/lib/privacy';
import { createRedisStores } from '@/lib/store/redis/redis-stores';
import { SCRIPTS } from '@/lib/store/redis/scripts';
import type { OpenStores } from './ours';

const CLOCK_KEY = 'simulated-time';
const SERVER_TIME = "redis.call('TIME')";
/** Seconds and microseconds, in the server's form. */
const SIMULATED_TIME = `(function()
  local now = tonumber(redis.call('GET', '${CLOCK_KEY}'))
  return {math.floor(now / 1000), now % 1000 * 1000}
end)()`;

/** The longest wait for a command: the simulation keeps Redis busier than any service does. */
const PATIENCE_MS = 10_000;

/** @param url of a Redis, whose current database is emptied first */
export const openRedis =
  (url: string): OpenStores =>
  async ({ maxAttempts, now }) => {
    const stores = createRedisStores({
      url,
      maxAttempts,
      privacy: createPrivacy([makePrivacyKey()]),
      commandTimeoutMs: PATIENCE_MS,
      onConnection: () => undefined,
    });
    const { redis, limits, verifications, close } = stores;
    if (redis.status !== 'ready') await once(redis, 'ready');
    await redis.flushdb();
    const define = redis.defineCommand.bind(redis);
    redis.defineCommand = (name, { lua, ...options }) =>
      define(name, { ...options, lua: lua.replaceAll(SERVER_TIME, SIMULATED_TIME) });
    // Patches the commands that exist already. Others follow when they are first used.
    for (const [name, lua] of Object.entries(SCRIPTS)) redis.defineCommand(name, { numberOfKeys: 1, lua });
    let told = 0;
    return {
      limits,
      verifications,
      async setClock() {
        const time = Math.floor(now());
        if (time === told) return;
        told = time;
        await redis.set(CLOCK_KEY, time);
      },
      async close() {
        await redis.flushdb();
        close();
      },
    };
  };
