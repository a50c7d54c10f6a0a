import type { Page } from '@playwright/test';

/** Waits until the page's script runs. Earlier input has tests of its own. */
export async function scriptRuns(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const form = document.querySelector('form');
    return form !== null && Object.keys(form).some((key) => key.startsWith('__reactProps'));
  });
}
