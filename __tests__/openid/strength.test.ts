import { FactorDatabase, factorToken } from '@/__tests__/support/accounts';
import { newNumber } from '@/__tests__/support/person';
import { useApp } from '@/__tests__/support/use-app';
import { Browser, pathOf } from './browser';
import { begin, logIn, queryOf, verifyOn } from './log-in';
import { askProvider, claimsOf, clientRow, RelyingParty } from './relying-party';

const BANK = { id: 'bank', redirectUri: 'https://bank.example/callback' };
const MINUTE = 60_000;

const ENVIRONMENT = {
  APP_ORIGIN: 'http://localhost:3000',
  OIDC_CLIENTS: JSON.stringify([
    clientRow(),
    clientRow({ client_id: BANK.id, client_name: 'Bank', redirect_uris: [BANK.redirectUri], number: 'fixed' }),
  ]),
};
const database = new FactorDatabase();
afterAll(() => database.remove());
const { app, simulator, withApp } = useApp({ ...ENVIRONMENT, DATA_DIR: database.dataDir });

const newBrowser = () => new Browser(() => app);
const uidOf = (page: string) => page.split('/').at(-1)?.split('.')[0] ?? '';

/** Sends a code on a login's page, and enters it. */
async function enterCode(browser: Browser, page: string, number: string) {
  await browser.json(`/api/send-otp${queryOf(page)}`, { phoneNumber: number });
  return browser.json(`/api/verify-otp${queryOf(page)}`, { pin: await simulator.pinFor(number) });
}

/** Verifies a number on the page that people open themselves, with a passkey and a code. */
async function verifyByPasskey(browser: Browser, number: string, usedAt = Date.now()) {
  const account = await database.enroll(number);
  await browser.json('/api/send-otp', { phoneNumber: number });
  browser.setCookie('factor-used', factorToken(account, {}, usedAt));
  const { body } = await browser.json('/api/verify-otp', { pin: await simulator.pinFor(number) });
  expect(body.factors).toEqual([]);
}

/** The claims that the application gets at the end of a login. */
async function redeem(browser: Browser, party: RelyingParty, redirectTo: unknown) {
  const { next } = await browser.open(pathOf(String(redirectTo)));
  const { body } = await party.redeem(app, new URL(next ?? '').searchParams.get('code') ?? '');
  return claimsOf(body.id_token);
}

describe('discovery', () => {
  const valuesOf = async (from: typeof app) =>
    (await askProvider(from, '/.well-known/openid-configuration')).body.acr_values_supported;

  test('lists the strengths of factors', async () => {
    expect(await valuesOf(app)).toEqual(['phr', 'otp', 'restricted']);
  });

  test('lists only the strength of codes if there are no factors', async () => {
    await withApp(ENVIRONMENT, async (plain) => expect(await valuesOf(plain)).toEqual(['restricted']));
  });
});

describe('an application that asks for a factor', () => {
  test('gets the strength of a code if the number has no factors', async () => {
    const party = new RelyingParty();
    const code = await logIn(newBrowser(), party, simulator, newNumber(), { acr_values: 'phr otp' });
    const { body } = await party.redeem(app, code);
    expect(claimsOf(body.id_token)).toMatchObject({ acr: 'restricted', amr: ['otp', 'sms'] });
  });

  test('gets no login by a code alone if the number has such a factor', async () => {
    const [browser, number] = [newBrowser(), newNumber()];
    const account = await database.enroll(number, 'passkey', 'totp');
    await database.store.replaceRecoveryCodes(account, ['one']);
    const page = await begin(browser, new RelyingParty(), { acr_values: 'phr otp' });
    const { status, body } = await enterCode(browser, page, number);
    expect([status, body.code, body.methods]).toEqual([403, 'STEP_UP_REQUIRED', ['passkey', 'totp', 'recovery-code']]);
    expect(body).not.toHaveProperty('redirectTo');
    expect((await browser.post(page, { action: 'continue' })).next).toBe(page);
    expect((await enterCode(browser, page, number)).body.code).toBe('STEP_UP_REQUIRED');
    // The way back to the application starts the login again, which still asks for a factor.
    const again = pathOf((await browser.open(`/connect/authorize/${uidOf(page)}`)).next);
    expect(again).toMatch(/^\/connect\/verify\//);
    expect((await enterCode(browser, again, number)).body.code).toBe('STEP_UP_REQUIRED');
  });

  test('makes the refusal name the methods that are strong enough, and no others', async () => {
    const [browser, number] = [newBrowser(), newNumber()];
    await database.enroll(number, 'passkey', 'totp');
    for (const [acr_values, methods] of [
      ['phr', ['passkey']],
      ['otp', ['totp']],
      ['urn:unknown phr', ['passkey']],
    ] as const) {
      const page = await begin(browser, new RelyingParty(), { acr_values });
      expect((await enterCode(browser, page, number)).body.methods).toEqual(methods);
    }
  });

  test.each([
    ['no factor that is strong enough', 'phr', ['totp'] as const],
    ['such a factor, but the application also accepts codes', 'phr restricted', ['passkey'] as const],
    ['such a factor, but no strength that the application asks for exists', 'urn:unknown', ['passkey'] as const],
  ])('gets the code’s strength if the number has %s', async (_, acr_values, types) => {
    const [party, number] = [new RelyingParty(), newNumber()];
    await database.enroll(number, ...types);
    const code = await logIn(newBrowser(), party, simulator, number, { acr_values });
    const { body } = await party.redeem(app, code);
    expect(claimsOf(body.id_token)).toMatchObject({ acr: 'restricted', phone_number: number });
  });

  test('gets the strength and the time of the factor, once the code that was due completes the login', async () => {
    const [browser, party, number] = [newBrowser(), new RelyingParty(), newNumber()];
    const account = await database.enroll(number);
    const page = await begin(browser, party, { acr_values: 'phr' });
    const usedAt = Date.now() - MINUTE;
    const login = { login: { client: 'shop', interaction: uidOf(page) } };
    browser.setCookie(`factor-used-${uidOf(page)}`, factorToken(account, login, usedAt));
    const { body } = await enterCode(browser, page, number);
    expect(await redeem(browser, party, body.redirectTo)).toMatchObject({
      acr: 'phr',
      amr: ['pop', 'user', 'mfa', 'otp', 'sms'],
      auth_time: Math.floor(usedAt / 1000),
    });
    expect(browser.cookies.map(({ name }) => name)).not.toContain(`factor-used-${uidOf(page)}`);
  });

  test('does not get the strength of a factor that was used on the main page, or in another login', async () => {
    const [browser, number] = [newBrowser(), newNumber()];
    const account = await database.enroll(number);
    const [one, other] = [
      await begin(browser, new RelyingParty(), { acr_values: 'phr' }),
      await begin(browser, new RelyingParty(), { acr_values: 'phr' }),
    ];
    const elsewhere = factorToken(account, { login: { client: 'shop', interaction: uidOf(one) } });
    browser.setCookie('factor-used', factorToken(account));
    for (const token of [factorToken(account), elsewhere]) {
      browser.setCookie(`factor-used-${uidOf(other)}`, token);
      expect((await enterCode(browser, other, number)).body.code).toBe('STEP_UP_REQUIRED');
    }
    // Tokens in the body do not help either, because they are for programs.
    await browser.json(`/api/send-otp${queryOf(other)}`, { phoneNumber: number });
    const pin = await simulator.pinFor(number);
    const { body } = await browser.json(`/api/verify-otp${queryOf(other)}`, { pin, ceremony: elsewhere });
    expect(body.code).toBe('STEP_UP_REQUIRED');
  });

  test('makes the page ask for the factor, even without script', async () => {
    const [browser, number] = [newBrowser(), newNumber()];
    await database.enroll(number);
    const page = await begin(browser, new RelyingParty(), { acr_values: 'phr otp' });
    expect((await browser.open(page)).text).toContain('"acr":["phr","otp"]');
    await browser.post(`/api/send-otp${queryOf(page)}`, { phoneNumber: number, country: '' });
    const answer = await browser.post(`/api/verify-otp${queryOf(page)}`, { pin: await simulator.pinFor(number) });
    expect([answer.status, answer.next]).toEqual([303, page]);
    expect((await browser.open(page)).text).toContain('First confirm it&#x27;s you with a passkey');
  });

  test('makes the server neither reveal the number that it names nor open a session', async () => {
    const [browser, number] = [newBrowser(), newNumber()];
    await database.enroll(number);
    const { body: pushed } = await new RelyingParty(BANK).push(app, { login_hint: number, acr_values: 'phr' });
    const request = new URLSearchParams({ client_id: BANK.id, request_uri: pushed.request_uri });
    const page = pathOf((await browser.open(`/connect/authorize?${request}`)).next);
    await browser.json(`/api/send-otp${queryOf(page)}`, { phoneNumber: '' });
    const { body } = await browser.json(`/api/verify-otp${queryOf(page)}`, { pin: await simulator.pinFor(number) });
    expect([body.code, JSON.stringify(body).includes(number.slice(-7))]).toEqual(['STEP_UP_REQUIRED', false]);
    expect(browser.cookies.map(({ name }) => name)).not.toContain('phone-session');
  });
});

describe('an earlier verification', () => {
  const isOffered = async (browser: Browser, more: Record<string, string>) => {
    const page = await begin(browser, new RelyingParty(), { max_age: '600', ...more });
    const isShown = (await browser.open(page)).text.includes('value="continue"');
    // A forged form leads no further than the page does.
    const { next } = await browser.post(page, { action: 'continue' });
    expect(next !== page).toBe(isShown);
    return isShown;
  };

  test('by a code is offered only if the application accepts codes', async () => {
    const browser = newBrowser();
    await logIn(browser, new RelyingParty(), simulator, newNumber());
    expect(await isOffered(browser, {})).toBe(true);
    expect(await isOffered(browser, { acr_values: 'phr restricted' })).toBe(true);
    for (const acr_values of ['phr', 'phr otp', 'urn:unknown'])
      expect(await isOffered(browser, { acr_values })).toBe(false);
  });

  test('by a passkey is offered if the application asks for one, with its strength and its time', async () => {
    const [browser, party, number] = [newBrowser(), new RelyingParty(), newNumber()];
    const usedAt = Date.now() - 2 * MINUTE;
    await verifyByPasskey(browser, number, usedAt);
    expect(await isOffered(browser, { acr_values: 'otp' })).toBe(false);
    expect(await isOffered(browser, { acr_values: 'phr', max_age: '100' })).toBe(false);
    const page = await begin(browser, party, { acr_values: 'phr', max_age: '600' });
    const { next } = await browser.post(page, { action: 'continue' });
    expect(await redeem(browser, party, next)).toMatchObject({
      phone_number: number,
      acr: 'phr',
      auth_time: Math.floor(usedAt / 1000),
    });
  });

  test('by a passkey is no longer offered once the account has lost a factor', async () => {
    const [browser, number] = [newBrowser(), newNumber()];
    await verifyByPasskey(browser, number);
    expect(await isOffered(browser, { acr_values: 'phr' })).toBe(true);
    const state = await database.store.findAccount(number);
    if (!state) throw new Error('The number has no account.');
    await database.store.removeFactor(state.account, state.factors[0]?.id ?? '', Date.now() + 1);
    expect(await isOffered(browser, { acr_values: 'phr' })).toBe(false);
    expect(await isOffered(browser, {})).toBe(false);
  });

  test.each([
    ['strengthens a code in a login that accepts verifications of this age', { max_age: '600' }, 'phr'],
    ['does not strengthen a code in a login that accepts only more recent ones', { max_age: '60' }, 'restricted'],
    ['does not strengthen a code in a login that accepts only new ones', {}, 'restricted'],
    [
      'does not strengthen a code if the person has to authenticate again',
      { max_age: '600', prompt: 'login' },
      'restricted',
    ],
  ])('by a passkey %s', async (_, more, acr) => {
    const [browser, party, number] = [newBrowser(), new RelyingParty(), newNumber()];
    const usedAt = Date.now() - 2 * MINUTE;
    await verifyByPasskey(browser, number, usedAt);
    const startedAt = Math.floor(Date.now() / 1000);
    const answer = await verifyOn(browser, await begin(browser, party, more), simulator, number);
    const { body } = await party.redeem(app, answer.searchParams.get('code') ?? '');
    const claims = claimsOf(body.id_token);
    expect([claims.acr, Number(claims.auth_time) >= startedAt]).toEqual([acr, acr === 'restricted']);
  });
});

test('a number keeps its sub, whatever account it has', async () => {
  const number = newNumber();
  const subOf = async () => {
    const [browser, party] = [newBrowser(), new RelyingParty()];
    const code = await logIn(browser, party, simulator, number);
    return claimsOf((await party.redeem(app, code)).body.id_token).sub;
  };
  const before = await subOf();
  for (let i = 0; i < 2; i += 1) {
    await database.enroll(number);
    expect(await subOf()).toBe(before);
    await database.store.erase(number);
  }
});
