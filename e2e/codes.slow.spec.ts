import type { Page } from '@playwright/test';
import { addApp, codeOf, leave, oldestCodeOf, openWays, signIn } from './factors';
import { type FactorsApp, startFactorsApp } from './factors-app';
import { callsAbout, newestCodeFor } from './inbox';
import { loginOf, OIDC_CLIENTS } from './login-begin';
import { CODES_APP_URL } from './servers';
import { expect, test } from './test';

let app: FactorsApp;
test.beforeAll(async () => {
  test.setTimeout(60_000);
  app = await startFactorsApp(CODES_APP_URL, { OIDC_CLIENTS });
});
test.afterAll(() => app.stop());
test.use({
  baseURL: CODES_APP_URL,
  expectedReplies: ['400 /api/totp/verify', '400 /api/recovery-codes/verify', '400 /ways'],
});

const code = (page: Page) => page.locator('#factor-code');
const heading = (page: Page) => page.getByRole('heading', { level: 1 });

/** The recovery codes, once the page has them. */
async function shownCodes(page: Page): Promise<string[]> {
  const codes = page.locator('ol code');
  await expect(codes).toHaveCount(10);
  return codes.allInnerTexts();
}

const WRONG = /^That code isn't correct, or was used before\. Enter the next one\./;

for (const javaScriptEnabled of [true, false]) {
  const digits = javaScriptEnabled ? '41' : '42';

  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.use({ javaScriptEnabled });

    /** Verifies with a code. Without script, the person has to submit it. */
    const begin = async (page: Page, number: string) => {
      await page.goto('/');
      await openWays(page, number, !javaScriptEnabled);
    };

    test('a person adds an app by its key, and verifies by its codes without a message', async ({
      verification,
      page,
    }) => {
      const number = `+141555540${digits}`;
      await begin(page, number);
      await verification.button('Add an authenticator app').click();
      await expect(page.getByRole('img', { name: 'QR code for the authenticator app' })).toBeVisible();
      await expect(verification.link('Is the app on this device? Open it')).toHaveAttribute(
        'href',
        /^otpauth:\/\/totp\//,
      );
      const secret = await page.locator('code').innerText();
      const first = page.getByLabel('Code from the app');
      await first.fill('000000');
      await page.getByLabel('Name for this app').fill("Ana's tablet");
      await verification.button('Add the app').click();
      await expect(first).toHaveAccessibleDescription(WRONG);
      // The page shows the same key again, because the app has it already.
      expect(await page.locator('code').innerText()).toBe(secret);
      await expect(page.getByLabel('Name for this app')).toHaveValue("Ana's tablet");
      await first.fill(await oldestCodeOf(secret));
      await verification.button('Add the app').click();
      await expect(heading(page)).toHaveText('Save your recovery codes');
      await shownCodes(page);
      await verification.link("I've saved them").click();
      await expect(page.getByRole('listitem').filter({ hasText: "Ana's tablet" })).toContainText('Authenticator app');

      const calls = await callsAbout(number);
      await leave(page);
      await page.goto('/');
      await verification.link('Authenticator app or recovery code').click();
      const used = codeOf(secret, 0);
      await signIn(page, number, used);
      await expect(verification.success).toBeVisible();
      // Each code works once.
      await leave(page);
      await page.goto('/sign-in');
      await signIn(page, number, used);
      await expect(code(page)).toHaveAccessibleDescription(WRONG);
      await expect(page.locator('#phone-number')).toHaveValue(/415.*555.*40/);
      await code(page).fill(codeOf(secret, 1));
      await verification.button('Verify').click();
      await expect(verification.success).toBeVisible();
      expect(await callsAbout(number)).toBe(calls);
    });

    test('recovery codes appear once, and each works once', async ({ verification, page }) => {
      const number = `+141555541${digits}`;
      await begin(page, number);
      await addApp(page);
      const [first = '', second = ''] = await shownCodes(page);
      expect(first).toMatch(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
      await page.goto('/ways');
      await expect(page.getByText('10 codes left.')).toBeVisible();
      expect(await page.content()).not.toContain(first);

      await leave(page);
      await page.goto('/sign-in');
      await page.locator('#phone-number').fill(number);
      await verification.button('Use a recovery code').click();
      await expect(heading(page)).toHaveText('Use a recovery code');
      // The number stays, and the code may be written in any way.
      await code(page).fill(first.toLowerCase().replaceAll('-', ' '));
      await verification.button('Verify').click();
      await expect(verification.success).toBeVisible();
      await verification.link('Ways to verify').click();
      await expect(page.getByText('9 codes left.')).toBeVisible();

      await leave(page);
      await page.goto('/sign-in?with=recovery-code');
      await signIn(page, number, first);
      await expect(code(page)).toHaveAccessibleDescription(WRONG);
      await signIn(page, number, second);
      await expect(verification.success).toBeVisible();

      await verification.link('Ways to verify').click();
      await verification.button('Create new recovery codes').click();
      const renewed = await shownCodes(page);
      expect(renewed).toHaveLength(10);
      expect(renewed).not.toContain(second);
    });

    test('a code from the app logs a person in at another application', async ({ page }) => {
      const number = `+141555544${digits}`.padEnd(12, '0');
      await begin(page, number);
      const secret = await addApp(page);
      await leave(page);
      await page.goto(await loginOf(CODES_APP_URL, 'shop'));
      await page.getByRole('link', { name: 'Authenticator app or recovery code' }).click();
      await expect(page.getByText('Shop asks you to verify your phone number.')).toBeVisible();
      const back = page.waitForRequest(/^https:\/\/shop\.example\/callback\?code=/);
      await signIn(page, number, codeOf(secret, 1));
      await back;
    });

    test('the page says what is wrong beside the field', async ({ verification, page }) => {
      await page.goto('/sign-in');
      await signIn(page, '+1 555', '123456');
      await expect(page.locator('#phone-number')).toHaveAccessibleDescription(/^That isn't a valid phone number/);
      // Nobody learns whether a number has an app.
      await signIn(page, `+141555542${digits}`, '123456');
      await expect(code(page)).toHaveAccessibleDescription(WRONG);
      expect(page.url()).not.toContain('555');
      await verification.link('Get a code on your phone').click();
      await expect(verification.button('Send code')).toBeVisible();
    });

    test('a change of language keeps the number', async ({ verification, page }) => {
      await page.goto('/sign-in');
      await page.locator('#phone-number').fill('+4915123456799');
      await verification.button('Deutsch').click();
      await expect(page.locator('html')).toHaveAttribute('lang', 'de');
      await expect(heading(page)).toHaveText('Authenticator\u2011App verwenden');
      await expect(page.locator('#phone-number')).toHaveValue(/15.*6799$/);
    });

    test('a person removes an app, after a confirmation', async ({ verification, page }) => {
      await begin(page, `+141555543${digits}`);
      await addApp(page);
      await page.goto('/ways');
      await verification.link('Remove Authenticator app').click();
      await expect(page.getByText('This is your last way to verify besides codes by phone.')).toBeVisible();
      await verification.button('Remove Authenticator app').click();
      await expect(heading(page)).toHaveText('Ways to verify');
      await expect(page.getByText('Added on')).toHaveCount(0);
    });

    test('without a session, the page asks the person to verify a number first', async ({ verification, page }) => {
      await page.goto('/ways');
      await expect(page.getByText('A text message is the least secure way to verify')).toBeVisible();
      await verification.link('Verify your phone number').click();
      await expect(verification.button('Send code')).toBeVisible();
    });
  });
}

test('new recovery codes can be copied and printed', async ({ verification, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/');
  await openWays(page, '+14155554051');
  await addApp(page);
  const codes = await shownCodes(page);
  await verification.button('Copy').click();
  await expect(page.getByRole('status')).toHaveText('Copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(codes.join('\n'));

  await page.evaluate(() => {
    window.print = () => document.body.setAttribute('data-printed', '');
  });
  await verification.button('Print').click();
  await expect(page.locator('[data-printed]')).toHaveCount(1);
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('ol code').first()).toBeVisible();
  await expect(verification.button('Print')).toBeHidden();
  // No page shows the codes again.
  await page.reload().catch(() => undefined);
  await page.goto('/ways');
  for (const shown of codes) expect(await page.content()).not.toContain(shown);
});

test('a double click uses up only one code', async ({ verification, page }) => {
  const number = '+14155554052';
  await page.goto('/');
  await openWays(page, number);
  const secret = await addApp(page);
  await leave(page);
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') asked.push(new URL(request.url()).pathname);
  });
  await page.goto('/sign-in');
  await verification.ready();
  await page.locator('#phone-number').fill(number);
  await code(page).fill(codeOf(secret, 1));
  await verification.button('Verify').dblclick();
  await expect(verification.success).toBeVisible();
  expect(asked.filter((path) => path === '/api/totp/verify')).toHaveLength(1);
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('the page offers no passkeys, and leaves no gap in their place', async ({ verification, page }) => {
    await page.goto('/');
    await expect(page.getByText('Use a passkey')).toBeHidden();
    const call = await verification.button('Get a call instead').boundingBox();
    const link = await verification.link('Authenticator app or recovery code').boundingBox();
    expect((link?.y ?? 0) - (call?.y ?? 0) - (call?.height ?? 0)).toBeLessThan(30);
    await openWays(page, '+14155554053', true);
    await expect(page.getByText('Add a passkey')).toBeHidden();
  });
});

test.describe('a number that no code has confirmed for a long time', () => {
  test.use({ expectedReplies: ['409 /api/totp/verify'] });

  test('needs a code by phone besides the one from the app, and one click sends it', async ({ verification, page }) => {
    const number = '+14155554054';
    await page.goto('/');
    await openWays(page, number);
    const secret = await addApp(page);
    app.moveClock(46);
    await expect.poll(async () => (await page.request.get('/api/session')).status()).toBe(401);
    await page.goto('/sign-in');
    await signIn(page, number, codeOf(secret, 46 * 24 * 60 * 2));
    await expect(heading(page)).toBeFocused();
    await expect(page.getByRole('paragraph').filter({ hasText: "It's been a while since you" })).toBeVisible();
    await verification.button('Send code').click();
    await expect(verification.code).toBeVisible();
    await verification.ready();
    await verification.code.fill(await newestCodeFor(number));
    await expect(verification.success).toBeVisible();
    expect(await (await page.request.get('/api/session')).json()).toMatchObject({ acr: 'otp' });
  });
});
