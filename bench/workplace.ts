import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '@/__tests__/support/free-port';
import type { ClosedJob, ClosedResult, CodesJob, LoadJob, OpenJob, OpenResult } from './load/generator';
import { cpuSeconds, end, message, order, start, startModule } from './processes';
import type { Sockets, UpstreamOrder } from './upstream';

/** The upstream, in its own process. */
export class Upstream {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<Upstream> {
    const child = startModule('bench/upstream.ts');
    return new Upstream(child, await message<number>(child, 'The upstream'));
  }

  #order = <T>(what: UpstreamOrder): Promise<T> => order<T>(this.#child, 'The upstream', what);

  delay = (delayMs: number): Promise<true> => this.#order<true>({ delayMs });
  /** Sockets opened since the last call. */
  sockets = (): Promise<Sockets> => this.#order<Sockets>('sockets');
  codes = (): Promise<Record<string, string>> => this.#order<Record<string, string>>('codes');
  end = (): Promise<void> => end(this.#child);
}

/** The load generator, in its own process. */
export class Load {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(): Promise<Load> {
    const child = startModule('bench/load/generator.ts');
    await message(child, 'The load generator');
    return new Load(child);
  }

  async #run<T>(job: LoadJob): Promise<T> {
    const answer = await order<{ result: T } | { error: string }>(this.#child, 'The load generator', job);
    if ('error' in answer) throw new Error(`${'server' in job ? job.server : ''}: ${answer.error}`);
    return answer.result;
  }

  closed = (job: Omit<ClosedJob, 'kind'>): Promise<ClosedResult> => this.#run({ kind: 'closed', ...job });
  open = (job: Omit<OpenJob, 'kind'>): Promise<OpenResult> => this.#run({ kind: 'open', ...job });
  takeCodes = (job: Omit<CodesJob, 'kind'>): Promise<true> => this.#run({ kind: 'codes', ...job });
  end = (): Promise<void> => end(this.#child);
}

/** A real Redis, empty, which keeps nothing on disk. */
export class RedisServer {
  readonly port: number;
  readonly client: Redis;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number, client: Redis) {
    this.#child = child;
    this.port = port;
    this.client = client;
  }

  /** @param more options for its command line */
  static async start(folder: string, more: readonly string[] = []): Promise<RedisServer> {
    const port = await freePort();
    const options = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      folder,
      ...more,
    ];
    const child = start('redis-server', options, { log: '/dev/null' });
    const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null });
    client.on('error', () => undefined);
    await client.ping();
    return new RedisServer(child, port, client);
  }

  /** Bytes of the data in Redis. */
  async usedBytes(): Promise<number> {
    return Number(/^used_memory:(\d+)/m.exec(await this.client.info('memory'))?.[1]);
  }

  /** Seconds of CPU time so far. */
  async cpuSeconds(): Promise<number> {
    const info = await this.client.info('cpu');
    const read = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
    return read('used_cpu_user') + read('used_cpu_sys');
  }

  async end(): Promise<void> {
    this.client.disconnect();
    await end(this.#child);
  }
}

/** The processes that all measurements share, and a folder for the files of servers. */
export interface Workplace {
  readonly upstream: Upstream;
  readonly load: Load;
  readonly redis: RedisServer | undefined;
  readonly folder: string;
}

/** Starts the processes, and ends them afterwards. */
export async function inWorkplace<T>(withRedis: boolean, work: (place: Workplace) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'));
  const upstream = await Upstream.start();
  const load = await Load.start();
  const redis = withRedis ? await RedisServer.start(folder) : undefined;
  try {
    return await work({ upstream, load, redis, folder });
  } finally {
    await Promise.all([upstream.end(), load.end(), redis?.end()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** CPU time per request, and requests a second. */
export interface Rate {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

/** Runs a closed loop against a server, and reads its CPU time before and after. */
export async function rateOf(load: Load, pid: number, job: Omit<ClosedJob, 'kind'>): Promise<Rate> {
  const before = cpuSeconds(pid);
  const { requests, seconds } = await load.closed(job);
  // Deferred work is part of the cost: log lines, garbage collection.
  await sleep(20);
  return { perSecond: requests / seconds, cpuMicroseconds: ((cpuSeconds(pid) - before) / requests) * 1e6 };
}
