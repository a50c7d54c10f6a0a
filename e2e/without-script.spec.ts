import { setTimeout as sleep } from 'node:timers/promises';
import { messagesTo, onlyCodeFor, wrongCode } from './inbox';
import { APP_URL } from './servers';
import { expect, test } from './test';

test.use({ javaScriptEnabled: false });

test('plain forms verify a number', async ({ verification, page }) => {
  const number = '+14155552841';
  await page.goto('/');
  await verification.number.fill(number);
  await verification.button('Send code').click();
  await expect(verification.code).toBeVisible();
  await expect(page.getByText('+1 415 555 2841', { exact: true })).toBeVisible();
  expect(new URL(page.url()).search).toBe('');

  const code = await onlyCodeFor(number);
  await verification.code.fill(wrongCode(code));
  await verification.button('Verify').click();
  await expect(verification.code).toHaveAccessibleDescription(/That code isn't correct\. .* 4 attempts left\./);
  expect(new URL(page.url()).search).toBe('');
  await page.reload();
  await expect(verification.code).not.toHaveAccessibleDescription(/That code isn't correct/);
  await verification.code.fill(code);
  await verification.button('Verify').click();
  await expect(verification.success).toBeVisible();
  await expect(page.getByText('+1 415 555 2841', { exact: true })).toBeVisible();
  await verification.link('Verify another number').click();
  await expect(verification.number).toBeVisible();
});

test('plain forms take a national number with its country, a resend, and another number', async ({
  verification,
  page,
}) => {
  await page.goto('/');
  await verification.country.selectOption('DE');
  await verification.number.fill('01512 3456704');
  await verification.button('Send code').click();
  await expect(verification.code).toBeVisible();
  await sleep(1100);
  await verification.button(/Send/).click();
  await expect.poll(() => messagesTo('+4915123456704')).toHaveLength(2);
  await expect(verification.code).toBeVisible();
  await verification.link('Change').click();
  await expect(verification.number).toBeVisible();
  await verification.link('Back to the code').click();
  await expect(verification.code).toBeVisible();
});

test('a change of language keeps the number and the country, and nothing is sent', async ({ verification, page }) => {
  const number = '+4915123456703';
  const addresses: string[] = [];
  page.on('request', (request) => addresses.push(request.url()));
  await page.goto('/');
  await verification.country.selectOption('DE');
  await verification.number.fill('01512 3456703');
  await verification.button('Hrvatski').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'hr');
  await verification.button('Deutsch').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(page.locator('#phone-number')).toHaveValue('01512 3456703');
  await expect(page.locator('#country')).toHaveValue('DE');
  await expect(verification.button('Deutsch')).toHaveAttribute('aria-current', 'true');
  expect(await messagesTo(number)).toEqual([]);

  // The buttons for the languages belong to the form too, yet Enter sends the code.
  await page.locator('#phone-number').press('Enter');
  await expect(page.locator('#code')).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  expect(await messagesTo(number)).toHaveLength(1);
  expect(addresses.filter((address) => address.includes('3456703'))).toEqual([]);
});

for (const path of ['/about', '/?step=phone']) {
  test(`the language changes on ${path}`, async ({ verification, page }) => {
    await page.goto(path);
    await verification.button('Français').click();
    await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
    expect(new URL(page.url()).pathname).toBe(new URL(path, page.url()).pathname);
    await page.goto(path);
    await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
  });
}

test('the language changes on the code screen, too', async ({ verification, page }) => {
  await page.goto('/');
  await verification.number.fill('+14155552846');
  await verification.button('Send code').click();
  await expect(verification.code).toBeVisible();
  await verification.button('Español').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'es');
  await expect(page.locator('#code')).toBeVisible();
  expect(new URL(page.url()).search).toBe('');
});

test('an error appears beside its field, which keeps the number, and no number gets into an address', async ({
  verification,
  page,
}) => {
  await page.goto('/');
  await verification.number.fill('+1 555');
  await verification.button('Send code').click();
  await expect(verification.number).toHaveAccessibleDescription(/^That isn't a valid phone number/);
  await expect(verification.number).toHaveValue('+1 555');
  expect(page.url()).not.toContain('555');
});

test('a link to the page shows no problem that its author chose', async ({ verification, page }) => {
  await page.goto('/?problem=NUMBER_LOCKED&at=phone&wait=9999999');
  await expect(verification.number).toBeVisible();
  await expect(verification.number).not.toHaveAccessibleDescription(/Too many wrong codes/);
});

async function sendBesideThePage(phoneNumber: string): Promise<void> {
  const sent = await fetch(`${APP_URL}/api/send-otp`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ phoneNumber }),
  });
  expect(sent.status).toBe(200);
}

test('a request that comes too soon gets an error with the wait', async ({ verification, page }) => {
  const number = '+14155552842';
  // The wait after the third message outlasts the test.
  for (const wait of [0, 1100]) {
    await sleep(wait);
    await sendBesideThePage(number);
  }
  await sleep(2100);
  await page.goto('/');
  await verification.number.fill(number);
  await verification.button('Send code').click();
  await expect(verification.code).toBeVisible();
  await page.goto('/?step=phone');
  await verification.number.fill(number);
  await verification.button('Send code').click();
  await expect(verification.number).toHaveAccessibleDescription(/That was too soon\. Try again in \d+ s\./);
  expect(await messagesTo(number)).toHaveLength(3);
});

test('people can request a call', async ({ verification, page }) => {
  const number = '+14155552843';
  await page.goto('/');
  await verification.number.fill(number);
  await verification.button('Get a call instead').click();
  await expect(page.getByText(/^We're calling \+1/)).toBeVisible();
  expect((await messagesTo(number))[0]).toMatchObject({ channel: 'voice' });
});

test('the page says that a verification is gone where the person continues', async ({
  verification,
  page,
  context,
}) => {
  await page.goto('/');
  await verification.number.fill('+14155552844');
  await verification.button('Send code').click();
  await expect(verification.code).toBeVisible();
  await context.clearCookies();
  await verification.code.fill('123456');
  await verification.button('Verify').click();
  await expect(verification.number).toHaveAccessibleDescription(/^No verification is in progress\./);
});

test.describe('in German', () => {
  test.use({ locale: 'de-DE' });

  test('problems appear in German', async ({ page }) => {
    const number = '+14155552845';
    await page.goto('/');
    await page.locator('#phone-number').fill(number);
    await page.getByRole('button', { name: 'Code senden' }).click();
    await expect(page.locator('#code')).toBeVisible();
    await page.locator('#code').fill(wrongCode(await onlyCodeFor(number)));
    await page.getByRole('button', { name: 'Bestätigen' }).click();
    await expect(page.locator('#code')).toHaveAccessibleDescription(/^Dieser Code ist falsch\./);
  });
});
