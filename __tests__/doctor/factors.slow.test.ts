import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type FactorDatabase, useEmbedded, usePostgres } from '@/__tests__/support/factor-databases';
import { newAccount, newPasskey } from '@/__tests__/support/factor-records';
import { describeWithPostgres, TestPostgres } from '@/__tests__/support/postgres';
import { TestSimulator } from '@/__tests__/support/simulator';
import { makePrivacyKey } from '@/lib/config/keys';
import { createPrivacy } from '@/lib/privacy';
import { runDoctor } from './run-doctor';
import { type Expected, examine, expectFindings, goodEnvironment, makeGood } from './set-up';

const [KEY, OLDER] = [makePrivacyKey(), makePrivacyKey()];

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await TestSimulator.start();
  await makeGood(simulator);
});
afterAll(() => simulator.close());

const look = (more: Record<string, string>) => examine({ ...goodEnvironment(simulator), PRIVACY_KEY: KEY, ...more });
const expectOf = async (more: Record<string, string>, ...expected: Expected[]) =>
  expectFindings(await look(more), expected);

const addAccount = (database: FactorDatabase, keys: string[]) =>
  database.open(createPrivacy(keys)).createAccount(newAccount(), newPasskey());

test('factors that are off are skipped, with the reason', async () => {
  await expectOf({}, ['database', 'skipped', 'neither DATA_DIR nor DATABASE_URL is set'], ['passkeys', 'skipped']);
  await expectOf({ DATA_DIR: '/nowhere', FACTORS: 'off' }, ['database', 'skipped', 'FACTORS is off']);
});

describe('the embedded database', () => {
  const database = useEmbedded();
  const DATA_DIR = database.settings.dataDir ?? '';

  test('may not exist yet, and the doctor does not create it', async () => {
    await expectOf({ DATA_DIR }, ['database', 'ok', `will create its database in DATA_DIR (${DATA_DIR})`]);
    expect(existsSync(DATA_DIR)).toBe(false);
  });

  test('is approved when only its owner can open it', async () => {
    await addAccount(database, [KEY]);
    const findings = await look({ DATA_DIR });
    expectFindings(findings, [
      ['database', 'ok', 'answers, and has one account'],
      ['passkeys', 'ok', 'localhost'],
    ]);
    expect(JSON.stringify(findings)).not.toContain(KEY);
  });

  test('is reported if others can open its files', async () => {
    chmodSync(path.join(DATA_DIR, 'factors.db'), 0o644);
    chmodSync(DATA_DIR, 0o755);
    await expectOf(
      { DATA_DIR },
      ['database', 'warn', `open ${path.join(DATA_DIR, 'factors.db')}`],
      ['database', 'warn'],
    );
    chmodSync(path.join(DATA_DIR, 'factors.db'), 0o600);
    chmodSync(DATA_DIR, 0o700);
  });

  test('is reported beside Redis, which servers on several hosts may share', async () => {
    const environment = { DATA_DIR, REDIS_URL: 'redis://127.0.0.1:1' };
    await expectOf(environment, ['database', 'warn', 'Processes on one host may share the file; several hosts need']);
  });

  test('is reported while accounts need an older privacy key, and fails if they need a missing one', async () => {
    await addAccount(database, [OLDER]);
    await expectOf({ DATA_DIR, PRIVACY_KEY: `${KEY},${OLDER}` }, ['database', 'warn', '1 accounts', 'older key']);
    await expectOf({ DATA_DIR }, ['database', 'fail', 'PRIVACY_KEY lacks the key of 1 accounts']);
  });

  test('fails if its file is something else', async () => {
    const folder = path.join(DATA_DIR, 'other');
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(path.join(folder, 'factors.db'), 'This is no database, but a text. '.repeat(99), { mode: 0o600 });
    await expectOf({ DATA_DIR: folder }, ['database', 'fail', 'the file is not a database (SQLITE_NOTADB)']);
  });

  test('is checked by the command', async () => {
    const { findings, stderr } = await runDoctor({ ...goodEnvironment(simulator), PRIVACY_KEY: KEY, DATA_DIR }, [
      '--json',
    ]);
    expect(stderr).toMatch(/Queries .* and the database of factors\./);
    expectFindings(findings, [['database', 'fail', 'PRIVACY_KEY lacks']]);
  });
});

describeWithPostgres('PostgreSQL', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await TestPostgres.start();
  });
  afterAll(() => server.remove());
  const database = usePostgres(() => server);

  test('may have no schema yet, and the doctor does not create one', async () => {
    const DATABASE_URL = database.settings.databaseUrl ?? '';
    await expectOf({ DATABASE_URL }, ['database', 'ok', 'PostgreSQL at DATABASE_URL (127.0.0.1:']);
    expect(await server.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'", DATABASE_URL)).toEqual([]);
  });

  test('is approved with its accounts', async () => {
    const DATABASE_URL = database.settings.databaseUrl ?? '';
    await addAccount(database, [KEY]);
    await expectOf({ DATABASE_URL }, ['database', 'ok', 'answers, and has one account']);
    await expectOf({ DATABASE_URL, DATA_DIR: '/srv' }, ['database', 'warn', 'DATA_DIR has no effect']);
  });

  test.each<[string, (url: string) => string, string, string]>([
    ['that does not run', () => 'postgres://app@127.0.0.1:1/app', 'no server listens there', 'ECONNREFUSED'],
    ['without that database', (url) => url.replace(/\w+$/, 'missing'), 'no database of that name', '3D000'],
    ['without TLS', (url) => `${url}?sslmode=verify-full`, 'it does not speak TLS', 'TLS'],
    ['without that user', (url) => url.replace('app@', 'nobody@'), 'refuses the user', '28000'],
  ])('%s fails, with what is wrong', async (_, urlOf, ...words) => {
    const DATABASE_URL = urlOf(database.settings.databaseUrl ?? '');
    await expectOf({ DATABASE_URL }, ['database', 'fail', 'PostgreSQL at DATABASE_URL', ...words]);
  });

  test('fails if it is read-only', async () => {
    const DATABASE_URL = database.settings.databaseUrl ?? '';
    await server.query(`ALTER DATABASE ${path.basename(DATABASE_URL)} SET default_transaction_read_only = on`);
    await expectOf({ DATABASE_URL }, ['database', 'fail', 'read-only', '25006']);
  });
});

describe('the host of passkeys', () => {
  const on = { DATA_DIR: '/nowhere/at/all' };

  test.each<[string, Record<string, string>, Expected]>([
    [
      'is that of the public origin',
      { APP_ORIGIN: 'https://verify.example.com' },
      ['passkeys', 'ok', 'verify.example.com'],
    ],
    [
      'fails as an address',
      { APP_ORIGIN: 'https://192.0.2.7' },
      ['passkeys', 'fail', 'an address instead of a host name'],
    ],
    [
      'fails for an origin elsewhere',
      { APP_ORIGIN: 'https://verify.example.com,https://login.example.com' },
      ['passkeys', 'fail', 'belong to verify.example.com', 'login.example.com'],
    ],
    [
      'is reported as a domain above the origins',
      { APP_ORIGIN: 'https://verify.example.com', WEBAUTHN_RP_ID: 'example.com' },
      ['passkeys', 'warn', 'other sites below it'],
    ],
  ])('%s', async (_, environment, expected) => {
    await expectOf({ ...on, ...environment }, expected);
  });
});
