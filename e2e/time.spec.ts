import type { Page } from '@playwright/test';
import { messagesTo } from './inbox';
import { expect, stopClock, test } from './test';

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
  const waiting = verification.button(/^Send again in \d\d s$/);
  await page.clock.install();
  await verification.open();
  await verification.sendTo(number);
  // The wait after the third message outlasts a reload on a slow machine.
  for (let resends = 0; resends < 2; resends += 1) await verification.button('Send the code again').click();
  await expect(waiting).toBeVisible();
  await page.reload();
  // The countdown runs once the script has disabled the button.
  await expect(waiting).toHaveAttribute('aria-disabled', 'true');
  await page.clock.fastForward(50_000);
  await expect(verification.button('Send the code again')).toBeVisible();
  expect(await messagesTo(number)).toHaveLength(3);
});

test.describe('limits', () => {
  test.use({ expectedReplies: ['429 /api/send-otp'] });

  test('show the wait, which counts down', async ({ verification, page }) => {
    const limited = { code: 'RATE_LIMITED', message: '', retryAfterSeconds: 3 };
    await page.route('**/api/send-otp', (route) => route.fulfill({ status: 429, json: limited }));
    await page.clock.install();
    await verification.open();
    await verification.number.fill('+14155552853');
    await stopClock(page);
    await verification.button('Send code').click();
    await expect(verification.number).toHaveAccessibleDescription(/That was too soon\. Try again in 3 s\./);
    await expect(verification.number).toBeFocused();
    await page.clock.runFor(2000);
    await expect(verification.number).toHaveAccessibleDescription(/Try again in 1 s\./);
    await page.clock.runFor(1000);
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
