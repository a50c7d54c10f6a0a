import type { Cluster, Redis } from 'ioredis';
import type { Privacy } from '@/lib/privacy';
import { PREFIX } from './keys';

/**
 * A hash that never expires. Each field is the pseudonym of an entry. Its value, encrypted, is the entry itself,
 * followed by the entry's pseudonyms under older keys if it was copied during a change of the privacy key.
 */
export const BLOCKED_KEY = `${PREFIX}blocked`;

const PLACE = 'blocked numbers';

/** The content of the hash. */
export interface OpenedEntries {
  readonly entries: readonly string[];
  /** Entries encrypted under missing keys and not stored under a present one. */
  readonly unreadable: number;
}

/** @param held the hash */
export function openBlockedNumbers(held: Readonly<Record<string, string>>, privacy: Privacy): OpenedEntries {
  const opened = Object.entries(held).map(([name, sealed]) => ({ name, text: privacy.open(sealed, PLACE) }));
  const readable = opened.flatMap(({ text }) => (text === undefined ? [] : [text.split(' ')]));
  const copied = new Set(readable.flatMap(([, ...older]) => older));
  return {
    entries: [...new Set(readable.map(([entry = '']) => entry))],
    unreadable: opened.filter(({ name, text }) => text === undefined && !copied.has(name)).length,
  };
}

/** Numbers, and prefixes of numbers, that operators blocked while the service runs. */
export interface BlockedNumbers {
  read(): Promise<readonly string[]>;
  /** @returns how many of them were not blocked before */
  add(entries: readonly string[]): Promise<number>;
  /** @returns how many of them were blocked */
  remove(entries: readonly string[]): Promise<number>;
}

/**
 * {@link BlockedNumbers} in Redis. A whole number is personal data, so nobody can read it there without a privacy key.
 * Operations throw if Redis does not answer.
 */
export function createBlockedNumbers(redis: Redis | Cluster, privacy: Privacy): BlockedNumbers {
  const namesOf = (entry: string) => privacy.pseudonyms('number', entry);
  const isChangingKey = privacy.keyIds.length > 1;

  /**
   * During a change of the privacy key, also stores entries under the newest one. They stay under the older one, where
   * instances that do not know the newest key still look.
   */
  async function copyToNewest(entries: readonly string[], known: ReadonlySet<string>): Promise<void> {
    for (const entry of entries) {
      const [newest = '', ...older] = namesOf(entry);
      if (!known.has(newest)) await redis.hsetnx(BLOCKED_KEY, newest, privacy.seal([entry, ...older].join(' '), PLACE));
    }
  }

  return {
    async read() {
      const sealed = await redis.hgetall(BLOCKED_KEY);
      const { entries } = openBlockedNumbers(sealed, privacy);
      if (isChangingKey) await copyToNewest(entries, new Set(Object.keys(sealed)));
      return entries;
    },
    async add(entries) {
      let added = 0;
      for (const entry of entries) {
        const names = namesOf(entry);
        const known = await redis.hmget(BLOCKED_KEY, ...names);
        await redis.hset(BLOCKED_KEY, names[0] ?? '', privacy.seal(entry, PLACE));
        if (known.every((value) => value === null)) added += 1;
      }
      return added;
    },
    async remove(entries) {
      let removed = 0;
      for (const entry of entries) {
        const names = namesOf(entry);
        const held = await redis.hmget(BLOCKED_KEY, ...names);
        const older = held.flatMap((sealed) => (sealed && privacy.open(sealed, PLACE)?.split(' ').slice(1)) || []);
        if ((await redis.hdel(BLOCKED_KEY, ...names, ...older)) > 0) removed += 1;
      }
      return removed;
    },
  };
}
