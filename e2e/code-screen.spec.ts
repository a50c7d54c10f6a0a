import type { Page } from '@playwright/test';
import { messagesTo, onlyCodeFor } from './inbox';
import { expect, test } from './test';

/** Stands in for the part of a phone that reads text messages; counts the requests, and those that were given up. */
async function installWebOtp(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const otp = { asked: 0, aborted: 0, deliver: (_code: string) => {} };
    Object.assign(window, { otp, OTPCredential: class {} });
    navigator.credentials.get = (options?: CredentialRequestOptions) =>
      new Promise((resolve, reject) => {
        otp.asked += 1;
        otp.deliver = (code) => resolve({ code } as unknown as Credential);
        options?.signal?.addEventListener('abort', () => {
          otp.aborted += 1;
          reject(new DOMException('given up', 'AbortError'));
        });
      });
  });
}

type WithOtp = typeof window & { otp: { asked: number; aborted: number; deliver(code: string): void } };
const otpOf = (page: Page) => page.evaluate(() => ({ ...(window as WithOtp).otp, deliver: undefined }));

test('a code that the browser reads from the message is taken, and submitted once', async ({ verification, page }) => {
  const number = '+14155552821';
  await installWebOtp(page);
  await verification.open();
  expect((await otpOf(page)).asked).toBe(0);
  await verification.sendTo(number);
  const code = await onlyCodeFor(number);
  await page.evaluate((value) => (window as WithOtp).otp.deliver(value), code);
  await expect(verification.success).toBeFocused();
});

test('waiting for a message is given up on submit, and when the number is changed', async ({ verification, page }) => {
  const number = '+14155552822';
  await installWebOtp(page);
  await verification.open();
  await verification.sendTo(number);
  await expect.poll(async () => (await otpOf(page)).asked).toBe(1);
  await verification.link('Change number').click();
  await expect.poll(async () => (await otpOf(page)).aborted).toBe(1);
  await verification.link('Back to entering the code').click();
  await expect.poll(async () => (await otpOf(page)).asked).toBe(2);
  await verification.code.fill(await onlyCodeFor(number));
  await expect(verification.success).toBeFocused();
  expect((await otpOf(page)).aborted).toBe(2);
});

test('a call is offered after the second wait, and takes the place of the message', async ({ verification, page }) => {
  const number = '+14155552823';
  await installWebOtp(page);
  await verification.open();
  await verification.sendTo(number);
  await expect(verification.button('Call me instead')).toBeHidden();
  await verification.button('Send the code again').click();
  // One request for each text message: the second took the place of the first.
  await expect.poll(() => otpOf(page)).toMatchObject({ asked: 2, aborted: 1 });
  await verification.button('Call me instead').click();
  await expect(page.getByText(/^We are calling \+1/)).toBeVisible();
  const messages = await messagesTo(number);
  expect(messages.map(({ channel }) => channel)).toEqual(['sms', 'sms', 'voice']);
  // No text message is awaited any more.
  await expect.poll(() => otpOf(page)).toMatchObject({ asked: 2, aborted: 2 });
  await verification.code.fill(messages.at(-1)?.pin ?? '');
  await expect(verification.success).toBeFocused();
});

test('a success in another tab is seen when this one is looked at again', async ({ verification, page, context }) => {
  const number = '+14155552824';
  await verification.open();
  await verification.sendTo(number);
  const other = await context.newPage();
  await other.goto('/');
  await other.getByLabel('Verification code').fill(await onlyCodeFor(number));
  await expect(other.getByRole('heading', { name: /^Success!/ })).toBeVisible();

  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await expect(verification.success).toBeFocused();
  expect(await messagesTo(number)).toHaveLength(1);
});

test('digits typed before a look elsewhere are still there, and so are the counts', async ({ verification, page }) => {
  const number = '+14155552825';
  await verification.open();
  await verification.sendTo(number);
  await verification.code.pressSequentially('12');
  const [reply] = await Promise.all([
    page.waitForResponse('**/api/verification'),
    page.evaluate(() => document.dispatchEvent(new Event('visibilitychange'))),
  ]);
  expect(reply.status()).toBe(200);
  await expect(verification.code).toHaveValue('12');
  await expect(page.getByText(/^The code works for 4:5\d$/)).toBeVisible();
});

test('the way back and forth of the browser sends nothing and comes to the right screen', async ({
  verification,
  page,
}) => {
  const number = '+14155552826';
  await verification.open();
  await verification.sendTo(number);
  await page.getByRole('link', { name: 'About codes by phone' }).click();
  await page.goBack();
  await expect(verification.code).toBeVisible();
  await verification.ready();
  await verification.code.fill(await onlyCodeFor(number));
  await expect(verification.success).toBeFocused();
  await page.reload();
  await expect(verification.success).toBeVisible();
  await expect(page.getByText(number)).toBeVisible();
});

test('a slow network and an impatient person make one request', async ({ verification, page }) => {
  const number = '+14155552827';
  await verification.open();
  await verification.sendTo(number);
  const asked: string[] = [];
  await page.route('**/api/verify-otp', async (route) => {
    asked.push(route.request().url());
    await new Promise((resolve) => setTimeout(resolve, 400));
    await route.continue();
  });
  await verification.code.pressSequentially(await onlyCodeFor(number));
  await page.keyboard.press('Enter');
  await verification.button('Checking…').dblclick({ force: true });
  await expect(verification.success).toBeFocused();
  expect(asked).toHaveLength(1);
});

test('a tab whose number was replaced in another one shows the new one', async ({ verification, page, context }) => {
  const [first, second] = ['+14155552828', '+14155552829'];
  await verification.open();
  await verification.sendTo(first);
  const other = await context.newPage();
  await other.goto('/?step=phone');
  await other.getByLabel('Phone number', { exact: true }).fill(second);
  await other.getByRole('button', { name: 'Send code' }).click();
  await expect(other.getByText('+1 •••••••829', { exact: true })).toBeVisible();

  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(page.getByText('+1 •••••••829', { exact: true })).toBeVisible();
  await verification.code.fill(await onlyCodeFor(second));
  await expect(verification.success).toBeFocused();
});

test.describe('a session that ends while the page is open', () => {
  test('is told, and the way on is there', async ({ verification, page, context }) => {
    await verification.open();
    await verification.sendTo('+14155552830');
    await context.clearCookies();
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await expect(verification.number).toHaveAccessibleDescription(/^No verification is under way\./);
    await expect(verification.number).toBeFocused();
  });
});

test.describe('a resend that is too soon', () => {
  test.use({ expectedReplies: ['429 /api/resend-otp'] });

  test('is told with the wait, which counts on its button', async ({ verification, page }) => {
    const limited = { code: 'RATE_LIMITED', message: '', retryAfterSeconds: 3 };
    await verification.open();
    await verification.sendTo('+14155552835');
    await page.route('**/api/resend-otp', (route) => route.fulfill({ status: 429, json: limited }));
    await verification.button('Send the code again').click();
    await expect(verification.button(/^Send again in [23] s$/)).toHaveAccessibleDescription(/^That was too soon\./);
    await expect(verification.button('Send again in 1 s')).toBeVisible();
    await expect(verification.button('Send the code again')).toBeVisible();
  });
});
