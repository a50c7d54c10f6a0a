import type { Page } from '@playwright/test';
import { startAnotherApp } from './another-app';
import { onlyCodeFor, wrongCode } from './inbox';
import { NARROW_APP_URL } from './servers';
import { expect, test } from './test';

const announced = (page: Page) =>
  page
    .getByRole('status')
    .allTextContents()
    .then((texts) => texts.join(' '));

test('the field accepts a code pasted with a space, and one pasted in the middle of typing', async ({
  verification,
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const paste = async (text: string) => {
    await page.evaluate((value) => navigator.clipboard.writeText(value), text);
    await page.keyboard.press('Control+V');
  };
  await verification.open();
  for (const [number, parts] of [
    ['+14155552861', (code: string) => [`${code.slice(0, 3)} ${code.slice(3)}`]],
    ['+14155552862', (code: string) => [code.slice(0, 2), code.slice(2)]],
  ] as const) {
    await verification.sendTo(number);
    for (const part of parts(await onlyCodeFor(number))) await paste(part);
    await expect(verification.success).toBeFocused();
    await verification.link('Verify another number').click();
  }
});

test.describe('problems with a code', () => {
  test.use({ expectedReplies: ['400 /api/verify-otp', '503 /api/verify-otp', '504 /api/resend-otp'] });

  test('the page announces a wrong code until the next keystroke', async ({ verification, page }) => {
    const number = '+14155552863';
    await verification.open();
    await verification.sendTo(number);
    expect(await announced(page)).toContain('A code is on its way to +1 415 555 2863.');
    await verification.code.fill(wrongCode(await onlyCodeFor(number)));
    await expect(verification.code).toHaveAttribute('aria-invalid', 'true');
    expect(await announced(page)).toContain("That code isn't correct.");
    await page.keyboard.type('1');
    await expect(verification.code).toHaveAttribute('aria-invalid', 'false');
    expect(await announced(page)).not.toContain("That code isn't correct.");
  });

  test('the field keeps the code during an outage, and the page offers a retry', async ({ verification, page }) => {
    const number = '+14155552864';
    const down = { verified: false, code: 'UPSTREAM_UNAVAILABLE', message: '' };
    await verification.open();
    await verification.sendTo(number);
    const code = await onlyCodeFor(number);
    await page.route('**/api/verify-otp', (route) => route.fulfill({ status: 503, json: down }), { times: 1 });
    await verification.code.fill(code);
    await expect(verification.code).toHaveAccessibleDescription(/^We can't send or check codes right now/);
    await expect(verification.code).toHaveValue(code);
    await verification.button('Try again').click();
    await expect(verification.success).toBeFocused();
    expect(await announced(page)).toContain('Success! Phone number verified.');
  });

  test('the field keeps the typed digits after a failed resend', async ({ verification, page }) => {
    const slow = { code: 'UPSTREAM_TIMEOUT', message: '' };
    await verification.open();
    await verification.sendTo('+14155552865');
    await verification.code.pressSequentially('12');
    await page.route('**/api/resend-otp', (route) => route.fulfill({ status: 504, json: slow }));
    await verification.button('Send the code again').click();
    await expect(verification.button('Send the code again')).toHaveAccessibleDescription(/took too long/);
    await expect(verification.code).toHaveValue('12');
  });
});

test('the page offers only the countries that get codes, and calls only where they are allowed', async ({ page }) => {
  const app = await startAnotherApp(NARROW_APP_URL, { ALLOWED_COUNTRIES: 'DE,AT', VOICE_COUNTRIES: 'US' });
  try {
    await page.goto(NARROW_APP_URL);
    await expect(page.getByLabel('Country', { exact: true }).locator('option')).toHaveText([
      'Austria (+43)',
      'Germany (+49)',
    ]);
    await expect(page.getByRole('button', { name: 'Get a call instead' })).toBeHidden();
  } finally {
    app.kill();
  }
});
