import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { programOf } from './commands';
import { type Run, run } from './script';

const COMMAND = programOf('setup');

const surroundings = (more: Record<string, string> = {}) =>
  ({ PATH: process.env.PATH, ...more }) as unknown as NodeJS.ProcessEnv;

export const runSetup = (words: readonly string[], input = '', env: Record<string, string> = {}): Promise<Run> =>
  run(process.execPath, [...COMMAND, ...words], { input, env: surroundings(env) });

const hasPty = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;
if (!hasPty && !process.env.CI)
  process.stderr.write("The test at a terminal is skipped: util-linux's script is not there.\n");

/** Tests at a terminal need util-linux's `script`. Without it they are skipped, except in CI, where they then fail. */
export const testAtTerminal: jest.It = hasPty || process.env.CI ? test : test.skip;

/**
 * Runs the command at its own terminal, where a person waits for each question.
 * @param answers each question, or its beginning, and what the person types
 */
export async function runSetupAtTerminal(
  words: readonly string[],
  answers: readonly (readonly [question: string, answer: string])[],
): Promise<{ status: number | null; screen: string }> {
  const line = [process.execPath, ...COMMAND, ...words].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', line, '/dev/null'], { env: surroundings({ TERM: 'xterm' }) });
  const left = [...answers];
  let screen = '';
  let read = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
    const [next] = left;
    const at = next ? screen.indexOf(next[0], read) : -1;
    if (!next || at < 0) return;
    read = at + next[0].length;
    left.shift();
    child.stdin.write(next[1]);
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, screen };
}

/** A folder for a test's files, and the usual arguments of the command there. */
export class SetupFolder {
  readonly path = mkdtempSync(path.join(tmpdir(), 'setup-'));
  readonly envFile = path.join(this.path, '.env.local');
  readonly keyFile = path.join(this.path, 'key');

  file(name: string): string {
    return path.join(this.path, name);
  }

  /** @param more overrides the arguments above */
  words(baseUrl: string, ...more: string[]): string[] {
    const origin = ['--origin', 'https://verify.example.com'];
    return ['--base-url', baseUrl, '--api-key-file', this.keyFile, ...origin, '--env-file', this.envFile, ...more];
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
