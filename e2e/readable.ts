import { expect, type Page } from '@playwright/test';
import { LANGUAGES } from '@/lib/i18n/languages';
import { expectNoViolations, IN_ARABIC, IN_ENGLISH, type View } from './axe';
import { cardOf, giveUpRoom, WIDEST_GAP, WINDOWS } from './card';
import { changeLanguage } from './states';

/** The views that axe checks, by language. */
const VIEWS_BY_LANGUAGE: Readonly<Record<string, readonly View[]>> = { en: IN_ENGLISH, ar: IN_ARABIC };

interface Reading {
  /** Brings the page into the state. */
  readonly reach: (language: string) => Promise<void>;
  /** What fits into the window; by default the whole card. */
  readonly fits?: 'controls' | 'nothing';
  /** Set if a change of language does not keep the state. The page then reaches it in each language. */
  readonly isBoundToLanguage?: true;
  /** Set to measure the first window as the state leaves it, with the room that earlier content needed. */
  readonly keepsRoom?: true;
}

/** Measures the card in every window. */
async function faultsOfCard(page: Page, fits: 'card' | 'controls' | 'nothing', keepsRoom: boolean): Promise<object[]> {
  const faults: object[] = [];
  for (const [w, { width, height, scrolls }] of WINDOWS.entries()) {
    await page.setViewportSize({ width, height });
    if (!keepsRoom || w > 0) await giveUpRoom(page);
    await page.evaluate(() => scrollTo(0, 0));
    const { bottom, controlsEnd, widestGap, tooWide } = await cardOf(page);
    const end = { controls: controlsEnd, nothing: 0, card: bottom }[fits];
    const tooTall = scrolls ? 0 : Math.max(0, end - height);
    const hole = widestGap > WIDEST_GAP ? widestGap : 0;
    if (tooTall || tooWide || hole) faults.push({ width, tooTall, tooWide, hole });
  }
  return faults;
}

/**
 * Reaches a state once, or once in each language if the state is bound to one. Checks in every language and window that
 * the card fits and has no holes, and in every view that axe finds nothing wrong.
 */
export async function expectReadable(
  page: Page,
  { reach, fits, isBoundToLanguage, keepsRoom }: Reading,
): Promise<void> {
  const faults: object[] = [];
  for (const language of Object.keys(LANGUAGES)) {
    await page.emulateMedia({ colorScheme: null, reducedMotion: null });
    await page.setViewportSize({ width: 375, height: 667 });
    await (language === 'en' || isBoundToLanguage ? reach(language) : changeLanguage(page, language));
    // To reach some states, the browser submits a form, which loads a new document.
    await page.waitForLoadState();
    await expect(page.locator('html')).toHaveAttribute('dir', language === 'ar' ? 'rtl' : 'ltr');
    const found = await faultsOfCard(page, fits ?? 'card', keepsRoom === true && language === 'en');
    faults.push(...found.map((fault) => ({ language, ...fault })));
    await expectNoViolations(page, VIEWS_BY_LANGUAGE[language] ?? []);
  }
  expect(faults).toEqual([]);
}
