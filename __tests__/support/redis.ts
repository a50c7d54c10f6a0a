import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './free-port';

const installed = spawnSync('redis-server', ['--version']).status === 0;
if (!installed && !process.env.CI)
  process.stderr.write('Redis tests skipped: no redis-server found, install it to run them.\n');

/** Tests that need a real Redis. Without it they are skipped, except in CI, where they then fail. */
export const describeWithRedis: jest.Describe = installed || process.env.CI ? describe : describe.skip;

const START_WITHIN_MS = 30_000;

/** A real redis-server for one test, which may break it at will. */
export class TestRedis {
  readonly port: number;
  #server: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  /** @param port an unused one; default: any free one */
  static async start(port?: number): Promise<TestRedis> {
    const redis = new TestRedis(port ?? (await freePort()));
    await redis.restart();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts the server, empty. */
  async restart(): Promise<void> {
    const options = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    this.#server = spawn('redis-server', options, { stdio: 'ignore' });
    for (let waited = 0; waited < START_WITHIN_MS; waited += 20) {
      const reply = await this.command('PING').catch(() => undefined);
      if (reply === 'PONG') return;
      await sleep(20);
    }
    throw new Error('redis-server did not start');
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

  signal(signal: NodeJS.Signals): void {
    this.#server?.kill(signal);
  }

  async kill(): Promise<void> {
    const server = this.#server;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  }
}
