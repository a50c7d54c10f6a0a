import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import path from 'node:path';
import Libsql from 'libsql';
import { Client } from 'pg';
import { PRIVACY, useEmbedded, usePostgres } from '@/__tests__/support/factor-databases';
import { AT, newAccount, newPasskey } from '@/__tests__/support/factor-records';
import { inParallel } from '@/__tests__/support/in-parallel';
import { describeWithPostgres, TestPostgres } from '@/__tests__/support/postgres';
import { createLazyFactorStore } from '@/lib/store/sql/factor-store';

/** The store gives up sooner than this. The rest is for a busy machine. */
const AT_MOST_MS = 15_000;

/** Expects a failure that does not come late. */
async function expectUnavailable(operation: Promise<unknown>, ...faults: string[]): Promise<void> {
  const startedAt = Date.now();
  const error: unknown = await operation.catch((failure: unknown) => failure);
  expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', cause: { store: 'database', fault: expect.any(String) } });
  expect(faults).toContain((error as { cause: { fault: string } }).cause.fault);
  expect(Date.now() - startedAt).toBeLessThan(AT_MOST_MS);
}

describe('the embedded database', () => {
  const database = useEmbedded();

  test('is unavailable while another process locks it, and stops nothing else', async () => {
    const store = database.open();
    await store.ready();
    const account = newAccount();
    await store.createAccount(account, newPasskey());
    const other = new Libsql(path.join(database.settings.dataDir ?? '', 'factors.db'));
    other.exec('BEGIN IMMEDIATE');
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
    }, 20);
    await expectUnavailable(store.confirmPhone(account.id, 5), 'SQLITE_BUSY');
    clearInterval(ticking);
    expect(ticks).toBeGreaterThan(20);
    expect(await store.findAccountById(account.id)).toBeDefined();
    other.exec('COMMIT');
    other.close();
    await store.confirmPhone(account.id, AT + 6);
    expect((await store.findAccountById(account.id))?.account.phoneVerifiedAt).toBe(AT + 6);
  });

  test('is unavailable if its folder is a file', async () => {
    const folder = path.join(database.settings.dataDir ?? '', 'occupied');
    writeFileSync(folder, '');
    const store = createLazyFactorStore({ databaseUrl: undefined, dataDir: folder }, PRIVACY);
    await expectUnavailable(store.ping(), 'EEXIST');
  });

  test('is unavailable if its file holds something else', async () => {
    const folder = path.join(database.settings.dataDir ?? '', 'other');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'factors.db'), 'This is no database, but a text that is long enough. '.repeat(99));
    const store = createLazyFactorStore({ databaseUrl: undefined, dataDir: folder }, PRIVACY);
    await expectUnavailable(store.ping(), 'SQLITE_NOTADB');
  });
});

describeWithPostgres('PostgreSQL', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await TestPostgres.start();
  });
  afterAll(() => server.remove());
  const database = usePostgres(() => server);

  test('is unavailable after a crash until it is back, without a restart of this server', async () => {
    const store = database.open();
    const account = newAccount();
    await store.createAccount(account, newPasskey());
    await server.kill();
    await expectUnavailable(
      store.findAccountById(account.id),
      'CONNECTION_LOST',
      'ECONNREFUSED',
      'ECONNRESET',
      '57P01',
    );
    await expectUnavailable(store.ping(), 'ECONNREFUSED');
    await server.restart();
    expect(await store.findAccountById(account.id)).toBeDefined();
  });

  test('gets its schema once it is up if it was down at first', async () => {
    const url = await server.createDatabase('late');
    await server.kill();
    const store = createLazyFactorStore({ databaseUrl: url, dataDir: undefined }, PRIVACY);
    await expectUnavailable(store.ready(), 'ECONNREFUSED');
    await server.restart();
    expect(await store.createAccount(newAccount(), newPasskey())).toBe('created');
    await store.close();
  });

  test('is unavailable if it does not answer, for many requests at once', async () => {
    const store = database.open();
    await store.ready();
    const other = new Client({ connectionString: database.settings.databaseUrl });
    await other.connect();
    await other.query('BEGIN');
    await other.query('LOCK TABLE account IN ACCESS EXCLUSIVE MODE');
    // There are more requests than connections. The server stops the requests that run, and the client those that wait.
    await inParallel(() => expectUnavailable(store.findAccountById('id'), '57014', 'TIMEOUT'));
    await expectUnavailable(store.removeFactor({ id: 'a', sessionsSince: 0 }, 'b', 1), '57014');
    await other.query('ROLLBACK');
    await other.end();
    expect(await store.findAccountById('id')).toBeUndefined();
  });

  test('is unavailable if it accepts connections and says nothing', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const databaseUrl = `postgres://app@127.0.0.1:${(silent.address() as AddressInfo).port}/app`;
    const store = createLazyFactorStore({ databaseUrl, dataDir: undefined }, PRIVACY);
    await expectUnavailable(store.findAccountById('id'), 'TIMEOUT');
    for (const socket of sockets) socket.destroy();
    silent.close();
    await store.close();
  });

  test('fails a ping if it takes no writes', async () => {
    await database.open().ready();
    await server.query('ALTER DATABASE factors_1 SET default_transaction_read_only = on');
    await expectUnavailable(database.open().ping(), '25006');
  });
});
