import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { type Running, startContender } from '@/bench/contenders';
import type { ShapeName } from '@/bench/load/shapes';
import { startCluster } from '@/bench/redis-cluster';
import { type RedisServer, rateOf, type Workplace } from '@/bench/workplace';
import { optionsOf } from './sockets';

/** Microseconds of CPU time that one request takes. */
export interface Cost {
  readonly instance: number;
  /** All nodes of Redis together. */
  readonly redis: number;
  /** The busiest node of Redis. */
  readonly busiestNode: number;
}

/** Costs of a request, on one Redis and on a cluster of three. */
export interface Costs {
  readonly redis: Readonly<Record<'send' | 'verify', Cost>>;
  readonly cluster: Readonly<Record<'send' | 'verify', Cost>>;
  /** For the page's HTML. The page needs Redis only if somebody loads it in the middle of a verification. */
  readonly page: number;
}

const CONNECTIONS = 10;
const WARM_UP = 2000;

async function costOf(
  { load }: Workplace,
  server: { url: string; pid: number },
  nodes: readonly RedisServer[],
  shape: ShapeName,
  count: number,
): Promise<Cost> {
  const spent = () => Promise.all(nodes.map((node) => node.cpuSeconds()));
  const before = await spent();
  const job = { url: server.url, shape, server: 'costs', connections: CONNECTIONS, ms: 300_000, count };
  const { cpuMicroseconds } = await rateOf(load, server.pid, job);
  const byNode = (await spent()).map((seconds, node) => ((seconds - (before[node] ?? 0)) / count) * 1e6);
  return {
    instance: Math.round(cpuMicroseconds),
    redis: Math.round(byNode.reduce((sum, one) => sum + one, 0)),
    busiestNode: Math.round(Math.max(...byNode)),
  };
}

/** Measures sends, and a verify for each of them. */
async function measureOn(place: Workplace, nodes: readonly RedisServer[], isCluster: boolean, count: number) {
  const redisUrl = `redis://127.0.0.1:${nodes[0]?.port}`;
  const server = await startContender('redis', { ...optionsOf(place), redisUrl, isCluster });
  try {
    return await costsOf(place, server, nodes, count);
  } finally {
    await server.end();
  }
}

async function costsOf(place: Workplace, server: Running, nodes: readonly RedisServer[], count: number) {
  await costOf(place, server, nodes, 'send', WARM_UP);
  await costOf(place, server, nodes, 'verify', WARM_UP);
  const send = await costOf(place, server, nodes, 'send', count);
  const verify = await costOf(place, server, nodes, 'verify', count);
  await costOf(place, server, nodes, 'page', WARM_UP / 4);
  const page = await costOf(place, server, nodes, 'page', WARM_UP / 4);
  return { costs: { send, verify }, page: page.instance };
}

/** @param count how many sends and verifies to count */
export async function measureCosts(place: Workplace, count: number): Promise<Costs | undefined> {
  const { redis, folder } = place;
  if (!redis) return undefined;
  const alone = await measureOn(place, [redis], false, count);
  const nodes = await startCluster(mkdtempSync(path.join(folder, 'cluster-')));
  try {
    const clustered = await measureOn(place, nodes, true, count);
    return { redis: alone.costs, cluster: clustered.costs, page: alone.page };
  } finally {
    await Promise.all(nodes.map((node) => node.end()));
  }
}
