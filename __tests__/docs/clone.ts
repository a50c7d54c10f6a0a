import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Files that exist only in a working checkout. */
const LOCAL =
  /^(\.git|(bench\/.*\/)?node_modules|\.next\/(cache|dev|diagnostics)|coverage|test-results|playwright-report|\.env(?!\.example$).*|.*\.tsbuildinfo)$/;
const COMMAND_WITHIN_MS = 60_000;
const POLL_MS = 50;

/** With an error status curl exits with 22. */
const CURLRC = 'fail\nsilent\nshow-error\nnoproxy = "*"\n';

/** A question of a command, and what a person types. */
export interface Dialogue {
  readonly asked: string;
  readonly answer: () => Promise<string>;
}

/** A folder that has the project as a fresh clone has it after `npm ci` and a build. */
export class Clone {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'clone-'));
  readonly #environment: Record<string, string>;
  #server: ChildProcess | undefined;

  /** @param environment the variables of commands, besides PATH and HOME, which is the folder */
  constructor(environment: Record<string, string>) {
    // Jest has already made the build.
    cpSync('.', this.#folder, { recursive: true, verbatimSymlinks: true, filter: (file) => !LOCAL.test(file) });
    symlinkSync(path.resolve('node_modules'), path.join(this.#folder, 'node_modules'));
    this.append('.curlrc', CURLRC);
    const quiet = { NEXT_TELEMETRY_DISABLED: '1', NO_UPDATE_NOTIFIER: '1', npm_config_loglevel: 'error' };
    this.#environment = { PATH: process.env.PATH ?? '', HOME: this.#folder, ...quiet, ...environment };
  }

  append(file: string, text: string): void {
    appendFileSync(path.join(this.#folder, file), text, { mode: 0o600 });
  }

  #spawn(command: string) {
    const child = spawn('sh', ['-euc', command], {
      cwd: this.#folder,
      env: this.#environment as NodeJS.ProcessEnv,
      // A process group of its own, as a terminal gives it.
      detached: true,
    });
    const said = { output: '' };
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said.output += chunk.toString();
      });
    return { child, said };
  }

  /** Runs a command as a person types it. */
  async run(command: string, { asked, answer }: Dialogue): Promise<{ status: number | null; output: string }> {
    const { child, said } = this.#spawn(command);
    const ended = once(child, 'close') as Promise<[number | null]>;
    const giveUpAt = Date.now() + COMMAND_WITHIN_MS;
    while (child.exitCode === null && child.signalCode === null && !said.output.includes(asked)) {
      if (Date.now() > giveUpAt) process.kill(-(child.pid as number), 'SIGKILL');
      await sleep(POLL_MS);
    }
    if (said.output.includes(asked)) child.stdin.end(`${await answer()}\n`);
    const [status] = await ended;
    return { status, output: said.output };
  }

  /**
   * Starts a program that runs until somebody stops it.
   * @param url answers as soon as it is up
   * @throws if the program exits, or does not come up
   */
  async start(command: string, url: string): Promise<void> {
    const { child, said } = this.#spawn(`exec ${command}`);
    this.#server = child;
    const answers = () =>
      fetch(url).then(
        ({ ok }) => ok,
        () => false,
      );
    const giveUpAt = Date.now() + COMMAND_WITHIN_MS;
    while (!(await answers())) {
      if (Date.now() > giveUpAt) throw new Error(`${command} does not answer: ${said.output}`);
      if (child.exitCode !== null) throw new Error(`${command} ended: ${said.output}`);
      await sleep(POLL_MS);
    }
  }

  /** Ends everything that was started here, with its children, and removes the folder. */
  async remove(): Promise<void> {
    const server = this.#server;
    if (server?.pid !== undefined && server.exitCode === null && server.signalCode === null) {
      process.kill(-server.pid, 'SIGTERM');
      await once(server, 'close');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
