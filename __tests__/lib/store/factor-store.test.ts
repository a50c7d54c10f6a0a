import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import { describeDatabases, useEmbedded } from '@/__tests__/support/factor-databases';
import { AT, newAccount, newPasskey, newTotp } from '@/__tests__/support/factor-records';
import { newNumber } from '@/__tests__/support/numbers';
import { type Account, type FactorStore, type NewFactor, RESET_OPEN_MS } from '@/lib/store/factors';

const MOST = { most: 10 };

describeDatabases('a store of factors', (database) => {
  let store: FactorStore;
  beforeAll(() => {
    store = database.open();
  });

  async function withAccount(factor: NewFactor = newPasskey(), more: Partial<Account> = {}) {
    const account = newAccount(more);
    expect(await store.createAccount(account, factor)).toBe('created');
    return account;
  }

  test('an account is found by its number, its id and its passkey', async () => {
    const passkey = newPasskey();
    const account = await withAccount(passkey);
    const factor = {
      id: passkey.id,
      type: 'passkey',
      name: 'Laptop',
      createdAt: AT,
      lastUsedAt: undefined,
      isSynced: true,
    };
    const state = { account, factors: [factor], recoveryCodesLeft: 0 };
    expect(await store.findAccount(account.phoneNumber)).toEqual(state);
    expect(await store.findAccountById(account.id)).toEqual(state);
    expect(await store.findPasskey(passkey.credentialId)).toEqual({
      account,
      passkey: { ...passkey, lastUsedAt: undefined },
    });
    expect(await store.findCredentials(account.id)).toEqual([
      { credentialId: passkey.credentialId, transports: ['internal', 'hybrid'] },
    ]);
    expect(await store.describe(account.phoneNumber)).toEqual({ ...state, isUnderOldKey: false });
  });

  test('nothing is found of a number, an account and a credential that nobody has added', async () => {
    expect(await store.findAccount(newNumber())).toBeUndefined();
    expect(await store.findAccountById(randomUUID())).toBeUndefined();
    expect(await store.findPasskey('unknown')).toBeUndefined();
    expect(await store.findCredentials(randomUUID())).toEqual([]);
    expect(await store.findTotps(randomUUID())).toEqual([]);
  });

  test('an authenticator app keeps its secret and its last step', async () => {
    const totp = newTotp();
    const account = await withAccount(totp);
    expect(await store.findTotps(account.id)).toEqual([{ ...totp, lastUsedAt: undefined }]);
  });

  test('a number has one account', async () => {
    const { phoneNumber } = await withAccount();
    expect(await store.createAccount(newAccount({ phoneNumber }), newPasskey())).toBe('exists');
  });

  test('a credential belongs to one account', async () => {
    const passkey = newPasskey();
    await withAccount(passkey);
    const again = newAccount();
    expect(await store.createAccount(again, { ...passkey, id: randomUUID() })).toBe('duplicate');
    expect(await store.findAccount(again.phoneNumber)).toBeUndefined();
    const other = await withAccount();
    expect(await store.addFactor(other, { ...passkey, id: randomUUID() }, MOST)).toBe('duplicate');
  });

  test('an account gets as many factors of a type as its cap allows', async () => {
    const account = await withAccount();
    expect(await store.addFactor(account, newPasskey({ createdAt: AT + 1 }), { most: 2 })).toBe('added');
    expect(await store.addFactor(account, newPasskey(), { most: 2 })).toBe('full');
    expect(await store.addFactor(account, newTotp({ createdAt: AT + 2 }), { most: 1 })).toBe('added');
    expect(await store.addFactor(newAccount(), newTotp(), MOST)).toBe('outdated');
    const state = await store.findAccountById(account.id);
    expect(state?.factors.map(({ type }) => type)).toEqual(['passkey', 'passkey', 'totp']);
  });

  test('the removal of a factor ends what older sessions may manage, and with the last one the account goes', async () => {
    const [first, second] = [newPasskey(), newTotp()];
    const account = await withAccount(first);
    await store.addFactor(account, second, MOST);
    expect(await store.removeFactor(account, randomUUID(), AT + 5)).toBe(false);
    expect((await store.findAccountById(account.id))?.account.sessionsSince).toBe(AT);
    expect(await store.removeFactor(account, first.id, AT + 5)).toBe(true);
    expect(await store.findPasskey(first.credentialId)).toBeUndefined();
    expect((await store.findAccountById(account.id))?.account.sessionsSince).toBe(AT + 5);
    const since = { ...account, sessionsSince: AT + 5 };
    await store.replaceRecoveryCodes(since, ['a']);
    expect(await store.removeFactor(since, second.id, AT + 6)).toBe(true);
    expect(await store.findAccount(account.phoneNumber)).toBeUndefined();
    expect(await store.useRecoveryCode(account.id, 'a', AT)).toBe(false);
  });

  test('a session that began before a removal can no longer change anything', async () => {
    const [first, second, third] = [newPasskey(), newPasskey(), newTotp()];
    const account = await withAccount(first);
    for (const factor of [second, third]) await store.addFactor(account, factor, MOST);
    await store.replaceRecoveryCodes(account, ['code']);
    expect(await store.removeFactor(account, first.id, AT + 5)).toBe(true);
    const before = await store.findAccountById(account.id);
    expect(await store.addFactor(account, newPasskey(), MOST)).toBe('outdated');
    // This also holds within the same millisecond.
    expect(await store.removeFactor(account, second.id, AT + 5)).toBe(false);
    expect(await store.removeFactor(account, third.id, AT + 6)).toBe(false);
    expect(await store.replaceRecoveryCodes(account, ['other'])).toBe(false);
    expect(await store.findAccountById(account.id)).toEqual(before);
    expect(await store.useRecoveryCode(account.id, 'code', AT)).toBe(true);
  });

  test('nobody removes the factor of another account', async () => {
    const passkey = newPasskey();
    await withAccount(passkey);
    const other = await withAccount();
    expect(await store.removeFactor(other, passkey.id, AT + 1)).toBe(false);
    expect(await store.findPasskey(passkey.credentialId)).toBeDefined();
  });

  test('the counter of a passkey only rises, unless the authenticator does not count', async () => {
    const passkey = newPasskey();
    const account = await withAccount(passkey);
    const use = (counter: number, at = AT + 1) => store.usePasskey(passkey.id, { counter, isSynced: false, at });
    expect(await use(0)).toBe(true);
    expect(await use(0)).toBe(true);
    expect(await use(4_294_967_295, AT + 9)).toBe(true);
    expect(await use(4_294_967_295)).toBe(false);
    expect(await use(0)).toBe(false);
    const found = await store.findPasskey(passkey.credentialId);
    expect(found?.passkey).toMatchObject({ counter: 4_294_967_295, isSynced: false, lastUsedAt: AT + 9 });
    expect(found?.account).toMatchObject({ id: account.id, lastUsedAt: AT + 9 });
    expect(await store.usePasskey(randomUUID(), { counter: 1, isSynced: false, at: AT })).toBe(false);
  });

  test('a time step is used once, and takes the earlier ones with it', async () => {
    const totp = newTotp();
    const account = await withAccount(totp);
    expect(await store.useTotpStep(totp.id, 100, AT + 1)).toBe(false);
    expect(await store.useTotpStep(totp.id, 102, AT + 1)).toBe(true);
    expect(await store.useTotpStep(totp.id, 102, AT + 2)).toBe(false);
    expect(await store.useTotpStep(totp.id, 101, AT + 2)).toBe(false);
    expect(await store.findTotps(account.id)).toMatchObject([{ lastStep: 102, lastUsedAt: AT + 1 }]);
  });

  test('a recovery code is used once, until new ones replace all', async () => {
    const account = await withAccount();
    expect(await store.useRecoveryCode(account.id, 'one', AT)).toBe(false);
    expect(await store.replaceRecoveryCodes(account, ['one', 'two', 'three'])).toBe(true);
    expect(await store.useRecoveryCode(account.id, 'four', AT)).toBe(false);
    expect(await store.useRecoveryCode(account.id, 'one', AT + 3)).toBe(true);
    expect(await store.useRecoveryCode(account.id, 'one', AT + 4)).toBe(false);
    expect(await store.findAccountById(account.id)).toMatchObject({
      account: { lastUsedAt: AT + 3 },
      recoveryCodesLeft: 2,
    });
    expect(await store.replaceRecoveryCodes(account, ['four'])).toBe(true);
    expect(await store.useRecoveryCode(account.id, 'two', AT)).toBe(false);
    expect(await store.useRecoveryCode(account.id, 'four', AT)).toBe(true);
    expect(await store.replaceRecoveryCodes(newAccount(), ['five'])).toBe(false);
  });

  test.each<[string, (account: Account) => Promise<unknown>, NewFactor]>([
    [
      'a passkey',
      (account) =>
        store.findCredentials(account.id).then(async ([credential]) => {
          const found = await store.findPasskey(credential?.credentialId ?? '');
          return store.usePasskey(found?.passkey.id ?? '', { counter: 1, isSynced: true, at: AT + 1 });
        }),
      newPasskey(),
    ],
    [
      'an authenticator app',
      async (account) => {
        const [totp] = await store.findTotps(account.id);
        return store.useTotpStep(totp?.id ?? '', 200, AT + 1);
      },
      newTotp(),
    ],
    [
      'a recovery code',
      async (account) => {
        await store.replaceRecoveryCodes(account, ['code']);
        return store.useRecoveryCode(account.id, 'code', AT + 1);
      },
      newPasskey(),
    ],
  ])('the use of %s cancels a reset', async (_name, use, factor) => {
    const account = await withAccount(factor);
    expect(await store.requestReset(account.id, AT + 1000, AT)).toBe(AT + 1000);
    expect((await store.findAccountById(account.id))?.account.resetAt).toBe(AT + 1000);
    expect(await use(account)).toBe(true);
    expect((await store.findAccountById(account.id))?.account.resetAt).toBeUndefined();
  });

  test.each<[string, (account: Account, passkey: NewFactor) => Promise<unknown>, unknown]>([
    ['adding a factor', (account) => store.addFactor(account, newTotp(), MOST), 'added'],
    ['removing one of two factors', (account, { id }) => store.removeFactor(account, id, AT + 5), true],
    ['making new recovery codes', (account) => store.replaceRecoveryCodes(account, ['code']), true],
  ])('%s cancels a reset, unless another session has removed a factor meanwhile', async (_name, change, outcome) => {
    const passkey = newPasskey();
    const account = await withAccount(passkey);
    await store.addFactor(account, newPasskey(), MOST);
    await store.requestReset(account.id, AT + 1000, AT);
    await change({ ...account, sessionsSince: AT - 1 }, passkey);
    expect((await store.findAccountById(account.id))?.account.resetAt).toBe(AT + 1000);
    expect(await change(account, passkey)).toBe(outcome);
    expect((await store.findAccountById(account.id))?.account.resetAt).toBeUndefined();
  });

  test('a reset keeps its time until it lapses', async () => {
    const account = await withAccount();
    expect(await store.requestReset(account.id, AT + 1000, AT)).toBe(AT + 1000);
    expect(await store.requestReset(account.id, AT + 9000, AT + 500)).toBe(AT + 1000);
    expect(await store.requestReset(account.id, AT + 9000, AT + 999 + RESET_OPEN_MS)).toBe(AT + 1000);
    expect(await store.requestReset(account.id, AT + 9000, AT + 1000 + RESET_OPEN_MS)).toBe(AT + 9000);
    expect(await store.requestReset(randomUUID(), AT + 1, AT)).toBeUndefined();
  });

  test('a new account replaces one of the same number whose reset has taken effect', async () => {
    const old = await withAccount(newTotp());
    const { phoneNumber } = old;
    const successor = (createdAt: number) => newAccount({ phoneNumber, createdAt });
    await store.requestReset(old.id, AT + 1000, AT);
    expect(await store.createAccount(successor(AT + 999), newPasskey(), old.id)).toBe('exists');
    expect(await store.createAccount(successor(AT + 1000 + RESET_OPEN_MS), newPasskey(), old.id)).toBe('exists');
    expect(await store.createAccount(successor(AT + 1000), newPasskey())).toBe('exists');
    expect(await store.createAccount(newAccount({ createdAt: AT + 1000 }), newPasskey(), old.id)).toBe('created');
    expect(await store.findAccountById(old.id)).toBeDefined();
    const successful = successor(AT + 1000);
    expect(await store.createAccount(successful, newPasskey(), old.id)).toBe('created');
    expect(await store.findAccountById(old.id)).toBeUndefined();
    expect((await store.findAccount(phoneNumber))?.account.id).toBe(successful.id);
  });

  test('a confirmed number counts from then', async () => {
    const account = await withAccount();
    await store.confirmPhone(account.id, AT + 7);
    expect((await store.findAccountById(account.id))?.account).toMatchObject({
      phoneVerifiedAt: AT + 7,
      lastUsedAt: AT,
    });
  });

  test('a confirmation that comes late does not make the number look older', async () => {
    const account = await withAccount();
    await store.confirmPhone(account.id, AT + 7);
    await store.confirmPhone(account.id, AT + 6);
    expect((await store.findAccountById(account.id))?.account.phoneVerifiedAt).toBe(AT + 7);
  });

  test('a value is spent once', async () => {
    const id = randomUUID();
    expect(await store.spend(id, Date.now() + 60_000)).toBe(true);
    expect(await store.spend(id, Date.now() + 60_000)).toBe(false);
    expect(await store.spend(randomUUID(), Date.now() + 60_000)).toBe(true);
  });

  test('the next value that is spent removes expired ones', async () => {
    const id = randomUUID();
    await store.spend(id, Date.now() - 1);
    await store.spend(randomUUID(), Date.now() + 60_000);
    expect(await store.spend(id, Date.now() + 60_000)).toBe(true);
  });

  test('accounts that nobody uses are removed', async () => {
    const unused = await withAccount(newPasskey(), { lastUsedAt: AT - 1000 });
    const used = await withAccount();
    expect(await store.removeUnusedSince(AT)).toBe(1);
    expect(await store.findAccountById(unused.id)).toBeUndefined();
    expect(await store.findAccountById(used.id)).toBeDefined();
  });

  test('an erasure removes everything about a number', async () => {
    const account = await withAccount();
    const other = await withAccount();
    await store.addFactor(account, newTotp(), MOST);
    await store.replaceRecoveryCodes(account, ['one', 'two']);
    expect(await store.erase(account.phoneNumber)).toBe(5);
    expect(await store.erase(account.phoneNumber)).toBe(0);
    expect(await store.findAccount(account.phoneNumber)).toBeUndefined();
    expect(await store.findAccountById(other.id)).toBeDefined();
  });

  test('a ping finds the database', async () => {
    await expect(store.ping()).resolves.toBeUndefined();
  });
});

describe('the embedded database', () => {
  const database = useEmbedded();

  test('only its owner can read it', async () => {
    await database.open().ready();
    const folder = database.settings.dataDir ?? '';
    const modeOf = (file: string) => (statSync(path.join(folder, file)).mode & 0o777).toString(8);
    expect(['.', 'factors.db', 'factors.db-wal', 'factors.db-shm'].map(modeOf)).toEqual(['700', '600', '600', '600']);
  });
});
