import type { ChildProcess } from 'node:child_process';
import { contrastOf } from '@/lib/config/brand-colors';
import { startAnotherApp } from './another-app';
import { violationsOn } from './axe';
import { BRANDED_APP_URL } from './servers';
import { expect, test } from './test';

/** A logo that is three times as wide as it is high. */
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="32"><style>rect{fill:red}</style><rect width="96" height="32"/></svg>';

let app: ChildProcess;
test.beforeAll(async () => {
  app = await startAnotherApp(BRANDED_APP_URL, {
    BRAND_NAME: 'Example',
    BRAND_COLOR: 'b4232a',
    BRAND_LOGO: `data:image/svg+xml,${encodeURIComponent(LOGO)}`,
  });
});
test.afterAll(() => app.kill());

test.describe('a page with a brand', () => {
  test.use({ baseURL: BRANDED_APP_URL, expectedReplies: ['404 /nope'] });

  for (const [colorScheme, expected] of [
    ['light', 'rgb(180, 35, 42)'],
    ['dark', undefined],
  ] as const) {
    test(`has a readable button in its color, in the ${colorScheme} scheme`, async ({ verification, page }) => {
      await page.emulateMedia({ colorScheme });
      await verification.open();
      const { ground, text } = await verification.button('Send code').evaluate((button) => {
        const { backgroundColor, color } = getComputedStyle(button);
        return { ground: backgroundColor, text: color };
      });
      if (expected) expect(ground).toBe(expected);
      // The color is red, whatever the scheme.
      const [red = 0, green = 0, blue = 0] = ground.match(/\d+/g)?.map(Number) ?? [];
      expect(Math.min(red - green, red - blue)).toBeGreaterThan(50);
      const hex = (color: string) =>
        `#${(color.match(/\d+/g) ?? []).map((value) => Number(value).toString(16).padStart(2, '0')).join('')}`;
      expect(contrastOf(hex(ground), hex(text))).toBeGreaterThanOrEqual(4.5);
    });
  }

  test('names the brand in the heading and the title, and shows the logo in full', async ({ verification, page }) => {
    await verification.open();
    await expect(page).toHaveTitle('Verify your number for Example');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Verify your number for Example');
    const logo = page.getByRole('img', { name: 'Example' });
    await expect(logo).toBeVisible();
    expect(await logo.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.clientHeight])).toEqual([
      96, 32,
    ]);
    await verification.link('About verification codes').click();
    await expect(page.getByRole('img', { name: 'Example' })).toBeVisible();
  });

  test('has the same color and logo if the address is unknown', async ({ verification, page }) => {
    const logo = page.waitForResponse((reply) => new URL(reply.url()).pathname === '/brand/logo');
    await page.goto('/nope');
    await expect(verification.link('Verify a phone number')).toHaveCSS('color', 'rgb(180, 35, 42)');
    expect((await logo).status()).toBe(200);
    expect((await page.locator('.brand-mark > *').boundingBox())?.height).toBe(32);
  });
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing wrong with a page that has a brand, in the ${colorScheme} scheme`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    for (const path of ['/', '/about']) {
      await page.goto(BRANDED_APP_URL + path);
      expect(await violationsOn(page)).toEqual([]);
    }
    await context.close();
  });
}
