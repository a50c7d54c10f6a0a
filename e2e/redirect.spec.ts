import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { startAnotherApp } from './another-app';
import { onlyCodeFor } from './inbox';
import { LEADING_APP_URL, SIMULATOR_PORT } from './servers';
import { expect, test as plain, VerificationPage } from './test';

/** A page of another origin. */
const ELSEWHERE = `http://127.0.0.1:${SIMULATOR_PORT}/inbox`;

const test = plain.extend({
  // Does without the fixture that fails on requests to another host: leaving is what these tests are about.
  verification: async ({ page }, use) => use(new VerificationPage(page)),
});
test.use({ baseURL: LEADING_APP_URL });

let app: ChildProcess;
test.beforeAll(async () => {
  app = await startAnotherApp(LEADING_APP_URL, {
    NODE_OPTIONS: `--require ${path.resolve('e2e/redirecting.cjs')}`,
    REDIRECT_TO: ELSEWHERE,
    REDIRECT_ORIGINS: new URL(ELSEWHERE).origin,
  });
});
test.afterAll(() => {
  app.kill();
});

test('the page announces the success, then goes where onVerified says', async ({ verification, page }) => {
  const number = '+14155553911';
  const heard: string[] = [];
  await page.exposeFunction('hear', (text: string) => heard.push(text));
  // The test listens inside the page, because once the next page is requested, Playwright waits for that one.
  await page.addInitScript(() => {
    const { hear } = window as unknown as { hear: (text: string) => void };
    const report = () => {
      for (const { textContent } of document.querySelectorAll('[role=status]')) hear(textContent ?? '');
    };
    new MutationObserver(report).observe(document, { subtree: true, childList: true, characterData: true });
  });
  await verification.open();
  await verification.sendTo(number);
  await verification.code.fill(await onlyCodeFor(number));
  await expect(page).toHaveURL(ELSEWHERE);
  await expect.poll(() => heard.join()).toContain('Success! Phone number verified.');
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('a form also leads where onVerified says, and Back returns to the page', async ({ verification, page }) => {
    const number = '+14155553912';
    await page.goto('/');
    await verification.number.fill(number);
    await verification.button('Send code').click();
    await expect(verification.code).toBeVisible();
    await verification.code.fill(await onlyCodeFor(number));
    await verification.button('Verify').click();
    await expect(page).toHaveURL(ELSEWHERE);
    await page.goBack();
    await expect(verification.success).toBeVisible();
  });
});
