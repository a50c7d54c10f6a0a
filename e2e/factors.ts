import { setTimeout as sleep } from 'node:timers/promises';
import { expect, type Page } from '@playwright/test';
import { TOTP } from 'otpauth';
import { type Authenticator, addAuthenticator } from './authenticator';
import { newestCodeFor } from './inbox';
import { scriptRuns } from './script-runs';

const STEP_MS = 30_000;

/**
 * A code from an authenticator app. A used code voids itself and all earlier ones, so tests use them in order.
 * @param step relative to the current one: the server also takes the one before and the one after
 */
export const codeOf = (secret: string, step: number): string =>
  new TOTP({ secret: secret.replaceAll(' ', '') }).generate({ timestamp: Date.now() + step * STEP_MS });

/** Time to enter the oldest code. */
const ENTERED_WITHIN_MS = 10_000;

/** The oldest code that the server takes. If the current step is about to end, this waits for the next one. */
export async function oldestCodeOf(secret: string): Promise<string> {
  const left = STEP_MS - (Date.now() % STEP_MS);
  if (left < ENTERED_WITHIN_MS) await sleep(left);
  return codeOf(secret, -1);
}

/**
 * Verifies a number with a code, starting at the first screen. Finds controls by their ids, because the page may be in
 * any language. This function and those below press controls with the keyboard, because a sheet catches clicks until
 * new content has settled.
 * @param press whether to press the button, because no script submits the code
 */
export async function verifyByCode(page: Page, number: string, press = false): Promise<void> {
  await page.locator('#phone-number').fill(number);
  await page.locator('#kept-form button[type=submit]').first().press('Enter');
  await page.locator('#code').waitFor();
  // Only script submits the code. If the browser itself submitted the first form, this page is new, and has to load it.
  if (!press) await scriptRuns(page);
  await page.locator('#code').fill(await newestCodeFor(number));
  if (press) await page.locator('form:has(#code) button').first().press('Enter');
  await page.locator('#verified-heading').waitFor();
}

/** Opens the page of the ways in a session that a code has just opened. */
export async function openWays(page: Page, number: string, press = false): Promise<void> {
  await verifyByCode(page, number, press);
  await page.locator('a[href$="/ways"]').press('Enter');
  await page.locator('#app-heading').waitFor();
}

/** Gives a number a passkey of a new authenticator, and stays on the page of the ways. */
export async function becomeOwner(page: Page, number: string, name = ''): Promise<Authenticator> {
  const authenticator = await addAuthenticator(page);
  await openWays(page, number);
  await page.locator('#passkey-name').fill(name);
  await page.locator('form:has(#passkey-name) button').press('Enter');
  await page.locator('#recovery-heading').waitFor();
  return authenticator;
}

/** Clears all cookies but the language, so the browser has no session. Passkeys stay. */
export const leave = (page: Page): Promise<void> => page.context().clearCookies({ name: /^(?!language$)/ });

/**
 * Adds an authenticator app by its key, as people do who cannot scan, with the code of the current step. Begins on the
 * page of the ways.
 * @returns the key. The code of the current step is used up: the next valid one is that of the next step
 */
export async function addApp(page: Page): Promise<string> {
  await page.locator('form:has(input[value=app]) button').press('Enter');
  const secret = (await page.locator('code').innerText()).trim();
  await page.locator('#app-code').fill(codeOf(secret, 0));
  await page.locator('form:has(#app-code) button').press('Enter');
  await expect(page.locator('#app-code')).toHaveCount(0);
  return secret;
}

/** Fills in the form for a code that no message brings, and sends it. */
export async function signIn(page: Page, number: string, code: string): Promise<void> {
  await page.locator('#phone-number').fill(number);
  await page.locator('#factor-code').fill(code);
  await page.locator('#kept-form button[type=submit]').first().press('Enter');
}
