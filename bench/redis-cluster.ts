import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisServer } from './workplace';

const SLOTS = 16_384;
const NODES = 3;
const READY_WITHIN_MS = 20_000;
const POLL_MS = 50;
/** The nodes' own ports; by default Redis would use the data port plus 10,000. */
const BUS_PORTS_FROM = 20_000;

async function startNode(folder: string, index: number): Promise<RedisServer> {
  const own = path.join(folder, `node-${index}`);
  mkdirSync(own);
  const bus = String(BUS_PORTS_FROM + (process.pid % 1000) * NODES + index);
  return RedisServer.start(own, ['--cluster-enabled', 'yes', '--cluster-port', bus]);
}

async function isWhole({ client }: RedisServer): Promise<boolean> {
  const info = String(await client.call('CLUSTER', 'INFO'));
  return /cluster_state:ok/.test(info) && info.includes(`cluster_known_nodes:${NODES}`);
}

/** Starts a Redis Cluster of three nodes without replicas, on loopback. */
export async function startCluster(folder: string): Promise<readonly RedisServer[]> {
  const nodes = await Promise.all(Array.from({ length: NODES }, (_, index) => startNode(folder, index)));
  for (const [index, { client }] of nodes.entries()) {
    const [from, to] = [Math.ceil((index * SLOTS) / NODES), Math.ceil(((index + 1) * SLOTS) / NODES) - 1];
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    await client.call('CLUSTER', 'ADDSLOTSRANGE', from, to);
  }
  for (const { client } of nodes.slice(1)) {
    const bus = (await nodes[0]?.client.config('GET', 'cluster-port')) as [string, string];
    await client.call('CLUSTER', 'MEET', '127.0.0.1', nodes[0]?.port ?? 0, bus[1]);
  }
  for (let waited = 0; waited < READY_WITHIN_MS; waited += POLL_MS) {
    if ((await Promise.all(nodes.map(isWhole))).every(Boolean)) return nodes;
    await sleep(POLL_MS);
  }
  throw new Error('The cluster did not become complete.');
}
