import { randomUUID } from 'node:crypto';
import { describeDatabases, usePostgres } from '@/__tests__/support/factor-databases';
import { AT, newAccount, newPasskey, newTotp } from '@/__tests__/support/factor-records';
import { inParallel } from '@/__tests__/support/in-parallel';
import { newNumber } from '@/__tests__/support/numbers';
import { describeWithPostgres, TestPostgres } from '@/__tests__/support/postgres';
import { makePrivacyKey } from '@/lib/config/keys';
import { createPrivacy } from '@/lib/privacy';
import type { FactorStore } from '@/lib/store/factors';

const countOf = <T>(results: readonly T[], value: T) => results.filter((result) => result === value).length;

describeDatabases('parallel requests to two servers', (database) => {
  let servers: [FactorStore, FactorStore];
  beforeAll(() => {
    servers = [database.open(), database.open()];
  });
  /** Every other request goes to the second server. */
  const serverOf = (index: number) => servers[index % 2 === 0 ? 0 : 1];

  async function withAccount(factor = newTotp() as Parameters<FactorStore['createAccount']>[1]) {
    const account = newAccount();
    await servers[0].createAccount(account, factor);
    return account;
  }

  test('use the code from an authenticator app once', async () => {
    const totp = newTotp();
    await withAccount(totp);
    const used = await inParallel((index) => serverOf(index).useTotpStep(totp.id, 101, AT));
    expect(countOf(used, true)).toBe(1);
  });

  test('use a recovery code once', async () => {
    const account = await withAccount();
    await servers[0].replaceRecoveryCodes(account, ['one', 'two']);
    const used = await inParallel((index) => serverOf(index).useRecoveryCode(account.id, 'one', AT));
    expect(countOf(used, true)).toBe(1);
    expect((await servers[1].findAccountById(account.id))?.recoveryCodesLeft).toBe(1);
  });

  test('use the counter of a passkey once', async () => {
    const passkey = newPasskey({ counter: 5 });
    await withAccount(passkey);
    const use = { counter: 6, isSynced: true, at: AT };
    const used = await inParallel((index) => serverOf(index).usePasskey(passkey.id, use));
    expect(countOf(used, true)).toBe(1);
  });

  test('spend a value once', async () => {
    const id = randomUUID();
    const spent = await inParallel((index) => serverOf(index).spend(id, Date.now() + 60_000));
    expect(countOf(spent, true)).toBe(1);
  });

  test('create one account for a number', async () => {
    const phoneNumber = newNumber();
    const created = await inParallel((index) =>
      serverOf(index).createAccount(newAccount({ phoneNumber }), newPasskey()),
    );
    expect([countOf(created, 'created'), countOf(created, 'exists')]).toEqual([1, 19]);
  });

  test('create one account for a credential', async () => {
    const { credentialId } = newPasskey();
    const created = await inParallel((index) =>
      serverOf(index).createAccount(newAccount(), newPasskey({ credentialId })),
    );
    expect([countOf(created, 'created'), countOf(created, 'duplicate')]).toEqual([1, 19]);
  });

  test('add no more factors than the cap allows', async () => {
    const account = await withAccount();
    const added = await inParallel((index) => serverOf(index).addFactor(account, newPasskey(), { most: 10 }));
    expect([countOf(added, 'added'), countOf(added, 'full')]).toEqual([10, 10]);
    expect(await servers[0].findCredentials(account.id)).toHaveLength(10);
  });

  test('replace an account once', async () => {
    const old = await withAccount();
    const { phoneNumber } = old;
    await servers[0].requestReset(old.id, AT, AT);
    const created = await inParallel((index) =>
      serverOf(index).createAccount(newAccount({ phoneNumber }), newPasskey(), old.id),
    );
    expect([countOf(created, 'created'), countOf(created, 'exists')]).toEqual([1, 19]);
  });

  test('leave an account one set of recovery codes', async () => {
    const account = await withAccount();
    await inParallel((index) => serverOf(index).replaceRecoveryCodes(account, [`a${index}`, `b${index}`]));
    expect((await servers[0].findAccountById(account.id))?.recoveryCodesLeft).toBe(2);
  });

  test('remove, add and use factors of one account without waiting for each other', async () => {
    const passkeys = Array.from({ length: 5 }, () => newPasskey());
    const [first = newPasskey(), ...others] = passkeys;
    const account = await withAccount(first);
    for (const passkey of others) await servers[0].addFactor(account, passkey, { most: 10 });
    await servers[0].replaceRecoveryCodes(account, ['one']);
    const results = await inParallel(async (index) => {
      const server = serverOf(index);
      const { id } = passkeys[index % 5] ?? first;
      if (index < 5) return server.removeFactor(account, id, AT + 1);
      if (index < 10) return server.usePasskey(id, { counter: index, isSynced: true, at: AT });
      if (index < 14) return server.addFactor(account, newTotp(), { most: 10 });
      if (index < 18) return server.useRecoveryCode(account.id, 'one', AT);
      return server.erase(newNumber());
    });
    // The first removal outdates the sessions that the other removals and the additions rely on.
    expect(countOf(results.slice(0, 5), true)).toBe(1);
    const added = results.slice(10, 14);
    expect(countOf(added, 'added') + countOf(added, 'outdated')).toBe(4);
    const state = await servers[1].findAccountById(account.id);
    expect(state?.factors).toHaveLength(5 - 1 + countOf(added, 'added'));
  });
});

describeDatabases('two servers, one of which does not know the newest privacy key', (database) => {
  const [older, newer] = [makePrivacyKey(), makePrivacyKey()];

  test('create one account for a number', async () => {
    const servers = [database.open(createPrivacy([newer, older])), database.open(createPrivacy([older]))];
    for (let round = 0; round < 5; round += 1) {
      const phoneNumber = newNumber();
      const created = await inParallel(async (index) =>
        servers[index % 2]?.createAccount(newAccount({ phoneNumber }), newPasskey()),
      );
      expect([countOf(created, 'created'), countOf(created, 'exists')]).toEqual([1, 19]);
    }
  });

  test('never mistake a number that has an account for a new one', async () => {
    const [knowing, unknowing] = [database.open(createPrivacy([newer, older])), database.open(createPrivacy([older]))];
    const account = newAccount();
    expect(await knowing.createAccount(account, newPasskey())).toBe('created');
    await expect(unknowing.findAccount(account.phoneNumber)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    const again = newAccount({ phoneNumber: account.phoneNumber });
    expect(await unknowing.createAccount(again, newPasskey())).toBe('exists');
  });
});

describeWithPostgres('parallel requests to a PostgreSQL that isolates transactions more than it has to', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await TestPostgres.start();
  });
  afterAll(() => server.remove());
  const database = usePostgres(() => server);

  test('all get an answer', async () => {
    const name = new URL(database.settings.databaseUrl ?? '').pathname.slice(1);
    await server.query(`ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`);
    const store = database.open();
    const [account, totp] = [newAccount(), newTotp()];
    await store.createAccount(account, totp);
    const used = await inParallel(() => store.useTotpStep(totp.id, 101, AT));
    expect(countOf(used, true)).toBe(1);
    const added = await inParallel(() => store.addFactor(account, newPasskey(), { most: 10 }));
    expect(countOf(added, 'added')).toBe(10);
  });
});
