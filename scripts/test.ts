/** `npm test`: Jest, then the browser tests. With arguments it runs Jest alone, and passes them on. */
import { spawnSync } from 'node:child_process';
import { chromiumPath } from '@/e2e/chromium';

const inCi = Boolean(process.env.CI);

function run(bin: string, args: string[]): boolean {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
  return spawnSync(process.execPath, [`node_modules/${bin}`, ...args], { stdio: 'inherit', env }).status === 0;
}

function runBrowserTests(): boolean {
  if (chromiumPath) return run('@playwright/test/cli.js', ['test']);
  const remedy = 'no Chromium found: install it (Debian: apt-get install chromium-headless-shell) or set CHROMIUM_PATH';
  process.stderr.write(`${inCi ? 'Browser tests failed' : 'Browser tests skipped'}: ${remedy}.\n`);
  return !inCi;
}

const jestArgs = process.argv.slice(2);
const passed = run('jest/bin/jest.js', jestArgs) && (jestArgs.length > 0 || runBrowserTests());
process.exitCode = passed ? 0 : 1;
