import AxeBuilder from '@axe-core/playwright';
import { type Browser, type BrowserContext, expect, type Page } from '@playwright/test';

/** How people look at the page. 200 % zoom of a window 1280 px wide equals one of 640 px. */
const VIEWS = {
  light: { colorScheme: 'light', width: 1280, height: 900 },
  dark: { colorScheme: 'dark', width: 1280, height: 900 },
  'dark, 200 %': { colorScheme: 'dark', width: 640, height: 450 },
  'light, phone': { colorScheme: 'light', width: 320, height: 640 },
  'dark, phone': { colorScheme: 'dark', width: 320, height: 640 },
} as const;

export const IN_ENGLISH = ['light', 'dark', 'dark, 200 %', 'light, phone'] as const;
/** Views in Arabic, for the layout from right to left. */
export const IN_ARABIC = ['dark, phone'] as const;

/** All rules, including the one for targets of at least 24 px, which is off by default. The page has no frames. */
export const axe = (page: Page) =>
  new AxeBuilder({ page }).setLegacyMode().options({ rules: { 'target-size': { enabled: true } } });

/** Rules about looks, which differ in each view. The others are about the document, which is the same in all of them. */
const LOOKS = ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable', 'target-size'];

export async function expectNoViolations(page: Page, views: readonly (keyof typeof VIEWS)[]): Promise<void> {
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

/** axe needs a context of its own. */
export const openForAxe = (browser: Browser, baseURL: string | undefined): Promise<BrowserContext> =>
  browser.newContext({ locale: 'en-US', reducedMotion: 'reduce', ...(baseURL && { baseURL }) });
