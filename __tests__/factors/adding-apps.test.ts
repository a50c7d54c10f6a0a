import { decodeJwt } from 'jose';
import type { Reply } from '@/__tests__/support/app';
import { inParallel } from '@/__tests__/support/in-parallel';
import { newNumber } from '@/__tests__/support/numbers';
import { countOutcomes } from '@/__tests__/support/person';
import { describeInMemory } from '@/__tests__/support/set-ups';
import { useSimulator } from '@/__tests__/support/use-app';
import { AuthenticatorApp, Clock, expectStatus, newDataDir, Owner, outcomeOf, withApp } from './owner';

const ENROLL = '/api/totp/enrol';
const CONFIRM = '/api/totp/confirm';
const MINUTE_MS = 60_000;

/** Requests that change or show the factors of a number. */
const MANAGING: [string, (owner: Owner) => Promise<Reply>][] = [
  ['to add an app', (owner) => owner.post(ENROLL)],
  ['to confirm an app', (owner) => owner.post(CONFIRM, { code: '123456' })],
  ['to make recovery codes', (owner) => owner.post('/api/recovery-codes')],
  ['to see the list', (owner) => owner.factors()],
  ['to remove a factor', (owner) => owner.remove('00000000-0000-0000-0000-000000000000')],
];

describeInMemory('adding authenticator apps', (setUp) => {
  const deployment = setUp.deploy({ DATA_DIR: newDataDir() });
  const clock = new Clock(deployment);
  const lineOf = (reply: Reply) => deployment.apps[0]?.logLineOf(reply);

  async function verified(): Promise<Owner> {
    const owner = new Owner(deployment, newNumber());
    expectStatus(200, await owner.verifyByPhone());
    return owner;
  }

  test('the first app needs a code by phone, comes with recovery codes, and makes the session belong to the account', async () => {
    const owner = await verified();
    const before = owner.cookie('phone-session');
    const begun = expectStatus(200, await owner.post(ENROLL));
    expect(begun.body).toEqual({
      secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
      uri: `otpauth://totp/localhost:${encodeURIComponent(owner.number)}?secret=${begun.body.secret}&issuer=localhost`,
      qr: expect.stringMatching(/^<svg /),
      expiresInSeconds: 600,
    });
    const app = new AuthenticatorApp(begun.body.secret, clock);
    const confirmed = expectStatus(201, await owner.post(CONFIRM, { code: await app.next(), name: 'My phone' }));
    expect(confirmed.body).toEqual({
      factor: {
        id: expect.any(String),
        type: 'totp',
        name: 'My phone',
        createdAt: expect.any(String),
        lastUsedAt: null,
        synced: false,
      },
      recoveryCodes: expect.arrayContaining([expect.stringMatching(/^(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}$/)]),
    });
    expect(new Set(confirmed.body.recoveryCodes).size).toBe(10);
    expect(await lineOf(confirmed)).toMatchObject({ event: 'factor.added', level: 30 });

    const session = expectStatus(200, await owner.session());
    expect(session.body).toMatchObject({ phoneNumber: owner.number, acr: 'restricted', account: expect.any(String) });
    expect(decodeJwt(session.body.proof)).toMatchObject({ acct: session.body.account, amr: ['otp', 'sms'] });
    expect(owner.cookie('phone-session')).not.toBe(before);
    expect(owner.cookie('totp-enrollment')).toBeUndefined();
    const listed = expectStatus(200, await owner.factors());
    expect(listed.body).toEqual({ factors: [confirmed.body.factor], recoveryCodesLeft: 10, resetAt: null });
  });

  test('a wrong code can be corrected, and the right one ends the enrollment', async () => {
    const owner = await verified();
    const app = new AuthenticatorApp((await owner.post(ENROLL)).body.secret, clock);
    for (const code of [app.wrong(), '12345', 'abcdef', app.wrong()])
      expect(outcomeOf(await owner.post(CONFIRM, { code }))).toBe('400 WRONG_CODE');
    const again = owner.inAnotherTab();
    expectStatus(201, await owner.post(CONFIRM, { code: await app.next() }));
    expect((await owner.factors()).body.factors).toHaveLength(1);
    // The session now has another token.
    expect(outcomeOf(await again.post(CONFIRM, { code: await app.next() }))).toBe('401 NO_SESSION');
  });

  test('only one of twenty simultaneous confirmations adds the app', async () => {
    const { owner } = await withApp(deployment, clock, newNumber());
    const app = new AuthenticatorApp((await owner.post(ENROLL)).body.secret, clock);
    const code = await app.next();
    const tabs = Array.from({ length: 20 }, () => owner.inAnotherTab());
    const replies = await inParallel((i) => (tabs[i] as Owner).post(CONFIRM, { code }));
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
    const others = replies.filter(({ status }) => status !== 201).map(outcomeOf);
    expect(others.filter((outcome) => !/CEREMONY_NOT_FOUND|NO_SESSION/.test(outcome))).toEqual([]);
    const back = owner.elsewhere();
    expectStatus(200, await back.verifyByApp(await app.next()));
    expect((await back.factors()).body.factors).toHaveLength(2);
  });

  test('the code that confirms an app is used up, and so are all codes before it', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    const confirmed = app.lastStep;
    for (const step of [confirmed, confirmed - 1])
      expect(outcomeOf(await owner.elsewhere().verifyByApp(app.at(step)))).toBe('400 WRONG_CODE');
    expectStatus(200, await owner.elsewhere().verifyByApp(await app.next()));
  });

  test('an enrollment belongs to its session, to its account, and to its kind of factor', async () => {
    const owner = await verified();
    const program = { 'x-forwarded-for': owner.address };
    const ask = (path: string, body: object) => deployment.ask((one) => one.post(path, body, program));
    const sent = await ask('/api/send-otp', { phoneNumber: owner.number });
    await deployment.simulator.advance(1000);
    const pin = await deployment.simulator.pinFor(owner.number);
    const { session } = (await ask('/api/verify-otp', { pin, pinId: sent.body.pinId })).body;
    const { ceremony, secret } = (await ask(ENROLL, { session })).body;
    const app = new AuthenticatorApp(secret, clock);
    const code = await app.next();
    // Another session of the same number.
    expect(outcomeOf(await owner.post(CONFIRM, { code, ceremony }))).toBe('400 CEREMONY_NOT_FOUND');
    const passkey = (await ask('/api/passkeys/enrol-options', { session })).body.ceremony;
    expect(outcomeOf(await ask(CONFIRM, { session, code, ceremony: passkey }))).toBe('400 CEREMONY_NOT_FOUND');
    expect(outcomeOf(await ask(CONFIRM, { session, code }))).toBe('400 CEREMONY_NOT_FOUND');
    // Meanwhile, the number got an account.
    await owner.addApp(clock);
    expect(outcomeOf(await ask(CONFIRM, { session, code, ceremony }))).toBe('403 STEP_UP_REQUIRED');
  });

  test('programs get their tokens in the body, and browsers do not', async () => {
    const number = newNumber();
    const headers = { 'x-forwarded-for': '203.0.113.9' };
    const ask = (path: string, body: object) => deployment.ask((one) => one.post(path, body, headers));
    const sent = await ask('/api/send-otp', { phoneNumber: number });
    await deployment.simulator.advance(1000);
    const pin = await deployment.simulator.pinFor(number);
    const { session } = (await ask('/api/verify-otp', { pin, pinId: sent.body.pinId })).body;
    const { ceremony, secret } = expectStatus(200, await ask(ENROLL, { session })).body;
    const app = new AuthenticatorApp(secret, clock);
    const added = expectStatus(201, await ask(CONFIRM, { session, ceremony, code: await app.next() }));
    expect(added.body.session).toMatch(/^[\w-]{43}$/);
    expect(outcomeOf(await ask('/api/recovery-codes', { session }))).toBe('401 NO_SESSION');
    expectStatus(201, await ask('/api/recovery-codes', { session: added.body.session }));
    const listed = await deployment.ask((one) =>
      one.get('/api/factors', { ...headers, 'phone-session': added.body.session }),
    );
    expect(expectStatus(200, listed).body.factors).toHaveLength(1);

    const { owner } = await withApp(deployment, clock, newNumber());
    const begun = await owner.post(ENROLL);
    expect(begun.body).not.toHaveProperty('ceremony');
    const second = new AuthenticatorApp(begun.body.secret, clock);
    const { body } = expectStatus(201, await owner.post(CONFIRM, { code: await second.next() }));
    expect(body).not.toHaveProperty('session');
    // The person already has recovery codes.
    expect(body).not.toHaveProperty('recoveryCodes');
  });

  test('an account takes at most five apps, even if confirmations arrive at once', async () => {
    const { owner } = await withApp(deployment, clock, newNumber());
    for (let i = 0; i < 3; i += 1) await owner.addApp(clock);
    // Each added app gives the session another token, so both tabs begin before either of them adds one.
    const tabs = [owner.inAnotherTab(), owner.inAnotherTab()];
    const codes: string[] = [];
    for (const tab of tabs) codes.push(await new AuthenticatorApp((await tab.post(ENROLL)).body.secret, clock).next());
    const replies = await Promise.all(tabs.map((tab, i) => tab.post(CONFIRM, { code: codes[i] })));
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
    const winner = tabs[replies.findIndex(({ status }) => status === 201)] as Owner;
    expect((await winner.factors()).body.factors).toHaveLength(5);
    expect(outcomeOf(await winner.post(ENROLL))).toBe('409 TOO_MANY_FACTORS');
  });

  test('the second of two people with a code for the same number has to verify with the app of the first', async () => {
    const one = await verified();
    const other = one.elsewhere();
    expectStatus(200, await other.verifyByPhone());
    const apps = [];
    for (const person of [one, other]) apps.push(new AuthenticatorApp((await person.post(ENROLL)).body.secret, clock));
    const codes = await Promise.all(apps.map((app) => app.next()));
    const replies = await Promise.all([one, other].map((person, i) => person.post(CONFIRM, { code: codes[i] })));
    expect(countOutcomes(replies)).toEqual({ '201': 1, '403 STEP_UP_REQUIRED': 1 });
    expect(replies.find(({ status }) => status === 403)?.body.methods).toContain('totp');
  });

  test.each(MANAGING)(
    'a code by phone alone does not allow anybody %s once there is an app, but a code from the app does',
    async (_, act) => {
      const { owner, app } = await withApp(deployment, clock, newNumber());
      const thief = owner.elsewhere();
      expectStatus(200, await thief.verifyByPhone());
      const reply = await act(thief);
      expect([reply.status, reply.body.code, reply.body.methods]).toEqual([
        403,
        'STEP_UP_REQUIRED',
        ['totp', 'recovery-code'],
      ]);
      expectStatus(200, await thief.verifyByApp(await app.next()));
      expect((await act(thief)).status).not.toBe(403);
    },
  );

  test.each(MANAGING)('nobody is allowed %s without a session', async (_, act) => {
    expect(outcomeOf(await act(new Owner(deployment, newNumber())))).toBe('401 NO_SESSION');
  });

  test('an enrollment ends after ten minutes', async () => {
    const owner = await verified();
    const app = new AuthenticatorApp((await owner.post(ENROLL)).body.secret, clock);
    await clock.pass(10 * MINUTE_MS);
    expect(outcomeOf(await owner.post(CONFIRM, { code: await app.next() }))).toBe('400 CEREMONY_NOT_FOUND');
  });

  test.each([['x'.repeat(65)], ['two\nlines'], ['']])('the name %j is refused', async (name) => {
    const owner = await verified();
    await owner.post(ENROLL);
    expect(outcomeOf(await owner.post(CONFIRM, { code: '123456', name }))).toBe('400 INVALID_REQUEST');
  });

  test('secrets stay out of the log', async () => {
    const { app, recoveryCodes } = await withApp(deployment, clock, newNumber());
    const { output } = deployment.apps[0] ?? { output: '' };
    for (const secret of [...recoveryCodes, app.at(app.step)]) expect(output).not.toContain(secret);
  });
});

describe('without a database', () => {
  const { withApp: withServer } = useSimulator();
  test('none of the routes for factors exists', async () => {
    await withServer({}, async (app) => {
      const replies = [
        await app.post(ENROLL, {}),
        await app.post(CONFIRM, { code: '123456' }),
        await app.post('/api/totp/verify', { phoneNumber: newNumber(), code: '123456' }),
        await app.post('/api/recovery-codes', {}),
        await app.post('/api/recovery-codes/verify', { phoneNumber: newNumber(), code: '123456' }),
        await app.get('/api/factors'),
        await app.request('/api/factors/one', { method: 'DELETE' }),
        await app.post('/api/factors/reset', {}),
      ];
      expect(countOutcomes(replies)).toEqual({ '404 NOT_FOUND': 8 });
    });
  });
});
