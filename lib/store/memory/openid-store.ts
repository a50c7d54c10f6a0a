import type { OpenIdStore } from '@/lib/store/openid';
import { assertRoom, type MemoryState } from './state';

/** {@link OpenIdStore} in this process. */
export const createMemoryOpenIdStore = ({ openid, now }: MemoryState): OpenIdStore => ({
  async put(key, value, ttlMs) {
    assertRoom(openid, key);
    openid.set(key, { value, isConsumed: false }, now() + ttlMs);
  },
  async find(key) {
    return openid.get(key);
  },
  async consume(key) {
    const entry = openid.get(key);
    if (!entry || entry.isConsumed) return false;
    openid.set(key, { ...entry, isConsumed: true }, openid.endsAt(key));
    return true;
  },
  async remove(key) {
    openid.delete(key);
  },
});
