import { existsSync } from 'node:fs';
import path from 'node:path';
import { describeDatabases, type FactorDatabase, useEmbedded } from '@/__tests__/support/factor-databases';
import { AT, newAccount, newPasskey, newTotp } from '@/__tests__/support/factor-records';
import { describeWithRedis } from '@/__tests__/support/redis';
import { runScript } from '@/__tests__/support/script';
import { useApp, useRedis } from '@/__tests__/support/use-app';
import { makePrivacyKey } from '@/lib/config/keys';
import { createPrivacy } from '@/lib/privacy';

const PRIVACY_KEY = makePrivacyKey();
const PRIVACY = createPrivacy([PRIVACY_KEY]);
const OF_DATABASE = ['account', 'passkey', 'authenticator app', 'recovery codes'];

const variablesOf = ({ settings: { databaseUrl, dataDir } }: FactorDatabase): Record<string, string> => ({
  PRIVACY_KEY,
  ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
  ...(dataDir !== undefined && { DATA_DIR: dataDir }),
});

/** Creates an account with a passkey, an authenticator app and recovery codes. */
async function enroll(database: FactorDatabase, phoneNumber?: string) {
  const store = database.open(PRIVACY);
  const account = newAccount(phoneNumber === undefined ? {} : { phoneNumber });
  const [passkey, totp] = [newPasskey({ name: 'My phone' }), newTotp({ name: 'My app', createdAt: AT + 1 })];
  await store.createAccount(account, passkey);
  await store.addFactor(account, totp, { most: 5 });
  await store.replaceRecoveryCodes(account, ['a code', 'another code']);
  return { account, passkey, totp, store };
}

const kindsIn = (stdout: string) => (JSON.parse(stdout).entries as { what: string }[]).map(({ what }) => what);

describeDatabases('npm run erase', (database) => {
  const erase = (...words: string[]) => runScript('erase', words, variablesOf(database));

  test('shows names and times, and no secret', async () => {
    const { account, passkey, totp } = await enroll(database);
    const { status, stdout } = await erase('--show', account.phoneNumber);
    expect([status, kindsIn(stdout)]).toEqual([0, OF_DATABASE]);
    const held = JSON.parse(stdout);
    expect(held).toMatchObject({
      phoneNumber: account.phoneNumber,
      pseudonyms: PRIVACY.pseudonyms('number', account.phoneNumber),
    });
    expect(held.entries[1]).toEqual({
      what: 'passkey',
      values: { name: 'My phone', createdAt: new Date(passkey.createdAt).toISOString(), isSynced: true },
      heldUntil: expect.stringMatching(/^2027-\d\d-\d\dT.*Z, unless it is used before$/),
    });
    const secrets = [totp.secret, 'a code', passkey.credentialId, passkey.publicKey, account.id, account.userHandle];
    for (const secret of secrets) expect(stdout).not.toContain(secret);
  });

  test('removes an account with everything about it, and leaves others', async () => {
    const { account, store } = await enroll(database);
    const other = await enroll(database);
    expect(await erase(account.phoneNumber)).toMatchObject({ status: 0, stdout: 'Removed 5 entries.\n' });
    expect(await store.findAccount(account.phoneNumber)).toBeUndefined();
    expect(await store.findAccount(other.account.phoneNumber)).toBeDefined();
    expect(kindsIn((await erase('--show', account.phoneNumber)).stdout)).toEqual([]);
    expect((await erase(account.phoneNumber)).stdout).toBe('Removed 0 entries.\n');
  });

  test('refuses a key that the servers do not have, instead of finding nothing', async () => {
    const { account } = await enroll(database);
    const environment = { ...variablesOf(database), PRIVACY_KEY: makePrivacyKey() };
    const { status, stderr } = await runScript('erase', [account.phoneNumber], environment);
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/^No account in the database is under this PRIVACY_KEY/),
    ]);
  });
});

describe('npm run erase, with an embedded database', () => {
  const database = useEmbedded();
  const erase = (environment: Record<string, string>, ...words: string[]) =>
    runScript('erase', words.length > 0 ? words : ['+14155552671'], { ...variablesOf(database), ...environment });

  test('does not create a missing one, but says that it is missing', async () => {
    const file = path.join(database.settings.dataDir ?? '', 'factors.db');
    const { status, stderr } = await erase({});
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining(`${file} does not exist. Run this where the server runs.`),
    ]);
    expect(existsSync(file)).toBe(false);
  });

  test('also removes what is left if factors are switched off', async () => {
    const { account } = await enroll(database);
    expect((await erase({ FACTORS: 'off' }, account.phoneNumber)).stdout).toBe('Removed 5 entries.\n');
  });

  test('says which variables it needs', async () => {
    const { status, stderr } = await runScript('erase', ['+14155552671'], {});
    expect([status, stderr]).toEqual([2, expect.stringMatching(/REDIS_URL nor DATA_DIR or DATABASE_URL is set/)]);
    const noKey = await erase({ PRIVACY_KEY: '' });
    expect([noKey.status, noKey.stderr]).toEqual([2, expect.stringMatching(/^PRIVACY_KEY is not set/)]);
  });

  test('names the variable if the database does not answer', async () => {
    const environment = { PRIVACY_KEY, DATABASE_URL: 'postgres://app@127.0.0.1:1/app' };
    const { status, stderr } = await runScript('erase', ['+14155552671'], environment);
    expect([status, stderr]).toEqual([
      1,
      'The database does not answer as expected (ECONNREFUSED). Check DATABASE_URL.\n',
    ]);
  });
});

describeWithRedis('npm run erase, with Redis and a database', () => {
  const redis = useRedis();
  const database = useEmbedded();
  const { app } = useApp(() => ({ ...variablesOf(database), REDIS_URL: redis.url }));

  test('covers both', async () => {
    const { account, store } = await enroll(database);
    await app.send(account.phoneNumber);
    const erase = (...words: string[]) => runScript('erase', words, { ...variablesOf(database), REDIS_URL: redis.url });
    const kinds = kindsIn((await erase('--show', account.phoneNumber)).stdout);
    expect(kinds).toEqual(expect.arrayContaining([...OF_DATABASE, 'verification', 'limit']));
    expect((await erase(account.phoneNumber)).status).toBe(0);
    expect(kindsIn((await erase('--show', account.phoneNumber)).stdout)).toEqual(['erasure']);
    expect(await store.findAccount(account.phoneNumber)).toBeUndefined();
  });
});

describeDatabases('npm run reseal', (database) => {
  const newer = makePrivacyKey();
  const reseal = (keys: string) => runScript('reseal', [], { ...variablesOf(database), PRIVACY_KEY: keys });

  test('encrypts everything under the newest key, and says when no older one is needed', async () => {
    const { account } = await enroll(database);
    await enroll(database);
    expect(await reseal(`${newer},${PRIVACY_KEY}`)).toMatchObject({
      status: 0,
      stdout: 'Encrypted 2 accounts again under the newest key. The database needs no older key.\n',
    });
    expect((await reseal(newer)).stdout).toBe(
      'Encrypted 0 accounts again under the newest key. The database needs no older key.\n',
    );
    expect((await database.open(createPrivacy([newer])).findAccount(account.phoneNumber))?.recoveryCodesLeft).toBe(2);
  });

  test('fails while accounts need a key that is missing', async () => {
    await enroll(database);
    const { status, stderr } = await reseal(newer);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/1 of 3 accounts need a key that PRIVACY_KEY does not/),
    ]);
  });

  test('takes no arguments', async () => {
    const { status, stderr } = await runScript('reseal', ['+14155552671'], variablesOf(database));
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^Usage: npm run reseal/)]);
  });
});
