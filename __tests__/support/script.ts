import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { programOf } from './commands';

/** How a run ended, with all its output. */
export interface Run {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program beside the test: `spawnSync` would stop the simulator, and the timers that drop idle connections. */
export async function run(
  command: string,
  words: readonly string[],
  { input = '', ...options }: { input?: string; cwd?: string; env?: Record<string, string | undefined> } = {},
): Promise<Run> {
  const child = spawn(command, words, { ...options, env: options.env as NodeJS.ProcessEnv });
  const result: Run = { status: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (result.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (result.stderr += text));
  child.stdin.on('error', () => undefined).end(input);
  [result.status] = (await once(child, 'close')) as [number | null];
  return result;
}

const surroundings = (environment: Record<string, string>) => ({ PATH: process.env.PATH, ...environment });

/** Runs one of `scripts/` with only these variables. */
export const runScript = (name: string, words: readonly string[], environment: Record<string, string> = {}) =>
  run(process.execPath, [...programOf(name), ...words], { env: surroundings(environment) });

/** Runs one of the `scripts/` of another tree. */
export const runScriptIn = (
  cwd: string,
  name: string,
  words: readonly string[],
  environment: Record<string, string> = {},
) =>
  run(process.execPath, ['--import', 'tsx', `scripts/${name}.ts`, ...words], { cwd, env: surroundings(environment) });
