import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { decodeJwt } from 'jose';
import { FactorDatabase, factorToken } from '@/__tests__/support/accounts';
import { cookieOf, type Reply } from '@/__tests__/support/app';
import { inParallel } from '@/__tests__/support/in-parallel';
import { newNumber } from '@/__tests__/support/person';
import { wrongPin } from '@/__tests__/support/simulator';
import { useApp } from '@/__tests__/support/use-app';

const BROWSER = { 'sec-fetch-site': 'same-origin' };
const MINUTE = 60_000;

const database = new FactorDatabase();
afterAll(() => database.remove());
const { app, simulator, withApp } = useApp({ DATA_DIR: database.dataDir });

/** Gets a code and enters it, like a program. */
async function enterCode(number: string, tokens: { session?: string; ceremony?: string } = {}): Promise<Reply> {
  const { body } = await app.send(number);
  return app.post('/api/verify-otp', { pinId: body.pinId, pin: await simulator.pinFor(number), ...tokens });
}

/** Does the same like a browser with these cookies. */
async function enterCodeAt(number: string, ...cookies: string[]): Promise<Reply> {
  const cookie = [cookieOf(await app.send(number, {}, BROWSER)), ...cookies].join('; ');
  return app.verify(undefined, await simulator.pinFor(number), { cookie, ...BROWSER });
}

const sessionAt = (token: string) => app.get('/api/session', { cookie: `phone-session=${token}` });
const claimsOf = ({ body }: Reply) => decodeJwt(body.proof);

describe('a code', () => {
  test('says that the number has no factors', async () => {
    const reply = await enterCode(newNumber());
    expect(reply.body).toMatchObject({ verified: true, factors: [], session: expect.stringMatching(/^[\w-]{43}$/) });
    expect(claimsOf(reply)).not.toHaveProperty('stronger');
    expect((await sessionAt(reply.body.session)).body).toMatchObject({ acr: 'restricted', proof: reply.body.proof });
  });

  test('names the factors of the number, and neither speaks for the account nor confirms the number', async () => {
    const number = newNumber();
    const { phoneVerifiedAt } = await database.enroll(number, 'passkey', 'totp');
    const reply = await enterCode(number);
    expect(reply.body.factors).toEqual(['passkey', 'totp']);
    const claims = claimsOf(reply);
    expect(claims).toMatchObject({ amr: ['otp', 'sms'], acr: 'restricted', stronger: ['passkey', 'totp'] });
    expect(claims).not.toHaveProperty('acct');
    expect((await sessionAt(reply.body.session)).body).not.toHaveProperty('account');
    expect(await database.confirmedAt(number)).toBe(phoneVerifiedAt);
  });

  test('gives browsers the factors, and neither a proof nor a token in the body', async () => {
    const number = newNumber();
    await database.enroll(number, 'totp');
    const { body } = await enterCodeAt(number);
    expect(Object.keys(body).sort()).toEqual(['factors', 'message', 'phoneNumber', 'verified']);
    expect(body.factors).toEqual(['totp']);
  });
});

describe('a code after a factor', () => {
  test('completes its verification for a program that sends the token', async () => {
    const number = newNumber();
    const account = await database.enroll(number);
    const usedAt = Date.now() - 3 * MINUTE;
    const reply = await enterCode(number, { ceremony: factorToken(account, {}, usedAt) });
    expect(reply.body.factors).toEqual([]);
    expect(claimsOf(reply)).toMatchObject({
      amr: ['pop', 'user', 'mfa', 'otp', 'sms'],
      acr: 'phr',
      acct: account.id,
      auth_time: Math.floor(usedAt / 1000),
      exp: Math.floor(usedAt / 1000) + 15 * 60,
    });
    expect((await sessionAt(reply.body.session)).body).toMatchObject({ acr: 'phr', account: account.id });
    expect(await database.confirmedAt(number)).toBeGreaterThan(account.phoneVerifiedAt);
  });

  test('completes its verification for a browser with the cookie, and clears it', async () => {
    const number = newNumber();
    const account = await database.enroll(number);
    const reply = await enterCodeAt(number, `factor-used=${factorToken(account)}`);
    expect(reply.headers.getSetCookie()).toContainEqual(expect.stringMatching(/^factor-used=; Path=\/; Max-Age=0;/));
    const { body } = await app.get('/api/session', { cookie: cookieOf(reply, 'phone-session'), ...BROWSER });
    expect(body).toMatchObject({ acr: 'phr', account: account.id, channel: 'sms' });
    expect(await database.confirmedAt(number)).toBeGreaterThan(account.phoneVerifiedAt);
  });

  test('leaves the cookie in place while the code is wrong', async () => {
    const number = newNumber();
    const account = await database.enroll(number);
    const cookie = `${cookieOf(await app.send(number, {}, BROWSER))}; factor-used=${factorToken(account)}`;
    const pin = await simulator.pinFor(number);
    const wrong = await app.verify(undefined, wrongPin(pin), { cookie, ...BROWSER });
    expect([wrong.body.code, wrong.headers.getSetCookie()]).toEqual(['WRONG_PIN', []]);
    await simulator.advance(1000);
    expect((await app.verify(undefined, pin, { cookie, ...BROWSER })).body.factors).toEqual([]);
    expect(await database.confirmedAt(number)).toBeGreaterThan(account.phoneVerifiedAt);
  });

  test('continues the session of a program that sends its token, and does not prolong it', async () => {
    const number = newNumber();
    const account = await database.enroll(number);
    const first = await enterCode(number, { ceremony: factorToken(account, {}, Date.now() - 5 * MINUTE) });
    const confirmedAt = await database.confirmedAt(number);
    const second = await enterCode(number, { session: first.body.session });
    const { acr, acct, auth_time, exp } = claimsOf(first);
    expect(claimsOf(second)).toMatchObject({ acr, acct, auth_time, exp });
    expect(await database.confirmedAt(number)).toBeGreaterThan(confirmedAt ?? Number.POSITIVE_INFINITY);
    expect((await sessionAt(first.body.session)).status).toBe(401);
    expect((await sessionAt(second.body.session)).body).toMatchObject({ acr: 'phr', account: acct });
  });

  test.each([
    [
      'a program that has the session of another user in a cookie',
      (token: string) => ({ cookie: `phone-session=${token}` }),
    ],
    [
      'a program that has the factor of another user in a cookie',
      (_: string, factor: string) => ({ cookie: `factor-used=${factor}` }),
    ],
  ])('stays a code alone for %s', async (_, headersOf) => {
    const number = newNumber();
    const account = await database.enroll(number);
    const owner = await enterCode(number, { ceremony: factorToken(account) });
    const confirmedAt = await database.confirmedAt(number);
    // Somebody else has the number now, and uses the same program.
    const { body } = await app.send(number);
    const headers = headersOf(owner.body.session, factorToken(account));
    const thief = await app.verify(body.pinId, await simulator.pinFor(number), headers);
    expect(claimsOf(thief)).toMatchObject({ acr: 'restricted', stronger: ['passkey'] });
    expect(await database.confirmedAt(number)).toBe(confirmedAt);
  });

  test('stays a code alone for a browser that sends the tokens in the body', async () => {
    const number = newNumber();
    const account = await database.enroll(number);
    const { session } = (await enterCode(number, { ceremony: factorToken(account) })).body;
    const cookie = cookieOf(await app.send(number, {}, BROWSER));
    const tokens = { session, ceremony: factorToken(account) };
    const pin = await simulator.pinFor(number);
    const reply = await app.post('/api/verify-otp', { pin, ...tokens }, { cookie, ...BROWSER });
    expect(reply.body.factors).toEqual(['passkey']);
  });

  test('speaks for the account once, however many requests bring it at once', async () => {
    const number = newNumber();
    const ceremony = factorToken(await database.enroll(number));
    const { body } = await app.send(number);
    const pin = await simulator.pinFor(number);
    const replies = await inParallel(() => app.post('/api/verify-otp', { pinId: body.pinId, pin, ceremony }));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('is refused with a malformed token', async () => {
    for (const ceremony of ['', 'x', 'A'.repeat(2000), `${'A'.repeat(70)}!`]) {
      const reply = await app.post('/api/verify-otp', { pinId: 'A'.repeat(43), pin: '123456', ceremony });
      expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_REQUEST']);
    }
  });

  /** Each returns the number that gets the code. */
  const OTHERS: [string, (number: string) => Promise<{ number: string; ceremony: string }>][] = [
    [
      'the factor was of another number',
      async (number) => {
        const other = newNumber();
        await database.enroll(other);
        return { number: other, ceremony: factorToken(await database.enroll(number)) };
      },
    ],
    [
      'a factor was removed since',
      async (number) => {
        const account = await database.enroll(number, 'passkey', 'totp');
        const ceremony = factorToken(account);
        const [, totp] = (await database.store.findAccount(number))?.factors ?? [];
        await database.store.removeFactor(account, totp?.id ?? '', Date.now() + 1);
        return { number, ceremony };
      },
    ],
    [
      'the number has another account since',
      async (number) => {
        const ceremony = factorToken(await database.enroll(number));
        await database.store.erase(number);
        await database.enroll(number);
        return { number, ceremony };
      },
    ],
    [
      'the factor was used more than ten minutes ago',
      async (number) => {
        const account = await database.enroll(number);
        const usedAt = Date.now() - 10 * MINUTE;
        jest.useFakeTimers({ now: usedAt });
        const ceremony = factorToken(account);
        jest.useRealTimers();
        return { number, ceremony };
      },
    ],
    [
      'the factor was used in a login',
      async (number) => ({
        number,
        ceremony: factorToken(await database.enroll(number), { login: { client: 'shop', interaction: 'x' } }),
      }),
    ],
  ];
  test.each(OTHERS)('stays a code alone if %s', async (_, prepare) => {
    const { number, ceremony } = await prepare(newNumber());
    const before = await database.confirmedAt(number);
    const claims = claimsOf(await enterCode(number, { ceremony }));
    expect(claims).toMatchObject({ acr: 'restricted', stronger: ['passkey'] });
    expect(claims).not.toHaveProperty('acct');
    expect(await database.confirmedAt(number)).toBe(before);
  });
});

test('while the database is down, no code is checked, none is used up, and no attempt counts', async () => {
  const folder = path.join(database.folder, 'broken');
  writeFileSync(folder, '');
  await withApp({ DATA_DIR: path.join(folder, 'data') }, async (cut) => {
    const number = newNumber();
    const { body } = await cut.send(number);
    const pin = await simulator.pinFor(number);
    for (let i = 0; i < 7; i += 1) {
      const reply = await cut.verify(body.pinId, i % 2 === 0 ? pin : wrongPin(pin));
      expect([reply.status, reply.body.code]).toEqual([503, 'STORE_UNAVAILABLE']);
    }
    expect(await simulator.calls('verify')).toEqual([]);
    rmSync(folder);
    expect((await cut.verify(body.pinId, wrongPin(pin))).body).toMatchObject({
      code: 'WRONG_PIN',
      attemptsRemaining: 4,
    });
    await simulator.advance(1000);
    expect((await cut.verify(body.pinId, pin)).body).toMatchObject({ verified: true, factors: [] });
  });
});

describe('without factors', () => {
  test('the server says nothing of them, and takes no tokens for them', async () => {
    await withApp({}, async (plain) => {
      const [number, other] = [newNumber(), newNumber()];
      const cookie = cookieOf(await plain.send(number, {}, BROWSER));
      const mine = await plain.verify(undefined, await simulator.pinFor(number), { cookie, ...BROWSER });
      const session = cookieOf(mine, 'phone-session');
      const ceremony = factorToken(await database.enroll(other));
      const { body } = await plain.send(other);
      const reply = await plain.post(
        '/api/verify-otp',
        { pinId: body.pinId, pin: await simulator.pinFor(other), ceremony, session: session.split('=')[1] },
        { cookie: `factor-used=${ceremony}` },
      );
      expect(Object.keys(reply.body).sort()).toEqual(['message', 'phoneNumber', 'proof', 'verified']);
      expect(decodeJwt(reply.body.proof)).not.toHaveProperty('stronger');
      expect(reply.headers.getSetCookie().filter((line) => line.startsWith('factor-used'))).toEqual([]);
      // The session continues, although somebody sent its token along.
      expect((await plain.get('/api/session', { cookie: session, ...BROWSER })).body.phoneNumber).toBe(number);
    });
  });
});
