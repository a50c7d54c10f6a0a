/**
 * `npm run measure`: measures how long a slow phone takes for the challenge of each level, with the page's own worker
 * in Chromium. `measure/slow-phone.ts` says which phone, and how it slows down a browser. Needs Linux or macOS, and an
 * idle machine.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from '@playwright/test';
import { buildSync } from 'esbuild';
import { chromiumPath } from '@/e2e/chromium';
import { makePrivacyKey } from '@/lib/config/keys';
import type { Challenge } from '@/lib/contract';
import { createPrivacy } from '@/lib/privacy';
import { createChallenges, numbersOf } from '@/lib/verification/challenge';
import { endWith, readArguments } from './command';
import { ask, BENCHMARK, calibrate, inTurn, median, renderersOf, slowDown } from './measure/slow-phone';

const USAGE = 'Usage: npm run measure   (solves challenges in a slowed-down Chromium; takes two minutes)';

const LEVELS = [1, 2, 3, 4] as const;
const CHALLENGES_EACH = 25;

function bundleWorker(): string {
  const entryPoints = ['components/flow/challenge-worker.ts'];
  const { outputFiles } = buildSync({ entryPoints, format: 'iife', bundle: true, minify: true, write: false });
  return outputFiles[0]?.text ?? '';
}

/** A page at an address that may use Web Crypto, and its workers. */
async function serve() {
  const files: Record<string, string> = { '/solver.js': bundleWorker(), '/benchmark.js': BENCHMARK };
  const server = createServer(({ url = '' }, response) => {
    response.setHeader('Content-Type', files[url] ? 'text/javascript' : 'text/html');
    response.end(files[url] ?? '<!doctype html>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => server.close() };
}

const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`.padStart(9);

async function measureLevel(page: Page, level: number): Promise<void> {
  const { ask: issue } = createChallenges(createPrivacy([makePrivacyKey()]));
  const perNumber: number[] = [];
  const times = await inTurn(CHALLENGES_EACH, async () => {
    const message = { kind: 'send', to: '+14155552671', method: 'sms' } as const;
    const { challenge }: { challenge: Challenge } = await issue(level, message, undefined);
    const startedAt = performance.now();
    const { counter } = await ask<{ counter: number }>(page, '/solver.js', { type: 'work', challenge });
    const ms = performance.now() - startedAt;
    perNumber.push(ms / counter);
    return ms;
  });
  const longest = median(perNumber.sort((one, other) => one - other)) * numbersOf(level);
  const cells = [median(times), times.at(-1) ?? Number.NaN, longest].map(inSeconds);
  process.stdout.write(`${String(level).padStart(5)} ${cells.join(' ')}\n`);
}

async function measureAll(browser: Browser, pid: number, url: string): Promise<void> {
  const page = await browser.newPage();
  await page.goto(url);
  const throttle = slowDown(renderersOf(pid));
  try {
    await calibrate(page, throttle.by);
    process.stdout.write(
      `level    median   maximum   longest (at the median speed; ${CHALLENGES_EACH} challenges each)\n`,
    );
    for (const level of LEVELS) await measureLevel(page, level);
  } finally {
    await throttle.end();
  }
}

async function main(): Promise<void> {
  readArguments(process.argv.slice(2), {}, { name: 'measure', usage: USAGE });
  const site = await serve();
  const server = await chromium.launchServer({
    ...(chromiumPath && { executablePath: chromiumPath }),
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const pid = server.process().pid ?? 0;
    await measureAll(await chromium.connect(server.wsEndpoint()), pid, site.url);
  } finally {
    await server.close();
    site.stop();
  }
}

if (process.argv[2] === '--help') process.stdout.write(`${USAGE}\n`);
else main().catch(endWith);
