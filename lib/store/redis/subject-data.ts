import type { Cluster, Redis } from 'ioredis';
import type { Privacy } from '@/lib/privacy';
import type { HeldEntry, SubjectData } from '@/lib/store/subject-data';
import type { Destination } from '@/lib/store/verifications';
import { BLOCKED_KEY } from './blocked-numbers';
import { KEYS, PREFIX, SUBJECT_KEYS, subjectTag } from './keys';
import { scanKeys } from './scan-keys';

/** How long the mark of an erasure stays: as long as a device cookie may live. */
const ERASED_MS = 365 * 24 * 60 * 60_000;

const time = (epochMs: string | number | undefined) => new Date(Number(epochMs)).toISOString();
const count = (value: string | undefined) => Number(value ?? 0);

/** The scope whose counts a subject's key contains. */
const WHO = [
  [SUBJECT_KEYS.device, 'a device'],
  [SUBJECT_KEYS.allDevices, 'all devices'],
] as const;

type Fields = Readonly<Record<string, string>>;
type Entry = Omit<HeldEntry, 'heldUntil'>;

const WINDOW = /^(\d+) (\d+)$/;

/** A limit's fields are named after their row and, for strangers, their network. */
function limitsIn(fields: Fields, who: string): Entry[] {
  return Object.entries(fields).flatMap(([field, value]) => {
    const [, used, endsAt] = WINDOW.exec(value) ?? [];
    if (endsAt === undefined) return [];
    return [
      {
        what: 'limit' as const,
        values: { of: who, name: field.split(' ')[0] ?? '', used: count(used), endsAt: time(endsAt) },
      },
    ];
  });
}

function subjectEntries(fields: Fields, who: string): Entry[] {
  const { c, x, w, l, u } = fields;
  const lockedUntil = () => (u === '-1' ? 'an operator lifts it' : time(u));
  return [
    ...(x === undefined
      ? []
      : [{ what: 'waits' as const, values: { of: who, messages: count(c), nextMessageAt: time(x) } }]),
    ...(w === undefined
      ? []
      : [
          {
            what: 'wrong codes' as const,
            values: {
              of: who,
              wrongCodes: count(w),
              locks: count(l),
              ...(u !== '0' && { lockedUntil: lockedUntil() }),
            },
          },
        ]),
    ...limitsIn(fields, who),
  ];
}

/** What a key holds, by the kind of the key. */
async function entriesIn(redis: Redis | Cluster, key: string): Promise<Entry[]> {
  if (key.startsWith(KEYS.session)) return [{ what: 'session', values: {} }];
  if (key.includes(`}${SUBJECT_KEYS.pass}`)) return [{ what: 'solved challenge', values: {} }];
  if (key.endsWith(`}${SUBJECT_KEYS.erased}`))
    return [{ what: 'erasure', values: { erasedAt: time((await redis.get(key)) ?? 0) } }];
  const fields = await redis.hgetall(key);
  if (key.startsWith(KEYS.webhook))
    return [{ what: 'webhook', values: { createdAt: time(fields.c), failedAttempts: count(fields.f) } }];
  if (key.startsWith(KEYS.subject))
    return subjectEntries(fields, WHO.find(([suffix]) => key.includes(`}${suffix}`))?.[1] ?? 'strangers');
  const { m = '', a, x, g, g2 = '', g3 = '' } = fields;
  const country = g === undefined ? undefined : (JSON.parse(g + g2 + g3) as Destination).country;
  const values = { channel: m, attemptsUsed: count(a), codeExpiresAt: time(x), ...(country && { country }) };
  return [{ what: 'verification', values }];
}

/** Keys of entries whose field n names the subject. */
const OWNED = [KEYS.verification, KEYS.session, KEYS.webhook];

/** Goes through all keys: requests for a number's data are rare, and an index would cost every request. */
async function keysOf(redis: Redis | Cluster, pseudonyms: readonly string[]): Promise<string[]> {
  const keys = await scanKeys(redis, `${PREFIX}*`);
  const tags = pseudonyms.map(subjectTag);
  const named = keys.filter((key) => OWNED.some((prefix) => key.startsWith(prefix)));
  const owners = await Promise.all(named.map((key) => redis.hget(key, 'n')));
  return [
    ...keys.filter((key) => tags.some((tag) => key.startsWith(tag))),
    ...named.filter((_, index) => pseudonyms.includes(owners[index] ?? '')),
  ];
}

async function readKey(redis: Redis | Cluster, key: string): Promise<HeldEntry[]> {
  const [ttl, entries] = await Promise.all([redis.pttl(key), entriesIn(redis, key)]);
  return ttl < 0 ? [] : entries.map((entry) => ({ ...entry, heldUntil: time(Date.now() + ttl) }));
}

/** An entry if an operator blocked the whole number, not only a prefix of it. */
async function blockOf(redis: Redis | Cluster, pseudonyms: readonly string[]): Promise<HeldEntry[]> {
  const held = await redis.hmget(BLOCKED_KEY, ...pseudonyms);
  return held.some((entry) => entry !== null)
    ? [{ what: 'blocked', values: {}, heldUntil: 'an operator unblocks it' }]
    : [];
}

/**
 * Finds what Redis holds about a number. It leaves out Infobip's pinIds and proofs: they would grant access, and they
 * say nothing about the person. It cannot find logins at other applications, which name the number only in encrypted
 * values and end within minutes.
 * @param phoneNumber E.164
 */
export async function findSubjectData(
  redis: Redis | Cluster,
  privacy: Privacy,
  phoneNumber: string,
): Promise<SubjectData> {
  const pseudonyms = privacy.pseudonyms('number', phoneNumber);
  const entries = await Promise.all((await keysOf(redis, pseudonyms)).map((key) => readKey(redis, key)));
  return { phoneNumber, pseudonyms, entries: [...entries.flat(), ...(await blockOf(redis, pseudonyms))] };
}

/**
 * Removes what {@link findSubjectData} finds about a number. Its verifications and sessions end, and no device counts
 * as known to it anymore. Two things remain: the time of the erasure, for as long as a device's cookie may live, and an
 * operator's block, which anyone blocked for fraud could otherwise end.
 * @param phoneNumber E.164
 * @returns how many keys it removed
 */
export async function eraseSubjectData(redis: Redis | Cluster, privacy: Privacy, phoneNumber: string): Promise<number> {
  const pseudonyms = privacy.pseudonyms('number', phoneNumber);
  // Set the mark first, so that a device that sends meanwhile leaves nothing of its own.
  const erasedAt = String(Date.now());
  const marks = pseudonyms.map((pseudonym) => subjectTag(pseudonym) + SUBJECT_KEYS.erased);
  await Promise.all(marks.map((mark) => redis.set(mark, erasedAt, 'PX', ERASED_MS)));
  const keys = (await keysOf(redis, pseudonyms)).filter((key) => !marks.includes(key));
  await Promise.all(keys.map((key) => redis.del(key)));
  return keys.length;
}
