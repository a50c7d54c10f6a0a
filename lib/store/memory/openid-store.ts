import type { OpenIdStore } from '@/lib/store/openid';
import { assertRoom, type MemoryState } from './state';

/** The share of the entries that may begin logins. The rest is for the grants, codes and tokens of logins that end. */
const SHARE_OF_BEGINNINGS = 1 / 2;

/** {@link OpenIdStore} in this process. */
export function createMemoryOpenIdStore({ openid, now }: MemoryState): OpenIdStore {
  function add(key: string, value: string, ttlMs: number, share?: number): void {
    assertRoom(openid, key, share);
    openid.set(key, { value, isConsumed: false }, now() + ttlMs);
  }
  return {
    async begin(key, value, ttlMs) {
      add(key, value, ttlMs, SHARE_OF_BEGINNINGS);
    },
    async put(key, value, ttlMs) {
      add(key, value, ttlMs);
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
  };
}
