import { type BrowserContext, test } from '@playwright/test';
import { FACTOR_STATES, reachFactorState } from '@/e2e/factor-states';
import { type FactorsApp, startFactorsApp } from '@/e2e/factors-app';
import { PASSKEYS_APP_URL } from '@/e2e/servers';
import { reachState, STATES } from '@/e2e/states';

const VIEWPORT = { width: 390, height: 844 };

/** The pictures in `docs/page.md`. */
const PICTURES = [
  { file: 'phone-light', state: 'phone', colorScheme: 'light', path: '/' },
  { file: 'phone-dark', state: 'phone', colorScheme: 'dark', path: '/' },
  { file: 'code-light', state: 'code', colorScheme: 'light', path: '/' },
  { file: 'wrong-code-dark', state: 'wrong-code', colorScheme: 'dark', path: '/' },
  { file: 'verified-light', state: 'verified', colorScheme: 'light', path: '/' },
  { file: 'verified-arabic-dark', state: 'verified', colorScheme: 'dark', path: '/?lang=ar' },
] as const;

/** The pictures in `docs/page.md` of other ways to verify. */
const PICTURES_OF_WAYS = [
  { file: 'phone-with-passkey-light', state: 'phone-with-ways', colorScheme: 'light', language: 'en' },
  { file: 'passkey-offer-light', state: 'passkey-offered', colorScheme: 'light', language: 'en' },
  { file: 'app-setup-dark', state: 'app-setup', colorScheme: 'dark', language: 'en' },
  { file: 'sign-in-arabic-dark', state: 'sign-in', colorScheme: 'dark', language: 'ar' },
] as const;

function find<State extends { readonly name: string }>(states: readonly State[], name: string): State {
  const found = states.find((state) => state.name === name);
  if (!found) throw new Error(`There is no state ${name}.`);
  return found;
}

async function take(context: BrowserContext, file: string): Promise<void> {
  const [page] = context.pages();
  await page?.evaluate(() => scrollTo(0, 0));
  await page?.screenshot({ path: `docs/screenshots/${file}.png`, animations: 'disabled', caret: 'hide' });
  await context.close();
}

for (const [i, { file, state, colorScheme, path }] of PICTURES.entries()) {
  test(file, async ({ browser, baseURL }) => {
    const context = await browser.newContext({
      colorScheme,
      viewport: VIEWPORT,
      locale: 'en-US',
      ...(baseURL && { baseURL }),
    });
    await reachState(await context.newPage(), find(STATES, state), `+1415555${3200 + i}`, { path });
    await take(context, file);
  });
}

test.describe('other ways', () => {
  let app: FactorsApp;
  test.beforeAll(async () => {
    app = await startFactorsApp(PASSKEYS_APP_URL);
  });
  test.afterAll(() => app.stop());

  for (const [i, { file, state, colorScheme, language }] of PICTURES_OF_WAYS.entries()) {
    test(file, async ({ browser }) => {
      const context = await browser.newContext({ colorScheme, viewport: VIEWPORT, baseURL: PASSKEYS_APP_URL });
      const page = await context.newPage();
      await reachFactorState(page, find(FACTOR_STATES, state), `+1415555${3210 + i}`, language);
      await take(context, file);
    });
  }
});
