import { z } from 'zod';
import { AppError } from '@/lib/errors';
import type { Privacy } from '@/lib/privacy';
import type { Standing, VerificationRecord, VerificationStore } from '@/lib/store/verifications';
import type { Connection } from './connection';
import { copySubject } from './copy-subject';
import { KEYS, subjectKey } from './keys';
import { openContent, openRecord, recordReply, sealContent } from './sealed-record';

/** How often, at most, instances with different newest privacy keys may take a verification from each other. */
const MAX_REKEYS = 3;
/** How long the store remembers that a privacy key was in use. */
export const PRIVACY_KEY_MARK_MS = 365 * 24 * 60 * 60_000;

const standingReply = z.object({ waitMs: z.number(), messages: z.number() });
const foundReply = z.object({ record: recordReply, keyId: z.string(), standing: standingReply.optional() }).nullable();

/** The parts of this store that the other stores in Redis need. */
export interface RedisVerificationStore extends VerificationStore {
  /** Finds a verification, and moves it to our newest privacy key; undefined if there is none that we can open. */
  load(key: string): Promise<VerificationRecord | undefined>;
}

/**
 * {@link VerificationStore} in Redis.
 * @param isStepwise whether one step cannot reach the keys of both a verification and its subject
 * @param maxAttempts the most attempts on a challenge
 */
export function createRedisVerificationStore(
  connection: Connection,
  privacy: Privacy,
  isStepwise: boolean,
  maxAttempts: number,
): RedisVerificationStore {
  const { redis, run, ask, orUnavailable } = connection;
  const [keyId] = privacy.keyIds;
  const idOf = (key: string) => KEYS.verification + key;
  const pseudonym = (subject: string) => privacy.pseudonym('number', subject);

  /** Moves a verification to our newest privacy key; false if its own key is gone. */
  async function rekey(key: string, sealed: string): Promise<boolean> {
    const content = openContent(privacy, key, sealed);
    if (!content) return false;
    const { subject } = content;
    await run('rekeyVerification', idOf(key), sealed, pseudonym(subject), keyId, sealContent(privacy, key, content));
    return true;
  }

  /** @param withStanding true only if the same step can reach the subject */
  async function find(key: string, withStanding: boolean) {
    for (let rekeys = 0; rekeys < MAX_REKEYS; rekeys += 1) {
      const found = await ask(foundReply, 'findVerification', idOf(key), withStanding ? 1 : 0);
      if (!found) return undefined;
      if (found.keyId === keyId) {
        const record = openRecord(privacy, key, found.record);
        return record && { record, standing: found.standing };
      }
      if (!(await rekey(key, found.record.sealed))) return undefined;
    }
    throw new AppError('STORE_UNAVAILABLE', { cause: { store: 'redis', fault: 'privacy keys' } });
  }

  async function standingOf({ subject, scope }: VerificationRecord): Promise<Standing> {
    if (privacy.keyIds.length > 1) await copySubject(connection, privacy, subject, scope);
    return ask(standingReply, 'standingOfSubject', subjectKey(pseudonym(subject), scope));
  }

  return {
    async create(key, { subject, method, methodState, scope, destination, context, challenge, ttlMs }) {
      const sealed = sealContent(privacy, key, { subject, methodState, context });
      const mark = [isStepwise ? '' : KEYS.privacyKey + keyId, PRIVACY_KEY_MARK_MS];
      await Promise.all([
        run(
          'createVerification',
          idOf(key),
          pseudonym(subject),
          keyId,
          sealed,
          method,
          scope,
          challenge,
          ttlMs,
          ...mark,
          destination ? JSON.stringify(destination) : '',
        ),
        isStepwise && orUnavailable(redis.set(KEYS.privacyKey + keyId, '1', 'PX', PRIVACY_KEY_MARK_MS)),
      ]);
    },

    async find(key) {
      const found = await find(key, !isStepwise);
      return found && { ...found.record, ...(found.standing ?? (await standingOf(found.record))) };
    },

    load: async (key) => (await find(key, false))?.record,

    async remove(key) {
      await orUnavailable(redis.del(idOf(key)));
    },

    async settleAttempt(key, challenge, outcome) {
      const remaining = outcome.kind === 'wrong' ? (outcome.attemptsRemaining ?? '') : '';
      const used = Number(await run('settleAttempt', idOf(key), challenge, outcome.kind, maxAttempts, remaining));
      return used < 0 ? undefined : used;
    },

    async replaceChallenge(key, before, { method, methodState, challenge, ttlMs }) {
      const { subject, context, challenge: previous } = before;
      const sealed = sealContent(privacy, key, { subject, methodState, context });
      return (await run('replaceChallenge', idOf(key), previous, method, sealed, challenge, ttlMs)) === 1;
    },
  };
}
