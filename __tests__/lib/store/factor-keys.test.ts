import { describeDatabases, useEmbedded } from '@/__tests__/support/factor-databases';
import { AT, newAccount, newPasskey, newTotp } from '@/__tests__/support/factor-records';
import { inParallel } from '@/__tests__/support/in-parallel';
import { makePrivacyKey } from '@/lib/config/keys';
import { createPrivacy } from '@/lib/privacy';

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const CODES = ['9QK3-XT7M-2RWD-HV5C', '4JNP-8YFB-ZG6S-KC2A'];

describeDatabases('the stored data', (database) => {
  test('reveals neither number nor secrets nor recovery codes', async () => {
    const store = database.open();
    const account = newAccount();
    await store.createAccount(account, newTotp({ secret: SECRET, name: 'A name in the clear' }));
    await store.addFactor(account, newPasskey(), { most: 10 });
    await store.replaceRecoveryCodes(account, CODES);
    const content = database.content();
    expect(content).toContain('A name in the clear');
    for (const secret of [account.phoneNumber.slice(1), SECRET, ...CODES]) expect(content).not.toContain(secret);
  });
});

describe('erased data of the embedded database', () => {
  const database = useEmbedded();

  test('is gone from its files, although servers are using them', async () => {
    const [store, other] = [database.open(), database.open()];
    const account = newAccount();
    await store.createAccount(account, newTotp({ name: 'A name in the clear' }));
    await other.createAccount(newAccount(), newTotp({ name: 'The name of another' }));
    expect(database.content()).toContain('A name in the clear');
    await store.erase(account.phoneNumber);
    for (const trace of ['A name in the clear', account.userHandle]) expect(database.content()).not.toContain(trace);
    expect(database.content()).toContain('The name of another');
  });
});

describeDatabases('a change of the privacy key', (database) => {
  const [older, newer] = [makePrivacyKey(), makePrivacyKey()];
  const [before, during, after] = [[older], [newer, older], [newer]].map(createPrivacy);

  async function withAccount() {
    const store = database.open(before);
    const account = newAccount();
    const totp = newTotp({ secret: SECRET });
    await store.createAccount(account, totp);
    await store.replaceRecoveryCodes(account, CODES);
    return { account, totp };
  }

  test('leaves everything as it was once it is encrypted again', async () => {
    const { account, totp } = await withAccount();
    const changing = database.open(during);
    expect(await changing.describe(account.phoneNumber)).toMatchObject({ account, isUnderOldKey: true });
    expect(await changing.keyUse()).toEqual({ accounts: 1, underOlderKeys: 1, underMissingKeys: 0 });
    expect(await changing.reseal()).toBe(1);
    expect(await changing.reseal()).toBe(0);
    expect(await changing.keyUse()).toEqual({ accounts: 1, underOlderKeys: 0, underMissingKeys: 0 });
    expect(await changing.describe(account.phoneNumber)).toMatchObject({ account, isUnderOldKey: false });

    const changed = database.open(after);
    expect(await changed.findAccount(account.phoneNumber)).toMatchObject({ account, recoveryCodesLeft: 2 });
    expect(await changed.findTotps(account.id)).toMatchObject([{ id: totp.id, secret: SECRET }]);
    expect(await changed.useRecoveryCode(account.id, CODES[0] ?? '', AT)).toBe(true);
    expect(await changed.useRecoveryCode(account.id, CODES[0] ?? '', AT)).toBe(false);
    expect(await database.open(before).findAccount(account.phoneNumber)).toBeUndefined();
  });

  test('leaves no hash under the older key once that is gone', async () => {
    const store = database.open(during);
    const { phoneNumber } = newAccount();
    await store.createAccount(newAccount({ phoneNumber }), newPasskey());
    // A server with the older key alone finds the account by that hash, and cannot open it.
    const underOlder = () => database.open(before).findAccount(phoneNumber);
    await expect(underOlder()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await database.open(after).removeUnusedSince(0);
    expect(await underOlder()).toBeUndefined();
    expect(await store.findAccount(phoneNumber)).toBeDefined();
  });

  test('includes what a server under the older key stores meanwhile', async () => {
    const { account } = await withAccount();
    const changing = database.open(during);
    await changing.reseal();
    const added = newTotp({ secret: 'KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU', createdAt: AT + 1 });
    const late = database.open(createPrivacy([older, newer]));
    expect(await late.addFactor(account, added, { most: 5 })).toBe('added');
    await late.replaceRecoveryCodes(account, ['a new one']);
    expect(await changing.reseal()).toBe(1);
    const changed = database.open(after);
    expect((await changed.findTotps(account.id)).map(({ secret }) => secret)).toEqual([SECRET, added.secret]);
    expect(await changed.useRecoveryCode(account.id, 'a new one', AT)).toBe(true);
  });

  test('goes on while servers under both keys store secrets', async () => {
    const { account } = await withAccount();
    const servers = [database.open(during), database.open(createPrivacy([older, newer]))];
    const resealing = [servers[0]?.reseal(), database.open(during).reseal()];
    const added = await inParallel(async (index) => servers[index % 2]?.addFactor(account, newTotp(), { most: 99 }));
    await Promise.all(resealing);
    await servers[0]?.reseal();
    expect(new Set(added)).toEqual(new Set(['added']));
    expect(await database.open(after).findTotps(account.id)).toHaveLength(21);
  });

  test('without the older key, an account that was not encrypted again is out of reach', async () => {
    const { account, totp } = await withAccount();
    const changed = database.open(after);
    expect(await changed.findAccount(account.phoneNumber)).toBeUndefined();
    await expect(changed.findAccountById(account.id)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      cause: { store: 'database', fault: 'privacy keys' },
    });
    // Nothing harms the account, and it comes back with the key.
    expect((await changed.keyUse()).underMissingKeys).toBe(1);
    expect(await changed.reseal()).toBe(0);
    await changed.removeUnusedSince(0);
    expect((await database.open(during).findTotps(account.id))[0]?.secret).toBe(totp.secret);
  });
});
