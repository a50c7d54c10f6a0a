import { spawn } from 'node:child_process';
import { once } from 'node:events';

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

/**
 * Runs one of `scripts/` as its npm script does, with only these variables.
 * @param cwd the tree it belongs to
 */
export const runScript = (
  name: string,
  words: readonly string[],
  environment: Record<string, string> = {},
  cwd = process.cwd(),
): Promise<Run> =>
  run(process.execPath, ['--import', 'tsx', `scripts/${name}.ts`, ...words], {
    cwd,
    env: { PATH: process.env.PATH, ...environment },
  });
