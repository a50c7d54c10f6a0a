import type { OpenIdStore } from '@/lib/store/openid';
import type { Connection } from './connection';
import { KEYS } from './keys';

const idOf = (key: string) => KEYS.openid + key;

/** {@link OpenIdStore} in Redis. An entry is a hash: v the encrypted value, c whether it is consumed. */
export const createRedisOpenIdStore = ({ redis, run, orUnavailable }: Connection): OpenIdStore => ({
  async put(key, value, ttlMs) {
    await run('putOpenId', idOf(key), value, ttlMs);
  },
  async find(key) {
    const [value, consumed] = await orUnavailable(redis.hmget(idOf(key), 'v', 'c'));
    return value ? { value, isConsumed: consumed === '1' } : undefined;
  },
  async consume(key) {
    return (await run('consumeOpenId', idOf(key))) === 1;
  },
  async remove(key) {
    await orUnavailable(redis.del(idOf(key)));
  },
});
