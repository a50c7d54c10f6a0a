import { AppError } from '@/lib/errors';
import type { OpenIdStore } from '@/lib/store/openid';
import type { Connection } from './connection';
import { KEYS } from './keys';

/**
 * The most logins and pushed requests at a time. They take about 100 MB, and ten times as much if all are as large as
 * they can be.
 */
const MOST_BEGINNINGS = 50_000;

const idOf = (key: string) => KEYS.openid + key;

/**
 * {@link OpenIdStore} in Redis. An entry is a hash: v the encrypted value, c whether it is consumed. A sorted set has
 * the keys of logins and pushed requests, ordered by when they end.
 * @param most the most logins and pushed requests at a time
 */
export function createRedisOpenIdStore({ redis, run, orUnavailable }: Connection, most = MOST_BEGINNINGS): OpenIdStore {
  async function put(key: string, value: string, ttlMs: number): Promise<void> {
    await run('putOpenId', idOf(key), value, ttlMs);
  }
  const drop = (key: string) => orUnavailable(redis.del(idOf(key)));
  return {
    put,
    async begin(key, value, ttlMs) {
      // Run both at once: they may be on different nodes, and together should cost one wait.
      const [admitted] = await Promise.all([run('admitLogin', KEYS.logins, key, ttlMs, most), put(key, value, ttlMs)]);
      if (admitted === 1) return;
      await drop(key);
      throw new AppError('STORE_UNAVAILABLE', { cause: { store: 'redis', fault: 'too many logins' } });
    },
    async find(key) {
      const [value, consumed] = await orUnavailable(redis.hmget(idOf(key), 'v', 'c'));
      return value ? { value, isConsumed: consumed === '1' } : undefined;
    },
    async consume(key) {
      return (await run('consumeOpenId', idOf(key))) === 1;
    },
    async remove(key) {
      await Promise.all([drop(key), orUnavailable(redis.zrem(KEYS.logins, key))]);
    },
  };
}
