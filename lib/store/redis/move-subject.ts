import type { Privacy } from '@/lib/privacy';
import type { Scope } from '@/lib/store/verifications';
import type { Connection } from './connection';
import { SUBJECT_KEYS, scopeSuffix, subjectTag } from './keys';

/** Moves one key, with its lifetime. What was written to it meanwhile is not lost: it stays, and moves the next time. */
async function move({ redis, run }: Connection, from: string, to: string): Promise<void> {
  const [value, ttlMs] = await Promise.all([redis.dumpBuffer(from), redis.pttl(from)]);
  if (value === null || ttlMs <= 0) return;
  try {
    await redis.restore(to, ttlMs, value);
  } catch (error) {
    // What is there already is newer.
    if (error instanceof Error && error.message.startsWith('BUSYKEY')) return;
    throw error;
  }
  await run('deleteUnchanged', from, value);
}

/**
 * While the privacy key is being changed: brings what is kept on a subject under its newest pseudonym. Keys of two
 * pseudonyms may be on two nodes of a cluster, so no script can do it.
 */
export async function moveSubject(
  connection: Connection,
  privacy: Privacy,
  subject: string,
  scope: Scope,
): Promise<void> {
  const [newest = '', ...older] = privacy.pseudonyms('number', subject).map(subjectTag);
  const suffixes = new Set([SUBJECT_KEYS.strangers, SUBJECT_KEYS.erased, scopeSuffix(scope)]);
  const moves = older.flatMap((tag) => [...suffixes].map((suffix) => move(connection, tag + suffix, newest + suffix)));
  await connection.orUnavailable(Promise.all(moves));
}
