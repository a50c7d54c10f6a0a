import type { Page } from '@playwright/test';
import { messagesTo, onlyCodeFor } from './inbox';
import { expect, stopClock, test, VerificationPage } from './test';

/** Stands in for the part of a phone that reads text messages. Counts all requests, and those that the page aborted. */
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

test('the page takes a code that the browser reads from the message, and submits it once', async ({
  verification,
  page,
}) => {
  const number = '+14155552821';
  await installWebOtp(page);
  await verification.open();
  expect((await otpOf(page)).asked).toBe(0);
  await verification.sendTo(number);
  const code = await onlyCodeFor(number);
  await page.evaluate((value) => (window as WithOtp).otp.deliver(value), code);
  await expect(verification.success).toBeFocused();
});

test('the page stops waiting for a message on submit, and when the person changes the number', async ({
  verification,
  page,
}) => {
  const number = '+14155552822';
  await installWebOtp(page);
  await verification.open();
  await verification.sendTo(number);
  await expect.poll(async () => (await otpOf(page)).asked).toBe(1);
  await verification.link('Change').click();
  await expect.poll(async () => (await otpOf(page)).aborted).toBe(1);
  await verification.link('Back to the code').click();
  await expect.poll(async () => (await otpOf(page)).asked).toBe(2);
  await verification.code.fill(await onlyCodeFor(number));
  await expect(verification.success).toBeFocused();
  expect((await otpOf(page)).aborted).toBe(2);
});

test('the page offers a call after the second wait, and the call replaces the message', async ({
  verification,
  page,
}) => {
  const number = '+14155552823';
  await installWebOtp(page);
  await verification.open();
  await verification.sendTo(number);
  await expect(verification.button('Call me instead')).toBeHidden();
  await verification.button('Send the code again').click();
  // One request for each text message: the second took the place of the first.
  await expect.poll(() => otpOf(page)).toMatchObject({ asked: 2, aborted: 1 });
  await verification.button('Call me instead').click();
  await expect(page.getByText(/^We're calling \+1/)).toBeVisible();
  const messages = await messagesTo(number);
  expect(messages.map(({ channel }) => channel)).toEqual(['sms', 'sms', 'voice']);
  // The page no longer waits for a text message.
  await expect.poll(() => otpOf(page)).toMatchObject({ asked: 2, aborted: 2 });
  await verification.code.fill(messages.at(-1)?.pin ?? '');
  await expect(verification.success).toBeFocused();
});

test('a success in another tab shows when the person returns to this one', async ({ verification, page, context }) => {
  const number = '+14155552824';
  await verification.open();
  await verification.sendTo(number);
  const other = await context.newPage();
  await other.goto('/');
  await new VerificationPage(other).ready();
  await other.getByLabel('Verification code').fill(await onlyCodeFor(number));
  await expect(other.getByRole('heading', { name: /^Success!/ })).toBeVisible();

  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await expect(verification.success).toBeFocused();
  expect(await messagesTo(number)).toHaveLength(1);
});

test('typed digits and the countdown stay when the person returns to the tab', async ({ verification, page }) => {
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
  await expect(page.getByText(/^Code expires in 4:\d\d$/)).toBeVisible();
});

test('the back button sends nothing and leads to the right screen', async ({ verification, page }) => {
  const number = '+14155552826';
  await verification.open();
  await verification.sendTo(number);
  await page.getByRole('link', { name: 'About verification codes' }).click();
  await expect(page.getByRole('heading', { name: 'About verification codes' })).toBeVisible();
  await page.goBack();
  await expect(verification.code).toBeVisible();
  await verification.ready();
  await verification.code.fill(await onlyCodeFor(number));
  await expect(verification.success).toBeFocused();
  await page.reload();
  await expect(verification.success).toBeVisible();
  await expect(page.getByText('+1 415 555 2826', { exact: true })).toBeVisible();
});

test('repeated submits of a code on a slow network make one request', async ({ verification, page }) => {
  const number = '+14155552827';
  await verification.open();
  await verification.sendTo(number);
  const asked: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/api/verify-otp', async (route) => {
    asked.push(route.request().url());
    await held;
    await route.continue();
  });
  await verification.code.pressSequentially(await onlyCodeFor(number));
  await page.keyboard.press('Enter');
  await verification.button('Checking…').dblclick({ force: true });
  release();
  await expect(verification.success).toBeFocused();
  expect(asked).toHaveLength(1);
});

test('a tab shows the new number once another tab has changed it', async ({ verification, page, context }) => {
  const [first, second] = ['+14155552828', '+14155552829'];
  await verification.open();
  await verification.sendTo(first);
  const other = await context.newPage();
  await other.goto('/?step=phone');
  await other.getByLabel('Phone number', { exact: true }).fill(second);
  await other.getByRole('button', { name: 'Send code' }).click();
  await expect(other.getByText('+1 415 555 2829', { exact: true })).toBeVisible();

  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(page.getByText('+1 415 555 2829', { exact: true })).toBeVisible();
  await verification.code.fill(await onlyCodeFor(second));
  await expect(verification.success).toBeFocused();
});

test.describe('a session that ends while the page is open', () => {
  test('leads back to the number, and the page says why', async ({ verification, page, context }) => {
    await verification.open();
    await verification.sendTo('+14155552830');
    await context.clearCookies();
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await expect(verification.number).toHaveAccessibleDescription(/^No verification is in progress\./);
    await expect(verification.number).toBeFocused();
  });
});

test.describe('a resend that is too soon', () => {
  test.use({ expectedReplies: ['429 /api/resend-otp'] });

  test('shows the wait, which counts down on its button', async ({ verification, page }) => {
    const limited = { code: 'RATE_LIMITED', message: '', retryAfterSeconds: 3 };
    await page.clock.install();
    await verification.open();
    await verification.sendTo('+14155552835');
    await page.route('**/api/resend-otp', (route) => route.fulfill({ status: 429, json: limited }));
    await stopClock(page);
    await verification.button('Send the code again').click();
    await expect(verification.button('Send again in 3 s')).toHaveAccessibleDescription(/^That was too soon\./);
    await page.clock.runFor(2000);
    await expect(verification.button('Send again in 1 s')).toBeVisible();
    await page.clock.runFor(1000);
    await expect(verification.button('Send the code again')).toBeVisible();
  });
});

/** How far the middle of each digit is from the middle of its slot, in pixels, as the browser paints them. */
async function offCenter(page: Page, count: number): Promise<number[]> {
  const field = page.locator('#code');
  const box = await field.evaluate((input: HTMLInputElement) => {
    const slots = input.nextElementSibling as HTMLElement;
    slots.style.visibility = 'hidden';
    input.style.caretColor = 'transparent';
    const { x, y, width, height } = slots.getBoundingClientRect();
    return { x, y, width, height };
  });
  const picture = (await page.screenshot({ clip: box })).toString('base64');
  return page.evaluate(
    async ([data, slots]) => {
      const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
      context.drawImage(bitmap, 0, 0);
      const pitch = bitmap.width / slots;
      return Array.from({ length: slots }, (_, slot) => {
        const left = Math.floor(slot * pitch);
        const { data: pixels, width } = context.getImageData(left, 0, Math.floor(pitch), bitmap.height);
        const ground = pixels[0] ?? 0;
        const columns = Array.from({ length: width }, (_, x) => x).filter((x) =>
          Array.from({ length: bitmap.height }, (_, y) => pixels[(y * width + x) * 4] ?? 0).some(
            (red) => Math.abs(red - ground) > 64,
          ),
        );
        const middle = ((columns.at(0) ?? Number.NaN) + (columns.at(-1) ?? Number.NaN)) / 2;
        return Math.round(Math.abs(middle + 0.5 - width / 2));
      });
    },
    [picture, count] as const,
  );
}

for (const [view, digits, language, options] of [
  ['on a desktop', 6, 'en', { viewport: { width: 1280, height: 720 } }],
  ['at 320 px', 6, 'en', { viewport: { width: 320, height: 640 } }],
  ['at 200 percent', 6, 'en', { viewport: { width: 640, height: 360 }, deviceScaleFactor: 2 }],
  ['in Arabic', 6, 'ar', { viewport: { width: 375, height: 667 } }],
  ['in the dark', 6, 'en', { viewport: { width: 375, height: 667 }, colorScheme: 'dark' }],
  ['with four of them', 4, 'en', { viewport: { width: 375, height: 667 } }],
  ['with ten of them at 320 px', 10, 'ar', { viewport: { width: 320, height: 640 } }],
] as const) {
  test.describe(`the code field ${view}`, () => {
    test.use(options);

    test('shows each digit in the middle of its slot, from left to right', async ({ verification, page }) => {
      const sent = { message: '', to: '+1 •••••••836', channel: 'sms', pinLength: digits, expiresInSeconds: 300 };
      await page.route('**/api/send-otp', (route) =>
        route.fulfill({ json: { ...sent, resendInSeconds: 60, callOffered: false } }),
      );
      await page.route('**/api/verify-otp', () => {});
      await page.goto(`/?lang=${language}`);
      await verification.ready();
      await page.locator('#phone-number').fill('+14155552836');
      await page.locator('form button[type=submit]').first().click();
      await expect(page.locator('#code')).toBeFocused();
      await page.keyboard.type('0'.repeat(digits));
      await expect(page.locator('#code')).not.toBeEditable();
      const off = await offCenter(page, digits);
      expect(off).toHaveLength(digits);
      expect(Math.max(...off)).toBeLessThanOrEqual(2);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    });
  });
}

test('the code field cuts off a longer text at its edge', async ({ verification, page }) => {
  await verification.open();
  await verification.sendTo('+14155552837');
  // A text that was pasted before the script ran looks like this.
  const [before, after] = await verification.code.evaluate((input: HTMLInputElement) => {
    const height = () => [document.documentElement.scrollWidth, input.getBoundingClientRect().height];
    const sizes = height();
    input.value = 'Your code is 123456. Do not share it with anybody at all.';
    return [sizes, height()];
  });
  expect(after).toEqual(before);
  await expect(page.locator('#code')).toHaveCount(1);
});
