import { spawnSync } from 'node:child_process';

const installed = spawnSync('promtool', ['--version']).status === 0;
if (!installed && !process.env.CI)
  process.stderr.write('Prometheus tests skipped: no promtool found, install prometheus to run them.\n');

/** Tests that need promtool, of Debian's package prometheus: skipped if it is missing, except in CI, where they then fail. */
export const testWithPromtool: jest.It = installed || process.env.CI ? test : test.skip;

/** Runs promtool; returns its status and all output. */
export function promtool(args: readonly string[], input = ''): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8', input });
  return { status, output: stdout + stderr };
}
