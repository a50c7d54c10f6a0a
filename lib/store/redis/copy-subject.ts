import type { Privacy } from '@/lib/privacy';
import type { Scope } from '@/lib/store/verifications';
import type { Connection } from './connection';
import { SUBJECT_KEYS, scopeSuffix, subjectTag } from './keys';

/** Copies one key, with its lifetime, to a place that is still empty. */
async function copy({ redis }: Connection, from: string, to: string): Promise<void> {
  const [value, ttlMs, exists] = await Promise.all([redis.dumpBuffer(from), redis.pttl(from), redis.exists(to)]);
  if (value === null || ttlMs <= 0 || exists === 1) return;
  await redis.restore(to, ttlMs, value).catch((error: Error) => {
    if (!error.message.startsWith('BUSYKEY')) throw error;
  });
}

/**
 * During a change of the privacy key, copies a subject's data from an older pseudonym to the newest one. The data stays
 * under the older one, where instances that do not know the newest key still look.
 */
export async function copySubject(
  connection: Connection,
  privacy: Privacy,
  subject: string,
  scope: Scope,
): Promise<void> {
  const [newest = '', ...older] = privacy.pseudonyms('number', subject).map(subjectTag);
  const suffixes = new Set([SUBJECT_KEYS.strangers, SUBJECT_KEYS.allDevices, SUBJECT_KEYS.erased, scopeSuffix(scope)]);
  const copies = older.flatMap((tag) => [...suffixes].map((suffix) => copy(connection, tag + suffix, newest + suffix)));
  await connection.orUnavailable(Promise.all(copies));
}
