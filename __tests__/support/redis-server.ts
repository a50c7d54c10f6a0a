import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

const START_WITHIN_MS = 30_000;

/**
 * Commands that manage a server or a connection, and touch no data. Besides, each app asks for the blocked numbers every
 * ten seconds, with HGETALL, which it sends for no request: scripts read hashes for those.
 */
const UPKEEP = /^(info|ping|hello|auth|select|command|config|client|cluster|readonly|flushall|hgetall)\b/;

/** A test that fails may leave servers behind, and Jest would wait for them forever. */
const running = new Set<RedisServer>();
afterAll(() => Promise.all([...running].map((server) => server.remove())));

/** A server that speaks Redis's protocol and takes its options, with its own folder. */
export class RedisServer {
  readonly port: number;
  readonly #binary: string;
  readonly #options: readonly string[];
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'redis-'));
  #server: ChildProcess | undefined;

  /** @param binary `redis-server`, or one that takes the same options */
  constructor(binary: string, port: number, options: readonly string[] = []) {
    this.port = port;
    this.#binary = binary;
    this.#options = options;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts the server, empty. */
  async start(): Promise<void> {
    const options = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const place = ['--dir', this.#folder];
    running.add(this);
    this.#server = spawn(this.#binary, [...options, ...place, ...this.#options], { stdio: 'ignore' });
    for (let waited = 0; waited < START_WITHIN_MS; waited += 20) {
      if ((await this.command('PING').catch(() => undefined)) === 'PONG') return;
      await sleep(20);
    }
    throw new Error(`${this.#binary} did not start on port ${this.port}`);
  }

  /** Runs one command on a connection of its own. */
  async command(name: string, ...args: (string | number)[]): Promise<unknown> {
    const client = new Redis(this.port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.call(name, ...args.map(String));
    } finally {
      client.disconnect();
    }
  }

  /** Ends the server at once. Its folder stays, with what it knows about its cluster. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  }

  async remove(): Promise<void> {
    await this.kill();
    running.delete(this);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** How often each command ran since `CONFIG RESETSTAT`, without commands for maintenance and polls. */
export async function commandsServed(server: Pick<RedisServer, 'command'>): Promise<Record<string, number>> {
  const text = (await server.command('INFO', 'commandstats')) as string;
  const all = [...text.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(
    ([, name = '', calls]) => [name, Number(calls)] as const,
  );
  return Object.fromEntries(all.filter(([name, calls]) => calls > 0 && !UPKEEP.test(name)));
}
