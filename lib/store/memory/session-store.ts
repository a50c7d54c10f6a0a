import type { SessionStore } from '@/lib/store/sessions';
import type { MemoryState } from './state';

/** {@link SessionStore} in this process. */
export const createMemorySessionStore = ({ sessions, now }: MemoryState): SessionStore => ({
  async open({ key, proof, ttlMs, replaces }) {
    if (replaces !== undefined) sessions.delete(replaces);
    sessions.set(key, proof, now() + ttlMs);
  },
  async find(key) {
    return sessions.get(key);
  },
  async end(key) {
    sessions.delete(key);
  },
});
