import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { NEXT } from '@/scripts/build';
import { onlyCodeFor } from './inbox';
import { EMPTY_APP_URL } from './servers';
import { expect, test } from './test';

/** Bytes of script more than an empty Next.js page: before the first input, and in total. */
const BUDGET = { atFirst: 9_800, inAll: 30_000 };

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
test.beforeAll(async () => {
  test.setTimeout(120_000);
  const built = spawnSync(process.execPath, [NEXT, 'build', EMPTY_APP], { encoding: 'utf8' });
  expect({ status: built.status, stderr: built.status === 0 ? '' : built.stderr + built.stdout }).toEqual({
    status: 0,
    stderr: '',
  });
  const port = new URL(EMPTY_APP_URL).port;
  emptyApp = spawn(process.execPath, [NEXT, 'start', EMPTY_APP, '-H', '127.0.0.1', '-p', port], { stdio: 'ignore' });
  while (
    !(await fetch(EMPTY_APP_URL).then(
      (reply) => reply.ok,
      () => false,
    ))
  )
    await sleep(50);
});
test.afterAll(() => {
  emptyApp.kill();
});

test('the page adds little script to an empty one, at first and in total', async ({ verification, page, browser }) => {
  const emptyPage = await browser.newPage();
  const empty = weighScripts(emptyPage);
  await emptyPage.goto(EMPTY_APP_URL);
  const base = await empty();
  await emptyPage.close();

  const weigh = weighScripts(page);
  await verification.open();
  const atFirst = (await weigh()) - base;
  const number = '+14155552901';
  await verification.country.click();
  await page.locator('input[role=combobox]').fill('+1');
  await page.getByRole('listbox').getByText('United States').click();
  await verification.number.pressSequentially(number);
  await verification.button('Send code').click();
  await expect(verification.code).toBeFocused();
  await verification.code.fill(await onlyCodeFor(number));
  await expect(verification.success).toBeFocused();
  const inAll = (await weigh()) - base;
  test.info().annotations.push({ type: 'weight', description: `${base} + ${atFirst}, ${inAll} bytes` });
  process.stdout.write(`  script over an empty page of ${base} bytes: ${atFirst} at first, ${inAll} in all (gzip)\n`);
  expect(base).toBeGreaterThan(50_000);
  expect(atFirst).toBeLessThanOrEqual(BUDGET.atFirst);
  expect(inAll).toBeLessThanOrEqual(BUDGET.inAll);
});
