import type { Page, Route } from '@playwright/test';
import { onlyCodeFor, wrongCode } from './inbox';
import { scriptRuns } from './script-runs';

/** A state of the page that people see, and how to reach it. Each uses a phone number of its own. */
export interface State {
  readonly name: string;
  readonly reach: (page: Page, number: string) => Promise<void>;
}

/** Finds the field by its id, because the states are the same in every language. */
const numberOf = (page: Page) => page.locator('#phone-number');
const codeOf = (page: Page) => page.locator('#code');
/** Submits with a key: until new content has settled, a sheet catches presses. */
const submit = (page: Page) => numberOf(page).press('Enter');

async function send(page: Page, number: string): Promise<void> {
  await numberOf(page).fill(number);
  await submit(page);
  await codeOf(page).waitFor();
}

/** The number as the page writes it. All numbers here belong to the United States. */
const written = (number: string) => number.replace(/^\+1(...)(...)(....)$/, '+1 $1 $2 $3');

const answer = (status: number, body: object) => (route: Route) => route.fulfill({ status, json: body });

/** Enters a code that the server refuses, and waits for the reason, or for the screen in place of the field. */
async function enterInVain(page: Page, pin: string, reason = '#code-problem'): Promise<void> {
  await codeOf(page).fill(pin);
  await page.locator(reason).waitFor();
}

/** The heading of the screen that replaces the field once no code can be entered. */
const ENDED = 'main h1[tabindex]';

/** Sends a code, and fakes the reply to a resend, so that the page offers a call. */
async function sendTwice(page: Page, number: string): Promise<void> {
  await send(page, number);
  const sent = { to: written(number), channel: 'sms', pinLength: 6, expiresInSeconds: 299, resendInSeconds: 60 };
  await page.route('**/api/resend-otp', answer(200, { ...sent, message: '', newPin: true, callOffered: true }));
  await page.locator('form[action="/api/resend-otp"] button:not([aria-disabled])').first().click();
  await page.locator('button[name=channel]').waitFor();
}

/** Every state, including those that people see only during an outage. */
export const STATES: readonly State[] = [
  { name: 'phone', reach: async () => {} },
  {
    name: 'busy',
    async reach(page, number) {
      await page.route('**/api/send-otp', () => {});
      await numberOf(page).fill(number);
      await submit(page);
      await page.locator('form button[aria-disabled=true]').first().waitFor();
    },
  },
  {
    name: 'invalid-number',
    async reach(page) {
      await numberOf(page).fill('+1 555');
      // With the pointer, as most people do.
      await page.locator('form button[type=submit]').first().click();
      await page.locator('#phone-number-problem').waitFor();
    },
  },
  { name: 'code', reach: send },
  {
    name: 'wrong-code',
    async reach(page, number) {
      await send(page, number);
      await enterInVain(page, wrongCode(await onlyCodeFor(number)));
    },
  },
  {
    name: 'locked',
    async reach(page, number) {
      const locked = { verified: false, code: 'NUMBER_LOCKED', message: '', retryAfterSeconds: 3540 };
      await page.route('**/api/verify-otp', answer(429, locked));
      await send(page, number);
      await enterInVain(page, '123456', ENDED);
    },
  },
  {
    name: 'expired',
    async reach(page, number) {
      const expired = { verified: false, code: 'PIN_EXPIRED', message: '' };
      await page.route('**/api/verify-otp', answer(410, expired));
      await send(page, number);
      await enterInVain(page, '123456', ENDED);
    },
  },
  {
    name: 'exhausted',
    async reach(page, number) {
      const exhausted = { verified: false, code: 'TOO_MANY_ATTEMPTS', message: '' };
      await page.route('**/api/verify-otp', answer(429, exhausted));
      await send(page, number);
      await enterInVain(page, '123456', ENDED);
    },
  },
  {
    name: 'limited',
    async reach(page, number) {
      const limited = { code: 'RATE_LIMITED', message: '', reason: 'network', retryAfterSeconds: 3540 };
      await page.route('**/api/send-otp', answer(429, limited));
      await numberOf(page).fill(number);
      await submit(page);
      await page.locator('#phone-number-problem').waitFor();
    },
  },
  {
    name: 'sent-again',
    reach: sendTwice,
  },
  {
    name: 'wrong-code-after-two-messages',
    async reach(page, number) {
      await sendTwice(page, number);
      await enterInVain(page, wrongCode(await onlyCodeFor(number)));
    },
  },
  {
    name: 'offline-after-two-messages',
    async reach(page, number) {
      await sendTwice(page, number);
      await page.route('**/api/verify-otp', (route) => route.abort());
      await enterInVain(page, '123456');
    },
  },
  {
    name: 'not-sent-again',
    async reach(page, number) {
      await send(page, number);
      const spent = { code: 'BUDGET_EXHAUSTED', message: '', retryAfterSeconds: 900 };
      await page.route('**/api/resend-otp', answer(429, spent));
      await page.locator('form[action="/api/resend-otp"] button:not([aria-disabled])').first().click();
      await page.locator('#resend-problem').waitFor();
    },
  },
  {
    name: 'offline',
    async reach(page, number) {
      await send(page, number);
      await page.route('**/api/verify-otp', (route) => route.abort());
      await enterInVain(page, '123456');
    },
  },
  {
    name: 'verified',
    async reach(page, number) {
      await send(page, number);
      await codeOf(page).fill(await onlyCodeFor(number));
      await page.locator('#verified-heading').waitFor();
    },
  },
];

interface Way {
  /** The path of the page. */
  readonly path?: string;
  /** Runs once the page's script runs, before any input. */
  readonly before?: (page: Page) => Promise<void>;
}

/** Opens the page and brings it into a state. */
export async function reachState(page: Page, state: State, number: string, way: Way = {}): Promise<void> {
  await page.goto(way.path ?? '/');
  await scriptRuns(page);
  await way.before?.(page);
  await state.reach(page, number);
}

/** Changes the language with the page's own button, which a sheet may cover for a moment. The state stays. */
export async function changeLanguage(page: Page, language: string): Promise<void> {
  await page.locator(`nav [value=${language}]`).dispatchEvent('click');
  await page.locator(`html[lang=${language}]`).waitFor();
}
