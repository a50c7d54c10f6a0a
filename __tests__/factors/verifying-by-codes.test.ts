import { decodeJwt } from 'jose';
import { ApiKey } from '@/__tests__/keys/api-key';
import type { Reply } from '@/__tests__/support/app';
import { inParallel } from '@/__tests__/support/in-parallel';
import { newNumber } from '@/__tests__/support/numbers';
import { newNetwork } from '@/__tests__/support/person';
import { describeEverySetUp, describeInMemory } from '@/__tests__/support/set-ups';
import { Clock, expectStatus, newDataDir, Owner, outcomeOf, withApp } from './owner';

const DAY_MS = 24 * 60 * 60_000;

/** Of many guesses at a number at once, the server checks at most ten, and refuses the others. */
const REFUSED = /^(400 WRONG_CODE|429 NUMBER_LOCKED)$/;

describeEverySetUp('codes from an app', (setUp) => {
  const deployment = setUp.deploy({ DATA_DIR: newDataDir() });
  const clock = new Clock(deployment);

  test('verify a number, open a session that belongs to the account, and record the use', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    const elsewhere = owner.elsewhere();
    const reply = expectStatus(200, await elsewhere.verifyByApp(await app.next()));
    expect(reply.body).toMatchObject({ verified: true, phoneNumber: owner.number });
    expect(reply.body).not.toHaveProperty('proof');
    const { body } = await elsewhere.session();
    expect(body).toMatchObject({ phoneNumber: owner.number, acr: 'otp', account: expect.any(String) });
    expect(body).not.toHaveProperty('channel');
    const claims = decodeJwt(body.proof);
    expect(claims).toMatchObject({ sub: owner.number, acr: 'otp', amr: ['otp'], acct: body.account });
    expect(claims).not.toHaveProperty('stronger');
    // The number was confirmed when the app was added.
    expect(claims.phone_verified_at).toBeLessThanOrEqual(Number(claims.auth_time));
    const [factor] = (await elsewhere.factors()).body.factors;
    expect(Date.parse(factor.lastUsedAt)).toBeGreaterThanOrEqual(Date.parse(factor.createdAt));
    expect(elsewhere.cookie('device')).toBeDefined();
  });

  test('work once, and end all earlier codes, on every instance', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    await clock.pass(90_000);
    const step = app.step;
    expectStatus(200, await owner.elsewhere().verifyByApp(app.at(step)));
    for (const used of [step, step, step - 1, step - 1])
      expect(outcomeOf(await owner.elsewhere().verifyByApp(app.at(used)))).toBe('400 WRONG_CODE');
    expectStatus(200, await owner.elsewhere().verifyByApp(app.at(step + 1)));
    for (const used of [step + 1, step])
      expect(outcomeOf(await owner.elsewhere().verifyByApp(app.at(used)))).toBe('400 WRONG_CODE');
  });

  test('succeed for only one of twenty requests with the same code', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    const code = await app.next();
    const replies = await inParallel(() => owner.elsewhere().verifyByApp(code));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(replies.map(outcomeOf).filter((outcome) => outcome !== '200' && !REFUSED.test(outcome))).toEqual([]);
  });

  test('may have spaces, dashes, and digits of any script', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    const written: ((code: string) => string)[] = [
      (code) => `${code.slice(0, 3)} ${code.slice(3)}`,
      (code) => `${code.slice(0, 3)}–${code.slice(3)}`,
      (code) => code.replace(/\d/g, (digit) => String.fromCodePoint(0x0660 + Number(digit))),
    ];
    for (const write of written) expectStatus(200, await owner.elsewhere().verifyByApp(write(await app.next())));
    const national = { phoneNumber: owner.number.slice(2), country: 'US', code: await app.next() };
    expectStatus(200, await owner.elsewhere().post('/api/totp/verify', national));
  });

  test('work independently for each of several apps', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    const second = (await owner.addApp(clock)).app;
    for (const one of [app, second, app]) expectStatus(200, await owner.elsewhere().verifyByApp(await one.next()));
  });

  test('end the session that the browser had', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    const before = owner.inAnotherTab();
    expectStatus(200, await owner.verifyByApp(await app.next()));
    expect(outcomeOf(await before.session())).toBe('401 NO_SESSION');
    expectStatus(200, await owner.session());
  });
});

describeEverySetUp('recovery codes', (setUp) => {
  const deployment = setUp.deploy({ DATA_DIR: newDataDir() });
  const clock = new Clock(deployment);

  test('each verify a number once, in any case and spacing, and open a session that belongs to the account', async () => {
    const { owner, recoveryCodes } = await withApp(deployment, clock, newNumber());
    const [first = '', second = ''] = recoveryCodes;
    for (const typed of [first, second.toLowerCase().replaceAll('-', ' ')]) {
      const elsewhere = owner.elsewhere();
      expectStatus(200, await elsewhere.verifyByRecoveryCode(typed));
      expect((await elsewhere.session()).body).toMatchObject({ acr: 'otp', account: expect.any(String) });
      expect(outcomeOf(await owner.elsewhere().verifyByRecoveryCode(typed))).toBe('400 WRONG_CODE');
    }
    expect((await owner.factors()).body.recoveryCodesLeft).toBe(8);
  });

  test('succeed for only one of twenty requests with the same code', async () => {
    const { owner, recoveryCodes } = await withApp(deployment, clock, newNumber());
    const replies = await inParallel(() => owner.elsewhere().verifyByRecoveryCode(recoveryCodes[0]));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(replies.map(outcomeOf).filter((outcome) => outcome !== '200' && !REFUSED.test(outcome))).toEqual([]);
    expect((await owner.factors()).body.recoveryCodesLeft).toBe(9);
  });

  test('are void once they are replaced, and never verify another number', async () => {
    const { owner, recoveryCodes } = await withApp(deployment, clock, newNumber());
    const other = await withApp(deployment, clock, newNumber());
    const { body } = expectStatus(201, await owner.post('/api/recovery-codes'));
    expect(body.recoveryCodes).toHaveLength(10);
    expect(outcomeOf(await owner.elsewhere().verifyByRecoveryCode(recoveryCodes[0]))).toBe('400 WRONG_CODE');
    expect(outcomeOf(await owner.elsewhere().verifyByRecoveryCode(other.recoveryCodes[0]))).toBe('400 WRONG_CODE');
    expectStatus(200, await owner.elsewhere().verifyByRecoveryCode(body.recoveryCodes[9]));
    expectStatus(200, await other.owner.elsewhere().verifyByRecoveryCode(other.recoveryCodes[0]));
  });
});

describeInMemory('verifications with codes', (setUp) => {
  const key = new ApiKey('shop');
  const api = JSON.stringify([key.row({ audiences: ['https://shop.example'] })]);
  const deployment = setUp.deploy({
    DATA_DIR: newDataDir(),
    API_CLIENTS: api,
    API_ACCESS: 'open',
    LIMIT_FACTORS_PER_ADDRESS: '30/1h',
  });
  const clock = new Clock(deployment);
  const lineOf = async (reply: Reply) => deployment.apps[0]?.logLineOf(reply);

  test('are in the log with their factor’s event, and without the number', async () => {
    const { owner, app, recoveryCodes } = await withApp(deployment, clock, newNumber());
    const byApp = await owner.elsewhere().verifyByApp(await app.next());
    const byCode = await owner.elsewhere().verifyByRecoveryCode(recoveryCodes[0]);
    const wrong = await owner.elsewhere().verifyByApp(app.wrong());
    expect(await lineOf(byApp)).toMatchObject({
      event: 'factor.used',
      level: 30,
      country: 'US',
      route: '/api/totp/verify',
    });
    expect(await lineOf(byCode)).toMatchObject({ event: 'recovery_code.used', level: 40, country: 'US' });
    expect(await lineOf(wrong)).toMatchObject({ code: 'WRONG_CODE', country: 'US', phone: expect.any(String) });
  });

  test('a program with a key gets a proof for its audience, with its nonce and purpose, and a session', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    const more = { audience: 'https://shop.example', nonce: 'once', purpose: 'login' };
    const ask = (body: object) =>
      deployment.ask((one) =>
        one.post(
          '/api/totp/verify',
          { phoneNumber: owner.number, ...body },
          { ...key.headers(), 'x-forwarded-for': '203.0.113.5' },
        ),
      );
    const reply = expectStatus(200, await ask({ code: await app.next(), ...more }));
    expect(decodeJwt(reply.body.proof)).toMatchObject({
      aud: 'https://shop.example',
      nonce: 'once',
      purpose: 'login',
      acr: 'otp',
      acct: expect.any(String),
    });
    expect(reply.body.session).toMatch(/^[\w-]{43}$/);
    expect(outcomeOf(await ask({ code: await app.next(), audience: 'https://other.example' }))).toBe(
      '400 INVALID_REQUEST',
    );
    const anybody = await owner.elsewhere().post('/api/totp/verify', { phoneNumber: owner.number, code: '1', ...more });
    expect(outcomeOf(anybody)).toBe('400 INVALID_REQUEST');
  });

  test('limits count the address that a program names, and not its own', async () => {
    const network = newNetwork();
    const ask = (host: number) =>
      deployment.ask((one) =>
        one.post(
          '/api/totp/verify',
          { phoneNumber: newNumber(), code: '123456', clientAddress: network(host) },
          { ...key.headers(), 'x-forwarded-for': '203.0.113.6' },
        ),
      );
    for (let i = 0; i < 30; i += 1) expect(outcomeOf(await ask(1))).toBe('400 WRONG_CODE');
    const refused = await ask(1);
    expect(outcomeOf(refused)).toBe('429 RATE_LIMITED');
    expect(refused.headers.get('retry-after')).toBe(String(refused.body.retryAfterSeconds));
    expect(await deployment.limitOf(refused)).toBe('LIMIT_FACTORS_PER_ADDRESS');
    expect(outcomeOf(await ask(2))).toBe('400 WRONG_CODE');
  });

  test.each([
    ['nonsense', '400 INVALID_PHONE_NUMBER'],
    ['4155552671', '400 INVALID_PHONE_NUMBER'],
    ['+88213300655', '422 PHONE_NUMBER_NOT_SUPPORTED'],
  ])('the number %s gets %s', async (phoneNumber, outcome) => {
    for (const path of ['/api/totp/verify', '/api/recovery-codes/verify']) {
      const reply = await new Owner(deployment, '').post(path, { phoneNumber, code: '123456' });
      expect(outcomeOf(reply)).toBe(outcome);
    }
  });

  test('a number that a code by phone confirmed 45 days ago needs another one, which counts together with a factor', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    await clock.pass(45 * DAY_MS + 1000);
    const elsewhere = owner.elsewhere();
    const stale = await elsewhere.verifyByApp(await app.next());
    expect(outcomeOf(stale)).toBe('409 NUMBER_STALE');
    expect(stale.body).not.toHaveProperty('ceremony');
    expect(outcomeOf(await elsewhere.session())).toBe('401 NO_SESSION');
    expect(elsewhere.cookie('factor-used')).toBeDefined();
    expectStatus(200, await elsewhere.verifyByPhone());
    expect((await elsewhere.session()).body).toMatchObject({ acr: 'otp', account: expect.any(String), channel: 'sms' });
    expect(elsewhere.cookie('factor-used')).toBeUndefined();
    expectStatus(200, await elsewhere.factors());
    expectStatus(200, await owner.elsewhere().verifyByApp(await app.next()));
  });

  test('the code by phone may also come first, in the same session', async () => {
    const { owner, app, recoveryCodes } = await withApp(deployment, clock, newNumber());
    await clock.pass(45 * DAY_MS + 1000);
    expect(outcomeOf(await owner.elsewhere().verifyByRecoveryCode(recoveryCodes[0]))).toBe('409 NUMBER_STALE');
    const elsewhere = owner.elsewhere();
    expectStatus(200, await elsewhere.verifyByPhone());
    expectStatus(200, await elsewhere.verifyByApp(await app.next()));
    expectStatus(200, await owner.elsewhere().verifyByRecoveryCode(recoveryCodes[1]));
  });

  test('a program sends the ceremony of the reply NUMBER_STALE with the code by phone', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    await clock.pass(45 * DAY_MS + 1000);
    const ask = (path: string, body: object) =>
      deployment.ask((one) => one.post(path, body, { 'x-forwarded-for': owner.address }));
    const { phoneNumber } = { phoneNumber: owner.number };
    const stale = await ask('/api/totp/verify', { phoneNumber, code: await app.next() });
    expect(outcomeOf(stale)).toBe('409 NUMBER_STALE');
    const { pinId } = (await ask('/api/send-otp', { phoneNumber })).body;
    await deployment.simulator.advance(1000);
    const pin = await deployment.simulator.pinFor(owner.number);
    const verified = await ask('/api/verify-otp', { pinId, pin, ceremony: stale.body.ceremony });
    expect(decodeJwt(expectStatus(200, verified).body.proof)).toMatchObject({ acr: 'otp', amr: ['otp', 'sms'] });
  });
});
