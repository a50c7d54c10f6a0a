import type { Cluster, Redis } from 'ioredis';
import type { Privacy } from '@/lib/privacy';
import type { CreditGroup } from '@/lib/store/limits';
import { type Bucket, newBucket } from '@/lib/store/memory/bucket';
import type { Windows } from '@/lib/store/memory/windows';
import { addressKey, DESTINATION_KEYS, destinationTag, KEYS, networkKey, PREFIX, siteKey } from './keys';
import { scanKeys } from './scan-keys';

/** A country, or a group of its numbers, and its credit. */
export interface DestinationData {
  readonly group: 'country' | 'range' | 'block';
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** The common prefix of the numbers in a range or block; empty for a country. */
  readonly beginning: string;
  readonly bucket: Bucket;
}

/**
 * The bucket of an address, a site or a network. The owner is left out, because operators could not recognize its
 * pseudonym.
 */
export interface ClientData {
  readonly group: Extract<CreditGroup, 'address' | 'site' | 'network'>;
  readonly bucket: Bucket;
}

/** Everything that the guard against SMS pumping keeps in Redis. */
export interface GuardData {
  /** Epoch milliseconds, by Redis's clock. */
  readonly now: number;
  /** The totals of everyone together, by the field of the row. */
  readonly everyone: Windows;
  readonly destinations: readonly DestinationData[];
  readonly clients: readonly ClientData[];
}

type Fields = Readonly<Record<string, string>>;

/** In the format that scripts write, see `scripts/parts.ts`. */
const WINDOW = /^(\d+) (\d+)$/;
const LEVEL_FIELDS = ['v', 't'] as const;

/** Commands in flight at a time: a large Redis has hundreds of thousands of keys. */
const AT_ONCE = 1000;

/** The windows among the fields of a hash. */
export function windowsIn(fields: Fields): Windows {
  const windows: Windows = {};
  for (const [field, value] of Object.entries(fields)) {
    const [, count, endsAt] = WINDOW.exec(value) ?? [];
    if (endsAt !== undefined) windows[field] = { count: Number(count), endsAt: Number(endsAt) };
  }
  return windows;
}

const bucketOf = (fields: Fields): Bucket => ({
  ...newBucket(),
  level: fields.v === undefined ? undefined : Number(fields.v),
  at: Number(fields.t ?? 0),
  codes: Number(fields.e ?? 0),
  codesAt: Number(fields.f ?? 0),
  windows: windowsIn(fields),
});

const DESTINATION = new RegExp(
  `^${KEYS.destination}\\{(\\w+)\\}(?:(${DESTINATION_KEYS.range}|${DESTINATION_KEYS.block})(\\+\\d*))?$`,
);

/** The destination of a key; undefined for other keys. */
function destinationOf(key: string): Omit<DestinationData, 'bucket'> | undefined {
  const [, country, kind, beginning = ''] = DESTINATION.exec(key) ?? [];
  if (country === undefined) return undefined;
  if (kind === undefined) return { group: 'country', country, beginning };
  return { group: kind === DESTINATION_KEYS.range ? 'range' : 'block', country, beginning };
}

function clientGroupOf(key: string): ClientData['group'] {
  if (key.startsWith(KEYS.network)) return 'network';
  return /\}:56:/.test(key) ? 'site' : 'address';
}

/** Reads hashes in batches, and returns what `keep` makes of each. */
async function readEach<T>(
  redis: Redis | Cluster,
  keys: readonly string[],
  keep: (key: string, bucket: Bucket) => T,
): Promise<T[]> {
  const kept: T[] = [];
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    const some = keys.slice(from, from + AT_ONCE);
    const fields = await Promise.all(some.map((key) => redis.hgetall(key)));
    kept.push(...some.map((key, index) => keep(key, bucketOf(fields[index] ?? {}))));
  }
  return kept;
}

async function clockOf(redis: Redis | Cluster): Promise<number> {
  const [seconds = 0, microseconds = 0] = (await redis.time()).map(Number);
  return seconds * 1000 + Math.floor(microseconds / 1000);
}

/** Goes through all keys of the guard: operators look rarely, and an index would cost every request. */
export async function readGuardData(redis: Redis | Cluster): Promise<GuardData> {
  const [now, everyone, keys] = await Promise.all([
    clockOf(redis),
    redis.hgetall(KEYS.everyone),
    scanKeys(redis, `${PREFIX}[daw]:*`),
  ]);
  const isDestination = (key: string) => key.startsWith(KEYS.destination);
  const destinations = await readEach(redis, keys.filter(isDestination), (key, bucket) => {
    const destination = destinationOf(key);
    return destination && { ...destination, bucket };
  });
  const clients = await readEach(
    redis,
    keys.filter((key) => !isDestination(key)),
    (key, bucket) => (bucket.level === undefined ? undefined : { group: clientGroupOf(key), bucket }),
  );
  return {
    now,
    everyone: windowsIn(everyone),
    destinations: destinations.filter((one) => one !== undefined),
    clients: clients.filter((one) => one !== undefined),
  };
}

/** @returns how many of the keys had one of the fields */
async function forget(redis: Redis | Cluster, keys: readonly string[], fields: readonly string[]): Promise<number> {
  let held = 0;
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    const some = keys.slice(from, from + AT_ONCE);
    const removed = await Promise.all(some.map((key) => redis.hdel(key, ...fields)));
    held += removed.filter((count) => count > 0).length;
  }
  return held;
}

/**
 * Fills the credit of a country, and resets its count of waits in place of challenges. The country's verified codes
 * stay counted.
 * @param windows fields of the country's rows
 * @returns whether anything held it back
 */
export const liftCountry = async (redis: Redis | Cluster, country: string, windows: readonly string[]) =>
  (await forget(redis, [destinationTag(country)], [...LEVEL_FIELDS, ...windows])) > 0;

/**
 * Fills the credit of ranges and blocks, and resets their caps.
 * @param isMeant selects them
 * @param windows fields of their rows
 * @returns how many of them had less than full credit, or a count
 */
export async function liftBeginnings(
  redis: Redis | Cluster,
  isMeant: (destination: Omit<DestinationData, 'bucket'>) => boolean,
  windows: readonly string[],
): Promise<number> {
  const keys = (await scanKeys(redis, `${KEYS.destination}*`)).filter((key) => {
    const destination = destinationOf(key);
    return destination !== undefined && destination.group !== 'country' && isMeant(destination);
  });
  return forget(redis, keys, [...LEVEL_FIELDS, ...windows]);
}

/**
 * Fills the credit of a client's address, and of the networks around it, and resets their counts of messages.
 * @param client its address in the forms of `lib/http/client-address.ts`
 * @param windows fields of rows that count messages
 * @returns whether anything held it back
 */
export async function liftClient(
  redis: Redis | Cluster,
  privacy: Privacy,
  { address, site, network }: { address: string; site: string | undefined; network: string },
  windows: readonly string[],
): Promise<boolean> {
  const [addresses, sites, networks] = [address, site, network].map((one) =>
    one === undefined ? [] : privacy.pseudonyms('address', one),
  );
  const keys = (networks ?? []).flatMap((net, key) => [
    addressKey(net, addresses?.[key] ?? ''),
    ...(sites?.[key] === undefined ? [] : [siteKey(net, sites[key])]),
    networkKey(net),
  ]);
  return (await forget(redis, keys, [...LEVEL_FIELDS, ...windows])) > 0;
}

/** @returns whether one of the global windows had a count */
export const liftEveryone = async (redis: Redis | Cluster, windows: readonly string[]): Promise<boolean> =>
  (await forget(redis, [KEYS.everyone], windows)) > 0;
