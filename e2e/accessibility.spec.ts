import AxeBuilder from '@axe-core/playwright';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { changeLanguage, reachState, STATES } from './states';

/** How people look at the page. 200 % zoom of a window 1280 px wide equals one of 640 px. */
const VIEWS = {
  light: { colorScheme: 'light', width: 1280, height: 900 },
  dark: { colorScheme: 'dark', width: 1280, height: 900 },
  'dark, 200 %': { colorScheme: 'dark', width: 640, height: 450 },
  'light, phone': { colorScheme: 'light', width: 320, height: 640 },
  'dark, phone': { colorScheme: 'dark', width: 320, height: 640 },
} as const;

const IN_ENGLISH = ['light', 'dark', 'dark, 200 %', 'light, phone'] as const;
/** From right to left. */
const IN_ARABIC = ['dark, phone'] as const;

/** All rules, including the one for targets of at least 24 px, which is off by default. The page has no frames. */
const axe = (page: Page) =>
  new AxeBuilder({ page }).setLegacyMode().options({ rules: { 'target-size': { enabled: true } } });

/** Rules about looks, which differ in each view. The others are about the document, which is the same in all of them. */
const LOOKS = ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable', 'target-size'];

async function expectNoViolations(page: Page, views: readonly (keyof typeof VIEWS)[]): Promise<void> {
  for (const [v, view] of views.entries()) {
    const { colorScheme, ...size } = VIEWS[view];
    // Without motion, because axe would measure the contrast of colors in the middle of a transition.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize(size);
    const { violations } = await (v === 0 ? axe(page) : axe(page).withRules(LOOKS)).analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    expect({ view, found }).toEqual({ view, found: [] });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect({ view, fits: overflow <= 0 }).toEqual({ view, fits: true });
  }
}

// axe needs a context of its own.
const open = (browser: Browser, baseURL: string | undefined) =>
  browser.newContext({ locale: 'en-US', reducedMotion: 'reduce', ...(baseURL && { baseURL }) });

for (const [s, state] of STATES.entries()) {
  test(`axe finds nothing wrong with the state ${state.name}`, async ({ browser, baseURL }) => {
    const context = await open(browser, baseURL);
    const page = await context.newPage();
    await reachState(page, state, `+1415555${3000 + s}`);
    await expectNoViolations(page, IN_ENGLISH);
    await changeLanguage(page, 'ar');
    await expectNoViolations(page, IN_ARABIC);
    await context.close();
  });
}

test('axe finds nothing wrong with the open list of countries', async ({ browser, baseURL }) => {
  // axe takes seconds for some 240 countries.
  test.slow();
  const context = await open(browser, baseURL);
  const page = await context.newPage();
  await page.goto('/');
  const country = page.locator('#country');
  const search = page.locator('input[role=combobox]');
  await country.click();
  await expectNoViolations(page, IN_ENGLISH);
  for (const query of ['+4', 'nowhere']) {
    await search.fill(query);
    await expectNoViolations(page, ['light']);
  }
  await page.keyboard.press('Escape');
  await changeLanguage(page, 'ar');
  await country.click();
  await expectNoViolations(page, IN_ARABIC);
  await context.close();
});

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
