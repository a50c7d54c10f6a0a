import { readFileSync } from 'node:fs';
import { expect, type Page } from '@playwright/test';
import type Axe from 'axe-core';

/** How people look at the page. 200% zoom of a window 1280 px wide equals one of 640 px. */
const VIEWS = {
  light: { colorScheme: 'light', width: 1280, height: 900 },
  dark: { colorScheme: 'dark', width: 1280, height: 900 },
  'dark, 200%': { colorScheme: 'dark', width: 640, height: 450 },
  'light, phone': { colorScheme: 'light', width: 320, height: 640 },
  'dark, phone': { colorScheme: 'dark', width: 320, height: 640 },
} as const;
export type View = keyof typeof VIEWS;

export const IN_ENGLISH = ['light', 'dark', 'dark, 200%', 'light, phone'] as const;
/** Views in Arabic, for the layout from right to left. */
export const IN_ARABIC = ['dark, phone'] as const;

/** Rules about looks, which differ in each view. The others are about the document, which is the same in all views. */
const LOOKS = ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable', 'target-size'];

const SOURCE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');

interface Scope {
  /** A selector of the part to check; by default the whole document, which has no frames. */
  readonly part?: string;
  /** By default all rules. */
  readonly rules?: readonly string[];
}

/**
 * What axe finds wrong with a page. Injects axe once per document, because parsing it takes longer than most checks.
 * Of the rules that are off by default, the one for targets of at least 24 px counts, too.
 */
export async function violationsOn(page: Page, { part, rules }: Scope = {}): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(SOURCE);
  return page.evaluate(
    async ({ part, rules }) => {
      const { axe } = window as unknown as { axe: typeof Axe };
      const { violations } = await axe.run(part ?? document, {
        resultTypes: ['violations'],
        rules: { 'target-size': { enabled: true } },
        ...(rules && { runOnly: [...rules] }),
      });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    },
    { part, rules },
  );
}

export async function expectNoViolations(page: Page, views: readonly View[]): Promise<void> {
  for (const [v, view] of views.entries()) {
    const { colorScheme, ...size } = VIEWS[view];
    // Without motion, because axe would measure the contrast of colors in the middle of a transition.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize(size);
    const found = await violationsOn(page, v === 0 ? {} : { rules: LOOKS });
    expect({ view, found }).toEqual({ view, found: [] });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect({ view, fits: overflow <= 0 }).toEqual({ view, fits: true });
  }
}
