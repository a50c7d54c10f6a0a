import { expect, type Page, test } from '@playwright/test';
import { APP_URL, SIMULATOR_PORT } from './servers';
import { stopClock, VerificationPage } from './test';

const inboxOf = (page: Page) => page.frameLocator('iframe[title="Inbox"]');
const boxOf = async (page: Page, selector: string) => {
  const box = await page.locator(selector).boundingBox();
  if (!box) throw new Error(`${selector} is not shown.`);
  return box;
};

test('a person verifies a number on the left with the code that arrives on the right', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-write']);
  const refused: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) refused.push(message.text());
  });
  const verification = new VerificationPage(page);
  await page.clock.install();
  await page.goto('/demo');
  await verification.ready();
  await verification.sendTo('+14155552691');
  const phone = inboxOf(page).getByRole('heading', { name: '+1 415 555 2691' });
  await expect(phone).toBeVisible();
  const copy = inboxOf(page)
    .locator('[data-to="14155552691"]')
    .getByRole('button', { name: /^Copy code/ });
  const [code = ''] = /\d{6}/.exec((await copy.getAttribute('aria-label')) ?? '') ?? [];
  // The button says "Copied" for only two seconds.
  await stopClock(page);
  await copy.click();
  await expect(copy).toContainText('Copied');
  await page.clock.resume();
  await verification.code.fill(code);
  await expect(verification.success).toBeFocused();
  await page.reload();
  await expect(verification.success).toBeVisible();
  await expect(phone).toBeVisible();
  expect(refused).toEqual([]);
});

test('page and inbox are side by side, and one above the other on a phone', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.goto('/demo');
  const beside = [await boxOf(page, 'main'), await boxOf(page, 'iframe')] as const;
  expect(beside[1].x).toBeGreaterThanOrEqual(beside[0].x + beside[0].width);
  expect([beside[1].y, beside[1].height]).toEqual([0, 720]);
  await page.setViewportSize({ width: 375, height: 667 });
  const stacked = [await boxOf(page, 'main'), await boxOf(page, 'iframe')] as const;
  expect(stacked[1].y).toBeGreaterThanOrEqual(stacked[0].y + stacked[0].height);
  expect(stacked[1].width).toBe(375);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(375);
});

test('a change of language keeps the inbox beside the page', async ({ page }) => {
  await page.goto('/demo');
  await new VerificationPage(page).ready();
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(inboxOf(page).getByRole('heading', { name: 'Inbox' })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe('/demo');
});

test('no frame shows the page itself, not even in a demo', async ({ page }) => {
  for (const path of ['/', '/demo']) {
    const { 'content-security-policy': policy, 'x-frame-options': option } = (await page.request.get(path)).headers();
    expect([option, policy]).toEqual(['DENY', expect.stringContaining("frame-ancestors 'none'")]);
  }
  await page.route(`http://localhost:${SIMULATOR_PORT}/framing`, (route) =>
    route.fulfill({ contentType: 'text/html', body: `<iframe src="${APP_URL}/demo"></iframe>` }),
  );
  await page.goto(`http://localhost:${SIMULATOR_PORT}/framing`);
  await expect(page.frameLocator('iframe').locator('main')).toHaveCount(0);
});
