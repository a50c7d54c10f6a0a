import type { Page } from '@playwright/test';
import { messagesTo } from './inbox';
import { expect, test } from './test';

/** Puts other times into the server's reply, so that no test has to wait for minutes. */
async function change(page: Page, path: string, figures: object): Promise<void> {
  await page.route(path, async (route) => {
    const reply = await route.fetch();
    await route.fulfill({ response: reply, json: { ...(await reply.json()), ...figures } });
  });
}

test('the page announces the last seconds, and at the end offers a new code instead of an error', async ({
  verification,
  page,
}) => {
  await change(page, '**/api/send-otp', { expiresInSeconds: 31 });
  await page.clock.install();
  await verification.open();
  await verification.sendTo('+14155552851');
  await page.clock.runFor(2500);
  await expect(page.getByText('The code expires in less than 30 seconds.')).toBeAttached();
  await page.clock.runFor(30_000);
  await expect(page.getByRole('heading', { name: 'This code has expired' })).toBeFocused();
  await expect(verification.button('Send a new code')).toBeVisible();
  await expect(verification.code).toBeHidden();
});

test('waits continue by the server’s times after a reload', async ({ verification, page }) => {
  const number = '+14155552852';
  await verification.open();
  await verification.sendTo(number);
  await verification.button('Send the code again').click();
  await expect(verification.button(/^Send again in [12] s$/)).toBeVisible();
  await page.reload();
  await expect(verification.button(/^Send again in [12] s$/)).toBeVisible();
  await expect(verification.button('Send the code again')).toBeVisible();
  expect(await messagesTo(number)).toHaveLength(2);
});

test.describe('limits', () => {
  test.use({ expectedReplies: ['429 /api/send-otp'] });

  test('show the wait, which counts down', async ({ verification, page }) => {
    const limited = { code: 'RATE_LIMITED', message: '', retryAfterSeconds: 3 };
    await page.route('**/api/send-otp', (route) => route.fulfill({ status: 429, json: limited }));
    await verification.open();
    await verification.number.fill('+14155552853');
    await verification.button('Send code').click();
    await expect(verification.number).toHaveAccessibleDescription(/That was too soon\. Try again in [23] s\./);
    await expect(verification.number).toHaveAccessibleDescription(/Try again in 1 s\./);
    await expect(verification.number).toHaveAccessibleDescription(/You can try again now\./);
  });
});

test.describe('the last attempt', () => {
  test.use({ expectedReplies: ['400 /api/verify-otp'] });

  test('is announced before the person uses it', async ({ verification, page }) => {
    const wrong = { verified: false, code: 'WRONG_PIN', message: '', attemptsRemaining: 1 };
    await page.route('**/api/verify-otp', (route) => route.fulfill({ status: 400, json: wrong }));
    await verification.open();
    await verification.sendTo('+14155552854');
    await verification.code.fill('123456');
    await expect(verification.code).toHaveAccessibleDescription(
      /1 attempt left\. This is your last attempt with this code\./,
    );
    await expect(page.getByRole('status').filter({ hasText: 'This is your last attempt' })).toBeAttached();
  });
});
