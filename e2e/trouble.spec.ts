import { messagesTo, onlyCodeFor, wrongCode } from './inbox';
import { expect, stopClock, test } from './test';

test.describe('a wrong code', () => {
  test.use({ expectedReplies: ['400 /api/verify-otp'] });

  test('shows the attempts left, and the correct code still works', async ({ verification }) => {
    const number = '+14155552675';
    await verification.open();
    await verification.sendTo(number);
    const code = await onlyCodeFor(number);

    await verification.code.pressSequentially(wrongCode(code));
    await expect(verification.code).toHaveAccessibleDescription(/That code isn't correct\. .* \d attempts left\./);
    await expect(verification.code).toHaveAttribute('aria-invalid', 'true');
    await expect(verification.code).toHaveValue('');
    await expect(verification.code).toBeFocused();

    await verification.code.pressSequentially(code);
    await expect(verification.success).toBeFocused();
  });
});

test('a reload returns to the code screen and sends nothing', async ({ verification, page }) => {
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
  await expect(verification.success).toBeVisible();
});

test('changing the number sends nothing until the person submits the new one', async ({ verification }) => {
  const [first, second] = ['+14155552677', '+14155552678'];
  await verification.open();
  await verification.sendTo(first);

  await verification.link('Change').click();
  await expect(verification.number).toBeFocused();
  await expect(verification.number).toHaveValue('+1 415 555 2677');
  await verification.link('Back to the code').click();
  await expect(verification.code).toBeFocused();
  expect(await messagesTo(first)).toHaveLength(1);

  await verification.link('Change').click();
  await verification.sendTo(second);
  expect(await messagesTo(first)).toHaveLength(1);
  await verification.code.fill(await onlyCodeFor(second));
  await expect(verification.success).toBeFocused();
});

test('a resend after the countdown sends one code, which works', async ({ verification, page }) => {
  const number = '+14155552679';
  await page.clock.install();
  await verification.open();
  await verification.sendTo(number);
  const resend = verification.button(/^Send the code again$/);
  // Once the page offers this, the server's wait is over, too.
  await expect(resend).toBeVisible();
  await stopClock(page);
  await resend.dblclick();
  await expect(verification.code).toBeFocused();
  await expect(verification.button(/^Send again in \d s$/)).toHaveAttribute('aria-disabled', 'true');

  const messages = await messagesTo(number);
  expect(messages).toHaveLength(2);
  // A resend may repeat the code, so the code in either message works.
  await verification.code.fill(messages[0]?.pin ?? '');
  await expect(verification.success).toBeFocused();
});

test('a page that went offline before the first focus works once the network is back', async ({ page, context }) => {
  // This test does without the fixture that fails on failed requests, because here requests have to fail.
  const number = '+14155552681';
  await page.goto('/', { waitUntil: 'networkidle' });
  await page.evaluate(() => Object.assign(window, { isSamePage: true }));
  await context.setOffline(true);
  await page.getByLabel('Phone number').fill(number);
  await page.getByRole('button', { name: 'Send code' }).click();
  await expect(page.getByLabel('Phone number')).toHaveAccessibleDescription(/couldn't reach the server/);
  const again = page.getByRole('button', { name: 'Try again' });
  // The attempt may be too short to be seen from outside the page.
  const attempt = page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const look = () => document.querySelector('form [type=submit][aria-disabled=true]') && resolve();
        new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
      }),
  );
  await again.click();
  await attempt;
  await expect(again).toBeVisible();
  await expect(page.getByLabel('Phone number')).toHaveValue(number);

  await context.setOffline(false);
  await again.click();
  await expect(page.getByLabel('Verification code')).toBeFocused();
  expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true);
  expect(await messagesTo(number)).toHaveLength(1);
});

test('a page whose later script is gone, as after an update, sends plain forms', async ({ page }) => {
  const number = '+14155552682';
  const atFirst = new Set<string>();
  page.on('request', (request) => atFirst.add(request.url()));
  await page.goto('/', { waitUntil: 'networkidle' });
  page.removeAllListeners('request');
  await page.route('**/_next/static/chunks/**', (route) =>
    atFirst.has(route.request().url()) ? route.continue() : route.fulfill({ status: 404 }),
  );
  await page.getByLabel('Phone number').fill(number);
  await page.getByRole('button', { name: 'Send code' }).click();
  await expect(page.getByLabel('Phone number')).toHaveAccessibleDescription(/couldn't reach the server/);
  await page.getByRole('button', { name: 'Try again' }).click();
  // The code's screen is in that script, so this page stays as the server sent it.
  await expect(page.getByLabel('Verification code')).toBeVisible();
  await page.getByLabel('Verification code').fill(await onlyCodeFor(number));
  await page.getByRole('button', { name: 'Verify', exact: true }).click();
  await expect(page.getByRole('heading', { name: /^Success!/ })).toBeVisible();
});

test('a number stays in its field while nothing answers, although the network is up', async ({ page }) => {
  await page.goto('/', { waitUntil: 'networkidle' });
  await page.route('**/*', (route) => route.abort('connectionrefused'));
  const number = page.getByLabel('Phone number');
  await number.fill('+14155552683');
  await page.getByRole('button', { name: 'Send code' }).click();
  const again = page.getByRole('button', { name: 'Try again' });
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await expect(number).toHaveAccessibleDescription(/couldn't reach the server/);
    await again.click();
  }
  await expect(again).toBeVisible();
  await expect(number).toHaveValue('+14155552683');
});

test('the page gives up waiting for a part that never arrives', async ({ page }) => {
  await page.clock.install();
  const atFirst = new Set<string>();
  page.on('request', (request) => atFirst.add(request.url()));
  await page.goto('/', { waitUntil: 'networkidle' });
  page.removeAllListeners('request');
  await page.route('**/_next/static/chunks/**', (route) =>
    atFirst.has(route.request().url()) ? route.continue() : undefined,
  );
  await page.getByLabel('Phone number').fill('+14155552684');
  await page.getByRole('button', { name: 'Send code' }).click();
  await expect(page.getByRole('button', { name: 'Sending…' })).toBeVisible();
  // First the page gives up waiting for the number format, then for the request.
  for (const wait of ['00:05', '05:00']) await page.clock.fastForward(wait);
  await expect(page.getByLabel('Phone number')).toHaveAccessibleDescription(/couldn't reach the server/);
});

test('a number typed offline stays, and people can send it once the network is back', async ({ page, context }) => {
  // This test does without the fixture that fails on failed requests, because here requests have to fail.
  const number = '+14155552680';
  await page.goto('/', { waitUntil: 'networkidle' });
  await page.getByLabel('Phone number').fill(number);
  // By then the page has loaded everything that it needs for a number.
  await expect(page.getByLabel('Phone number')).toHaveValue('+1 415 555 2680');
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Send code' }).click();
  await expect(page.getByLabel('Phone number')).toHaveAccessibleDescription(/couldn't reach the server/);
  await expect(page.getByLabel('Phone number')).toHaveValue('+1 415 555 2680');

  await context.setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByLabel('Verification code')).toBeFocused();
  expect(await messagesTo(number)).toHaveLength(1);
});
