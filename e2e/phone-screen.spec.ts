import { messagesTo } from './inbox';
import { expect, test } from './test';

test.describe('a browser in German', () => {
  test.use({ locale: 'de-DE' });

  test('gets the page in German, with Germany as the country', async ({ verification, page }) => {
    await verification.open();
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');
    await expect(page.getByLabel('Land')).toHaveValue('DE');
    await expect(page.getByLabel('Land').locator('option:checked')).toHaveText('Deutschland (+49)');
  });
});

test('a number pasted with a plus sets its country, and the page groups its digits', async ({
  verification,
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await verification.open();
  await verification.number.click();
  await page.evaluate(() => navigator.clipboard.writeText('+447400123456'));
  await page.keyboard.press('Control+V');
  await expect(verification.country).toHaveValue('GB');
  await expect(verification.number).toHaveValue('+44 7400 123456');
});

test('a number from autofill sets its country', async ({ verification }) => {
  await verification.open();
  // Fills the field like autofill: the whole value at once, and one event.
  await verification.number.evaluate((input: HTMLInputElement) => {
    input.value = '+4915123456789';
    input.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await expect(verification.country).toHaveValue('DE');
});

test('the page groups a national number during typing, and the caret stays in place', async ({
  verification,
  page,
}) => {
  await verification.open();
  await verification.country.selectOption('US');
  await verification.number.pressSequentially('415555267');
  await expect(verification.number).toHaveValue('(415) 555-267');
  for (let i = 0; i < 6; i += 1) await page.keyboard.press('ArrowLeft');
  await page.keyboard.type('9');
  await expect(verification.number).toHaveValue('(415) 595-5267');
  expect(await verification.number.evaluate((input: HTMLInputElement) => input.selectionStart)).toBe(8);
});

test('the page understands a national number with a trunk zero, and sends it as E.164', async ({
  verification,
  page,
}) => {
  await verification.open();
  await verification.country.selectOption('DE');
  // By then the page has the format. Without it, the server would read the number.
  await expect(verification.number).toHaveAccessibleDescription('For example, 01512 3456789');
  await verification.number.fill('01512 3456701');
  const [request] = await Promise.all([
    page.waitForRequest('**/api/send-otp'),
    verification.button('Send code').click(),
  ]);
  expect(request.postDataJSON()).toMatchObject({ phoneNumber: '+4915123456701' });
  await expect(verification.code).toBeFocused();
  expect(await messagesTo('+4915123456701')).toHaveLength(1);
});

test('an invalid number gets an error beside the field at once, and the page sends nothing', async ({
  verification,
  page,
}) => {
  const asked: string[] = [];
  page.on('request', (request) => void (request.method() === 'POST' && asked.push(request.url())));
  await verification.open();
  // Without the format, the page would ask the server.
  const format = page.waitForResponse(/\/api\/phone-metadata\?/);
  await verification.number.fill('+1 555');
  await format;
  await verification.button('Send code').click();
  await expect(verification.number).toHaveAccessibleDescription(/^That isn't a valid phone number/);
  await expect(verification.number).toHaveAttribute('aria-invalid', 'true');
  await expect(verification.number).toBeFocused();
  expect(asked).toEqual([]);
});

test('the page says what the number is for and asks people to keep the code secret, with more behind a link', async ({
  verification,
  page,
}) => {
  await verification.open();
  await expect(page.getByText("We'll send a code to confirm this number is yours.")).toBeVisible();
  await expect(page.getByText(/Never share your codes\./)).toBeVisible();
  await page.getByRole('link', { name: 'About verification codes' }).click();
  await expect(page.getByRole('heading', { name: 'About verification codes' })).toBeVisible();
  await page.getByRole('link', { name: 'Back' }).click();
  await expect(verification.number).toBeVisible();
});

test('people can request a call from the start', async ({ verification, page }) => {
  const number = '+14155552811';
  await verification.open();
  await verification.number.fill(number);
  await verification.button('Get a call instead').click();
  await expect(page.getByText(/^We're calling \+1/)).toBeVisible();
  expect((await messagesTo(number))[0]).toMatchObject({ channel: 'voice' });
});

test('people can delete digits at the end and in the middle, down to none', async ({ verification, page }) => {
  await verification.open();
  await verification.country.selectOption('US');
  await verification.number.pressSequentially('4155552671');
  await expect(verification.number).toHaveValue('(415) 555-2671');
  await verification.number.evaluate((input: HTMLInputElement) => input.setSelectionRange(7, 7));
  await page.keyboard.press('Backspace');
  await expect(verification.number).toHaveValue('(415) 55-2671');
  await page.keyboard.press('End');
  for (let i = 0; i < 13; i += 1) await page.keyboard.press('Backspace');
  await expect(verification.number).toHaveValue('');
});

for (const [number, country] of [
  ['+12042345678', 'CA'],
  ['+447781123456', 'GG'],
  ['+77012345678', 'KZ'],
  ['+393123456789', 'IT'],
] as const) {
  test(`${number} sets the country ${country}, whichever was chosen before`, async ({ verification }) => {
    await verification.open();
    await verification.number.pressSequentially(number);
    await expect(verification.country).toHaveValue(country);
  });
}
