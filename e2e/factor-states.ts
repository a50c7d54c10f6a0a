import type { Page, Route } from '@playwright/test';
import { addAuthenticator } from './authenticator';
import { addApp, becomeOwner, leave, openWays, signIn, verifyByCode } from './factors';
import { reachState, type State } from './states';

/** A state of the pages of an app with other factors. Each uses a phone number of its own. */
export interface FactorState extends State {
  /** The page on which the state begins; by default the first screen. */
  readonly path?: string;
  /** What fits into the window; by default the whole card. A page that people read or compare may be longer. */
  readonly fits?: 'controls' | 'nothing';
  /** Set if a change of language is impossible or leads elsewhere, because no page could show the same state again. */
  readonly isBoundToLanguage?: true;
}

const answer = (status: number, body: object) => (route: Route) =>
  route.fulfill({ status, json: { message: '', ...body } });

/** The button for a passkey is the one that no form submits. */
const usePasskey = (page: Page) => page.locator('main form button[type=button]').first().click();

/** Opens the page of the ways as somebody who gets the number's codes but has none of its factors. */
async function openWaysOfOther(page: Page, number: string): Promise<void> {
  const authenticator = await becomeOwner(page, number);
  await page.locator('a[href^="?remove="]').waitFor();
  await leave(page);
  await authenticator.refuse();
  await page.goto('/');
  await verifyByCode(page, number);
  await page.goto('/ways');
}

/** Every state, including those that people rarely see. */
export const FACTOR_STATES: readonly FactorState[] = [
  { name: 'phone-with-ways', reach: async () => {} },
  {
    name: 'passkey-not-used',
    fits: 'controls',
    async reach(page) {
      const authenticator = await addAuthenticator(page);
      await authenticator.refuse();
      await usePasskey(page);
      await page.locator('#passkey-problem').waitFor();
    },
  },
  {
    name: 'number-stale',
    fits: 'controls',
    async reach(page, number) {
      await becomeOwner(page, number);
      await leave(page);
      await page.route('**/api/passkeys/verify', answer(409, { code: 'NUMBER_STALE' }));
      await page.goto('/');
      await usePasskey(page);
      await page.locator('#phone-number-problem').waitFor();
    },
  },
  { name: 'passkey-offered', reach: verifyByCode },
  {
    name: 'passkey-not-added',
    fits: 'controls',
    async reach(page, number) {
      const authenticator = await addAuthenticator(page);
      await authenticator.refuse();
      await verifyByCode(page, number);
      await page.locator('section section button').first().click();
      await page.locator('#offer-problem').waitFor();
    },
  },
  {
    name: 'passkey-added',
    async reach(page, number) {
      await addAuthenticator(page);
      await verifyByCode(page, number);
      await page.locator('section section button').first().click();
      await page.locator('section p[tabindex]').waitFor();
    },
  },
  {
    name: 'next-time',
    async reach(page, number) {
      const reply = { verified: true, phoneNumber: number, factors: ['passkey'] };
      await page.route('**/api/verify-otp', answer(200, reply));
      await verifyByCode(page, number);
    },
  },
  { name: 'sign-in', path: '/sign-in', reach: async () => {} },
  { name: 'recovery-code', path: '/sign-in?with=recovery-code', reach: async () => {} },
  {
    name: 'wrong-factor-code',
    path: '/sign-in',
    fits: 'controls',
    async reach(page, number) {
      await signIn(page, number, '123456');
      await page.locator('#factor-code-problem').waitFor();
    },
  },
  {
    name: 'factor-locked',
    path: '/sign-in',
    async reach(page, number) {
      await page.route('**/api/totp/verify', answer(429, { code: 'NUMBER_LOCKED', retryAfterSeconds: 3540 }));
      await signIn(page, number, '123456');
      await page.locator('h1[tabindex]').waitFor();
    },
  },
  {
    name: 'code-due',
    path: '/sign-in',
    async reach(page, number) {
      await page.route('**/api/totp/verify', answer(409, { code: 'NUMBER_STALE' }));
      await signIn(page, number, '123456');
      await page.locator('form[action="/api/send-otp"]').waitFor();
    },
  },
  { name: 'ways-without-session', path: '/ways', reach: async () => {} },
  { name: 'no-ways', fits: 'nothing', reach: openWays },
  {
    name: 'ways',
    fits: 'nothing',
    async reach(page, number) {
      await becomeOwner(page, number, 'A name that is as long as a name may be, which is 64 characters');
      await addApp(page);
      await page.goto('/ways');
    },
  },
  {
    name: 'removal',
    isBoundToLanguage: true,
    async reach(page, number) {
      await becomeOwner(page, number);
      await page.locator('a[href^="?remove="]').click();
      await page.locator('input[value=remove]').waitFor({ state: 'attached' });
    },
  },
  { name: 'step-up', fits: 'nothing', reach: openWaysOfOther },
  {
    name: 'reset-pending',
    fits: 'controls',
    async reach(page, number) {
      await openWaysOfOther(page, number);
      await page.locator('form[action="/api/factors/reset"] button').click();
      // The text in place of the form.
      await page.locator('#reset-heading ~ p:last-child').waitFor();
    },
  },
  {
    name: 'app-setup',
    fits: 'nothing',
    isBoundToLanguage: true,
    async reach(page, number) {
      await openWays(page, number);
      await page.locator('form:has(input[value=app]) button').click();
      await page.locator('#app-code').waitFor();
    },
  },
  {
    name: 'wrong-first-code',
    fits: 'nothing',
    isBoundToLanguage: true,
    async reach(page, number) {
      await openWays(page, number);
      await page.locator('form:has(input[value=app]) button').click();
      await page.locator('#app-code').fill('000000');
      await page.locator('form:has(#app-code) button').click();
      await page.locator('#app-code-problem').waitFor();
    },
  },
  {
    name: 'new-codes',
    fits: 'nothing',
    isBoundToLanguage: true,
    async reach(page, number) {
      await openWays(page, number);
      await addApp(page);
      await page.locator('ol code').first().waitFor();
    },
  },
];

/** Opens the page on which a state begins, and brings it there. */
export async function reachFactorState(page: Page, state: FactorState, number: string, language = 'en'): Promise<void> {
  await page.context().clearCookies();
  await page.context().addCookies([{ name: 'language', value: language, domain: 'localhost', path: '/' }]);
  await reachState(page, state, number, { path: state.path ?? '/' });
}
