import type { Page } from '@playwright/test';
import { LANGUAGES } from '@/lib/i18n/languages';
import { onlyCodeFor } from './inbox';
import { expect, test } from './test';

/** Every language where there is least room, and where there is more. */
const VIEWS = [
  ...Object.keys(LANGUAGES).map((language) => ({ width: 320, language })),
  { width: 768, language: 'en' },
  { width: 1280, language: 'en' },
];

const footerTop = async (page: Page) => (await page.locator('footer').boundingBox())?.y;
const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

/** What moved by itself since the page was opened (Layout Instability API). */
const shifted = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const sum = (list: PerformanceObserverEntryList) =>
          (list.getEntries() as unknown as { value: number }[]).reduce((total, { value }) => total + value, 0);
        new PerformanceObserver((list) => resolve(sum(list))).observe({ type: 'layout-shift', buffered: true });
        // Where nothing moved there is nothing to observe.
        setTimeout(resolve, 200, 0);
      }),
  );

for (const [i, { width, language }] of VIEWS.entries()) {
  test(`in ${language} at ${width} px nothing is cut off, and nothing under the card moves between the steps`, async ({
    verification,
    page,
  }) => {
    const number = `+1415555${2700 + i}`;
    await page.setViewportSize({ width, height: 800 });
    await page.goto(`/?lang=${language}`);
    await verification.ready();
    const before = await footerTop(page);
    expect(await overflow(page)).toBe(0);

    await page.locator('#phone-number').fill(number);
    await page.locator('form button[type=submit]').first().click();
    await page.locator('#code').waitFor();
    expect(await footerTop(page)).toBe(before);
    expect(await overflow(page)).toBe(0);

    await page.locator('#code').fill(await onlyCodeFor(number));
    await page.locator('#verified-heading').waitFor();
    expect(await footerTop(page)).toBe(before);
    expect(await overflow(page)).toBe(0);
    expect(await shifted(page)).toBeLessThan(0.01);
  });
}
