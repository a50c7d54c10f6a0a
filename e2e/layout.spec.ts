import type { Page } from '@playwright/test';
import { LANGUAGES } from '@/lib/i18n/languages';
import { cardOf, giveUpRoom, WIDEST_GAP, WINDOWS } from './card';
import { onlyCodeFor, wrongCode } from './inbox';
import { changeLanguage, reachState, STATES } from './states';
import { expect, test } from './test';

/** The wrong controls that a press could have reached at each change of the page: `intended → reached`. */
type Strays = typeof window & { strays: string[] };

/** Records at each change of the page whether another active control is now where one was before. */
async function watchPresses(page: Page): Promise<void> {
  await page.evaluate(() => {
    const strays: string[] = [];
    Object.assign(window, { strays });
    const controlAt = (x: number, y: number) =>
      document.elementFromPoint(x - scrollX, y - scrollY)?.closest('a, button:not([aria-disabled])');
    const places = () =>
      [...document.querySelectorAll('main a, main button')].map((control) => {
        const { x, y, width, height } = control.getBoundingClientRect();
        // Positions on the page, not in the window, because scrolling does not move what is pressed.
        return { control, name: control.textContent, x: x + scrollX + width / 2, y: y + scrollY + height / 2 };
      });
    let before = places();
    new MutationObserver(() => {
      for (const { control, name, x, y } of before) {
        const now = controlAt(x, y);
        if (now && now !== control) strays.push(`${name} → ${now.textContent}`);
      }
      before = places();
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  });
}

for (const [i, state] of STATES.entries()) {
  test(`${state.name}: the whole card is visible in every language, without holes, and no press on the way there goes astray`, async ({
    page,
  }) => {
    await page.setViewportSize({ width: 375, height: 667 });
    await reachState(page, state, `+1415555${2720 + i}`, { before: watchPresses });
    expect(await page.evaluate(() => (window as Strays).strays)).toEqual([]);
    const faults: object[] = [];
    for (const language of Object.keys(LANGUAGES)) {
      if (language !== 'en') await changeLanguage(page, language);
      for (const [w, { width, height, scrolls }] of WINDOWS.entries()) {
        await page.setViewportSize({ width, height });
        // First, check the page as the server sent it.
        if (language !== 'en' || w > 0) await giveUpRoom(page);
        const { bottom, widestGap, tooWide } = await cardOf(page);
        const tooTall = scrolls ? 0 : Math.max(0, bottom - height);
        const hole = widestGap > WIDEST_GAP ? widestGap : 0;
        if (tooTall || tooWide || hole) faults.push({ language, width, tooTall, tooWide, hole });
      }
    }
    expect(faults).toEqual([]);
  });
}

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
