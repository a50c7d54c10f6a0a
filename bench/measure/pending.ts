import path from 'node:path';
import { appEnvironment, type Running, startContender } from '@/bench/contenders';
import { WARM_UP_REQUESTS } from '@/bench/plan';
import { end, message, order, start } from '@/bench/processes';
import type { Spread } from '@/bench/report/statistics';
import { RedisServer, type Workplace } from '@/bench/workplace';
import type { Filled, FillOrder } from './fill-process';
import { measureRates, type Rounds, ratioOf, variantsOf, warmUp } from './rates';

/** Bytes for each verification in progress, by how many there are. */
export type BytesByCount = Readonly<Record<string, number>>;

/** `verification`: the record alone. `all`: with the counts of limits and credit, which stay for an hour to a day. */
export interface PendingBytes {
  readonly verification: BytesByCount;
  readonly all: BytesByCount;
}

export const FEW = 1000;
/** The app keeps 200,000 of each kind in memory. The rest of the room is for the numbers of the load. */
export const MANY_IN_MEMORY = 150_000;
export const MANY = 1_000_000;

const PRELOAD = 'bench/measure/fill.cjs';

/** A process that fills stores; see `fill-process.ts`. */
async function startFiller(place: Workplace, redisUrl: string | undefined) {
  const env = appEnvironment(place.upstream.url, {
    LOG_LEVEL: 'silent',
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
  });
  const args = ['--expose-gc', '--max-old-space-size=4096', '--import', 'tsx', 'bench/measure/fill-process.ts'];
  const child = start(process.execPath, args, { env, ipc: true, log: path.join(place.folder, 'filler.log') });
  await message(child, 'The filler');
  return {
    async fill(what: FillOrder): Promise<Extract<Filled, { filled: number }>> {
      const filled = await order<Filled>(child, 'The filler', what);
      if ('error' in filled) throw new Error(`The filler: ${filled.error}`);
      if (filled.filled < what.to) throw new Error(`The store took ${filled.filled} instead of ${what.to}.`);
      return filled;
    },
    end: () => end(child),
  };
}

/** Fills in steps, and divides the growth since the beginning by the number of verifications. */
async function bytesBy(
  counts: readonly number[],
  step: (order: Pick<FillOrder, 'from' | 'to'>) => Promise<number>,
): Promise<BytesByCount> {
  const bytes: Record<string, number> = {};
  // The first verification also adds what all of them share, such as the global counts.
  const before = await step({ from: 0, to: 1 });
  let from = 1;
  for (const count of counts) {
    const after = await step({ from, to: count + 1 });
    from = count + 1;
    bytes[count] = Math.round((after - before) / count);
  }
  return bytes;
}

async function bytesInMemory(place: Workplace, counts: readonly number[], withLimits: boolean): Promise<BytesByCount> {
  const filler = await startFiller(place, undefined);
  try {
    return await bytesBy(counts, async (range) => (await filler.fill({ ...range, withLimits })).heldBytes);
  } finally {
    await filler.end();
  }
}

async function fillRedis(place: Workplace, counts: readonly number[], withLimits: boolean) {
  const redis = await RedisServer.start(place.folder);
  const filler = await startFiller(place, redisUrlOf(redis));
  const bytes = await bytesBy(counts, async (range) => {
    await filler.fill({ ...range, withLimits });
    return redis.usedBytes();
  });
  await filler.end();
  return { redis, bytes };
}

const redisUrlOf = ({ port }: RedisServer): string => `redis://127.0.0.1:${port}/0`;

export const measureBytesInMemory = async (place: Workplace, counts: readonly number[]): Promise<PendingBytes> => ({
  verification: await bytesInMemory(place, counts, false),
  all: await bytesInMemory(place, counts, true),
});

/** Orders a running app to fill itself. */
function fillApp({ child }: Running, to: number): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('message', (answer: { bench?: { filled?: number; error?: string } }) => {
      if (!answer.bench) return;
      if (answer.bench.filled === to) resolve();
      else reject(new Error(`Filling the app failed: ${answer.bench.error ?? answer.bench.filled}`));
    });
    child.send({ bench: { from: 0, to } });
  });
}

async function ratioBetween(
  place: Workplace,
  many: Running,
  few: Running,
  rounds: Rounds,
): Promise<Spread | undefined> {
  // Both are the same contender, so each gets a name of its own.
  const servers = [
    { ...many, name: 'memory' as const },
    { ...few, name: 'redis' as const },
  ];
  const variants = servers.flatMap((server) => variantsOf(server).filter(({ shape }) => shape === server.send));
  await warmUp(place, servers, variants, WARM_UP_REQUESTS);
  return ratioOf(await measureRates(place, servers, variants, rounds), 'send-memory', 'send-redis');
}

/** The rate of sends to better-auth on SQLite with many verifications in progress, divided by the rate with few. */
export async function measureFullBetterAuth(place: Workplace, rounds: Rounds): Promise<Spread | undefined> {
  const startWith = (pending: number) =>
    startContender('better-auth-sqlite', { upstreamUrl: place.upstream.url, folder: place.folder, pending });
  const [many, few] = [await startWith(MANY), await startWith(FEW)];
  const ratio = await ratioBetween(place, many, few, rounds);
  await Promise.all([many.end(), few.end()]);
  return ratio;
}

/** The rate of sends to the app with many verifications in progress, divided by the rate with few. */
export async function measureFullMemory(place: Workplace, rounds: Rounds): Promise<Spread | undefined> {
  const options = { upstreamUrl: place.upstream.url, folder: place.folder, preload: PRELOAD };
  const [many, few] = [await startContender('memory', options), await startContender('memory', options)];
  await fillApp(many, MANY_IN_MEMORY);
  await fillApp(few, FEW);
  const ratio = await ratioBetween(place, many, few, rounds);
  await Promise.all([many.end(), few.end()]);
  return ratio;
}

async function ratioOnRedis(place: Workplace, many: RedisServer, rounds: Rounds): Promise<Spread | undefined> {
  const { redis: few } = await fillRedis(place, [FEW], true);
  const { upstream, folder } = place;
  const startOn = (redis: RedisServer) =>
    startContender('redis', { upstreamUrl: upstream.url, folder, redisUrl: redisUrlOf(redis) });
  const apps = [await startOn(many), await startOn(few)] as const;
  const ratio = await ratioBetween(place, ...apps, rounds);
  await Promise.all([...apps.map((app) => app.end()), few.end()]);
  return ratio;
}

/**
 * @param rounds for the ratio between sends on a Redis with many verifications and on one with few; undefined skips the
 * ratio
 */
export async function measurePendingInRedis(
  place: Workplace,
  counts: readonly number[],
  rounds: Rounds | undefined,
): Promise<{ bytes: PendingBytes; ratio: Spread | undefined }> {
  const alone = await fillRedis(place, counts, false);
  await alone.redis.end();
  const all = await fillRedis(place, counts, true);
  const ratio = rounds && (await ratioOnRedis(place, all.redis, rounds));
  await all.redis.end();
  return { bytes: { verification: alone.bytes, all: all.bytes }, ratio };
}
