import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NEXT } from '@/scripts/build';
import { freePort } from './free-port';

export type Environment = Readonly<Record<string, string>>;

/** A process without an app. */
export interface IdleApp {
  readonly child: ChildProcess;
  readonly port: number;
}

/** Processes of this worker, from environment.cjs. A test in jsdom has its own. */
const { idle, running } = (globalThis as { appProcesses?: { idle: IdleApp[]; running: Set<ChildProcess> } })
  .appProcesses ?? { idle: [], running: new Set() };

/** The most idle processes to keep. Each takes about 200 MB, and a test file seldom runs more at once. */
const MAX_IDLE = 4;

const REUSABLE = path.resolve('__tests__/support/reusable-app.cjs');

const withSystem = (environment: Environment): NodeJS.ProcessEnv => {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...environment } as NodeJS.ProcessEnv;
};

/** Starts the production build with only these variables. */
export const spawnApp = (port: number, environment: Environment, more: readonly string[] = []): ChildProcess =>
  spawn(process.execPath, [...more, NEXT, 'start', '-H', '127.0.0.1', '-p', String(port)], {
    env: withSystem(environment),
    stdio: ['ignore', 'pipe', 'pipe', ...(more.length > 0 ? (['ipc'] as const) : [])],
  });

/** Says whether the worker waits for a process. It does not wait for an idle one, which ends with the worker. */
function setWaitsFor(child: ChildProcess, waits: boolean): void {
  const method = waits ? 'ref' : 'unref';
  child[method]();
  child.channel?.[method]();
  for (const stream of [child.stdout, child.stderr]) (stream as Socket | null)?.[method]();
}

/** A process while it serves one app. */
export class AppProcess {
  readonly port: number;
  readonly child: ChildProcess;
  readonly #isReusable: boolean;
  readonly #collect = (chunk: Buffer) => {
    this.output += chunk.toString();
  };
  /** What the app has printed. */
  output = '';

  private constructor({ child, port }: IdleApp, isReusable: boolean) {
    this.child = child;
    this.port = port;
    this.#isReusable = isReusable;
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', this.#collect);
  }

  /** Gives the environment to an idle process, or to a new one. Options of Node.js need a process of their own. */
  static async start(environment: Environment): Promise<AppProcess> {
    if (environment.NODE_OPTIONS !== undefined) {
      const port = await freePort();
      return new AppProcess({ child: spawnApp(port, environment), port }, false);
    }
    const used = idle.pop();
    if (!used) {
      const port = await freePort();
      return new AppProcess({ child: spawnApp(port, environment, ['--require', REUSABLE]), port }, true);
    }
    setWaitsFor(used.child, true);
    const started = new AppProcess(used, true);
    used.child.send({ environment: withSystem(environment) });
    await started.#prints(/^another app has started$/m);
    return started;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Ends the app, and keeps its process for another one if it can. */
  async stop(): Promise<void> {
    if (this.hasEnded) return this.#release();
    const isReusable = this.#isReusable && (await this.#endApp()) && idle.length < MAX_IDLE;
    if (!isReusable) return this.terminate();
    this.#release();
    setWaitsFor(this.child, false);
    idle.push({ child: this.child, port: this.port });
  }

  /** Ends the process as a supervisor does. */
  async terminate(): Promise<void> {
    if (!this.hasEnded) {
      this.child.kill('SIGTERM');
      await this.#closes();
    }
    this.#release();
  }

  /** Ends the process at once. */
  async crash(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#closes();
    this.#release();
  }

  /** Waits for the end of the process and of its output, which may still be in a pipe when the process is gone. */
  async #closes(): Promise<void> {
    await once(this.child, 'close');
  }

  /** @returns whether the process can serve another app */
  async #endApp(): Promise<boolean> {
    this.child.send({});
    return (await this.#prints(/^can(?:not)? be used again$/m)) === 'can be used again';
  }

  /** Waits for a line; undefined if the process ends before. */
  async #prints(line: RegExp): Promise<string | undefined> {
    for (;;) {
      const printed = line.exec(this.output)?.[0];
      if (printed !== undefined || this.hasEnded) return printed;
      await sleep(2);
    }
  }

  #release(): void {
    running.delete(this.child);
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.off('data', this.#collect);
  }
}
