import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { programOf } from '@/__tests__/support/commands';
import type { Finding } from '@/scripts/doctor/finding';

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The array that `--json` printed. */
  readonly findings: readonly Finding[];
}

/** How a run differs from a plain one. */
export interface RunOptions {
  /** Env files in its working folder: name to contents. */
  readonly files?: Readonly<Record<string, string>>;
  /** Mode of these files; by default only their owner may read them. */
  readonly mode?: number;
  /** Lines to type, each once standard error ends with its question. */
  readonly answers?: readonly (readonly [RegExp, () => string | Promise<string>])[];
}

const parse = (stdout: string): readonly Finding[] => (stdout.startsWith('[') ? (JSON.parse(stdout) as Finding[]) : []);

/**
 * Runs the command with only these variables, in a folder of its own: an env file of the person who runs the tests must
 * not count. It does not use `spawnSync`, which would also stop the simulator.
 */
export async function runDoctor(
  environment: Record<string, string>,
  words: readonly string[] = [],
  { files = {}, mode = 0o600, answers = [] }: RunOptions = {},
): Promise<Run> {
  const cwd = mkdtempSync(path.join(tmpdir(), 'doctor-'));
  for (const [name, contents] of Object.entries(files)) writeFileSync(path.join(cwd, name), contents, { mode });
  const { PATH } = process.env;
  const child = spawn(process.execPath, [...programOf('doctor'), ...words], {
    cwd,
    env: { PATH, ...environment } as unknown as NodeJS.ProcessEnv,
  });
  let [stdout, stderr] = ['', ''];
  const waiting = [...answers];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', async (chunk: Buffer) => {
    stderr += chunk.toString();
    if (!waiting[0]?.[0].test(stderr)) return;
    const [, answer] = waiting.shift() ?? [];
    child.stdin.write(`${await answer?.()}\n`);
    stderr += '\n';
  });
  if (answers.length === 0) child.stdin.end();
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  rmSync(cwd, { recursive: true });
  return { status, stdout, stderr, findings: parse(stdout) };
}
