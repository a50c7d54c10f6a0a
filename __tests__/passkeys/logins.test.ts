import { Browser, pathOf } from '@/__tests__/openid/browser';
import { begin, queryOf } from '@/__tests__/openid/log-in';
import { claimsOf, clientRow, RelyingParty } from '@/__tests__/openid/relying-party';
import { Authenticator } from '@/__tests__/support/authenticator';
import { newNumber } from '@/__tests__/support/numbers';
import { useApp } from '@/__tests__/support/use-app';
import { Program, withFactors } from '@/__tests__/support/visitor';

const ISSUER = 'http://localhost:3000';
const BANK = { id: 'bank', redirectUri: 'https://bank.example/callback' };
const EMBASSY = { id: 'embassy', redirectUri: 'https://embassy.example/callback' };

const place = useApp(() => ({
  ...withFactors(),
  APP_ORIGIN: ISSUER,
  OIDC_CLIENTS: JSON.stringify([
    clientRow(),
    clientRow({ client_id: BANK.id, client_name: 'Bank', redirect_uris: [BANK.redirectUri], number: 'fixed' }),
    clientRow({
      client_id: EMBASSY.id,
      client_name: 'Embassy',
      redirect_uris: [EMBASSY.redirectUri],
      countries: ['CH'],
    }),
  ]),
}));
const { app, simulator } = place;

const owner = (number = newNumber()) => new Program(place, new Authenticator({ origin: ISSUER })).becomeOwner(number);

const newBrowser = () => new Browser(() => app);

/** Opens a request of the bank, which names the number. */
async function beginAtBank(browser: Browser, number: string): Promise<string> {
  const { body } = await new RelyingParty(BANK).push(app, { login_hint: number });
  const request = new URLSearchParams({ client_id: BANK.id, request_uri: String(body.request_uri) });
  return pathOf((await browser.open(`/connect/authorize?${request}`)).next);
}

type Outcome = { status: number; body: Record<string, unknown> };

/** Uses a passkey on a login's page, like its script. */
async function usePasskey(browser: Browser, query: string, authenticator: Authenticator): Promise<Outcome> {
  const { body } = await browser.json(`/api/passkeys/verify-options${query}`, {});
  return browser.json(`/api/passkeys/verify${query}`, { credential: authenticator.get(body.publicKey) });
}

test('a login ends with a passkey, and the application learns that it withstands phishing', async () => {
  const number = newNumber();
  const { authenticator } = await owner(number);
  const messages = await simulator.calls();
  const [browser, party] = [newBrowser(), new RelyingParty()];
  const page = await begin(browser, party);
  const { status, body } = await usePasskey(browser, queryOf(page), authenticator);
  expect([status, body]).toEqual([
    200,
    expect.objectContaining({ phoneNumber: number, redirectTo: expect.stringContaining('/connect/authorize/') }),
  ]);
  const { next } = await browser.open(String(body.redirectTo));
  const code = new URL(next ?? '').searchParams.get('code') ?? '';
  const tokens = await party.redeem(app, code);
  expect(claimsOf(tokens.body.id_token)).toMatchObject({
    phone_number: number,
    acr: 'phr',
    amr: ['pop', 'user', 'mfa'],
  });
  expect(await simulator.calls()).toEqual(messages);
});

test('a login for a number that the application named ends with a passkey of that number, and keeps the number hidden', async () => {
  const number = newNumber();
  const { authenticator } = await owner(number);
  const browser = newBrowser();
  const page = await beginAtBank(browser, number);
  const { status, body } = await usePasskey(browser, queryOf(page), authenticator);
  expect([status, body.phoneNumber]).toEqual([200, expect.stringMatching(/^\+1 •+\d{3}$/)]);
  expect(browser.cookies.map(({ name }) => name)).not.toContain('phone-session');
});

test.each([
  [
    'for another number',
    (browser: Browser) => beginAtBank(browser, newNumber()),
    'The application asks for a different number.',
  ],
  [
    'for another country',
    (browser: Browser) => begin(browser, new RelyingParty(EMBASSY)),
    'The application does not accept numbers from this country.',
  ],
])('a login %s refuses the passkey, and records no use of it', async (_, open, message) => {
  const { authenticator } = await owner();
  const browser = newBrowser();
  const page = await open(browser);
  const options = await browser.json(`/api/passkeys/verify-options${queryOf(page)}`, {});
  const credential = authenticator.get(options.body.publicKey, { counter: 7 });
  const refused = await browser.json(`/api/passkeys/verify${queryOf(page)}`, { credential });
  expect([refused.status, refused.body.code, refused.body.message]).toEqual([
    422,
    'PHONE_NUMBER_NOT_SUPPORTED',
    message,
  ]);
  // If the server had recorded the use, this counter would be too low.
  const elsewhere = new Program(place, authenticator);
  expect((await elsewhere.verifyByPasskey({ counter: 6 })).status).toBe(200);
});

test('a challenge of one login, or of our own page, finishes nothing in another login or on our own page', async () => {
  const { authenticator } = await owner();
  const browser = newBrowser();
  const pages = [await begin(browser, new RelyingParty()), await begin(browser, new RelyingParty())];
  const [one = '', other = ''] = pages.map(queryOf);
  const places = [one, other, ''];
  for (const from of places) {
    for (const to of places.filter((query) => query !== from)) {
      const { body } = await browser.json(`/api/passkeys/verify-options${from}`, {});
      const credential = authenticator.get(body.publicKey);
      const cookie = browser.cookies.find(({ name }) => name === cookieFor(from));
      const request = { credential, ceremony: cookie?.value };
      const { status, body: refusal } = await browser.json(`/api/passkeys/verify${to}`, request);
      expect([from, to, status, refusal.code]).toEqual([from, to, 400, 'CEREMONY_NOT_FOUND']);
    }
  }
});

/** The cookie of a login's challenge; without query, that of our own page. */
const cookieFor = (query: string): string => {
  const uid = query.replace(/^\?login=/, '').split('.')[0];
  return uid ? `passkey-verification-${uid}` : 'passkey-verification';
};

test('logins in two tabs do not interfere with each other', async () => {
  const { authenticator } = await owner();
  const browser = newBrowser();
  const queries = [await begin(browser, new RelyingParty()), await begin(browser, new RelyingParty())].map(queryOf);
  const begun = [];
  for (const query of queries)
    begun.push((await browser.json(`/api/passkeys/verify-options${query}`, {})).body.publicKey);
  for (const [index, query] of queries.entries()) {
    const credential = authenticator.get(begun[index]);
    expect((await browser.json(`/api/passkeys/verify${query}`, { credential })).status).toBe(200);
  }
});
