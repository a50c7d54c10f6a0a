import { type Browser, type Page, test } from '@playwright/test';
import { FACTOR_STATES, reachFactorState } from '@/e2e/factor-states';
import { type FactorsApp, startFactorsApp } from '@/e2e/factors-app';
import { APP_URL, WAYS_APP_URL } from '@/e2e/servers';
import { reachState, STATES } from '@/e2e/states';
import { LANGUAGES } from '@/lib/i18n/languages';

/** The directory for pictures of every state. */
const directory = process.env.ALL_STATES;
test.skip(!directory, 'Set ALL_STATES to a directory to take a picture of every state.');

let app: FactorsApp | undefined;
test.beforeAll(async () => {
  if (directory) app = await startFactorsApp(WAYS_APP_URL);
});
test.afterAll(() => app?.stop());

const VIEWS = [
  { width: 375, height: 667 },
  { width: 1280, height: 720 },
].flatMap((viewport) =>
  (['light', 'dark'] as const).flatMap((colorScheme) =>
    (viewport.width === 375 ? Object.keys(LANGUAGES) : ['en', 'ar']).map((language) => ({
      viewport,
      colorScheme,
      language,
    })),
  ),
);
type View = (typeof VIEWS)[number];

async function take(
  browser: Browser,
  { viewport, colorScheme, language }: View,
  { baseURL, name, reach }: { baseURL: string; name: string; reach: (page: Page) => Promise<void> },
): Promise<void> {
  const context = await browser.newContext({ colorScheme, viewport, baseURL });
  const page = await context.newPage();
  await reach(page);
  await page.screenshot({
    path: `${directory}/${viewport.width}-${colorScheme}-${language}-${name}.png`,
    animations: 'disabled',
    // Some pages of other ways are longer than a window.
    fullPage: baseURL === WAYS_APP_URL,
  });
  await context.close();
}

let number = 3300;
for (const view of VIEWS) {
  const { viewport, colorScheme, language } = view;
  for (const state of STATES) {
    number += 1;
    const own = `+1415555${number}`;
    test(`${state.name} ${language} ${viewport.width} ${colorScheme}`, ({ browser }) =>
      take(browser, view, {
        baseURL: APP_URL,
        name: state.name,
        reach: (page) => reachState(page, state, own, { path: `/?lang=${language}` }),
      }));
  }
  for (const state of FACTOR_STATES) {
    number += 1;
    const own = `+1415555${number}`;
    test(`${state.name} ${language} ${viewport.width} ${colorScheme}`, ({ browser }) =>
      take(browser, view, {
        baseURL: WAYS_APP_URL,
        name: state.name,
        reach: (page) => reachFactorState(page, state, own, language),
      }));
  }
}
