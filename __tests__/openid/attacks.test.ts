import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { request } from 'undici';
import { ApiKey } from '@/__tests__/keys/api-key';
import { newNumber } from '@/__tests__/support/person';
import { useApp } from '@/__tests__/support/use-app';
import { until } from '@/__tests__/webhooks/receiver';
import { Browser, pathOf } from './browser';
import { begin, logIn, queryOf, verifyOn } from './log-in';
import { askProvider, claimsOf, clientRow, REDIRECT_URI, RelyingParty, SECRET } from './relying-party';

const ISSUER = 'http://localhost:3000';
const NEWS = { id: 'news', redirectUri: 'https://news.example/callback' };

const ENVIRONMENT = {
  APP_ORIGIN: ISSUER,
  OIDC_CLIENTS: JSON.stringify([
    clientRow(),
    clientRow({ client_id: NEWS.id, client_name: 'News', redirect_uris: [NEWS.redirectUri] }),
    clientRow({ client_id: 'app', client_secret: undefined, client_name: 'App' }),
  ]),
};
const { app, simulator, withApp } = useApp(ENVIRONMENT);

const newBrowser = () => new Browser(() => app);
const openPage = (parameters: URLSearchParams) => newBrowser().open(`/connect/authorize?${parameters}`);
const errorIn = (next: string | undefined) => new URL(next ?? '').searchParams.get('error');

describe('a request that names no application of ours', () => {
  test.each([
    ['an unknown client', { client_id: 'nobody' }],
    ['no client', { client_id: undefined }],
    ['another address', { redirect_uri: 'https://evil.example/callback' }],
    ['an address with something appended', { redirect_uri: `${REDIRECT_URI}/../evil` }],
    ['an address in another case', { redirect_uri: REDIRECT_URI.replace('shop', 'SHOP') }],
    ['no address', { redirect_uri: undefined }],
  ])('shows our own page for %s, and never redirects', async (_, more) => {
    const { status, next, text, headers } = await openPage(new RelyingParty().parameters(more));
    expect([status, next]).toEqual([400, undefined]);
    expect(text).toContain('This link doesn&#x27;t work');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['x-frame-options']).toBe('DENY');
    expect(text).not.toContain('href="https://evil');
  });

  test('does not redirect either if it is far too long', async () => {
    const { status, next } = await openPage(new RelyingParty().parameters({ state: 'x'.repeat(5000) }));
    expect([status, next]).toEqual([414, undefined]);
  });
});

describe('an invalid request', () => {
  test.each([
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['the implicit flow', { response_type: 'id_token' }, 'error=invalid_request'],
    ['a token in the address', { response_type: 'code token' }, 'error=invalid_request'],
    ['a form post', { response_mode: 'form_post' }, 'unsupported_response_mode'],
    ['a fragment', { response_mode: 'fragment' }, 'unsupported_response_mode'],
    [
      'a confirmation that is not pushed',
      { authorization_details: '[{"type":"confirmation","text":"x"}]' },
      'invalid_request',
    ],
  ])('goes back to the application: %s', async (_, more, error) => {
    const { status, next } = await openPage(new RelyingParty().parameters(more));
    expect([status, new URL(next ?? '').origin]).toEqual([303, 'https://shop.example']);
    expect(new URL(next ?? '').hash + (new URL(next ?? '').searchParams.get('error') ?? '')).toContain(error);
  });

  test.each([
    ['form_post', 'invalid_request'],
    ['fragment', 'invalid_request'],
  ])('is refused when it is pushed with response_mode %s', async (mode, error) => {
    const { status, body } = await new RelyingParty().push(app, { response_mode: mode });
    expect([status, body.error]).toEqual([400, error]);
  });

  test.each([
    ['[{"type":"payment","text":"x"}]'],
    ['[{"type":"confirmation"}]'],
    ['[{"type":"confirmation","text":"two\\nlines"}]'],
    [`[{"type":"confirmation","text":"${'x'.repeat(201)}"}]`],
    ['[{"type":"confirmation","text":"x","href":"https://evil.example"}]'],
    ['[{"type":"confirmation","text":"x"},{"type":"confirmation","text":"y"}]'],
    ['{'],
  ])('is refused when it is pushed with the details %s', async (details) => {
    const { status, body } = await new RelyingParty().push(app, { authorization_details: details });
    expect([status, body.error]).toEqual([400, 'invalid_authorization_details']);
  });

  test('is refused when it is pushed with more than 8 kB', async () => {
    const { status, body } = await new RelyingParty().push(app, { login_hint: 'x'.repeat(8192) });
    expect([status, body.code, body.message]).toEqual([413, 'BODY_TOO_LARGE', expect.stringContaining('8 kB')]);
  });

  test('is refused when it is pushed without a Content-Length', async () => {
    const party = new RelyingParty({ id: 'app', secret: null });
    const { statusCode, body } = await request(`${app.url}/api/openid/par`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: Readable.from([party.parameters({ login_hint: 'x'.repeat(40_000) }).toString()]),
    });
    expect([statusCode, await body.json()]).toEqual([400, expect.objectContaining({ code: 'INVALID_REQUEST' })]);
  });

  test('is refused when it is pushed with a wrong secret or without one', async () => {
    const wrong = await new RelyingParty({ secret: `${SECRET}x` }).push(app);
    expect([wrong.status, wrong.body.error]).toEqual([401, 'invalid_client']);
    const stranger = await new RelyingParty({ secret: null }).push(app);
    expect([stranger.status, stranger.body.error]).toEqual([401, 'invalid_client']);
  });

  test('cannot ask for a confirmation without a client secret, because anybody could push it', async () => {
    const details = '[{"type":"confirmation","text":"x"}]';
    const { status } = await new RelyingParty({ id: 'app', secret: null }).push(app, {
      authorization_details: details,
    });
    expect(status).toBe(400);
  });
});

describe('a login', () => {
  test('can be finished only in the browser that began it', async () => {
    const [attacker, victim, number] = [newBrowser(), newBrowser(), newNumber()];
    const page = await begin(attacker, new RelyingParty());
    // The victim has a login of their own.
    await begin(victim, new RelyingParty());
    expect((await victim.open(page)).status).toBe(404);
    const { status, body } = await victim.json(`/api/send-otp${queryOf(page)}`, { phoneNumber: number });
    expect([status, body.code]).toEqual([404, 'LOGIN_NOT_FOUND']);
    expect((await victim.post(page, { action: 'cancel' })).status).toBe(404);
    expect(await simulator.messages(number)).toHaveLength(0);
  });

  test('does not lead back to the application from another browser', async () => {
    const [browser, thief, number] = [newBrowser(), newBrowser(), newNumber()];
    const page = await begin(browser, new RelyingParty());
    await browser.json(`/api/send-otp${queryOf(page)}`, { phoneNumber: number });
    const { body } = await browser.json(`/api/verify-otp${queryOf(page)}`, { pin: await simulator.pinFor(number) });
    const stolen = await thief.open(String(body.redirectTo));
    expect([stolen.status, stolen.next]).toEqual([400, undefined]);
    expect((await browser.open(String(body.redirectTo))).next).toContain('code=');
  });

  test('cannot use a verification from outside it, and a verification in a login does not count outside', async () => {
    const [browser, number] = [newBrowser(), newNumber()];
    const page = await begin(browser, new RelyingParty());
    const { body: outside } = await app.send(number);
    browser.setCookie(`verification-${page.split('/').at(-1)?.split('.')[0]}`, outside.pinId);
    const pin = await simulator.pinFor(number);
    const { body } = await browser.json(`/api/verify-otp${queryOf(page)}`, { pin });
    expect(body.code).toBe('PIN_NOT_FOUND');

    const [other, second] = [newBrowser(), newNumber()];
    const theirs = await begin(other, new RelyingParty());
    await other.json(`/api/send-otp${queryOf(theirs)}`, { phoneNumber: second });
    const token = other.cookies.find(({ name }) => name.startsWith('verification-'))?.value;
    expect((await app.verify(token, await simulator.pinFor(second))).body.code).toBe('PIN_NOT_FOUND');
  });

  test('accepts no clientAddress, even with a key, because no quota counts its messages', async () => {
    const key = new ApiKey('program');
    await withApp({ ...ENVIRONMENT, API_CLIENTS: JSON.stringify([key.row({ messagesPerDay: 1 })]) }, async (keyed) => {
      const [browser, number] = [new Browser(() => keyed), newNumber()];
      const page = await begin(browser, new RelyingParty());
      const cookie = browser.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
      const fields = { phoneNumber: number, clientAddress: '203.0.113.7' };
      const reply = await keyed.post(`/api/send-otp${queryOf(page)}`, fields, { ...key.headers(), cookie });
      const message = 'The field clientAddress is for programs with an API key.';
      expect([reply.status, reply.body.message]).toEqual([400, message]);
      expect(await simulator.messages(number)).toHaveLength(0);
    });
  });

  test('is over once the person has returned to the application', async () => {
    const [browser, number] = [newBrowser(), newNumber()];
    const page = await begin(browser, new RelyingParty());
    await verifyOn(browser, page, simulator, number);
    expect((await browser.open(page)).status).toBe(404);
  });

  test('is not canceled by a form of another site', async () => {
    const browser = newBrowser();
    const page = await begin(browser, new RelyingParty());
    const foreign = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' };
    expect((await browser.post(page, { action: 'cancel' }, foreign)).status).toBe(403);
    expect((await browser.open(page)).status).toBe(200);
  });
});

describe('a code', () => {
  test('can be redeemed once, and a second attempt revokes the tokens of the first', async () => {
    const party = new RelyingParty();
    const code = await logIn(newBrowser(), party, simulator, newNumber());
    const first = await party.redeem(app, code);
    const headers = { Authorization: `Bearer ${first.body.access_token}` };
    expect((await askProvider(app, '/api/openid/userinfo', { headers })).status).toBe(200);
    expect((await party.redeem(app, code)).body.error).toBe('invalid_grant');
    expect((await askProvider(app, '/api/openid/userinfo', { headers })).status).toBe(401);
  });

  test('can be redeemed by only one of many parallel requests', async () => {
    const party = new RelyingParty();
    const code = await logIn(newBrowser(), party, simulator, newNumber());
    const replies = await Promise.all(Array.from({ length: 8 }, () => party.redeem(app, code)));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(400)]);
  });

  test('does not work for another application, with another verifier, or for another address', async () => {
    const party = new RelyingParty();
    const code = await logIn(newBrowser(), party, simulator, newNumber());
    expect((await new RelyingParty(NEWS).redeem(app, code)).body.error).toBe('invalid_grant');
    expect((await party.redeem(app, code, { code_verifier: 'x'.repeat(43) })).body.error).toBe('invalid_grant');
    expect((await party.redeem(app, code, { redirect_uri: NEWS.redirectUri })).body.error).toBe('invalid_grant');
    expect((await new RelyingParty({ secret: `${SECRET}x` }).redeem(app, code)).body.error).toBe('invalid_client');
  });
});

test('only one of the logins that a pushed request began can finish', async () => {
  const party = new RelyingParty();
  const { body } = await party.push(app);
  const begun = new URLSearchParams({ client_id: 'shop', request_uri: body.request_uri });
  const [browser, other] = [newBrowser(), newBrowser()];
  const open = async (one: Browser) => pathOf((await one.open(`/connect/authorize?${begun}`)).next);
  const [page, again] = [await open(browser), await open(other)];
  await verifyOn(browser, page, simulator, newNumber());
  const number = newNumber();
  await other.json(`/api/send-otp${queryOf(again)}`, { phoneNumber: number });
  const late = await other.json(`/api/verify-otp${queryOf(again)}`, { pin: await simulator.pinFor(number) });
  const { next } = await other.open(String(late.body.redirectTo));
  expect(errorIn(next)).toBe('invalid_request_uri');
  // A pushed request of one application is useless to another.
  const stolen = new URLSearchParams({ client_id: NEWS.id, request_uri: (await party.push(app)).body.request_uri });
  expect((await openPage(stolen)).status).toBe(400);
});

test('only one of the logins that a pushed request began can finish, even after the request has expired', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'clock-'));
  const CLOCK_FILE = path.join(folder, 'ahead');
  await withApp({ ...ENVIRONMENT, CLOCK_FILE }, async (later) => {
    const party = new RelyingParty();
    const { body } = await party.push(later);
    const begun = new URLSearchParams({ client_id: 'shop', request_uri: body.request_uri });
    const browsers = [new Browser(() => later), new Browser(() => later)];
    const pages: string[] = [];
    for (const browser of browsers) pages.push(pathOf((await browser.open(`/connect/authorize?${begun}`)).next));
    writeFileSync(CLOCK_FILE, '61000');
    process.kill(later.pid, 'SIGUSR2');
    await until(() => later.output.includes('clock moved: 61 s'));
    const answers: (string | null)[] = [];
    for (const [i, browser] of browsers.entries())
      answers.push((await verifyOn(browser, pages[i] ?? '', simulator, newNumber())).searchParams.get('error'));
    expect(answers).toEqual([null, 'invalid_request_uri']);
  });
  rmSync(folder, { recursive: true });
});

test('discovery names our own addresses, whatever host the request names', async () => {
  const headers = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'ftp' };
  const { body } = await askProvider(app, '/.well-known/openid-configuration', { headers });
  expect(JSON.stringify(body)).not.toContain('evil.example');
  expect(body).toMatchObject({
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/connect/authorize`,
    token_endpoint: `${ISSUER}/api/openid/token`,
    jwks_uri: `${ISSUER}/.well-known/jwks.json`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    code_challenge_methods_supported: ['S256'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['ES256'],
    authorization_response_iss_parameter_supported: true,
  });
});

test('an ID token does not have the audience of a proof', async () => {
  const [party, number] = [new RelyingParty(), newNumber()];
  const { body } = await party.redeem(app, await logIn(newBrowser(), party, simulator, number));
  const sent = await app.send(number);
  const verified = await app.verify(sent.body.pinId, await simulator.pinFor(number));
  expect([claimsOf(body.id_token).aud, claimsOf(verified.body.proof).aud]).toEqual(['shop', ISSUER]);
});
