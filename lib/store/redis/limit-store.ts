import { z } from 'zod';
import type { Privacy } from '@/lib/privacy';
import type { Demand, Held, LimitStore } from '@/lib/store/limits';
import { type Ask, asksOf } from './asks';
import type { Connection } from './connection';
import { allDevicesKey, KEYS, SUBJECT_KEYS, subjectKey, subjectTag } from './keys';
import { reserveReply, toGranted, toRefusal } from './reserve-reply';
import { scanKeys } from './scan-keys';
import type { Stepwise } from './stepwise';

/** Keys of a subject that hold no wrong codes of a scope. */
const OTHER_KEYS = [SUBJECT_KEYS.erased, SUBJECT_KEYS.allDevices, SUBJECT_KEYS.pass];

const standingReply = z.object({ waitMs: z.number(), messages: z.number() });

/**
 * {@link LimitStore} in Redis.
 * @param stepwise used if one script cannot reach all keys of a reservation
 */
export function createRedisLimitStore(
  connection: Connection,
  privacy: Privacy,
  stepwise: Stepwise | undefined,
): LimitStore {
  const { ask, run, scriptFor, redis, orUnavailable } = connection;
  /**
   * The subject's pseudonyms, the newest first. There is more than one only during a change of the privacy key, and
   * then all count.
   */
  const pseudonymsOf = ({ subject }: Held) => privacy.pseudonyms('number', subject);

  function asked(demand: Demand, held?: Held): [key: string, json: string] {
    const { address, network, clientCredit, verification, program, subject } = asksOf(privacy, demand, held);
    const { token, method, about, terms, pass } = demand;
    const ask: Ask = {
      token,
      method: held?.method ?? method,
      shared: [address, network],
      ...(program && { program }),
      everyone: { key: KEYS.everyone },
      ...(verification && { verification }),
      subject,
      // An attempt takes no credit.
      ...(terms.message && clientCredit && { credit: { ...clientCredit, isOfDestination: true } }),
      destination: held?.destination ?? ('subject' in about ? about.destination : undefined),
      pass,
      ...(held && { taken: held.taken, isNewCountry: held.isNewCountry, takenAt: held.takenAt }),
    };
    return [address.key, JSON.stringify(ask)];
  }

  return {
    async reserve(demand) {
      if (stepwise) return stepwise.reserve(demand);
      const [key, json] = asked(demand);
      try {
        const reply = await ask(reserveReply, scriptFor('reserve', demand.terms), key, json);
        if (reply.kind !== 'granted') return toRefusal(privacy, demand, reply);
        const granted = toGranted(privacy, demand, reply);
        if (granted) return granted;
        await run(scriptFor('release', demand.terms), key, json);
        return { kind: 'missing' };
      } catch (error) {
        // Redis may have been frozen and may carry the command out later. The command that undoes it follows on the
        // same connection, so that nobody has to wait for the reservation to lapse.
        run(scriptFor('release', demand.terms), key, json).catch(() => undefined);
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
      const { demand, scope, method, destination } = held;
      const isStranger = scope === 'strangers';
      const { clientCredit } = asksOf(privacy, demand);
      const isRefilled = destination !== undefined && clientCredit !== undefined;
      const commit = (pseudonym: string) =>
        run(
          scriptFor('commitSuccess', demand.terms),
          subjectKey(pseudonym, scope),
          JSON.stringify({
            ...(isStranger
              ? { network: privacy.pseudonym('address', demand.network) }
              : { devices: allDevicesKey(pseudonym) }),
            ...(isRefilled &&
              !stepwise && { credit: { ...clientCredit, isOfDestination: true, isStranger }, destination, method }),
          }),
        );
      await Promise.all([...pseudonymsOf(held).map(commit), isRefilled && stepwise?.refill(held)]);
    },

    async release(held) {
      if (stepwise) return stepwise.release(held);
      await run(scriptFor('release', held.demand.terms), ...asked(held.demand, held));
    },

    async unlock(subject) {
      const tags = privacy.pseudonyms('number', subject).map(subjectTag);
      const keys = (await Promise.all(tags.map((tag) => scanKeys(redis, `${tag}:*`)))).flat();
      const scopes = keys.filter((key) => !OTHER_KEYS.some((part) => key.includes(`}${part}`)));
      await orUnavailable(
        Promise.all([
          ...scopes.map((key) => redis.hdel(key, 'w', 'l', 'u', 'f')),
          ...tags.map((tag) => redis.del(tag + SUBJECT_KEYS.allDevices)),
        ]),
      );
    },
  };
}
