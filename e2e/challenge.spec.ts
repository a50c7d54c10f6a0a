import { type ChildProcess, spawn } from 'node:child_process';
import { on } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page, Request } from '@playwright/test';
import { NEXT } from '@/scripts/build';
import { SEED } from '@/simulator/seed';
import { messagesTo, onlyCodeFor } from './inbox';
import { DOUBTFUL_APP_URL, SIMULATOR_PORT } from './servers';
import { test as base, expect } from './test';

const PLENTY = '1000000,1000000,0.35';
const FREE_MESSAGES = 6;

let addresses = 0;
let numbers = 0;
function newNumber(): string {
  numbers += 1;
  // After a failure, the tests continue in another process.
  return `+1415555${8000 + 100 * Number(process.env.TEST_WORKER_INDEX) + numbers}`;
}

interface Fixtures {
  /** The IP address of the page's requests, with credit of its own. */
  address: string;
  /** Everything that the policy refused. */
  violations: string[];
}

const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
  address: async ({}, use) => {
    addresses += 1;
    await use(`203.0.${process.pid % 200}.${addresses}`);
  },
  extraHTTPHeaders: async ({ address }, use) => use({ 'X-Forwarded-For': address }),
  violations: [
    async ({ page }, use) => {
      const violations: string[] = [];
      page.on('console', (message) => {
        if (/Content Security Policy/.test(message.text())) violations.push(message.text());
      });
      await use(violations);
      expect(violations).toEqual([]);
    },
    { auto: true },
  ],
});

let folder = '';
const clockFile = () => path.join(folder, 'ahead');

let app: ChildProcess;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  folder = mkdtempSync(path.join(tmpdir(), 'clock-'));
  const { PATH, HOME } = process.env;
  const environment = {
    PATH,
    HOME,
    NODE_ENV: 'production',
    INFOBIP_BASE_URL: `http://127.0.0.1:${SIMULATOR_PORT}`,
    INFOBIP_API_KEY: SEED.apiKey,
    INFOBIP_2FA_APP_ID: SEED.applicationId,
    INFOBIP_2FA_MESSAGE_ID: SEED.smsMessageId,
    APP_ORIGIN: DOUBTFUL_APP_URL,
    RESEND_COOLDOWN_SECONDS: '0',
    NODE_OPTIONS: `--require ${path.resolve('__tests__/support/movable-clock.cjs')}`,
    CLOCK_FILE: clockFile(),
    TRUSTED_PROXY_HOPS: '1',
    FRAUD_GUARD: 'enforce',
    CREDIT_PER_ADDRESS: `${FREE_MESSAGES},0.001,0.35`,
    CREDIT_PER_SITE: PLENTY,
    CREDIT_PER_NETWORK: PLENTY,
    CREDIT_PER_RANGE: PLENTY,
    CREDIT_PER_BLOCK: PLENTY,
    CREDIT_PER_COUNTRY: PLENTY,
    CREDIT_PER_MAIN_COUNTRY: PLENTY,
    CREDIT_PER_HOME_COUNTRY: PLENTY,
    LIMIT_SEND_PER_RANGE: '1000/1d',
    LIMIT_SEND_PER_BLOCK: '1000/1d',
    LIMIT_SEND_PER_NETWORK: '1000/1h',
  } as unknown as NodeJS.ProcessEnv;
  const port = new URL(DOUBTFUL_APP_URL).port;
  app = spawn(process.execPath, [NEXT, 'start', '-H', '127.0.0.1', '-p', port], { env: environment });
  const isUp = () =>
    fetch(`${DOUBTFUL_APP_URL}/api/health`).then(
      (reply) => reply.ok,
      () => false,
    );
  while (!(await isUp())) await sleep(50);
});
test.afterAll(() => {
  app.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** Moves the app's clock ahead. */
async function moveClock(ms: number): Promise<void> {
  writeFileSync(clockFile(), String(ms));
  const said = on(app.stdout as Readable, 'data');
  app.kill('SIGUSR2');
  // The output begins with what the app printed at startup.
  let text = '';
  for await (const [part] of said) {
    text += part;
    if (text.includes(`clock moved: ${ms / 1000} s`)) break;
  }
}

test.use({ baseURL: DOUBTFUL_APP_URL, expectedReplies: ['428 /api/send-otp', '428 /api/resend-otp'] });

/** Requests a code from an IP address, without the page. */
const sendFrom = (address: string, phoneNumber: string) =>
  fetch(`${DOUBTFUL_APP_URL}/api/send-otp`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': address },
    body: JSON.stringify({ phoneNumber }),
  });

async function spend(address: string, messages = FREE_MESSAGES): Promise<void> {
  for (let sent = 0; sent < messages; sent += 1) expect((await sendFrom(address, newNumber())).status).toBe(200);
}

/** Holds requests that bring a solution until the returned function releases them. */
async function holdSolutions(page: Page, path: string) {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(path, async (route) => {
    if (route.request().postDataJSON().solution !== undefined) await released;
    await route.continue().catch(() => undefined);
  });
  return release;
}

function watch(page: Page, pattern: RegExp): Request[] {
  const seen: Request[] = [];
  page.on('request', (request) => {
    if (pattern.test(request.url())) seen.push(request);
  });
  return seen;
}

test('the browser solves the challenge of a send without a click', async ({ verification, page, address }) => {
  await spend(address);
  const number = newNumber();
  await verification.open();
  const workers = watch(page, /turbopack-worker/);
  const sends = watch(page, /send-otp/);
  const release = await holdSolutions(page, '**/api/send-otp');
  await verification.number.fill(number);
  await verification.button('Send code').click();
  await expect(page.getByText('Checking your browser…')).toBeAttached();
  await expect(verification.button('Sending…')).toHaveAttribute('aria-disabled', 'true');
  release();
  await expect(verification.code).toBeFocused();
  expect([workers.length, sends.length]).toEqual([1, 2]);
  await verification.code.fill(await onlyCodeFor(number));
  await expect(verification.success).toBeFocused();
});

test('the browser solves the challenge of a resend', async ({ verification, page, address }) => {
  const number = newNumber();
  await verification.open();
  await verification.sendTo(number);
  await spend(address, FREE_MESSAGES - 1);
  const resends = watch(page, /resend-otp/);
  await verification.button('Send the code again').click();
  await expect(page.getByText('We sent the code again.').first()).toBeVisible();
  expect(resends).toHaveLength(2);
  expect(await messagesTo(number)).toHaveLength(2);
});

test('the page loads nothing that solves challenges before it gets one', async ({ verification, page }) => {
  const workers = watch(page, /turbopack-worker/);
  await verification.open();
  await verification.sendTo(newNumber());
  await page.waitForLoadState('networkidle');
  expect([workers.length, page.workers().length]).toEqual([0, 0]);
});

test('a person whose browser cannot load the worker sees a message, and can try again', async ({ page, address }) => {
  // This test does without the fixture that fails on failed requests, because here a request has to fail.
  await spend(address);
  const number = newNumber();
  await page.route('**/turbopack-worker*', (route) => route.abort());
  await page.goto('/', { waitUntil: 'networkidle' });
  await page.getByLabel('Phone number').fill(number);
  await page.getByRole('button', { name: 'Send code' }).click();
  await expect(page.getByLabel('Phone number')).toHaveAccessibleDescription(/^We couldn't check your browser\./);
  expect(await messagesTo(number)).toHaveLength(0);
  await page.unroute('**/turbopack-worker*');
  await page.getByRole('button', { name: 'Send code' }).click();
  await expect(page.getByLabel('Verification code')).toBeFocused();
});

test('the page solves two challenges at most, and then shows a message', async ({ verification, page, address }) => {
  await spend(address);
  await verification.open();
  const sends = watch(page, /send-otp/);
  // Removes the solution, so that the server asks for another one.
  await page.route('**/api/send-otp', async (route) => {
    const { solution: _, ...body } = route.request().postDataJSON();
    await route.continue({ postData: JSON.stringify(body) });
  });
  await verification.number.fill(newNumber());
  await verification.button('Send code').click();
  await expect(verification.number).toHaveAccessibleDescription(/^We couldn't check your browser\./);
  expect(sends).toHaveLength(3);
});

test('leaving the screen stops the solver, and sends nothing', async ({ verification, page, address }) => {
  const number = newNumber();
  await verification.open();
  await verification.sendTo(number);
  await spend(address, FREE_MESSAGES - 1);
  const resends = watch(page, /resend-otp/);
  // The worker never starts.
  await page.route('**/turbopack-worker*', () => undefined);
  await verification.button('Send the code again').click();
  await expect(page.getByText('Checking your browser…')).toBeAttached();
  await verification.link('Change').click();
  await expect(verification.number).toBeFocused();
  await expect.poll(() => page.workers().length).toBe(0);
  expect(resends).toHaveLength(1);
  expect(await messagesTo(number)).toHaveLength(1);
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('the page asks the person to wait, and keeps the number', async ({ verification, page, address }) => {
    await spend(address);
    const number = newNumber();
    await page.goto('/');
    await verification.country.selectOption('CA');
    await verification.number.fill(number);
    await verification.button('Send code').click();
    await expect(verification.number).toHaveAccessibleDescription(
      /^Please wait one minute, then press the button again to get your code\. Try again in \d+ s\./,
    );
    await expect(verification.number).toHaveValue(number);
    await expect(verification.country).toHaveValue('CA');
    expect(await messagesTo(number)).toHaveLength(0);
    // This is too early: the wait continues, and does not start over.
    await moveClock(15_000);
    await verification.button('Send code').click();
    await expect(verification.number).toHaveAccessibleDescription(/Try again in [1-4]\d s\./);
    await moveClock(60_000);
    await verification.button('Send code').click();
    await expect(verification.code).toBeVisible();
    expect(await messagesTo(number)).toHaveLength(1);
  });
});
