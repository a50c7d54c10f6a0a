import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_WITHIN_MS = 60_000;
const POLL_MS = 5;
/** Ticks per second of the kernel's clock in /proc; the same on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100;

/** The processes to kill when this one exits. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Ends a process: with SIGTERM, then with SIGKILL if it takes too long. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeoutKill(child);
  await ended;
  clearTimeout(timer);
}

const setTimeoutKill = (child: ChildProcess) => setTimeout(() => child.kill('SIGKILL'), 3000);

interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The file for the process's output, as a server has one in production. */
  readonly log?: string;
  /** Whether the process accepts messages. */
  readonly ipc?: boolean;
}

/** Starts a program with an empty environment except for the path. */
export function start(
  command: string,
  args: readonly string[],
  { env = {}, cwd, log, ipc }: SpawnOptions = {},
): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  const output = log === undefined ? 'inherit' : openSync(log, 'a');
  const child = spawn(command, args, {
    env: { PATH, HOME, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...env },
    ...(cwd !== undefined && { cwd }),
    stdio: ['ignore', output, output, ...(ipc ? (['ipc'] as const) : [])],
  });
  if (typeof output === 'number') closeSync(output);
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** The next message of a process, or an error if it ends instead. */
export function message<T>(child: ChildProcess, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error(`${name} ended.`));
    child.once('exit', ended);
    child.once('message', (value) => {
      child.off('exit', ended);
      resolve(value as T);
    });
  });
}

/** Sends a message to a process, and waits for its answer. */
export async function order<T>(child: ChildProcess, name: string, what: object | string): Promise<T> {
  const answer = message<T>(child, name);
  child.send(what);
  return answer;
}

/** One of our own programs in TypeScript, which accepts messages. */
export const startModule = (file: string, env: Readonly<Record<string, string>> = {}): ChildProcess =>
  start(process.execPath, ['--import', 'tsx', file], { env, ipc: true });

/**
 * Waits until a server answers with a 200.
 * @returns milliseconds since `startedAt`
 */
export async function untilAnswered(child: ChildProcess, url: string, startedAt = performance.now()): Promise<number> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The server for ${url} did not start.`);
    if (performance.now() - startedAt > READY_WITHIN_MS) throw new Error(`${url} did not answer.`);
    const answered = await fetch(url).then(
      (reply) => reply.ok,
      () => false,
    );
    if (answered) return performance.now() - startedAt;
    await sleep(POLL_MS);
  }
}

const procFile = (pid: number, name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8');

/** Seconds of CPU time that a process has used. */
export function cpuSeconds(pid: number): number {
  // The second field is the program's name in brackets, and may contain spaces.
  const fields = procFile(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Bytes of memory in use by a process. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(procFile(pid, 'status'))?.[1]) * 1024;
}

/** Whether a program with that name is installed. */
export const isInstalled = (program: string): boolean =>
  (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      return readdirSync(folder).includes(program);
    } catch {
      return false;
    }
  });
