import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import {
  BETTER_AUTH,
  build,
  type ContenderName,
  contenderOf,
  type Running,
  type SMALL_APP,
  startContender,
} from './contenders';
import type { ShapeName } from './load/shapes';
import { measureBoot } from './measure/boot';
import { type Costs, measureCosts } from './measure/costs';
import { type AddedLatency, measureLatency } from './measure/latency';
import { type MemoryFigures, measureMemory } from './measure/memory';
import { measurePage, type PageFigures } from './measure/page';
import {
  FEW,
  MANY,
  MANY_IN_MEMORY,
  measureBytesInMemory,
  measureFullBetterAuth,
  measureFullMemory,
  measurePendingInRedis,
  type PendingBytes,
} from './measure/pending';
import { measureRates, type Rates, ratioOf, type Variant, variantsOf, warmUp } from './measure/rates';
import { measureRoundTrips } from './measure/round-trips';
import { measureSockets, optionsOf, type SocketFigures } from './measure/sockets';
import { type Plan, RATIO_CONNECTIONS } from './plan';
import { type Spread, spreadOf } from './report/statistics';
import { RATIOS } from './targets';
import type { Workplace } from './workplace';

export interface RateFigures {
  readonly perSecond: Spread;
  readonly cpuMicroseconds: Spread;
}

export interface Figures {
  readonly mode: 'full' | 'quick';
  /** By number of connections, then by contender and operation. */
  rates: Record<string, Record<string, RateFigures>>;
  /** Milliseconds above an upstream of 50 ms, at 200 sends per second. */
  addedLatency: Record<string, AddedLatency>;
  sockets: Record<string, SocketFigures>;
  redisRoundTrips?: Record<string, number>;
  costs?: Costs;
  memoryMegabytes: Record<string, MemoryFigures>;
  bytesPerPending: { memory: PendingBytes; redis?: PendingBytes };
  /** How many verifications are in progress when a ratio compares many with few. */
  pendingInRatios: { memory: number; redis: number; betterAuth: number; few: number };
  bootMs: Record<string, Spread>;
  page?: Record<'empty' | 'app', PageFigures>;
}

export interface Results {
  readonly ratios: Record<string, Spread>;
  readonly figures: Figures;
  readonly machine: Record<string, string | number>;
  readonly versions: Record<string, string>;
  readonly commit: string;
}

const MORE_SHAPES: Readonly<Partial<Record<ContenderName, readonly ShapeName[]>>> = {
  empty: ['empty', 'one-call'],
  memory: ['health', 'refused-number'],
};

const say = (text: string) => process.stderr.write(`${text}\n`);

export const variantsFor = (names: readonly ContenderName[]): readonly Variant[] =>
  names.flatMap((name) => variantsOf(contenderOf(name), MORE_SHAPES[name]));

/** Starts contenders, and ends them afterwards. */
export async function withServers<T>(
  place: Workplace,
  names: readonly ContenderName[],
  work: (servers: readonly Running[]) => Promise<T>,
): Promise<T> {
  const servers: Running[] = [];
  try {
    for (const name of names) servers.push(await startContender(name, optionsOf(place)));
    return await work(servers);
  } finally {
    await Promise.all(servers.map((server) => server.end()));
  }
}

/** The spread of the rates of each variant. */
export const figuresOf = (rates: Rates): Record<string, RateFigures> =>
  Object.fromEntries(
    Object.entries(rates).map(([name, all]) => [
      name,
      {
        perSecond: spreadOf(all.map(({ perSecond }) => perSecond)),
        cpuMicroseconds: spreadOf(all.map(({ cpuMicroseconds }) => cpuMicroseconds)),
      },
    ]),
  );

function ratiosOf(rates: Rates): Record<string, Spread> {
  const all = Object.entries(RATIOS).map(([name, [over, under]]) => [name, ratioOf(rates, over, under)] as const);
  return Object.fromEntries(all.filter((entry): entry is [keyof typeof RATIOS, Spread] => entry[1] !== undefined));
}

/** Requests per second, and latency, of all contenders side by side. */
async function measureServers(place: Workplace, names: readonly ContenderName[], plan: Plan) {
  const variants = variantsFor(names);
  return withServers(place, names, async (servers) => {
    say('Warming up …');
    await warmUp(place, servers, variants, plan.warmUpRequests);
    let ratios: Record<string, Spread> = {};
    const rates: Figures['rates'] = {};
    for (const rounds of plan.rates) {
      say(`Requests a second at ${rounds.connections} connections: ${rounds.rounds} rounds …`);
      const measured = await measureRates(place, servers, variants, rounds);
      rates[rounds.connections] = figuresOf(measured);
      if (rounds.connections === RATIO_CONNECTIONS) ratios = ratiosOf(measured);
    }
    say('Latency …');
    return { ratios, rates, addedLatency: await measureLatency(place, servers, plan.latency) };
  });
}

/** The size of verifications in progress, and how much having many of them slows down sends. */
async function measurePending(place: Workplace, plan: Plan) {
  const rounds = plan.isFull ? { connections: RATIO_CONNECTIONS, rounds: 8, ms: 1000 } : undefined;
  say('Verifications in progress, in memory …');
  const memory = await measureBytesInMemory(place, plan.pending);
  const memoryRatio = rounds && (await measureFullMemory(place, rounds));
  const betterAuthRatio = rounds && (await measureFullBetterAuth(place, rounds));
  if (place.redis) say('Verifications in progress, in Redis …');
  const redis = place.redis && (await measurePendingInRedis(place, plan.pending, rounds));
  return {
    bytesPerPending: { memory, ...(redis && { redis: redis.bytes }) },
    ratios: {
      ...(memoryRatio && { 'send-memory-many-pending/few': memoryRatio }),
      ...(betterAuthRatio && { 'better-auth-sqlite-send-many-pending/few': betterAuthRatio }),
      ...(redis?.ratio && { 'send-redis-many-pending/few': redis.ratio }),
    },
  };
}

export async function measureAll(place: Workplace, plan: Plan): Promise<Pick<Results, 'ratios' | 'figures'>> {
  const names: ContenderName[] = ['empty', 'tutorial', 'better-auth-sqlite', 'memory', 'redis', 'bare'];
  const there = names.filter((name) => name !== 'redis' || place.redis);
  const { ratios, rates, addedLatency } = await measureServers(place, there, plan);
  say('Sockets to the upstream …');
  const sockets = await measureSockets(place, there, { quiet: plan.isFull });
  const redisRoundTrips = await measureRoundTrips(place);
  say('Costs to an instance and to Redis, alone and as a cluster …');
  const costs = await measureCosts(place, plan.costRequests);
  say('Boot and memory …');
  const bootMs = await measureBoot(place, there, plan.bootRounds);
  const memoryMegabytes = await measureMemory(place, there, plan.isFull);
  const pending = await measurePending(place, plan);
  say('The page …');
  const page = await measurePage(place, plan.pageRounds);
  return {
    ratios: { ...ratios, ...pending.ratios },
    figures: {
      mode: plan.isFull ? 'full' : 'quick',
      rates,
      addedLatency,
      sockets,
      ...(redisRoundTrips && { redisRoundTrips }),
      ...(costs && { costs }),
      memoryMegabytes,
      bytesPerPending: pending.bytesPerPending,
      pendingInRatios: { memory: MANY_IN_MEMORY, redis: plan.pending.at(-1) ?? 0, betterAuth: MANY, few: FEW },
      bootMs,
      ...(page && { page }),
    },
  };
}

export function buildContenders(names: readonly (typeof SMALL_APP | typeof BETTER_AUTH)[]): void {
  for (const folder of names) build(folder);
}

const versionOf = (packageFolder: string): string =>
  (JSON.parse(readFileSync(`${packageFolder}/package.json`, 'utf8')) as { version: string }).version;

function output(command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}

/** Where the figures come from, and at which commit. */
export const circumstances = (): Pick<Results, 'machine' | 'versions' | 'commit'> => ({
  machine: {
    processor: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGigabytes: Math.round(os.totalmem() / 1e9),
    system: `${os.type()} ${os.release()}`,
    loadBefore: Number((os.loadavg()[0] ?? 0).toFixed(2)),
  },
  versions: {
    node: process.version,
    next: versionOf('node_modules/next'),
    '@infobip-api/sdk': versionOf('node_modules/@infobip-api/sdk'),
    'better-auth': versionOf(`${BETTER_AUTH}/node_modules/better-auth`),
    libsql: versionOf(`${BETTER_AUTH}/node_modules/libsql`),
    redis: /v=([\d.]+)/.exec(output('redis-server', '--version'))?.[1] ?? 'none',
  },
  commit: output('git', 'rev-parse', 'HEAD'),
});
