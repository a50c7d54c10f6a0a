import { setTimeout as sleep } from 'node:timers/promises';
import type { TestApp } from '@/__tests__/support/app';
import { eventOf } from '@/__tests__/support/event-of';
import { useEmbedded } from '@/__tests__/support/factor-databases';
import { describeWithPostgres, TestPostgres } from '@/__tests__/support/postgres';
import { describeWithRedis } from '@/__tests__/support/redis';
import { useRedis, useSimulator } from '@/__tests__/support/use-app';

const WITHIN_MS = 20_000;

describeWithPostgres('an instance whose PostgreSQL is down', () => {
  const { withApp } = useSimulator();
  let server: TestPostgres;
  beforeAll(async () => {
    server = await TestPostgres.start();
  });
  afterAll(() => server.remove());

  async function untilReady(app: TestApp): Promise<void> {
    for (let waited = 0; waited < WITHIN_MS; waited += 100) {
      if ((await app.get('/api/ready')).status === 200) return;
      await sleep(100);
    }
    throw new Error('The app does not get ready.');
  }

  test('starts, says what it waits for, and needs no restart', async () => {
    const DATABASE_URL = await server.createDatabase('down');
    await server.kill();
    await withApp({ DATABASE_URL }, async (app) => {
      const { status, body } = await app.get('/api/ready');
      expect([status, body.missing]).toEqual([503, ['database']]);
      expect(await eventOf(app, 'database.connection_lost')).toMatchObject({ level: 50, reason: 'ECONNREFUSED' });
      await server.restart();
      await untilReady(app);
      expect(await eventOf(app, 'database.connected')).toMatchObject({ level: 30 });
    });
  });

  test('reports an outage once, and its end', async () => {
    const DATABASE_URL = await server.createDatabase('breaking');
    await withApp({ DATABASE_URL }, async (app) => {
      await untilReady(app);
      expect(app.output).not.toContain('database.');
      await server.kill();
      for (let i = 0; i < 3; i += 1) expect((await app.get('/api/ready')).body.missing).toEqual(['database']);
      await server.restart();
      await untilReady(app);
      await eventOf(app, 'database.connected');
      expect(app.output.match(/"event":"database\.\w+"/g)).toEqual([
        '"event":"database.connection_lost"',
        '"event":"database.connected"',
      ]);
    });
  });
});

describe('an instance with an embedded database', () => {
  const database = useEmbedded();
  const { withApp } = useSimulator();
  const DATA_DIR = database.settings.dataDir ?? '';

  test('creates it at startup', async () => {
    await withApp({ DATA_DIR }, async (app) => {
      expect((await app.get('/api/ready')).status).toBe(200);
      expect(app.output).not.toContain('config.embedded_database');
    });
    expect(database.content()).toContain('CREATE TABLE account');
  });

  describeWithRedis('and Redis', () => {
    const redis = useRedis();

    test('warns that servers on several hosts need PostgreSQL', async () => {
      await withApp({ DATA_DIR, REDIS_URL: redis.url }, async (app) => {
        expect(await eventOf(app, 'config.embedded_database')).toMatchObject({
          level: 40,
          remedy: expect.stringContaining('DATABASE_URL'),
        });
      });
    });
  });
});
