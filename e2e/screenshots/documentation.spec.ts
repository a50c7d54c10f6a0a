import { test } from '@playwright/test';
import { reachState, STATES } from '@/e2e/states';

/** The pictures in `docs/page.md`. */
const PICTURES = [
  { file: 'phone-light', state: 'phone', colorScheme: 'light', path: '/' },
  { file: 'phone-dark', state: 'phone', colorScheme: 'dark', path: '/' },
  { file: 'code-light', state: 'code', colorScheme: 'light', path: '/' },
  { file: 'wrong-code-dark', state: 'wrong-code', colorScheme: 'dark', path: '/' },
  { file: 'verified-light', state: 'verified', colorScheme: 'light', path: '/' },
  { file: 'verified-arabic-dark', state: 'verified', colorScheme: 'dark', path: '/?lang=ar' },
] as const;

for (const [i, { file, state, colorScheme, path }] of PICTURES.entries()) {
  test(file, async ({ browser, baseURL }) => {
    const found = STATES.find(({ name }) => name === state);
    if (!found) throw new Error(`There is no state ${state}.`);
    const viewport = { width: 390, height: 844 };
    const context = await browser.newContext({ colorScheme, viewport, locale: 'en-US', ...(baseURL && { baseURL }) });
    const page = await context.newPage();
    await reachState(page, found, `+1415555${3200 + i}`, { path });
    await page.screenshot({ path: `docs/screenshots/${file}.png`, animations: 'disabled', caret: 'hide' });
    await context.close();
  });
}
