import type { Redis } from 'ioredis';
import type { Privacy } from '@/lib/privacy';
import { KEYS, PREFIX } from './redis-scripts';

/** One entry that Redis holds on a number. */
export interface HeldEntry {
  readonly what: 'verification' | 'session' | 'waits' | 'wrong codes' | 'limit';
  /** Fields that are not sealed, with names of our own; times in RFC 3339. */
  readonly values: Readonly<Record<string, string | number>>;
  /** When it goes by itself. */
  readonly heldUntil: string;
}

/** All that Redis holds on a number, in answer to whom it belongs to. */
export interface HeldData {
  readonly phoneNumber: string;
  /** As keys in Redis and lines in logs know the number, the newest first. */
  readonly pseudonyms: readonly string[];
  readonly entries: readonly HeldEntry[];
}

const SCAN_COUNT = 500;

const time = (epochMs: string | undefined) => new Date(Number(epochMs)).toISOString();
const count = (value: string | undefined) => Number(value ?? 0);

type Fields = Readonly<Record<string, string>>;

/** What each kind of entry says. */
const KINDS: ReadonlyArray<{
  readonly prefix: string;
  readonly what: HeldEntry['what'];
  readonly read: (fields: Fields) => HeldEntry['values'];
}> = [
  {
    prefix: KEYS.verification,
    what: 'verification',
    read: ({ c = '', a, x }) => ({ channel: c, attemptsUsed: count(a), codeExpiresAt: time(x) }),
  },
  { prefix: KEYS.session, what: 'session', read: () => ({}) },
  {
    prefix: KEYS.number,
    what: 'waits',
    read: ({ c, x }) => ({ messages: count(c), nextMessageAt: time(x) }),
  },
  {
    prefix: KEYS.wrongCodes,
    what: 'wrong codes',
    read: ({ c, l, u }) => ({
      wrongCodes: count(c),
      locks: count(l),
      ...(u !== undefined && { lockedUntil: u === '-1' ? 'an operator lifts it' : time(u) }),
    }),
  },
];

/** Whom an entry is about: its key says so, or for one with a key of its own a field. */
async function ownersOf(redis: Redis, key: string): Promise<readonly string[]> {
  const hasField = key.startsWith(KEYS.verification) || key.startsWith(KEYS.session);
  return hasField ? ((await redis.hget(key, 'n')) ?? '').split(' ') : [key.slice(key.lastIndexOf(':') + 1)];
}

/** Goes through all keys: data on a number is rarely asked for, and an index would be work for every request. */
async function keysOf(redis: Redis, pseudonyms: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for await (const batch of redis.scanStream({ match: `${PREFIX}*`, count: SCAN_COUNT }) as AsyncIterable<string[]>) {
    const owners = await Promise.all(batch.map((key) => ownersOf(redis, key)));
    for (const [i, key] of batch.entries()) {
      if (owners[i]?.some((owner) => pseudonyms.includes(owner))) found.add(key);
    }
  }
  return [...found];
}

async function readEntry(redis: Redis, key: string): Promise<HeldEntry | undefined> {
  const kind = KINDS.find(({ prefix }) => key.startsWith(prefix));
  const ttl = await redis.pttl(key);
  if (ttl < 0) return undefined;
  const heldUntil = time(String(Date.now() + ttl));
  if (kind) return { what: kind.what, values: kind.read(await redis.hgetall(key)), heldUntil };
  const [name = ''] = key.slice(KEYS.allowance.length).split(':');
  return { what: 'limit', values: { name, used: count((await redis.get(key)) ?? undefined) }, heldUntil };
}

/**
 * Finds what Redis holds on a number. Infobip's pinIds and proofs are left out: they open doors and tell nothing.
 * @param phoneNumber E.164
 */
export async function findHeldData(redis: Redis, privacy: Privacy, phoneNumber: string): Promise<HeldData> {
  const pseudonyms = privacy.pseudonyms('number', phoneNumber);
  const keys = await keysOf(redis, pseudonyms);
  const entries = await Promise.all(keys.map((key) => readEntry(redis, key)));
  return { phoneNumber, pseudonyms, entries: entries.filter((entry) => entry !== undefined) };
}

/**
 * Removes what Redis holds on a number. Its verifications and sessions end.
 * @param phoneNumber E.164
 * @returns how many entries were removed
 */
export async function eraseHeldData(redis: Redis, privacy: Privacy, phoneNumber: string): Promise<number> {
  const keys = await keysOf(redis, privacy.pseudonyms('number', phoneNumber));
  return keys.length === 0 ? 0 : redis.del(keys);
}
