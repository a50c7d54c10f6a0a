import type { Page } from '@playwright/test';
import { expectReadable } from './readable';
import { reachState, STATES } from './states';
import { expect, test } from './test';

// Each state is independent of the others, so both workers share them.
test.describe.configure({ mode: 'parallel' });

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
  test(`${state.name}: the card fits, axe finds nothing wrong, and no press on the way hits the wrong control`, async ({
    page,
  }) => {
    test.slow();
    await expectReadable(page, {
      keepsRoom: true,
      async reach() {
        await reachState(page, state, `+1415555${2720 + i}`, { before: watchPresses });
        expect(await page.evaluate(() => (window as Strays).strays)).toEqual([]);
      },
    });
  });
}
