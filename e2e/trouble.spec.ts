import { messagesTo, onlyCodeFor, wrongCode } from './inbox';
import { expect, test } from './test';

test.describe('wrong input', () => {
  test.use({ expectedReplies: ['400 /api/verify-otp', '400 /api/send-otp'] });

  test('a wrong code is told with the tries left, and the right one still works', async ({ verification }) => {
    const number = '+14155552675';
    await verification.open();
    await verification.sendTo(number);
    const code = await onlyCodeFor(number);

    await verification.code.pressSequentially(wrongCode(code));
    await expect(verification.code).toHaveAccessibleDescription(/That code is not right\. .* \d tries left\./);
    await expect(verification.code).toHaveAttribute('aria-invalid', 'true');
    await expect(verification.code).toHaveValue('');
    await expect(verification.code).toBeFocused();

    await verification.code.pressSequentially(code);
    await expect(verification.success).toBeFocused();
  });

  test('a number that is none is told beside the field, and stays in it', async ({ verification }) => {
    await verification.open();
    await verification.number.fill('+1 555');
    await verification.button('Send code').click();
    await expect(verification.number).toHaveAccessibleDescription(/^That is not a valid phone number/);
    await expect(verification.number).toBeFocused();
    await expect(verification.number).toHaveValue('+1 555');
  });
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('the page says what it needs, and a submit puts no number into an address', async ({ verification, page }) => {
    await page.goto('/');
    // By its element: Playwright leaves noscript out when it looks for text.
    await expect(page.locator('noscript p')).toBeVisible();
    await expect(page.locator('noscript p')).toHaveText(/^This page needs JavaScript in this version\./);
    await verification.number.fill('+14155552681');
    await verification.button('Send code').click();
    await page.waitForLoadState();
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/');
    await expect(verification.number).toBeVisible();
    expect(await messagesTo('+14155552681')).toHaveLength(0);
  });
});

test('a reload comes back to the code screen and sends nothing', async ({ verification, page }) => {
  const number = '+14155552676';
  await verification.open();
  await verification.sendTo(number);
  const code = await onlyCodeFor(number);

  await page.reload();
  await verification.ready();
  await expect(verification.code).toBeVisible();
  expect(await messagesTo(number)).toHaveLength(1);
  await verification.code.fill(code);
  await expect(verification.success).toBeFocused();

  await page.reload();
  await expect(verification.number).toBeVisible();
});

test('changing the number sends nothing until it is submitted', async ({ verification }) => {
  const [first, second] = ['+14155552677', '+14155552678'];
  await verification.open();
  await verification.sendTo(first);

  await verification.button('Change number').click();
  await expect(verification.number).toBeFocused();
  await expect(verification.number).toHaveValue(first);
  await verification.button('Back to entering the code').click();
  await expect(verification.code).toBeFocused();
  expect(await messagesTo(first)).toHaveLength(1);

  await verification.button('Change number').click();
  await verification.sendTo(second);
  expect(await messagesTo(first)).toHaveLength(1);
  await verification.code.fill(await onlyCodeFor(second));
  await expect(verification.success).toBeFocused();
});

test('the code is sent again after the countdown, once, and works', async ({ verification }) => {
  const number = '+14155552679';
  await verification.open();
  await verification.sendTo(number);
  const resend = verification.button(/^Send the code again$/);
  await resend.dblclick();
  await expect(verification.code).toBeFocused();
  await expect(verification.button(/^Send again in \d s$/)).toHaveAttribute('aria-disabled', 'true');

  const messages = await messagesTo(number);
  expect(messages).toHaveLength(2);
  // A resend may repeat the code; whichever message a person reads then, it counts.
  await verification.code.fill(messages[0]?.pin ?? '');
  await expect(verification.success).toBeFocused();
});

test('offline, what was typed stays, and can be sent once the network is back', async ({ page, context }) => {
  // Without the fixture that fails on failed requests: here they are meant to.
  const number = '+14155552680';
  await page.goto('/', { waitUntil: 'networkidle' });
  await page.getByLabel('Phone number').fill(number);
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Send code' }).click();
  await expect(page.getByLabel('Phone number')).toHaveAccessibleDescription(/server could not be reached/);
  await expect(page.getByLabel('Phone number')).toHaveValue(number);

  await context.setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByLabel('Verification code')).toBeFocused();
  expect(await messagesTo(number)).toHaveLength(1);
});
