import { z } from 'zod';
import type { Privacy } from '@/lib/privacy';
import type { Demand, Held, LimitStore } from '@/lib/store/limits';
import { asksOf } from './asks';
import type { Connection } from './connection';
import { allDevicesKey, SUBJECT_KEYS, subjectKey, subjectTag } from './keys';
import { reserveReply, toGranted, toRefusal } from './reserve-reply';
import { scanKeys } from './scan-keys';
import type { Stepwise } from './stepwise';

const standingReply = z.object({ waitMs: z.number(), messages: z.number() });

/**
 * {@link LimitStore} in Redis.
 * @param stepwise where keys of one reservation are not in reach of one script
 */
export function createRedisLimitStore(
  connection: Connection,
  privacy: Privacy,
  stepwise: Stepwise | undefined,
): LimitStore {
  const { ask, run, redis, orUnavailable } = connection;
  /** The newest first; more than one only while the privacy key is being changed, and then all count. */
  const pseudonymsOf = ({ subject }: Held) => privacy.pseudonyms('number', subject);

  function asked(demand: Demand, held?: Held): [key: string, json: string] {
    const { address, network, everyone, verification, subject } = asksOf(privacy, demand, held);
    const { token, method } = demand;
    const json = { token, method: held?.method ?? method, shared: [address, network, everyone], verification, subject };
    return [address.key, JSON.stringify(json)];
  }

  return {
    async reserve(demand) {
      if (stepwise) return stepwise.reserve(demand);
      const [key, json] = asked(demand);
      try {
        const reply = await ask(reserveReply, 'reserve', key, json);
        if (reply.kind !== 'granted') return toRefusal(privacy, demand, reply);
        const granted = toGranted(privacy, demand, reply);
        if (granted) return granted;
        await run('release', key, json);
        return { kind: 'missing' };
      } catch (error) {
        // What was not answered in time may be carried out later, by a Redis that was frozen. What undoes it goes out behind it on
        // the same connection, so that nobody has to wait for it to lapse.
        run('release', key, json).catch(() => undefined);
        throw error;
      }
    },

    async commitMessage(held) {
      const keys = pseudonymsOf(held).map((pseudonym) => subjectKey(pseudonym, held.scope));
      const commit = (key: string) => ask(standingReply, 'commitMessage', key, held.demand.token);
      const [newest = { waitMs: 0, messages: 0 }] = await Promise.all(keys.map(commit));
      return newest;
    },

    async commitSuccess(held) {
      const { deviceLock } = held.demand.terms;
      const commit = (pseudonym: string) => {
        const devices = held.scope === 'strangers' ? '' : allDevicesKey(pseudonym);
        return run('commitSuccess', subjectKey(pseudonym, held.scope), devices, JSON.stringify(deviceLock));
      };
      await Promise.all(pseudonymsOf(held).map(commit));
    },

    async release(held) {
      if (stepwise) return stepwise.release(held);
      await run('release', ...asked(held.demand, held));
    },

    async unlock(subject) {
      const tags = privacy.pseudonyms('number', subject).map(subjectTag);
      const keys = (await Promise.all(tags.map((tag) => scanKeys(redis, `${tag}:*`)))).flat();
      const scopes = keys.filter((key) => !key.endsWith(SUBJECT_KEYS.erased) && !key.endsWith(SUBJECT_KEYS.allDevices));
      await orUnavailable(
        Promise.all([
          ...scopes.map((key) => redis.hdel(key, 'w', 'l', 'u', 'f')),
          ...tags.map((tag) => redis.del(tag + SUBJECT_KEYS.allDevices)),
        ]),
      );
    },
  };
}
