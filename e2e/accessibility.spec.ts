import { expect, test } from '@playwright/test';
import { expectNoViolations, IN_ARABIC, IN_ENGLISH, violationsOn } from './axe';
import { changeLanguage, reachState, STATES } from './states';
import { VerificationPage } from './test';

test('axe finds nothing wrong with the open list of countries', async ({ page }) => {
  // axe takes seconds for about 240 countries.
  test.slow();
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const verification = new VerificationPage(page);
  await verification.open();
  const search = page.locator('input[role=combobox]');
  const openList = async () => {
    await page.locator('#country').click();
    await expect(search).toBeFocused();
  };
  await openList();
  await expectNoViolations(page, IN_ENGLISH);
  for (const query of ['+4', 'nowhere']) {
    await search.fill(query);
    await expectNoViolations(page, ['light']);
  }
  await page.keyboard.press('Escape');
  await changeLanguage(page, 'ar');
  await openList();
  await expectNoViolations(page, IN_ARABIC);
});

for (const path of ['/?lang=ar', '/about', '/nothing-here']) {
  test(`axe finds nothing wrong with ${path}`, async ({ page }) => {
    await page.goto(path);
    expect(await violationsOn(page)).toEqual([]);
  });
}

test('nothing moves for people who ask for less motion', async ({ browser, baseURL }) => {
  const busy = STATES.find(({ name }) => name === 'busy');
  if (!busy) throw new Error('There is no such state.');
  for (const [reducedMotion, expected] of [
    ['no-preference', /turn/],
    ['reduce', /^none$/],
  ] as const) {
    const context = await browser.newContext({ reducedMotion, locale: 'en-US', ...(baseURL && { baseURL }) });
    const page = await context.newPage();
    await reachState(page, busy, '+14155553150');
    const spinner = page.locator('button[aria-disabled] span[aria-hidden]').first();
    expect(await spinner.evaluate((element) => getComputedStyle(element).animationName)).toMatch(expected);
    await context.close();
  }
});

test('axe finds nothing wrong with forced colors', async ({ browser, baseURL }) => {
  const context = await browser.newContext({
    forcedColors: 'active',
    reducedMotion: 'reduce',
    locale: 'en-US',
    ...(baseURL && { baseURL }),
  });
  const page = await context.newPage();
  const wrong = STATES.find(({ name }) => name === 'wrong-code');
  if (!wrong) throw new Error('There is no such state.');
  await reachState(page, wrong, '+14155553151');
  expect(await violationsOn(page)).toEqual([]);
  await context.close();
});
