import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { scriptRuns } from './script-runs';
import { APP_URL } from './servers';

/** The page's controls by the names that people know them by. */
export class VerificationPage {
  readonly country: Locator;
  readonly number: Locator;
  readonly code: Locator;
  readonly success: Locator;

  constructor(readonly page: Page) {
    // While the list of countries is open, its search field has the same name.
    this.country = page.getByLabel('Country', { exact: true }).and(page.locator('select'));
    this.number = page.getByLabel('Phone number', { exact: true });
    this.code = page.getByLabel('Verification code');
    this.success = page.getByRole('heading', { name: 'Success! Phone number verified.' });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name });
  }

  link(name: string | RegExp): Locator {
    return this.page.getByRole('link', { name });
  }

  /** Opens the page and waits until its script runs. */
  async open(): Promise<void> {
    await this.page.goto('/');
    await this.ready();
  }

  ready(): Promise<void> {
    return scriptRuns(this.page);
  }

  async sendTo(number: string): Promise<void> {
    await this.number.fill(number);
    await this.button('Send code').click();
    await expect(this.code).toBeFocused();
  }
}

/**
 * Stops the clock of a page a minute from now, so that a slow machine misses no second of a countdown. The test has to
 * install the clock before it opens the page. After that, only the test moves it.
 */
export const stopClock = (page: Page): Promise<void> => page.clock.pauseAt(Date.now() + 60_000);

/** The server's replies if no verification is in progress and no number is verified. */
const NOTHING_THERE = ['404 /api/verification', '401 /api/session'];

interface Fixtures {
  /** Replies of 400 and above that a test expects, such as `400 /api/verify-otp`. */
  expectedReplies: string[];
  verification: VerificationPage;
}

/** A test of the page. It fails on every console error, failed request, or request to another host. */
export const test = base.extend<Fixtures>({
  expectedReplies: [[], { option: true }],
  verification: async ({ page, expectedReplies, baseURL }, use) => {
    const troubles: string[] = [];
    page.on('pageerror', (error) => troubles.push(`exception: ${error.message}`));
    page.on('console', (message) => {
      // Chromium also reports every reply of 400 and above here. The lines below check those.
      const isReply = message.text().startsWith('Failed to load resource: the server responded with');
      if (['error', 'warning'].includes(message.type()) && !isReply) troubles.push(`console: ${message.text()}`);
    });
    page.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText;
      // Ignores requests that were in progress when the test left the page.
      if (reason !== 'net::ERR_ABORTED') troubles.push(`failed: ${request.url()} ${reason}`);
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(baseURL ?? APP_URL)) troubles.push(`another host: ${request.url()}`);
    });
    page.on('response', (response) => {
      const reply = `${response.status()} ${new URL(response.url()).pathname}`;
      if (response.status() >= 400 && ![...NOTHING_THERE, ...expectedReplies].includes(reply))
        troubles.push(`reply: ${reply}`);
    });
    await use(new VerificationPage(page));
    expect(troubles).toEqual([]);
  },
});

export { expect };
