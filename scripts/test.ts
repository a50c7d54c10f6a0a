/**
 * `npm test` runs Jest's tests and the browser's side by side, without the slow ones. `npm run test:all` adds those.
 * With other arguments it runs Jest alone, and passes them on.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { chromiumPath } from '@/e2e/chromium';
import { buildIfNeeded } from './build';

const JEST = 'node_modules/jest/bin/jest.js';
const PLAYWRIGHT = 'node_modules/@playwright/test/cli.js';
const PROGRESS_EVERY_MS = 15_000;
const inCi = Boolean(process.env.CI);
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };

const print = (line: string) => process.stdout.write(`${line}\n`);

/** Test runs that have started, and how many lines of each report that something passed. */
const runs: { readonly unit: string; passed: number }[] = [];

/** Starts a test run. It keeps what the run prints until `show`, which also returns whether all of it passed. */
function start(args: readonly string[], unit: string, pass: RegExp): { show: () => Promise<boolean> } {
  // A pipe, so that the run prints lines instead of moving the cursor.
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const ended = once(child, 'close');
  process.once('SIGTERM', () => child.kill());
  const run = { unit, passed: 0 };
  runs.push(run);
  const kept: string[] = [];
  let take: (line: string) => unknown = (line) => kept.push(line);
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      if (pass.test(line)) run.passed += 1;
      take(line);
    });
  }
  return {
    async show() {
      take = print;
      kept.forEach(print);
      const [status, signal] = await ended;
      if (status !== 0) print(`The ${unit} ended with ${signal ?? status}.`);
      return status === 0;
    },
  };
}

function startBrowserTests(args: readonly string[]): { show: () => Promise<boolean> } {
  if (chromiumPath) return start([PLAYWRIGHT, 'test', ...args], 'browser tests', /^\s+✓/);
  const remedy = 'no Chromium found: install it (Debian: apt-get install chromium-headless-shell) or set CHROMIUM_PATH';
  return {
    async show() {
      print(`${inCi ? 'Browser tests failed' : 'Browser tests skipped'}: ${remedy}.`);
      return !inCi;
    },
  };
}

async function runBoth(withSlow: boolean): Promise<boolean> {
  buildIfNeeded();
  // Ctrl-C also reaches the two runs. This process goes on until it has printed their last lines.
  process.once('SIGINT', () => {});
  const begun = Date.now();
  const jest = start(
    [JEST, ...(withSlow ? [] : ['--testPathIgnorePatterns', '\\.slow\\.test\\.'])],
    'test files',
    /^PASS/,
  );
  const browser = startBrowserTests(withSlow ? [] : ['--grep-invert', '\\.slow\\.spec\\.']);
  const progress = setInterval(() => {
    const seconds = Math.round((Date.now() - begun) / 1000);
    print(`… ${seconds} s: ${runs.map(({ passed, unit }) => `${passed} ${unit}`).join(' and ')} have passed`);
  }, PROGRESS_EVERY_MS);
  const results = [await jest.show(), await browser.show()];
  clearInterval(progress);
  return !results.includes(false);
}

const args = process.argv.slice(2);
const withSlow = args.length === 1 && args[0] === '--all';

async function main(): Promise<void> {
  const passed =
    args.length === 0 || withSlow
      ? await runBoth(withSlow)
      : spawnSync(process.execPath, [JEST, ...args], { stdio: 'inherit', env }).status === 0;
  process.exitCode = passed ? 0 : 1;
}

void main();
