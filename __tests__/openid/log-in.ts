import type { TestSimulator } from '@/__tests__/support/simulator';
import { type Browser, pathOf } from './browser';
import type { RelyingParty } from './relying-party';

type Parameters = Record<string, string | undefined>;

/** Opens an application's request, and returns the path of the page that it leads to. */
export async function begin(browser: Browser, party: RelyingParty, more: Parameters = {}): Promise<string> {
  const { next } = await browser.open(`/connect/authorize?${party.parameters(more)}`);
  return pathOf(next);
}

/** The query of the page's requests. */
export const queryOf = (page: string): string => `?login=${page.split('/').at(-1)}`;

/** Verifies a number on a login's page, like its script. @returns the address at the application */
export async function verifyOn(
  browser: Browser,
  page: string,
  simulator: TestSimulator,
  number: string,
  typed = number,
): Promise<URL> {
  const sent = await browser.json(`/api/send-otp${queryOf(page)}`, { phoneNumber: typed });
  if (sent.status !== 200) throw new Error(`send: ${JSON.stringify(sent.body)}`);
  const pin = await simulator.pinFor(number);
  const { status, body } = await browser.json(`/api/verify-otp${queryOf(page)}`, { pin });
  if (status !== 200) throw new Error(`verify: ${JSON.stringify(body)}`);
  const { next } = await browser.open(String(body.redirectTo));
  return new URL(next ?? '');
}

/** A whole login, up to the code that the application gets. */
export async function logIn(
  browser: Browser,
  party: RelyingParty,
  simulator: TestSimulator,
  number: string,
  more: Parameters = {},
): Promise<string> {
  const answer = await verifyOn(browser, await begin(browser, party, more), simulator, number);
  return answer.searchParams.get('code') ?? '';
}
