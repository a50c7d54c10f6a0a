import { LANGUAGES } from '@/lib/i18n/languages';
import { expectNoViolations, IN_ARABIC, IN_ENGLISH, openForAxe } from './axe';
import { cardOf, giveUpRoom, WIDEST_GAP, WINDOWS } from './card';
import { FACTOR_STATES, reachFactorState } from './factor-states';
import { type FactorsApp, startFactorsApp } from './factors-app';
import { SIMULATOR_URL, WAYS_APP_URL } from './servers';
import { changeLanguage } from './states';
import { expect, test } from './test';

let app: FactorsApp;
test.beforeAll(async () => {
  test.setTimeout(60_000);
  // As in the demo, whose footer is longer.
  app = await startFactorsApp(WAYS_APP_URL, { DEMO_INBOX_URL: `${SIMULATOR_URL}/inbox` });
});
test.afterAll(() => app.stop());
test.use({
  baseURL: WAYS_APP_URL,
  expectedReplies: [
    '400 /ways',
    '400 /api/totp/verify',
    '429 /api/totp/verify',
    '409 /api/totp/verify',
    '409 /api/passkeys/verify',
  ],
});

/** A number for each test: some states need a fresh one in each language. */
let last = 4200;
function newNumber(): string {
  last += 1;
  return `+1415555${last}`;
}

for (const state of FACTOR_STATES) {
  test(`axe finds nothing wrong with the state ${state.name}`, async ({ browser, baseURL }) => {
    test.slow();
    const context = await openForAxe(browser, baseURL);
    const page = await context.newPage();
    await reachFactorState(page, state, newNumber());
    await expectNoViolations(page, IN_ENGLISH);
    if (state.isBoundToLanguage) await reachFactorState(page, state, newNumber(), 'ar');
    else await changeLanguage(page, 'ar');
    await expectNoViolations(page, IN_ARABIC);
    await context.close();
  });

  // The fixture also fails on what the content security policy refuses.
  test(`${state.name}: all of it is readable in every language`, async ({ verification, page }) => {
    test.slow();
    expect(verification.page).toBe(page);
    const faults: object[] = [];
    for (const language of Object.keys(LANGUAGES)) {
      await page.setViewportSize({ width: 375, height: 667 });
      if (language === 'en' || state.isBoundToLanguage) {
        await reachFactorState(page, state, newNumber(), language);
      } else await changeLanguage(page, language);
      await expect(page.locator('html')).toHaveAttribute('dir', language === 'ar' ? 'rtl' : 'ltr');
      for (const { width, height, scrolls } of WINDOWS) {
        await page.setViewportSize({ width, height });
        await giveUpRoom(page);
        await page.evaluate(() => scrollTo(0, 0));
        const { bottom, controlsEnd, widestGap, tooWide } = await cardOf(page);
        const end = { controls: controlsEnd, nothing: 0, card: bottom }[state.fits ?? 'card'];
        const tooTall = scrolls ? 0 : Math.max(0, end - height);
        const hole = widestGap > WIDEST_GAP ? widestGap : 0;
        if (tooTall || tooWide > 0 || hole) faults.push({ language, width, tooTall, tooWide, hole });
      }
    }
    expect(faults).toEqual([]);
  });
}
