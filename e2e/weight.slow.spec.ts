import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from '@playwright/test';
import { buildIfNeeded, NEXT } from '@/scripts/build';
import { type FactorsApp, startFactorsApp } from './factors-app';
import { onlyCodeFor } from './inbox';
import { APP_URL, EMPTY_APP_URL, WEIGHED_APP_URL } from './servers';
import { expect, test, type VerificationPage } from './test';

/**
 * Bytes of script beyond those of an empty Next.js page: before the first input, and in total. Next's list of all pages
 * and routes is a kilobyte of that.
 */
const BUDGET = { atFirst: 10_000, inAll: 28_600 };
/** The same, if the page also offers other ways to verify. */
const BUDGET_WITH_WAYS = { atFirst: 10_000, inAll: 30_100 };

const EMPTY_APP = 'e2e/empty-app';

/** Collects the scripts that a page loads with their gzip sizes, whatever encoding the server used. */
function weighScripts(page: Page): () => Promise<number> {
  const sizes: Promise<number>[] = [];
  page.on('response', (response) => {
    const data = /\/api\/phone-metadata/.test(response.url());
    if (response.request().resourceType() === 'script' || data) {
      sizes.push(response.body().then((body) => gzipSync(body, { level: 9 }).length));
    }
  });
  return async () => {
    await page.waitForLoadState('networkidle');
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  };
}

let emptyApp: ChildProcess;
let withWays: FactorsApp;
test.beforeAll(async () => {
  test.setTimeout(300_000);
  buildIfNeeded(EMPTY_APP, { sources: [EMPTY_APP] });
  const port = new URL(EMPTY_APP_URL).port;
  emptyApp = spawn(process.execPath, [NEXT, 'start', EMPTY_APP, '-H', '127.0.0.1', '-p', port], { stdio: 'ignore' });
  while (
    !(await fetch(EMPTY_APP_URL).then(
      (reply) => reply.ok,
      () => false,
    ))
  )
    await sleep(50);
  withWays = await startFactorsApp(WEIGHED_APP_URL);
});
test.afterAll(() => {
  emptyApp.kill();
  withWays.stop();
});

/** Bytes of script of the page, before the first input and after a whole verification. */
async function weighFlow(verification: VerificationPage, number: string) {
  const { page } = verification;
  const weigh = weighScripts(page);
  await verification.open();
  const atFirst = await weigh();
  await verification.country.click();
  await page.locator('input[role=combobox]').fill('+1');
  await page.getByRole('listbox').getByText('United States').click();
  await verification.number.pressSequentially(number);
  await verification.button('Send code').click();
  await expect(verification.code).toBeFocused();
  await verification.code.fill(await onlyCodeFor(number));
  await expect(verification.success).toBeFocused();
  return { atFirst, inAll: await weigh() };
}

async function weighEmptyPage(browser: Browser): Promise<number> {
  const page = await browser.newPage();
  const weigh = weighScripts(page);
  await page.goto(EMPTY_APP_URL);
  const base = await weigh();
  await page.close();
  expect(base).toBeGreaterThan(50_000);
  return base;
}

for (const [what, url, number, budget] of [
  ['the page', APP_URL, '+14155552901', BUDGET],
  ['the page with other ways to verify', WEIGHED_APP_URL, '+14155552902', BUDGET_WITH_WAYS],
] as const) {
  test.describe(what, () => {
    test.use({ baseURL: url });

    test('adds little script to an empty one, at first and in total', async ({ verification, browser }) => {
      const base = await weighEmptyPage(browser);
      const weight = await weighFlow(verification, number);
      const [atFirst, inAll] = [weight.atFirst - base, weight.inAll - base];
      process.stdout.write(
        `  ${what}: script over an empty page of ${base} bytes: ${atFirst} at first, ${inAll} in all (gzip)\n`,
      );
      expect(atFirst).toBeLessThanOrEqual(budget.atFirst);
      expect(inAll).toBeLessThanOrEqual(budget.inAll);
    });
  });
}
