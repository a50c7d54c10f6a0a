import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port';
import { commandsServed, RedisServer } from './redis-server';

const SLOTS = 16_384;
const NODES = 3;
/** The offset of the nodes' own port. */
const BUS_OFFSET = 10_000;
const HIGHEST_PORT = 65_535;
/** After this time without commands, earlier requests are over. */
const QUIET_MS = 20;
const OPTIONS = [
  ...['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'],
  // Milliseconds until the others consider a node dead.
  ...['--cluster-node-timeout', '1000'],
  // The other slots still work when a node is dead.
  ...['--cluster-require-full-coverage', 'no'],
];

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const free = await Promise.race([once(server, 'listening'), once(server, 'error')]).then(
    () => server.listening,
    () => false,
  );
  server.close();
  return free;
}

async function freeNodePort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port + BUS_OFFSET <= HIGHEST_PORT && (await isFree(port + BUS_OFFSET))) return port;
  }
}

/** A real cluster of three nodes without replicas, on loopback. */
export class RedisCluster {
  readonly nodes: readonly RedisServer[];

  private constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes;
  }

  /** @param binary `redis-server`, or one that takes the same options */
  static async start(binary = 'redis-server'): Promise<RedisCluster> {
    const nodes: RedisServer[] = [];
    for (let i = 0; i < NODES; i += 1) nodes.push(new RedisServer(binary, await freeNodePort(), OPTIONS));
    const cluster = new RedisCluster(nodes);
    await Promise.all(nodes.map((node) => node.start()));
    for (const [i, node] of nodes.entries()) {
      const [from, to] = [Math.ceil((i * SLOTS) / NODES), Math.ceil(((i + 1) * SLOTS) / NODES) - 1];
      await node.command('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
      await node.command('CLUSTER', 'ADDSLOTSRANGE', from, to);
      if (i > 0) await node.command('CLUSTER', 'MEET', '127.0.0.1', nodes[0]?.port ?? 0);
    }
    await cluster.whole();
    return cluster;
  }

  /** The address of one node, from which clients learn the others. */
  get url(): string {
    return (this.nodes[0] as RedisServer).url;
  }

  /** Waits until every node knows the others and sees all slots served. */
  async whole(withinMs = 30_000): Promise<void> {
    const isWhole = async (node: RedisServer) => {
      const info = String(await node.command('CLUSTER', 'INFO').catch(() => ''));
      return /cluster_state:ok/.test(info) && info.includes(`cluster_slots_ok:${SLOTS}`) && /_size:3/.test(info);
    };
    for (let waited = 0; waited < withinMs; waited += 50) {
      if ((await Promise.all(this.nodes.map(isWhole))).every(Boolean)) return;
      await sleep(50);
    }
    throw new Error('The cluster did not become whole');
  }

  /** The nodes that the commands of an action reach. */
  async nodesOf(act: () => Promise<unknown>): Promise<ReadonlySet<RedisServer>> {
    // On a busy machine, commands that nobody waits for arrive after the reply to their request.
    do {
      await Promise.all(this.nodes.map((node) => node.command('CONFIG', 'RESETSTAT')));
      await sleep(QUIET_MS);
    } while ((await this.#nodesReached()).size > 0);
    await act();
    return this.#nodesReached();
  }

  async #nodesReached(): Promise<ReadonlySet<RedisServer>> {
    const served = await Promise.all(this.nodes.map(commandsServed));
    return new Set(this.nodes.filter((_, i) => Object.keys(served[i] ?? {}).length > 0));
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.remove()));
  }
}
