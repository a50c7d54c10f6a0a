import path from 'node:path';
import Libsql from 'libsql';
import { useEmbedded, usePostgres } from '@/__tests__/support/factor-databases';
import { newAccount, newPasskey } from '@/__tests__/support/factor-records';
import { inParallel } from '@/__tests__/support/in-parallel';
import { describeWithPostgres, TestPostgres } from '@/__tests__/support/postgres';
import { stepsFrom } from '@/lib/store/sql/migrations';

const NEWER = { code: 'STORE_UNAVAILABLE', cause: { store: 'database', fault: 'schema of a newer version' } };
const FROM_THE_FUTURE = 'INSERT INTO schema_version (version) VALUES (999)';
const VERSIONS = 'SELECT version FROM schema_version';

describe('the embedded database', () => {
  const database = useEmbedded();
  const onFile = <T>(work: (connection: InstanceType<typeof Libsql>) => T): T => {
    const connection = new Libsql(path.join(database.settings.dataDir ?? '', 'factors.db'));
    try {
      return work(connection);
    } finally {
      connection.close();
    }
  };

  test('gets its schema once from servers that start at the same time', async () => {
    await inParallel(() => database.open().ready());
    expect(onFile((file) => file.prepare(VERSIONS).all([]))).toEqual([{ version: 1 }]);
  });

  test('keeps what it holds when a server starts again', async () => {
    const account = newAccount();
    await database.open().createAccount(account, newPasskey());
    expect(await database.open().findAccountById(account.id)).toBeDefined();
  });

  test('refuses to serve code that is older than its schema', async () => {
    onFile((file) => file.exec(FROM_THE_FUTURE));
    await expect(database.open().ready()).rejects.toMatchObject(NEWER);
    await expect(database.open().ping()).rejects.toMatchObject(NEWER);
  });
});

describeWithPostgres('PostgreSQL', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await TestPostgres.start();
  });
  afterAll(() => server.remove());
  const database = usePostgres(() => server);

  test('gets its schema once from servers that start at the same time', async () => {
    await inParallel(() => database.open().ready());
    expect(await server.query(VERSIONS, database.settings.databaseUrl)).toHaveLength(1);
  });

  test('refuses to serve code that is older than its schema', async () => {
    await server.query(FROM_THE_FUTURE, database.settings.databaseUrl);
    await expect(database.open().ready()).rejects.toMatchObject(NEWER);
  });
});

test('a database takes only the steps that it lacks', () => {
  const migrations = [['one'], ['two a', 'two b'], ['three']];
  const record = (version: number) => `INSERT INTO schema_version (version) VALUES (${version})`;
  expect(stepsFrom(1, migrations)).toEqual(['two a', 'two b', record(2), 'three', record(3)]);
  expect(stepsFrom(3, migrations)).toEqual([]);
});
