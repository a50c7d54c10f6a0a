import { test } from '@playwright/test';
import { reachState, STATES } from '@/e2e/states';
import { LANGUAGES } from '@/lib/i18n/languages';

/** The directory for pictures of every state. */
const directory = process.env.ALL_STATES;
test.skip(!directory, 'Set ALL_STATES to a directory to take a picture of every state.');

let number = 3300;
for (const viewport of [
  { width: 375, height: 667 },
  { width: 1280, height: 720 },
]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const language of viewport.width === 375 ? Object.keys(LANGUAGES) : ['en', 'ar']) {
      for (const state of STATES) {
        number += 1;
        const own = `+1415555${number}`;
        test(`${state.name} ${language} ${viewport.width} ${colorScheme}`, async ({ browser, baseURL }) => {
          const context = await browser.newContext({ colorScheme, viewport, ...(baseURL && { baseURL }) });
          const page = await context.newPage();
          await reachState(page, state, own, { path: `/?lang=${language}` });
          await page.screenshot({
            path: `${directory}/${viewport.width}-${colorScheme}-${language}-${state.name}.png`,
            animations: 'disabled',
          });
          await context.close();
        });
      }
    }
  }
}
