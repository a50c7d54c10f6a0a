import { decodeJwt } from 'jose';
import { newTotp } from '@/__tests__/support/factor-records';
import { newNumber } from '@/__tests__/support/person';
import { AppError } from '@/lib/errors';
import { removeFactor } from '@/lib/methods/manage-factors';
import { makeRecoveryCodes } from '@/lib/methods/recovery-code/make';
import { fromBase32 } from '@/lib/methods/totp/base32';
import { codeOf, stepAt } from '@/lib/methods/totp/code';
import { beginTotp, confirmTotp } from '@/lib/methods/totp/enroll';
import { createRequestNotes } from '@/lib/observability/request-log';
import type { FactorStore } from '@/lib/store/factors';
import { requireManager } from '@/lib/verification/account';
import { addFactor } from '@/lib/verification/add-factor';
import { takeGuess } from '@/lib/verification/guess';
import { Client, DAY, MINUTE, TestServer } from './client';

const START = Date.UTC(2027, 0, 1);
const wait = (ms: number) => jest.setSystemTime(Date.now() + ms);
const seconds = (at: number) => Math.floor(at / 1000);

let server: TestServer;
beforeAll(() => {
  jest.useFakeTimers({ now: START, doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'performance'] });
  server = new TestServer();
});
afterAll(async () => {
  await server.close();
  jest.useRealTimers();
});
/** Tests begin at a time that is not a whole second. */
beforeEach(() => wait(DAY + 123));

const SHOP = { program: { id: 'shop', rows: [] } };
const LOGIN = { login: { client: 'shop', interaction: 'one' } };

const claimsOf = ({ proof }: { proof: { jwt: string } }) => decodeJwt(proof.jwt);
/** Nobody wants events. */
const deployed = () => ({ ...server.dependencies, webhooks: undefined });
const manager = (client: Client) => requireManager(server.dependencies, client.sessionToken);

describe('a proof', () => {
  test('says that it comes from a code, and that it is restricted', async () => {
    const claims = claimsOf(await new Client(server).enterCode(newNumber()));
    const now = seconds(Date.now());
    expect(claims).toMatchObject({ amr: ['otp', 'sms'], acr: 'restricted', auth_time: now, phone_verified_at: now });
    expect(claims).not.toHaveProperty('acct');
    expect(claims).not.toHaveProperty('stronger');
  });

  test('names the factors that the number has, each kind once, and not the account, if it comes from a code', async () => {
    const number = newNumber();
    await server.enroll(number, 'passkey', 'passkey', 'totp');
    const claims = claimsOf(await new Client(server).enterCode(number, { method: 'voice' }));
    expect(claims).toMatchObject({ amr: ['otp', 'tel'], acr: 'restricted', stronger: ['passkey', 'totp'] });
    expect(claims).not.toHaveProperty('acct');
  });

  test.each([
    ['passkey', ['pop', 'user', 'mfa'], 'phr'],
    ['totp', ['otp'], 'otp'],
    ['recovery-code', ['otp'], 'otp'],
  ] as const)('names the account, and when a code last came, if it comes from a %s', async (method, amr, acr) => {
    const account = await server.enroll(newNumber(), 'passkey');
    wait(3 * DAY);
    const claims = claimsOf(await new Client(server).useFactor(account, method));
    expect(claims).toMatchObject({
      amr,
      acr,
      acct: account.id,
      auth_time: seconds(Date.now()),
      phone_verified_at: seconds(account.phoneVerifiedAt),
    });
    expect(claims).not.toHaveProperty('stronger');
  });

  test('has nothing that a session keeps besides it', async () => {
    const client = new Client(server);
    await client.useFactor(await server.enroll(newNumber(), 'passkey'), 'passkey');
    const { proof } = await client.session();
    expect(proof.split(' ')).toHaveLength(1);
    expect(Object.keys(decodeJwt(proof))).not.toContain('sessionsSince');
  });
});

describe('evidence that the number is still the same person’s', () => {
  test('never comes from a code alone', async () => {
    const account = await server.enroll(newNumber(), 'passkey');
    wait(DAY);
    await new Client(server).enterCode(account.phoneNumber);
    expect((await server.stateOf(account.phoneNumber)).account.phoneVerifiedAt).toBe(account.phoneVerifiedAt);
  });

  test('comes from a factor after a code, in one session', async () => {
    const account = await server.enroll(newNumber(), 'passkey');
    wait(100 * DAY);
    const client = new Client(server);
    await client.enterCode(account.phoneNumber);
    const codeAt = Date.now();
    wait(MINUTE);
    expect(claimsOf(await client.useFactor(account, 'passkey'))).toMatchObject({
      acr: 'phr',
      auth_time: seconds(Date.now()),
      phone_verified_at: seconds(codeAt),
    });
    expect(seconds((await server.stateOf(account.phoneNumber)).account.phoneVerifiedAt)).toBe(seconds(codeAt));
  });

  test('comes from a code after a factor, in one session', async () => {
    const account = await server.enroll(newNumber(), 'totp');
    const client = new Client(server);
    await client.useFactor(account, 'totp');
    const usedAt = Date.now();
    wait(2 * MINUTE);
    expect(claimsOf(await client.enterCode(account.phoneNumber))).toMatchObject({
      amr: ['otp', 'sms'],
      acr: 'otp',
      acct: account.id,
      auth_time: seconds(usedAt),
      phone_verified_at: seconds(Date.now()),
    });
    expect((await server.stateOf(account.phoneNumber)).account.phoneVerifiedAt).toBe(Date.now());
  });

  test('does not come from a code for another number, or in another session', async () => {
    const account = await server.enroll(newNumber(), 'passkey');
    wait(46 * DAY);
    const client = new Client(server);
    await client.enterCode(newNumber());
    await expect(client.useFactor(account, 'passkey')).rejects.toMatchObject({ code: 'NUMBER_STALE' });
    await new Client(server).enterCode(account.phoneNumber);
    await expect(new Client(server).useFactor(account, 'passkey')).rejects.toMatchObject({ code: 'NUMBER_STALE' });
    expect((await server.stateOf(account.phoneNumber)).account.phoneVerifiedAt).toBe(account.phoneVerifiedAt);
  });

  test('does not come from a code before the factor if the session has ended since', async () => {
    const account = await server.enroll(newNumber(), 'passkey');
    wait(46 * DAY);
    const client = new Client(server);
    await client.enterCode(account.phoneNumber);
    wait(15 * MINUTE);
    await expect(client.useFactor(account, 'passkey')).rejects.toMatchObject({ code: 'NUMBER_STALE' });
  });
});

describe('a factor of a number that no code confirmed for too long', () => {
  async function stale(asker: ConstructorParameters<typeof Client>[1] = {}) {
    const account = await server.enroll(newNumber(), 'passkey', 'totp');
    wait(45 * DAY + 1);
    const client = new Client(server, asker);
    await expect(client.useFactor(account, 'passkey')).rejects.toMatchObject({ code: 'NUMBER_STALE' });
    expect(client.sessionToken).toBeUndefined();
    return { account, client };
  }

  test('is completed by a code, with the factor’s strength and time', async () => {
    const { account, client } = await stale();
    const usedAt = Date.now();
    wait(5 * MINUTE);
    const claims = claimsOf(await client.enterCode(account.phoneNumber));
    expect(claims).toMatchObject({
      amr: ['pop', 'user', 'mfa', 'otp', 'sms'],
      acr: 'phr',
      acct: account.id,
      auth_time: seconds(usedAt),
      exp: seconds(usedAt) + 15 * 60,
    });
    expect((await manager(client)).state?.account.phoneVerifiedAt).toBe(Date.now());
    // From then on the factor alone will do.
    await new Client(server).useFactor((await server.stateOf(account.phoneNumber)).account, 'passkey');
  });

  test('is not completed by a code for another number', async () => {
    const { client } = await stale();
    const number = newNumber();
    expect((await client.enterCode(number)).statement).toMatchObject({ acr: 'restricted', phoneNumber: number });
    const other = await server.enroll(newNumber(), 'passkey');
    const { statement } = await client.enterCode(other.phoneNumber);
    expect([statement.acr, statement.account]).toEqual(['restricted', undefined]);
  });

  test('is not completed after ten minutes', async () => {
    const { account, client } = await stale();
    wait(10 * MINUTE);
    const { statement } = await client.enterCode(account.phoneNumber);
    expect([statement.acr, statement.account, statement.stronger]).toEqual([
      'restricted',
      undefined,
      ['passkey', 'totp'],
    ]);
  });

  test('is not completed after a factor was removed, even within the same millisecond', async () => {
    const { account, client } = await stale();
    const [first] = (await server.stateOf(account.phoneNumber)).factors;
    wait(1);
    await server.dependencies.factors.removeFactor(account, first?.id ?? '', Date.now());
    expect((await client.enterCode(account.phoneNumber)).statement.acr).toBe('restricted');
  });

  test('is not completed with a changed token', async () => {
    const { account, client } = await stale();
    const token = client.factorToken ?? '';
    for (const given of [token.slice(0, -1), `${token}A`, token.replace(/.$/, 'A'), token.replace(/^./, 'A')]) {
      if (given === token) continue;
      client.factorToken = given;
      expect((await client.enterCode(account.phoneNumber)).statement.acr).toBe('restricted');
      client.sessionToken = undefined;
    }
  });

  test.each([
    ['the page', SHOP, {}],
    ['another program', SHOP, { program: { id: 'bank', rows: [] } }],
    ['a login', {}, LOGIN],
    ['another login', LOGIN, { login: { client: 'shop', interaction: 'other' } }],
    ['a program whose id is that of the application', LOGIN, SHOP],
  ])('is not completed by %s that did not begin it', async (_, beginner, other) => {
    const { account, client } = await stale(beginner);
    const thief = new Client(server, other);
    thief.factorToken = client.factorToken;
    const { statement } = await thief.enterCode(account.phoneNumber);
    expect([statement.acr, statement.account]).toEqual(['restricted', undefined]);
  });
});

describe('a code in a session that a factor opened', () => {
  test('does not prolong it', async () => {
    const account = await server.enroll(newNumber(), 'passkey');
    const client = new Client(server);
    await client.useFactor(account, 'passkey');
    const { expiresAt } = await client.session();
    for (let i = 0; i < 13; i += 1) {
      wait(MINUTE);
      await client.enterCode(account.phoneNumber);
      expect(await client.session()).toMatchObject({ acr: 'phr', account: account.id, expiresAt });
    }
  });

  test('speaks for itself in the last minute, when a proof of the factor would hardly be of use', async () => {
    const account = await server.enroll(newNumber(), 'passkey');
    const client = new Client(server);
    await client.useFactor(account, 'passkey');
    wait(14 * MINUTE + 1000);
    await client.enterCode(account.phoneNumber);
    const { acr, account: id, expiresAt } = await client.session();
    expect([acr, id, seconds(expiresAt.getTime())]).toEqual(['restricted', undefined, seconds(Date.now()) + 15 * 60]);
  });

  test('speaks for itself if it is for another number', async () => {
    const account = await server.enroll(newNumber(), 'passkey');
    const client = new Client(server);
    await client.useFactor(account, 'passkey');
    const { statement } = await client.enterCode(newNumber());
    expect([statement.acr, statement.account, statement.stronger]).toEqual(['restricted', undefined, undefined]);
  });

  test.each([
    ['takes its strength if the login would accept the session', 180, 'phr'],
    ['speaks for itself if the login accepts only younger sessions', 100, 'restricted'],
    ['speaks for itself if the login accepts no earlier session', undefined, 'restricted'],
  ])('%s', async (_, maxAgeSeconds, acr) => {
    const account = await server.enroll(newNumber(), 'passkey');
    const client = new Client(server);
    await client.useFactor(account, 'passkey');
    const inLogin = new Client(server, { login: { client: 'shop', interaction: 'one', maxAgeSeconds } });
    inLogin.sessionToken = client.sessionToken;
    wait(2 * MINUTE);
    expect((await inLogin.enterCode(account.phoneNumber)).statement.acr).toBe(acr);
  });
});

describe('the factors of a number', () => {
  test('can begin in a session with a code, and then the session manages the account', async () => {
    const number = newNumber();
    const client = new Client(server);
    await client.enterCode(number);
    expect(await manager(client)).toMatchObject({ state: undefined, replaces: undefined });
    const { expiresAt } = await client.session();
    wait(MINUTE);
    const account = await server.enroll(number, 'passkey');
    await expect(manager(client)).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' });
    await client.renew(account);
    expect(await manager(client)).toMatchObject({ state: { account: { id: account.id } } });
    expect(await client.session()).toMatchObject({ acr: 'restricted', account: account.id, expiresAt });
  });

  test('are never managed by a session with a code alone', async () => {
    const account = await server.enroll(newNumber(), 'passkey', 'totp');
    await server.dependencies.factors.replaceRecoveryCodes(account, ['one']);
    const client = new Client(server);
    const { stepUp } = await client.enterCode(account.phoneNumber);
    const methods = ['passkey', 'totp', 'recovery-code'];
    expect(stepUp).toEqual(methods);
    await expect(manager(client)).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED', details: { methods } });
  });

  test('cannot be managed by older sessions after a removal within the same millisecond', async () => {
    const account = await server.enroll(newNumber(), 'passkey', 'totp');
    wait(MINUTE);
    const [thief, owner] = [new Client(server), new Client(server)];
    await thief.useFactor(account, 'totp');
    await owner.useFactor(account, 'passkey');
    const { factors } = await server.stateOf(account.phoneNumber);
    await server.dependencies.factors.removeFactor(account, factors[1]?.id ?? '', Date.now());
    await owner.renew({ id: account.id, sessionsSince: Date.now() });
    await expect(manager(thief)).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' });
    // A code in the thief's session does not help, and a use that was in flight during the removal does not either.
    expect((await thief.enterCode(account.phoneNumber)).statement.account).toBeUndefined();
    await thief.useFactor(account, 'totp');
    await expect(manager(thief)).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' });
    expect((await manager(owner)).state?.factors).toHaveLength(1);
  });

  test('are not added to by an enrollment that was in flight during a removal', async () => {
    const account = await server.enroll(newNumber(), 'passkey', 'totp');
    const [thief, owner] = [new Client(server), new Client(server)];
    for (const client of [thief, owner]) await client.useFactor(account, 'passkey');
    const checked = await manager(thief);
    const { factors } = await server.stateOf(account.phoneNumber);
    const log = createRequestNotes();
    await removeFactor(deployed(), factors[1]?.id ?? '', owner.caller, log);
    const added = addFactor(deployed(), checked, newTotp(), thief.caller, log, { onAdded: () => undefined });
    await expect(added).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED', details: { methods: ['passkey'] } });
    expect((await server.stateOf(account.phoneNumber)).factors).toHaveLength(1);
  });

  test('are not removed by a session that a removal has just outdated', async () => {
    const account = await server.enroll(newNumber(), 'passkey', 'totp', 'totp');
    const [thief, owner] = [new Client(server), new Client(server)];
    for (const client of [thief, owner]) await client.useFactor(account, 'passkey');
    const [passkey, totp] = (await server.stateOf(account.phoneNumber)).factors;
    const log = createRequestNotes();
    const { factors } = server.dependencies;
    // The owner is quicker than the thief, whose session was already checked.
    const late: FactorStore = {
      ...factors,
      async removeFactor(...asked) {
        await removeFactor(deployed(), totp?.id ?? '', owner.caller, log);
        return factors.removeFactor(...asked);
      },
    };
    const removed = removeFactor({ ...deployed(), factors: late }, passkey?.id ?? '', thief.caller, log);
    await expect(removed).rejects.toMatchObject({
      code: 'STEP_UP_REQUIRED',
      details: { methods: ['passkey', 'totp'] },
    });
    expect((await server.stateOf(account.phoneNumber)).factors.map(({ type }) => type)).toEqual(['passkey', 'totp']);
  });

  test('outdate older sessions when they are removed, whatever the clock says', async () => {
    const account = await server.enroll(newNumber(), 'passkey', 'totp', 'totp');
    const owner = new Client(server);
    await owner.useFactor(account, 'passkey');
    const [, first, second] = (await server.stateOf(account.phoneNumber)).factors;
    const log = createRequestNotes();
    wait(-MINUTE);
    for (const factor of [first, second]) {
      const before = owner.sessionToken;
      owner.sessionToken = (await removeFactor(deployed(), factor?.id ?? '', owner.caller, log)).sessionToken;
      expect(owner.sessionToken).not.toBe(before);
    }
    const since = (await server.stateOf(account.phoneNumber)).account.sessionsSince;
    expect(since).toBe(account.sessionsSince + 2);
    wait(MINUTE);
  });

  test('need a code in the session to begin again after the last one was removed', async () => {
    const account = await server.enroll(newNumber(), 'passkey');
    const client = new Client(server);
    await client.useFactor(account, 'passkey');
    const { factors } = await server.stateOf(account.phoneNumber);
    await server.dependencies.factors.removeFactor(account, factors[0]?.id ?? '', Date.now());
    await client.renew(undefined);
    expect((await client.session()).account).toBeUndefined();
    await expect(manager(client)).rejects.toMatchObject({ code: 'NO_SESSION' });
    await client.enterCode(account.phoneNumber);
    expect((await manager(client)).state).toBeUndefined();
  });

  test('can be replaced by a session with a code while a reset is open', async () => {
    const account = await server.enroll(newNumber(), 'passkey');
    await server.dependencies.factors.requestReset(account.id, Date.now() + 7 * DAY, Date.now());
    const replacesAt = async () => {
      const client = new Client(server);
      await client.enterCode(account.phoneNumber);
      return (await manager(client).catch(() => undefined))?.replaces;
    };
    wait(7 * DAY - 1);
    expect(await replacesAt()).toBeUndefined();
    wait(1);
    expect(await replacesAt()).toBe(account.id);
    wait(7 * DAY - 1);
    expect(await replacesAt()).toBe(account.id);
    wait(1);
    expect(await replacesAt()).toBeUndefined();
  });
});

test('an outage of the database after the right code costs nobody the code', async () => {
  const account = await server.enroll(newNumber(), 'passkey');
  const factors = server.connect();
  const client = new Client({ dependencies: { ...server.dependencies, factors } });
  await client.useFactor(account, 'passkey');
  wait(MINUTE);
  const at = Date.now();
  await client.enterCode(account.phoneNumber, { meanwhile: () => factors.close() });
  expect(await client.session()).toMatchObject({ acr: 'phr', channel: 'sms' });
  expect((await server.stateOf(account.phoneNumber)).account.phoneVerifiedAt).toBe(account.phoneVerifiedAt);
  // The next use of a factor in the session tells the account what the outage prevented.
  const later = new Client(server);
  later.sessionToken = client.sessionToken;
  await later.useFactor(account, 'passkey');
  expect(seconds((await server.stateOf(account.phoneNumber)).account.phoneVerifiedAt)).toBe(seconds(at));
});

test('an app that was added is not lost with an outage before its recovery codes', async () => {
  const [number, client, log] = [newNumber(), new Client(server), createRequestNotes()];
  await client.enterCode(number);
  const { secret, ceremony } = await beginTotp(server.dependencies, client.caller, log);
  const failing: FactorStore = {
    ...server.dependencies.factors,
    replaceRecoveryCodes: async () => {
      throw new AppError('STORE_UNAVAILABLE');
    },
  };
  const code = codeOf(fromBase32(secret), stepAt(Date.now()));
  const dependencies = { ...deployed(), factors: failing };
  const added = await confirmTotp(dependencies, { code, ceremony }, client.caller, log);
  expect(added).toMatchObject({ factor: { type: 'totp' }, recoveryCodes: undefined });
  client.sessionToken = added.session.sessionToken;
  expect(await makeRecoveryCodes(server.dependencies, client.caller, log)).toHaveLength(10);
});

test('guesses that nobody could check because of an outage count for nobody', async () => {
  const client = new Client(server);
  const guess = { subject: newNumber(), isKnown: true, isUnguessable: false, onLock: () => undefined };
  const guessing = (use: () => Promise<boolean>) =>
    takeGuess(server.dependencies, { ...guess, use }, client.caller, createRequestNotes());
  for (let i = 0; i < 12; i += 1) {
    const outage = guessing(async () => {
      throw new AppError('STORE_UNAVAILABLE');
    });
    await expect(outage).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  }
  await guessing(async () => true);
});

test('a removal that happens while Infobip checks the code counts', async () => {
  const account = await server.enroll(newNumber(), 'passkey', 'totp');
  const client = new Client(server);
  await client.useFactor(account, 'totp');
  wait(MINUTE);
  const { factors } = await server.stateOf(account.phoneNumber);
  await client.enterCode(account.phoneNumber, {
    meanwhile: () => server.dependencies.factors.removeFactor(account, factors[1]?.id ?? '', Date.now()),
  });
  await expect(manager(client)).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' });
});
