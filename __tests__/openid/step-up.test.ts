import { FactorDatabase } from '@/__tests__/support/accounts';
import { Authenticator } from '@/__tests__/support/authenticator';
import { newNumber } from '@/__tests__/support/person';
import { useApp } from '@/__tests__/support/use-app';
import { Program } from '@/__tests__/support/visitor';
import { Browser, pathOf } from './browser';
import { begin, queryOf } from './log-in';
import { claimsOf, clientRow, RelyingParty } from './relying-party';

const ISSUER = 'http://localhost:3000';
const BANK = { id: 'bank', redirectUri: 'https://bank.example/callback' };
const DAY = 24 * 60 * 60_000;

const database = new FactorDatabase();
afterAll(() => database.remove());
const place = useApp({
  APP_ORIGIN: ISSUER,
  DATA_DIR: database.dataDir,
  OIDC_CLIENTS: JSON.stringify([
    clientRow(),
    clientRow({ client_id: BANK.id, client_name: 'Bank', redirect_uris: [BANK.redirectUri], number: 'fixed' }),
  ]),
});
const { app, simulator } = place;

const newBrowser = () => new Browser(() => app);

/** Somebody with a passkey, added on another device. */
async function owner(number = newNumber()) {
  const { authenticator } = await new Program(place, new Authenticator({ origin: ISSUER })).becomeOwner(number);
  const account = (await database.store.findAccount(number))?.account;
  if (!account) throw new Error('The number has no account.');
  return { number, authenticator, account };
}

/** Opens a request that the application pushes. @returns the path of the login's page */
async function beginPushed(browser: Browser, party: RelyingParty, more: Record<string, string>): Promise<string> {
  const { body } = await party.push(app, more);
  const request = new URLSearchParams({ client_id: party.id, request_uri: String(body.request_uri) });
  return pathOf((await browser.open(`/connect/authorize?${request}`)).next);
}

async function enterCode(browser: Browser, page: string, number: string) {
  await browser.json(`/api/send-otp${queryOf(page)}`, { phoneNumber: number });
  return browser.json(`/api/verify-otp${queryOf(page)}`, { pin: await simulator.pinFor(number) });
}

async function usePasskey(browser: Browser, page: string, authenticator: Authenticator) {
  const { body } = await browser.json(`/api/passkeys/verify-options${queryOf(page)}`, {});
  return browser.json(`/api/passkeys/verify${queryOf(page)}`, { credential: authenticator.get(body.publicKey) });
}

async function redeem(browser: Browser, party: RelyingParty, redirectTo: unknown) {
  const { next } = await browser.open(pathOf(String(redirectTo)));
  const { body } = await party.redeem(app, new URL(next ?? '').searchParams.get('code') ?? '');
  return claimsOf(body.id_token);
}

test('a code does not finish a login that asks for a passkey if the number has one, and the passkey then does', async () => {
  const { number, authenticator, account } = await owner();
  const yesterday = Date.now() - DAY;
  await database.setConfirmedAt(account, yesterday);
  const [browser, party] = [newBrowser(), new RelyingParty()];
  const page = await begin(browser, party, { acr_values: 'phr' });
  expect((await enterCode(browser, page, number)).body).toMatchObject({
    code: 'STEP_UP_REQUIRED',
    methods: ['passkey'],
  });
  const startedAt = Math.floor(Date.now() / 1000);
  const { status, body } = await usePasskey(browser, page, authenticator);
  expect([status, body.phoneNumber]).toEqual([200, number]);
  const claims = await redeem(browser, party, body.redirectTo);
  expect(claims).toMatchObject({ acr: 'phr', amr: ['pop', 'user', 'mfa'], phone_number: number });
  expect(Number(claims.auth_time)).toBeGreaterThanOrEqual(startedAt);
  // The code counts: together with the passkey, it shows that the number is still this person's.
  expect(await database.confirmedAt(number)).toBeGreaterThan(yesterday);
});

test('a passkey verifies its own number, whatever number a code verified before', async () => {
  const [{ number }, other] = [await owner(), await owner()];
  const [browser, party] = [newBrowser(), new RelyingParty()];
  const page = await begin(browser, party, { acr_values: 'phr' });
  await enterCode(browser, page, number);
  const { body } = await usePasskey(browser, page, other.authenticator);
  expect(await redeem(browser, party, body.redirectTo)).toMatchObject({ phone_number: other.number, acr: 'phr' });
  expect(await database.confirmedAt(other.number)).toBe(other.account.phoneVerifiedAt);
});

test('a passkey finishes a login for a number that the application named, even after a code', async () => {
  const { number, authenticator } = await owner();
  const [browser, party] = [newBrowser(), new RelyingParty(BANK)];
  const page = await beginPushed(browser, party, { login_hint: number, acr_values: 'phr' });
  expect((await enterCode(browser, page, number)).body.code).toBe('STEP_UP_REQUIRED');
  const { body } = await usePasskey(browser, page, authenticator);
  expect(JSON.stringify(body)).not.toContain(number.slice(-7));
  expect(await redeem(browser, party, body.redirectTo)).toMatchObject({ phone_number: number, acr: 'phr' });
  expect(browser.cookies.map(({ name }) => name)).not.toContain('phone-session');
});

test('a passkey confirms an action that the page shows', async () => {
  const { number, authenticator } = await owner();
  const [browser, party] = [newBrowser(), new RelyingParty()];
  const details = [{ type: 'confirmation', text: 'Pay order 1234' }];
  const page = await beginPushed(browser, party, { authorization_details: JSON.stringify(details) });
  expect((await browser.open(page)).text).toContain('Pay order 1234');
  const { body } = await usePasskey(browser, page, authenticator);
  expect(await redeem(browser, party, body.redirectTo)).toMatchObject({
    phone_number: number,
    acr: 'phr',
    authorization_details: details,
  });
});

test('a number that no code has confirmed for 46 days also needs a code in the same login', async () => {
  const { number, authenticator, account } = await owner();
  await database.setConfirmedAt(account, Date.now() - 46 * DAY);
  const [browser, party] = [newBrowser(), new RelyingParty()];
  const [page, other] = [
    await begin(browser, party, { acr_values: 'phr' }),
    await begin(browser, new RelyingParty(), { acr_values: 'phr' }),
  ];
  const { status, body } = await usePasskey(browser, page, authenticator);
  expect([status, body.code, Object.keys(body).includes('ceremony')]).toEqual([409, 'NUMBER_STALE', false]);
  const usedAt = Math.floor(Date.now() / 1000);
  // Another login of this browser does not accept the use of the passkey.
  expect((await enterCode(browser, other, number)).body.code).toBe('STEP_UP_REQUIRED');
  const done = await enterCode(browser, page, number);
  const claims = await redeem(browser, party, done.body.redirectTo);
  expect(claims).toMatchObject({ acr: 'phr', amr: ['pop', 'user', 'mfa', 'otp', 'sms'], phone_number: number });
  expect(Number(claims.auth_time)).toBeLessThanOrEqual(usedAt);
});

test('a factor that the application did not ask for finishes the login with its own strength', async () => {
  const { number, account } = await owner();
  const code = '0123456789ABCDEF';
  await database.store.replaceRecoveryCodes(account, [code]);
  const [browser, party] = [newBrowser(), new RelyingParty()];
  const page = await begin(browser, party, { acr_values: 'phr' });
  const { body } = await browser.json(`/api/recovery-codes/verify${queryOf(page)}`, { phoneNumber: number, code });
  expect(await redeem(browser, party, body.redirectTo)).toMatchObject({ phone_number: number, acr: 'otp' });
});
