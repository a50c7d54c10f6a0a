import { onlyCodeFor } from './inbox';
import { expect, test } from './test';

for (const width of [320, 768, 1280]) {
  test(`at ${width} px nothing is cut off, and nothing under the card moves between the steps`, async ({
    verification,
    page,
  }) => {
    const number = `+1415555${2700 + width}`.slice(0, 12);
    await page.setViewportSize({ width, height: 800 });
    const footerTop = async () => (await page.locator('footer').boundingBox())?.y;
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

    await verification.open();
    const before = await footerTop();
    expect(await overflow()).toBe(0);

    await verification.sendTo(number);
    expect(await footerTop()).toBe(before);
    expect(await overflow()).toBe(0);

    await verification.code.fill(await onlyCodeFor(number));
    await expect(verification.success).toBeFocused();
    expect(await footerTop()).toBe(before);
    expect(await overflow()).toBe(0);
  });
}
