import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { reachState, STATES } from './states';

/** 200 % zoom of a window 1280 px wide equals one of 640 px with two device pixels each. */
const VIEWS = [
  { view: 'light', options: { colorScheme: 'light', viewport: { width: 1280, height: 900 } } },
  { view: 'dark', options: { colorScheme: 'dark', viewport: { width: 1280, height: 900 } } },
  {
    view: 'dark-200-percent',
    options: { colorScheme: 'dark', viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 },
  },
  { view: 'light-phone', options: { colorScheme: 'light', viewport: { width: 320, height: 640 } } },
  { view: 'arabic-phone', options: { colorScheme: 'dark', locale: 'ar', viewport: { width: 320, height: 640 } } },
] as const;

/** All rules, including the one for targets of at least 24 px, which is off by default. */
const axe = (page: Page) => new AxeBuilder({ page }).options({ rules: { 'target-size': { enabled: true } } });

for (const [v, { view, options }] of VIEWS.entries()) {
  test.describe(view, () => {
    for (const [s, state] of STATES.entries()) {
      test(`axe finds nothing wrong with the state ${state.name}`, async ({ browser, baseURL }) => {
        // axe needs a context of its own.
        // Without motion, because axe would measure the contrast of colors in the middle of a transition.
        const still = { reducedMotion: 'reduce' } as const;
        const context = await browser.newContext({
          locale: 'en-US',
          ...still,
          ...options,
          ...(baseURL && { baseURL }),
        });
        const page = await context.newPage();
        await reachState(page, state, `+1415555${3000 + v * 20 + s}`);
        const { violations } = await axe(page).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
        await context.close();
      });
    }

    test('axe finds nothing wrong with the open list of countries', async ({ browser, baseURL }) => {
      const context = await browser.newContext({ locale: 'en-US', ...options, ...(baseURL && { baseURL }) });
      const page = await context.newPage();
      await page.goto('/');
      await page.locator('#country').click();
      const search = page.locator('input[role=combobox]');
      for (const query of ['', '+4', 'nowhere']) {
        await search.fill(query);
        const { violations } = await axe(page).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      await context.close();
    });
  });
}

for (const path of ['/?lang=ar', '/about', '/nothing-here']) {
  test(`axe finds nothing wrong with ${path}`, async ({ browser, baseURL }) => {
    const context = await browser.newContext(baseURL ? { baseURL } : {});
    const page = await context.newPage();
    await page.goto(path);
    const { violations } = await axe(page).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
    await context.close();
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
  const context = await browser.newContext({ forcedColors: 'active', locale: 'en-US', ...(baseURL && { baseURL }) });
  const page = await context.newPage();
  const wrong = STATES.find(({ name }) => name === 'wrong-code');
  if (!wrong) throw new Error('There is no such state.');
  await reachState(page, wrong, '+14155553151');
  expect((await axe(page).analyze()).violations.map(({ id }) => id)).toEqual([]);
  await context.close();
});
