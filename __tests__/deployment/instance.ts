import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Instances of a test that failed before it could end them would keep Jest waiting forever. */
const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** The build as deployments run it, on a port that it keeps across restarts. */
export class Instance {
  readonly port: number;
  readonly #environment: Record<string, string>;
  #process: ChildProcess | undefined;
  #output = '';

  constructor(port: number, environment: Record<string, string>) {
    this.port = port;
    this.#environment = { NODE_ENV: 'production', HOSTNAME: '127.0.0.1', ...environment, PORT: String(port) };
  }

  /** Starts the server, and waits until it can serve, as the proxy's operator would. */
  async start(): Promise<this> {
    const child = spawn(process.execPath, ['.next/standalone/server.js'], {
      env: this.#environment as unknown as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
    const ready = () =>
      fetch(`http://127.0.0.1:${this.port}/api/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await ready())) {
      if (child.exitCode !== null) throw new Error(`The instance did not start: ${this.#output}`);
      await sleep(25);
    }
    return this;
  }

  /** All it has printed so far, across restarts. */
  get output(): string {
    return this.#output;
  }

  /** @returns the exit code, null after SIGKILL */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    return (await ended)[0];
  }
}
