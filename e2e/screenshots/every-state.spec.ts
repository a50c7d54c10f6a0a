import { test } from '@playwright/test';
import { reachState, STATES } from '@/e2e/states';

/** Where pictures of every state go, for a look at all of them. */
const directory = process.env.ALL_STATES;
test.skip(!directory, 'Set ALL_STATES to a directory to take a picture of every state.');

let number = 3300;
for (const width of [320, 768, 1280]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const language of width === 320 ? ['en', 'de', 'fr', 'hr', 'ar'] : ['en']) {
      for (const state of STATES) {
        number += 1;
        const own = `+1415555${number}`;
        test(`${state.name} ${language} ${width} ${colorScheme}`, async ({ browser, baseURL }) => {
          const viewport = { width, height: 800 };
          const context = await browser.newContext({ colorScheme, viewport, ...(baseURL && { baseURL }) });
          const page = await context.newPage();
          await reachState(page, state, own, `/?lang=${language}`);
          await page.screenshot({ path: `${directory}/${width}-${colorScheme}-${language}-${state.name}.png` });
          await context.close();
        });
      }
    }
  }
}
