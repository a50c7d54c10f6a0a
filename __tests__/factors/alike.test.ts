import crypto from 'node:crypto';
import path from 'node:path';
import type { Reply } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { newAddress, Person } from '@/__tests__/support/person';
import { describeInMemory, PRIVACY_KEY } from '@/__tests__/support/set-ups';
import { makePrivacyKey } from '@/lib/config/keys';
import { RECOVERY_CODE } from '@/lib/methods/recovery-code/verify';
import { newSecret } from '@/lib/methods/totp/code';
import { TOTP } from '@/lib/methods/totp/verify';
import { createPrivacy } from '@/lib/privacy';
import type { Account, FactorStore, NewFactor } from '@/lib/store/factors';
import type { Database } from '@/lib/store/sql/database';
import { createFactorStore, createLazyFactorStore } from '@/lib/store/sql/factor-store';
import { openSqlite } from '@/lib/store/sql/sqlite';
import { Clock, expectStatus, newDataDir, Owner, withApp } from './owner';

const TOKEN = 'a-token-of-the-metrics-in-this-test';
const WRONG_RECOVERY_CODE = '0000-0000-0000-0000';

/** Operations that the server runs on its own. */
const UPKEEP: ReadonlySet<string> = new Set(['ping', 'keyUse', 'removeUnusedSince']);

const newFactor = () => ({ id: crypto.randomUUID(), name: 'Factor', createdAt: Date.now(), isSynced: false });
const newApp = (): NewFactor => ({ ...newFactor(), type: 'totp', secret: newSecret(), lastStep: 0 });

function newAccount(): Account {
  const now = Date.now();
  return {
    id: crypto.randomUUID(),
    phoneNumber: newNumber(),
    userHandle: crypto.randomBytes(32).toString('base64url'),
    phoneVerifiedAt: now,
    createdAt: now,
    lastUsedAt: now,
    sessionsSince: 0,
    resetAt: undefined,
  };
}

describeInMemory('a wrong code, a number without the factor and one without an account look alike', (setUp) => {
  const directory = newDataDir();
  const deployment = setUp.deploy({ DATA_DIR: directory, METRICS_TOKEN: TOKEN });
  const clock = new Clock(deployment);

  /** A number with a passkey, and no code that anybody could guess. */
  async function withPasskey(): Promise<string> {
    const store = createLazyFactorStore({ databaseUrl: undefined, dataDir: directory }, createPrivacy([PRIVACY_KEY]));
    const account = newAccount();
    await store.createAccount(account, {
      ...newFactor(),
      type: 'passkey',
      credentialId: crypto.randomUUID(),
      publicKey: '',
      counter: 0,
      transports: [],
    });
    await store.close();
    return account.phoneNumber;
  }

  function seenHeaders(headers: Headers): Record<string, string> {
    const { 'x-request-id': _id, date: _date, ...rest } = Object.fromEntries(headers);
    return rest;
  }

  /** Everything that a client sees. */
  const seen = ({ status, headers, body }: Reply): object => ({
    status,
    headers: seenHeaders(headers),
    cookies: headers.getSetCookie(),
    body,
  });

  /** How often each operation of the stores has run. */
  async function operations(): Promise<Record<string, number>> {
    const text = (await deployment.apps[0]?.metrics(TOKEN))?.text ?? '';
    const counts = text.matchAll(
      /^phone_verification_store_duration_seconds_count\{operation="(\w+)",[^}]*\} (\d+)$/gm,
    );
    return Object.fromEntries([...counts].map(([, name = '', count]) => [name, Number(count)]));
  }

  async function operationsOf(act: () => Promise<unknown>): Promise<Record<string, number>> {
    const before = await operations();
    await act();
    const after = Object.entries(await operations()).map(([name, count]) => [name, count - (before[name] ?? 0)]);
    return Object.fromEntries(after.filter(([name, count]) => count !== 0 && !UPKEEP.has(String(name))));
  }

  test.each([
    ['/api/totp/verify', '000000'],
    ['/api/recovery-codes/verify', WRONG_RECOVERY_CODE],
  ])('at %s', async (route, code) => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    const wrong = route.includes('totp') ? app.wrong() : code;
    const removed = await withApp(deployment, clock, newNumber());
    expectStatus(204, await removed.owner.remove(removed.id));

    const replies: object[] = [];
    const counted: object[] = [];
    for (const number of [owner.number, await withPasskey(), removed.owner.number, newNumber()]) {
      const guess = () => new Owner(deployment, number).post(route, { phoneNumber: number, code: wrong });
      counted.push(await operationsOf(async () => replies.push(seen(await guess()))));
    }
    for (const reply of replies) expect(reply).toEqual(replies[0]);
    expect(replies[0]).toMatchObject({ status: 400, body: { code: 'WRONG_CODE' } });
    for (const count of counted) expect(count).toEqual(counted[0]);
    expect(counted[0]).toMatchObject({ findAccount: 1, reserve: 1 });
  });

  test('at /api/recovery-codes/verify while the number is locked', async () => {
    const { owner } = await withApp(deployment, clock, newNumber());
    const removed = await withApp(deployment, clock, newNumber());
    expectStatus(204, await removed.owner.remove(removed.id));

    const replies: object[] = [];
    const counted: object[] = [];
    for (const number of [owner.number, await withPasskey(), removed.owner.number, newNumber()]) {
      await new Person(deployment, newAddress()).guess(number, 10);
      const guess = () => new Owner(deployment, number).verifyByRecoveryCode(WRONG_RECOVERY_CODE);
      counted.push(
        await operationsOf(async () => {
          const { status, headers, body } = await guess();
          expect(body.retryAfterSeconds).toBeGreaterThan(3500);
          const { 'retry-after': _seconds, ...rest } = seenHeaders(headers);
          replies.push({ status, headers: rest, body: { ...body, retryAfterSeconds: 0 } });
        }),
      );
    }
    for (const reply of replies) expect(reply).toEqual(replies[0]);
    expect(replies[0]).toMatchObject({ status: 429, body: { code: 'NUMBER_LOCKED' } });
    for (const count of counted) expect(count).toEqual(counted[0]);
    expect(counted[0]).toMatchObject({ findAccount: 1, reserve: 2, useRecoveryCode: 1 });
  });
});

describe('a wrong code takes the same work for every account', () => {
  const statements: string[] = [];
  let store: FactorStore;
  const directory = newDataDir();
  beforeAll(async () => {
    const database = await openSqlite(path.join(directory, 'alike'));
    const counting: Database = {
      ...database,
      all: (sql, params) => {
        statements.push(sql);
        return database.all(sql, params);
      },
      batch: (batch) => {
        statements.push(...batch.map(({ sql }) => sql));
        return database.batch(batch);
      },
    };
    store = createFactorStore(counting, createPrivacy([makePrivacyKey()]));
  });
  afterAll(() => store.close());

  async function account(apps: number, recoveryCodes: readonly string[]): Promise<string> {
    const account = newAccount();
    const { id } = account;
    await store.createAccount(account, newApp());
    for (let i = 1; i < apps; i += 1) await store.addFactor(account, newApp(), { most: 5 });
    if (recoveryCodes.length > 0) await store.replaceRecoveryCodes(account, recoveryCodes);
    return id;
  }

  test('for apps: the same number of computed codes, and the same statements', async () => {
    const accounts = [await account(1, []), await account(5, []), crypto.randomUUID()];
    const hmac = jest.spyOn(crypto, 'createHmac');
    const work = [];
    for (const id of accounts) {
      statements.length = 0;
      hmac.mockClear();
      const use = await TOTP.prepare(store, id, '0'.repeat(6));
      await use();
      work.push({ statements: [...statements], codes: hmac.mock.calls.length });
    }
    hmac.mockRestore();
    expect(work).toEqual(Array(3).fill({ statements: [expect.any(String)], codes: 15 }));
  });

  test('for recovery codes: the same statements', async () => {
    const accounts = [await account(1, ['0123456789ABCDEF']), await account(1, []), crypto.randomUUID()];
    const work = [];
    for (const id of accounts) {
      statements.length = 0;
      const use = await RECOVERY_CODE.prepare(store, id, '0'.repeat(16));
      expect(await use()).toBe(false);
      work.push([...statements]);
    }
    expect(work[0]).toHaveLength(3);
    for (const one of work) expect(one).toEqual(work[0]);
  });
});
