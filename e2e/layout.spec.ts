import { onlyCodeFor, wrongCode } from './inbox';
import { expect, test } from './test';

test.describe('an error', () => {
  test.use({ expectedReplies: ['400 /api/verify-otp'] });

  test('moves what is below it once, by its own height, and nothing jumps back', async ({ verification, page }) => {
    const number = '+14155552745';
    await verification.open();
    await verification.sendTo(number);
    const topOf = async (name: string) => (await verification.button(name).boundingBox())?.y ?? 0;
    const wrong = wrongCode(await onlyCodeFor(number));
    const before = await topOf('Verify');
    await verification.code.fill(wrong);
    await expect(verification.code).toHaveAttribute('aria-invalid', 'true');
    const pushed = await topOf('Verify');
    const height = await page.locator('#code-problem').evaluate((element) => element.parentElement?.offsetHeight ?? 0);
    expect(pushed - before).toBeCloseTo(height, 0);

    await page.keyboard.type('1');
    await expect(page.locator('#code-problem')).toBeHidden();
    expect(await topOf('Verify')).toBe(pushed);
    await verification.code.fill(wrong);
    await expect(verification.code).toHaveAttribute('aria-invalid', 'true');
    expect(await topOf('Verify')).toBe(pushed);
  });
});
