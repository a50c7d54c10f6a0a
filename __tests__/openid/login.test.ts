import { createRemoteJWKSet, jwtVerify } from 'jose';
import { newNumber } from '@/__tests__/support/person';
import { useApp } from '@/__tests__/support/use-app';
import { Browser, pathOf } from './browser';
import { begin, logIn, queryOf, verifyOn } from './log-in';
import { askProvider, claimsOf, clientRow, REDIRECT_URI, RelyingParty, SECRET } from './relying-party';

const ISSUER = 'http://localhost:3000';
const BANK = { id: 'bank', redirectUri: 'https://bank.example/callback' };
const EMBASSY = { id: 'embassy', redirectUri: 'https://embassy.example/callback' };

const { app, simulator } = useApp({
  APP_ORIGIN: ISSUER,
  INFOBIP_PLACEHOLDERS: JSON.stringify({ text: '', amount: '' }),
  OIDC_CLIENTS: JSON.stringify([
    clientRow({ countries: ['US'] }),
    clientRow({ client_id: 'app', client_secret: undefined, client_name: 'App' }),
    clientRow({ client_id: 'news', client_name: 'News', redirect_uris: ['https://news.example/callback'] }),
    clientRow({ client_id: BANK.id, client_name: 'Bank', redirect_uris: [BANK.redirectUri], number: 'fixed' }),
    clientRow({
      client_id: EMBASSY.id,
      client_name: 'Embassy',
      redirect_uris: [EMBASSY.redirectUri],
      number: 'fixed',
      countries: ['CH'],
    }),
  ]),
});

const newBrowser = () => new Browser(() => app);

describe('a login', () => {
  test('gives the application a number that the person typed and verified', async () => {
    const [party, number] = [new RelyingParty(), newNumber()];
    const browser = newBrowser();
    const page = await begin(browser, party);
    expect((await browser.open(page)).text).toContain('Shop asks you to verify your phone number.');
    const answer = await verifyOn(browser, page, simulator, number);
    expect(answer.origin + answer.pathname).toBe(REDIRECT_URI);
    expect(Object.fromEntries(answer.searchParams)).toEqual({
      code: expect.any(String),
      state: party.state,
      iss: ISSUER,
    });

    const { body } = await party.redeem(app, answer.searchParams.get('code') ?? '');
    const keys = createRemoteJWKSet(new URL(`${app.url}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(body.id_token, keys, {
      issuer: ISSUER,
      audience: 'shop',
      algorithms: ['ES256'],
    });
    expect(payload).toMatchObject({
      nonce: party.nonce,
      phone_number: number,
      phone_number_verified: true,
      amr: ['otp', 'sms'],
      acr: 'restricted',
    });
    expect(Math.abs(Date.now() / 1000 - Number(payload.auth_time))).toBeLessThan(60);

    const headers = { Authorization: `Bearer ${body.access_token}` };
    const claims = await askProvider(app, '/api/openid/userinfo', { headers });
    expect(claims.body).toMatchObject({ sub: payload.sub, phone_number: number });
    expect(body).not.toHaveProperty('refresh_token');
  });

  test('works without script, under the same strict policy', async () => {
    const [browser, party, number] = [newBrowser(), new RelyingParty(), newNumber()];
    const page = await begin(browser, party);
    const first = await browser.open(page);
    expect(first.text).toContain(`action="/api/send-otp${queryOf(page)}"`);
    expect(first.headers['content-security-policy']).toContain("form-action 'self';");
    const sent = await browser.post(`/api/send-otp${queryOf(page)}`, { phoneNumber: number, country: '' });
    expect([sent.status, sent.next]).toEqual([303, page]);
    expect((await browser.open(page)).text).toContain(`action="/api/verify-otp${queryOf(page)}"`);
    const wrong = await browser.post(`/api/verify-otp${queryOf(page)}`, { pin: '1' });
    expect([wrong.status, wrong.next]).toEqual([303, page]);
    const right = await browser.post(`/api/verify-otp${queryOf(page)}`, { pin: await simulator.pinFor(number) });
    // A redirect after a form would be subject to form-action, and so could not leave this origin.
    expect([right.status, right.headers.refresh]).toEqual([
      200,
      expect.stringMatching(/^0; url=\/connect\/authorize\//),
    ]);
    expect((await browser.open(pathOf(right.next))).next).toContain(REDIRECT_URI);
  });

  test('leads back with access_denied if the person cancels', async () => {
    const [browser, party] = [newBrowser(), new RelyingParty()];
    const page = await begin(browser, party);
    expect((await browser.open(page)).text).toContain('Cancel and return to Shop');
    const before = app.output.length;
    const canceled = await browser.post(page, { action: 'cancel' });
    const answer = new URL((await browser.open(pathOf(canceled.next))).next ?? '');
    expect(Object.fromEntries(answer.searchParams)).toMatchObject({
      error: 'access_denied',
      state: party.state,
      iss: ISSUER,
    });
    // The log already has the line of a later request, so it would have one about the cancellation.
    await app.logLineOf(await app.get('/api/session'));
    expect(app.output.slice(before)).not.toContain('login.refused');
  });

  test('keeps two tabs apart', async () => {
    const browser = newBrowser();
    const [one, other] = [new RelyingParty(), new RelyingParty()];
    const [first, second] = [newNumber(), newNumber()];
    const pages = [await begin(browser, one), await begin(browser, other)] as const;
    await browser.json(`/api/send-otp${queryOf(pages[0])}`, { phoneNumber: first });
    const answer = await verifyOn(browser, pages[1], simulator, second);
    const { body } = await other.redeem(app, answer.searchParams.get('code') ?? '');
    expect(claimsOf(body.id_token)).toMatchObject({ phone_number: second, nonce: other.nonce });
    const { body: late } = await browser.json(`/api/verify-otp${queryOf(pages[0])}`, {
      pin: await simulator.pinFor(first),
    });
    const code = new URL((await browser.open(String(late.redirectTo))).next ?? '').searchParams.get('code') ?? '';
    expect(claimsOf((await one.redeem(app, code)).body.id_token)).toMatchObject({ phone_number: first });
  });

  test('fills in the number that the application expects, and uses the language that it asks for', async () => {
    const browser = newBrowser();
    const page = await begin(browser, new RelyingParty(), { login_hint: '+14155552671', ui_locales: 'tlh de-AT' });
    const { text } = await browser.open(page);
    expect(text).toContain('value="+14155552671"');
    expect(text).toContain('Shop bittet Sie, Ihre Telefonnummer zu bestätigen.');
  });

  test('accepts an earlier verification only if the application sets a maximum age and the person agrees', async () => {
    const [browser, number] = [newBrowser(), newNumber()];
    await logIn(browser, new RelyingParty(), simulator, number);
    const strict = await begin(browser, new RelyingParty());
    expect((await browser.open(strict)).text).not.toContain('value="continue"');
    const again = await begin(browser, new RelyingParty(), { max_age: '600', prompt: 'login' });
    expect((await browser.open(again)).text).not.toContain('value="continue"');

    const party = new RelyingParty();
    const sends = (await simulator.calls('send')).length;
    const page = await begin(browser, party, { max_age: '600' });
    expect((await browser.open(page)).text).toContain('value="continue"');
    const agreed = await browser.post(page, { action: 'continue' });
    const answer = new URL((await browser.open(pathOf(agreed.next))).next ?? '');
    const { body } = await party.redeem(app, answer.searchParams.get('code') ?? '');
    expect(claimsOf(body.id_token)).toMatchObject({ phone_number: number });
    expect(await simulator.calls('send')).toHaveLength(sends);
    // Another browser has no earlier verification to agree to.
    const stranger = newBrowser();
    const theirs = await begin(stranger, new RelyingParty(), { max_age: '600' });
    expect((await stranger.post(theirs, { action: 'continue' })).next).toBe(theirs);
  });

  test('with prompt=none is refused, because it needs the person', async () => {
    const { next } = await newBrowser().open(`/connect/authorize?${new RelyingParty().parameters({ prompt: 'none' })}`);
    expect(new URL(next ?? '').searchParams.get('error')).toBe('login_required');
  });

  test('sends no code to a country that the application does not accept', async () => {
    const browser = newBrowser();
    const page = await begin(browser, new RelyingParty());
    const { status, body } = await browser.json(`/api/send-otp${queryOf(page)}`, { phoneNumber: '+41791234567' });
    expect([status, body.code, body.reason]).toEqual([422, 'PHONE_NUMBER_NOT_SUPPORTED', 'country']);
  });

  test('works for public clients, which have no secret', async () => {
    const party = new RelyingParty({ id: 'app', secret: null });
    const code = await logIn(newBrowser(), party, simulator, newNumber());
    expect((await party.redeem(app, code)).body).toHaveProperty('id_token');
  });

  test('gives applications on different hosts a different sub for one number', async () => {
    const number = newNumber();
    const news = { id: 'news', redirectUri: 'https://news.example/callback' };
    const subs: unknown[] = [];
    for (const options of [{}, {}, news]) {
      const party = new RelyingParty(options);
      const { body } = await party.redeem(app, await logIn(newBrowser(), party, simulator, number));
      subs.push(claimsOf(body.id_token).sub);
    }
    expect(subs[0]).toBe(subs[1]);
    expect(subs[2]).not.toBe(subs[0]);
    expect(String(subs[0])).not.toContain(number.slice(1));
  });

  test('appears in the log with its client, and without secrets', async () => {
    const [browser, party, number] = [newBrowser(), new RelyingParty(), newNumber()];
    const page = await begin(browser, party);
    const code = (await verifyOn(browser, page, simulator, number)).searchParams.get('code') ?? '';
    const { body } = await party.redeem(app, code);
    app.keepOutOfLogs(SECRET, code, number.slice(1), body.id_token, body.access_token, party.verifier);
    for (const { value } of browser.cookies) if (value.length > 20) app.keepOutOfLogs(value);
    expect(app.output).toMatch(/"event":"number.verified".*"client":"shop"/);
  });
});

describe('a number that the application names', () => {
  const push = async (number: string, more: Record<string, string> = {}) => {
    const party = new RelyingParty(BANK);
    const { status, body } = await party.push(app, { login_hint: number, ...more });
    expect(status).toBe(201);
    return { party, request: { client_id: BANK.id, request_uri: String(body.request_uri) } };
  };

  async function open(browser: Browser, request: Record<string, string>) {
    const { next } = await browser.open(`/connect/authorize?${new URLSearchParams(request)}`);
    return next ?? '';
  }

  test('gets the code, whatever number the browser sends, and stays masked', async () => {
    const [browser, number, other] = [newBrowser(), newNumber(), newNumber()];
    const { party, request } = await push(number);
    const page = pathOf(await open(browser, request));
    const { text } = await browser.open(page);
    expect(text).toContain('Bank wants to make sure it&#x27;s you.');
    expect(text).not.toContain(number.slice(3));
    const sent = await browser.json(`/api/send-otp${queryOf(page)}`, { phoneNumber: other });
    expect([sent.status, JSON.stringify(sent.body).includes(number.slice(1))]).toEqual([200, false]);
    expect(await simulator.messages(other)).toHaveLength(0);
    const { body } = await browser.json(`/api/verify-otp${queryOf(page)}`, { pin: await simulator.pinFor(number) });
    expect(JSON.stringify(body)).not.toContain(number.slice(1));
    const code = new URL((await browser.open(String(body.redirectTo))).next ?? '').searchParams.get('code') ?? '';
    const tokens = await party.redeem(app, code);
    expect(claimsOf(tokens.body.id_token)).toMatchObject({ phone_number: number });
    // The browser gets no session either, because a session would show the number.
    expect(browser.cookies.map(({ name }) => name)).not.toContain('phone-session');
  });

  test('does not change the session of this browser', async () => {
    const [browser, number, own] = [newBrowser(), newNumber(), newNumber()];
    await logIn(browser, new RelyingParty(), simulator, own);
    const { request } = await push(number);
    await verifyOn(browser, pathOf(await open(browser, request)), simulator, number, own);
    const session = await browser.open('/api/session');
    expect([session.status, JSON.parse(session.text).phoneNumber]).toEqual([200, own]);
  });

  test('cannot be replaced by a verification of another number', async () => {
    const [browser, number, own] = [newBrowser(), newNumber(), newNumber()];
    const { request } = await push(number);
    const page = pathOf(await open(browser, request));
    const uid = page.split('/').at(-1)?.split('.')[0] ?? '';
    // The attacker starts a verification of their own number outside this login, and puts it in place of the one of
    // this login.
    const { body } = await app.send(own);
    browser.setCookie(`verification-${uid}`, body.pinId);
    const { status, body: refused } = await browser.json(`/api/verify-otp${queryOf(page)}`, {
      pin: await simulator.pinFor(own),
    });
    expect([status, refused.code]).toEqual([404, 'PIN_NOT_FOUND']);
    expect((await browser.post(page, { action: 'continue' })).next).toBe(page);
  });

  test('must come in a pushed request, and nobody can edit it there', async () => {
    const browser = newBrowser();
    const plain = new RelyingParty(BANK).parameters({ login_hint: newNumber() });
    const refused = await browser.open(`/connect/authorize?${plain}`);
    expect(new URL(refused.next ?? '').searchParams.get('error')).toBe('invalid_request');

    const [number, mine] = [newNumber(), newNumber()];
    const { request } = await push(number);
    const page = pathOf(await open(browser, { ...request, login_hint: mine }));
    await browser.json(`/api/send-otp${queryOf(page)}`, { phoneNumber: mine });
    expect([(await simulator.messages(mine)).length, (await simulator.messages(number)).length]).toEqual([0, 1]);
  });

  test('must be from a country that the application accepts, even for an earlier verification', async () => {
    const [browser, number] = [newBrowser(), newNumber()];
    const verified = await begin(browser, new RelyingParty());
    await verifyOn(browser, verified, simulator, number);
    const party = new RelyingParty(EMBASSY);
    const { body } = await party.push(app, { login_hint: number, max_age: '600' });
    const page = pathOf(await open(browser, { client_id: EMBASSY.id, request_uri: String(body.request_uri) }));
    expect((await browser.post(page, { action: 'continue' })).next).toBe(page);
    const { status } = await browser.json(`/api/send-otp${queryOf(page)}`, { phoneNumber: '' });
    expect(status).toBe(422);
  });

  test.each(['', '4155552671', '+1415', 'nobody'])('must be a valid number, and not %p', async (hint) => {
    const { request } = await push(hint);
    const answer = new URL(await open(newBrowser(), request));
    expect(answer.searchParams.get('error')).toBe('invalid_request');
  });

  test('may come with an action to confirm, which appears on the page, in the message and in the token', async () => {
    const [browser, number] = [newBrowser(), newNumber()];
    const details = [{ type: 'confirmation', text: 'Pay order 1234', amount: '120.00 EUR', payee: 'Books <b>Ltd' }];
    const { party, request } = await push(number, { authorization_details: JSON.stringify(details) });
    const page = pathOf(await open(browser, request));
    const { text } = await browser.open(page);
    const masked = number.slice(-3);
    for (const shown of [
      'Bank asks you to confirm:',
      'Pay order 1234',
      '120.00 EUR',
      'Books &lt;b&gt;Ltd',
      `•${masked}</bdi>`,
    ])
      expect(text).toContain(shown);
    const answer = await verifyOn(browser, page, simulator, number, '');
    const call = (await simulator.calls('send')).at(-1);
    expect(call?.body).toMatchObject({ placeholders: { text: 'Pay order 1234', amount: '120.00 EUR' } });
    const { body } = await party.redeem(app, answer.searchParams.get('code') ?? '');
    expect(claimsOf(body.id_token).authorization_details).toEqual(details);
    expect(body.authorization_details).toEqual(details);
  });
});
