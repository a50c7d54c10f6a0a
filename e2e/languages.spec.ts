import { messagesTo, onlyCodeFor } from './inbox';
import { expect, test } from './test';

const LANGUAGES = [
  ['en', 'English', 'Verify your phone number', 'ltr'],
  ['de', 'Deutsch', /Telefonnummer/, 'ltr'],
  ['es', 'Español', /número/, 'ltr'],
  ['fr', 'Français', /numéro/, 'ltr'],
  ['ar', 'العربية', /رقم/, 'rtl'],
  ['hr', 'Hrvatski', /broj/, 'ltr'],
] as const;

for (const [language, name, heading, direction] of LANGUAGES) {
  test(`the switch changes the page to ${language}, and a reload keeps that`, async ({ verification, page }) => {
    await verification.open();
    await page.getByRole('button', { name, exact: true }).click();
    await expect(page.locator('html')).toHaveAttribute('lang', language);
    await expect(page.locator('html')).toHaveAttribute('dir', direction);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
    expect(new URL(page.url()).search).toBe('');
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('lang', language);
    await expect(page.getByRole('button', { name, exact: true })).toHaveAttribute('aria-current', 'true');
  });
}

test('a change of language keeps the number and the country', async ({ verification, page }) => {
  await verification.open();
  await verification.country.selectOption('DE');
  await verification.number.pressSequentially('01512 34567');
  const typed = await verification.number.inputValue();
  await page.getByRole('button', { name: 'العربية' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/رقم/);
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await expect(page).toHaveTitle(/رقم/);
  await expect(page.locator('#phone-number')).toHaveValue(typed);
  await expect(page.locator('#country')).toHaveValue('DE');
  await page.locator('#phone-number').press('End');
  await page.keyboard.type('02');
  await page.locator('form button[type=submit]').first().click();
  await expect(page.locator('#code')).toBeFocused();
  expect(await messagesTo('+4915123456702')).toHaveLength(1);
});

test('a change of language keeps the digits of the code, and sends nothing', async ({ verification, page }) => {
  const number = '+14155552833';
  await verification.open();
  await verification.sendTo(number);
  const code = await onlyCodeFor(number);
  await verification.code.pressSequentially(code.slice(0, 4));
  await page.getByRole('button', { name: 'Français' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
  await expect(page.locator('#code')).toHaveValue(code.slice(0, 4));
  await page.locator('#code').press('End');
  await page.keyboard.type(code.slice(4));
  await expect(page.locator('#verified-heading')).toBeFocused();
  expect(await messagesTo(number)).toHaveLength(1);
});

test.describe('a browser in Arabic', () => {
  test.use({ locale: 'ar-EG', expectedReplies: ['400 /api/verify-otp'] });

  test('gets problems in Arabic, and numbers stay left to right', async ({ verification, page }) => {
    await verification.open();
    await page.locator('#phone-number').fill('+14155552831');
    await page.locator('form button[type=submit]').first().click();
    await expect(page.locator('#code')).toBeFocused();
    await page.locator('#code').fill('000000');
    await expect(page.locator('#code')).toHaveAccessibleDescription(/[\u0600-\u06ff]/);
    await expect(page.locator('bdi').first()).toHaveAttribute('dir', 'ltr');
  });
});

test.describe('digits of another script', () => {
  test.use({ locale: 'ar-EG' });

  test('work in a code', async ({ verification, page }) => {
    const number = '+14155552832';
    await verification.open();
    await page.locator('#phone-number').fill(number);
    await page.locator('form button[type=submit]').first().click();
    await expect(page.locator('#code')).toBeFocused();
    const code = await onlyCodeFor(number);
    const arabic = [...code].map((digit) => String.fromCodePoint(0x0660 + Number(digit))).join('');
    await page.keyboard.insertText(arabic);
    await expect(page.locator('#verified-heading')).toBeFocused();
  });
});
