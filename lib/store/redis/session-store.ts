import type { Privacy } from '@/lib/privacy';
import type { SessionStore } from '@/lib/store/sessions';
import type { Connection } from './connection';
import { KEYS } from './keys';

const placeOf = (key: string) => `proof of ${key}`;

/** {@link SessionStore} in Redis. A session is a hash: n the subject's pseudonym, s the encrypted proof. */
export const createRedisSessionStore = ({ redis, run, orUnavailable }: Connection, privacy: Privacy): SessionStore => ({
  async open({ key, subject, proof, ttlMs, replaces }) {
    const id = KEYS.session + key;
    const opening = run(
      'openSession',
      id,
      privacy.pseudonym('number', subject),
      privacy.seal(proof, placeOf(key)),
      ttlMs,
    );
    await Promise.all([opening, replaces !== undefined && orUnavailable(redis.del(KEYS.session + replaces))]);
  },

  async find(key) {
    const sealed = await orUnavailable(redis.hget(KEYS.session + key, 's'));
    return sealed === null ? undefined : privacy.open(sealed, placeOf(key));
  },

  async end(key) {
    await orUnavailable(redis.del(KEYS.session + key));
  },
});
