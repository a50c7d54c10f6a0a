import { messagesTo, onlyCodeFor } from './inbox';
import { SIMULATOR_PORT } from './servers';
import { expect, test } from './test';

const INBOX_PAGE = new RegExp(`:${SIMULATOR_PORT}/inbox$`);

test('a person enters a number, reads the code, and verifies the number', async ({ verification, page }) => {
  const number = '+14155552671';
  await verification.open();
  await verification.sendTo('+1 415 555 2671');
  await expect(page.getByText('+1 415 555 2671', { exact: true })).toBeVisible();
  await page.reload();
  await verification.ready();
  await expect(page.getByText('+1 415 555 2671', { exact: true })).toBeVisible();

  await verification.code.pressSequentially(await onlyCodeFor(number));
  await expect(verification.success).toBeFocused();
  await expect(page.getByText('+1 415 555 2671', { exact: true })).toBeVisible();

  await verification.link('Verify another number').click();
  await expect(verification.number).toBeFocused();
  await expect(verification.number).toHaveValue('');
});

test('a whole text message pasted into the code field works', async ({ verification, page, context }) => {
  const number = '+14155552672';
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await verification.open();
  await verification.sendTo(number);

  const [message] = await messagesTo(number);
  await page.evaluate((text) => navigator.clipboard.writeText(text), message?.text ?? '');
  await page.keyboard.press('Control+V');
  await expect(verification.success).toBeFocused();
});

test('the keyboard alone is enough', async ({ verification, page }) => {
  const number = '+14155552673';
  await verification.open();
  await page.keyboard.press('Tab');
  await expect(verification.country).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('listbox')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(verification.number).toBeFocused();
  await page.keyboard.type(number);
  await page.keyboard.press('Tab');
  await expect(verification.button('Send code')).toBeFocused();
  await page.keyboard.press('Space');

  await expect(verification.code).toBeFocused();
  await page.keyboard.type(await onlyCodeFor(number));
  await expect(verification.success).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(verification.link('Verify another number')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(verification.number).toBeFocused();
});

test('the page keeps and sends a number typed before the script runs', async ({ verification, page }) => {
  const number = '+14155552674';
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/*.js', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('/', { waitUntil: 'commit' });
  await verification.number.fill(number);
  release();
  await verification.ready();
  // The page groups the digits once it can.
  await expect(verification.number).toHaveValue(/^\+1 ?415 ?555 ?2674$/);
  await verification.button('Send code').click();
  await expect(verification.code).toBeFocused();
  expect(await messagesTo(number)).toHaveLength(1);
});

test('the demo links to its inbox, and no request goes to another host', async ({ verification, page }) => {
  await verification.open();
  await expect(page.getByRole('link', { name: 'Open the demo inbox' })).toHaveAttribute('href', INBOX_PAGE);
  await expect(page).toHaveTitle('Verify your phone number');
});
