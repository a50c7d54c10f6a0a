import { FactorDatabase, factorToken } from '@/__tests__/support/accounts';
import { newNumber } from '@/__tests__/support/person';
import { describeWithRedis } from '@/__tests__/support/redis';
import { useAnotherApp, useApp, useRedis } from '@/__tests__/support/use-app';
import { until } from '@/__tests__/webhooks/receiver';
import { makePrivacyKey } from '@/lib/config/keys';
import { Browser, pathOf } from './browser';
import { begin, logIn, queryOf, verifyOn } from './log-in';
import { askProvider, claimsOf, clientRow, RelyingParty } from './relying-party';

const ISSUER = 'http://localhost:3000';
const BANK = { id: 'bank', redirectUri: 'https://bank.example/callback' };

describeWithRedis('two instances on one Redis', () => {
  const redis = useRedis();
  const database = new FactorDatabase();
  afterAll(() => database.remove());
  const environment = {
    DATA_DIR: database.dataDir,
    APP_ORIGIN: ISSUER,
    OIDC_SUBJECT_KEY: makePrivacyKey(),
    OIDC_CLIENTS: JSON.stringify([
      clientRow(),
      clientRow({ client_id: BANK.id, client_name: 'Bank', redirect_uris: [BANK.redirectUri], number: 'fixed' }),
    ]),
  };
  const { app: one, simulator, startApp } = useApp(() => ({ REDIS_URL: redis.url, ...environment }));
  const two = useAnotherApp(() => startApp({ REDIS_URL: redis.url, ...environment }));
  let turn = 0;
  /** Requests go to the two instances in turn. */
  const either = () => {
    turn += 1;
    return turn % 2 === 0 ? one : two;
  };

  test('serve one login together, and give a number the same sub', async () => {
    const number = newNumber();
    const subs: unknown[] = [];
    for (let i = 0; i < 3; i += 1) {
      const party = new RelyingParty();
      const code = await logIn(new Browser(either), party, simulator, number);
      const { body } = await party.redeem(either(), code);
      expect(claimsOf(body.id_token)).toMatchObject({ phone_number: number });
      subs.push(claimsOf(body.id_token).sub);
    }
    expect(new Set(subs).size).toBe(1);
  });

  test('redeem a code once, however many requests come at once', async () => {
    const party = new RelyingParty();
    const code = await logIn(new Browser(either), party, simulator, newNumber());
    const replies = await Promise.all(Array.from({ length: 10 }, () => party.redeem(either(), code)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('share a factor, the login that it belongs to, and the session that it opened', async () => {
    const [browser, number] = [new Browser(either), newNumber()];
    const account = await database.enroll(number);
    const weak = await begin(browser, new RelyingParty(), { acr_values: 'phr' });
    await browser.json(`/api/send-otp${queryOf(weak)}`, { phoneNumber: number });
    const { body } = await browser.json(`/api/verify-otp${queryOf(weak)}`, { pin: await simulator.pinFor(number) });
    expect([body.code, body.methods]).toEqual(['STEP_UP_REQUIRED', ['passkey']]);

    const party = new RelyingParty();
    const page = await begin(browser, party, { acr_values: 'phr' });
    const uid = page.split('/').at(-1)?.split('.')[0] ?? '';
    const token = factorToken(account, { login: { client: 'shop', interaction: uid } });
    browser.setCookie(`factor-used-${uid}`, token);
    const answer = await verifyOn(browser, page, simulator, number);
    const tokens = await party.redeem(either(), answer.searchParams.get('code') ?? '');
    expect(claimsOf(tokens.body.id_token)).toMatchObject({ acr: 'phr', phone_number: number });

    const later = await begin(browser, new RelyingParty(), { acr_values: 'phr', max_age: '600' });
    const agreed = await browser.post(later, { action: 'continue' });
    expect((await browser.open(pathOf(agreed.next))).next).toContain('code=');
  });

  test('send a code only to the number that the application named', async () => {
    const [party, number, other] = [new RelyingParty(BANK), newNumber(), newNumber()];
    const pushed = await party.push(either(), { login_hint: number });
    const request = new URLSearchParams({ client_id: BANK.id, request_uri: pushed.body.request_uri });
    const browser = new Browser(either);
    const page = pathOf((await browser.open(`/connect/authorize?${request}`)).next);
    const answer = await verifyOn(browser, page, simulator, number, other);
    expect(await simulator.messages(other)).toHaveLength(0);
    const { body } = await party.redeem(either(), answer.searchParams.get('code') ?? '');
    expect(claimsOf(body.id_token)).toMatchObject({ phone_number: number });
  });

  test('store nothing in plain text, and nothing for longer than a login lasts', async () => {
    const [party, number] = [new RelyingParty(), newNumber()];
    const browser = new Browser(either);
    const page = await begin(browser, party, { login_hint: number });
    await verifyOn(browser, page, simulator, number);
    const keys = (await redis.command('KEYS', 'phone-verification:o:*')) as string[];
    expect(keys.length).toBeGreaterThan(2);
    for (const key of keys) {
      const value = String(await redis.command('HGET', key, 'v'));
      expect([value.includes(number.slice(1)), value.includes('shop'), key.includes(page.slice(-20))]).toEqual([
        false,
        false,
        false,
      ]);
      const ttl = Number(await redis.command('PTTL', key));
      expect(ttl).toBeGreaterThan(0);
      expect(ttl).toBeLessThanOrEqual(16 * 60_000);
    }
  });

  test('report an outage of Redis as temporarily_unavailable, and continue after it', async () => {
    const hasty = await startApp({ REDIS_URL: redis.url, REDIS_TIMEOUT_MS: '500', ...environment });
    const [browser, party, number] = [new Browser(() => hasty), new RelyingParty(), newNumber()];
    const page = await begin(browser, party);
    await browser.json(`/api/send-otp${queryOf(page)}`, { phoneNumber: number });
    const pin = await simulator.pinFor(number);
    redis.signal('SIGSTOP');
    try {
      const back = page.replace('/verify/', '/authorize/').split('.')[0] ?? '';
      const headers = { Authorization: `Bearer ${'a'.repeat(43)}` };
      expect([
        (await browser.json(`/api/verify-otp${queryOf(page)}`, { pin })).status,
        (await browser.open(page)).status,
        (await browser.post(page, { action: 'cancel' })).status,
        (await browser.open(back)).status,
        (await party.push(hasty)).status,
        (await party.redeem(hasty, 'a'.repeat(43))).status,
        (await askProvider(hasty, '/api/openid/userinfo', { headers })).status,
      ]).toEqual(Array<number>(7).fill(503));
      const { next } = await browser.open(`/connect/authorize?${party.parameters()}`);
      expect(new URL(next ?? '').searchParams.get('error')).toBe('temporarily_unavailable');
    } finally {
      redis.signal('SIGCONT');
    }
    await until(async () => (await browser.open(page)).status === 200);
    const late = await browser.json(`/api/verify-otp${queryOf(page)}`, { pin });
    expect((await browser.open(String(late.body.redirectTo))).next).toContain('code=');
    await hasty.stop();
  });

  test('continue a login after one of them has crashed', async () => {
    const third = await startApp({ REDIS_URL: redis.url, ...environment });
    let current = third;
    const [browser, party, number] = [new Browser(() => current), new RelyingParty(), newNumber()];
    const page = await begin(browser, party);
    await browser.json(`/api/send-otp${queryOf(page)}`, { phoneNumber: number });
    await third.crash();
    current = one;
    const pin = await simulator.pinFor(number);
    const { body } = await browser.json(`/api/verify-otp${queryOf(page)}`, { pin });
    const { next } = await browser.open(String(body.redirectTo));
    const tokens = await party.redeem(two, new URL(next ?? '').searchParams.get('code') ?? '');
    expect(claimsOf(tokens.body.id_token)).toMatchObject({ phone_number: number });
  });
});
