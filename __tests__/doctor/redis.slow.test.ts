import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { freePort } from '@/__tests__/support/free-port';
import { describeWithRedis, TestRedis } from '@/__tests__/support/redis';
import { TestSimulator } from '@/__tests__/support/simulator';
import { makePrivacyKey } from '@/lib/config/keys';
import { createPrivacy } from '@/lib/privacy';
import { createBlockedNumbers } from '@/lib/store/redis/blocked-numbers';
import { type Expected, examine, expectFindings, goodEnvironment, makeGood, troublesIn } from './set-up';

/** A server on loopback, which does not keep a test from ending. */
async function listen(serve: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.unref().on('error', () => undefined);
    serve(socket);
  });
  server.listen(0, '127.0.0.1').unref();
  await new Promise((resolve) => server.once('listening', resolve));
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Delays bytes in one direction, like a Redis that is far away. */
const startDetour = (port: number, delayMs: number) =>
  listen((near) => {
    const far = connect(port, '127.0.0.1').unref();
    near.on('data', (chunk) => void setTimeout(() => far.write(chunk), delayMs));
    far.on('data', (chunk) => near.write(chunk)).on('error', () => near.destroy());
    near.on('close', () => far.destroy());
  });

/** Answers like a Redis that reports these values. */
const startPretender = (info: string) =>
  listen((socket) => {
    const replies: Readonly<Record<string, string>> = {
      HELLO: "-ERR unknown command 'HELLO'\r\n",
      INFO: `$${info.length}\r\n${info}\r\n`,
      PING: '+PONG\r\n',
      EVAL: '$1\r\n1\r\n',
      EXISTS: ':1\r\n',
    };
    socket.on('data', (chunk) => {
      for (const [, command = ''] of chunk.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g))
        socket.write(replies[command.toUpperCase()] ?? '+OK\r\n');
    });
  });

describeWithRedis('Redis', () => {
  let simulator: TestSimulator;
  let redis: TestRedis;
  let environment: Record<string, string>;
  beforeAll(async () => {
    simulator = await TestSimulator.start();
    redis = await TestRedis.start();
    await makeGood(simulator);
    environment = { ...goodEnvironment(simulator), REDIS_URL: redis.url };
  });
  afterAll(async () => {
    await redis.kill();
    await simulator.close();
  });

  const look = (more: Record<string, string> = {}) => examine({ ...environment, ...more });
  const expectOf = async (more: Record<string, string>, ...expected: Expected[]) =>
    expectFindings(await look(more), expected);

  test('is approved when it fits, and the doctor writes nothing into it', async () => {
    const findings = await look();
    // On a busy machine a PING may take long.
    expect(troublesIn(findings).filter((one) => one !== 'redis-latency warn')).toEqual(['api-key warn']);
    expectFindings(findings, [
      ['redis', 'ok', 'REDIS_URL'],
      ['redis-version', 'ok'],
      ['redis-eviction', 'ok', 'noeviction'],
      ['redis-memory', 'ok', 'no maxmemory'],
      ['keys', 'ok'],
    ]);
    expect(await redis.command('DBSIZE')).toBe(0);
  });

  test('is reported if it throws data away when full, and more so if it can get full', async () => {
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await expectOf({}, ['redis-eviction', 'warn', 'REDIS_URL', 'maxmemory-policy', 'allkeys-lru']);
    await redis.command('CONFIG', 'SET', 'maxmemory', '100mb');
    await expectOf({}, ['redis-eviction', 'fail', 'REDIS_URL', 'maxmemory-policy', 'allkeys-lru']);
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await expectOf({}, ['redis-eviction', 'ok']);
  });

  test('is reported if it is full or nearly full', async () => {
    const used = Number(/used_memory:(\d+)/.exec(String(await redis.command('INFO', 'memory')))?.[1]);
    const look = async (maxmemory: number, ...expected: Expected) => {
      await redis.command('CONFIG', 'SET', 'maxmemory', maxmemory);
      await expectOf({}, expected);
    };
    await look(1, 'redis-memory', 'fail', 'REDIS_URL', 'maxmemory', 'full');
    await look(Math.round(used / 0.87), 'redis-memory', 'warn', 'REDIS_URL', 'maxmemory', 'nearly full');
    await look(10 * used, 'redis-memory', 'ok', 'maxmemory');
    await look(0, 'redis-memory', 'ok', 'no maxmemory');
  });

  test('is reported if servers used another privacy key with it', async () => {
    const mark = (key: string) => `phone-verification:k:${createPrivacy([key]).keyIds[0]}`;
    const { PRIVACY_KEY: ours = '' } = environment;
    await redis.command('SET', mark(goodEnvironment(simulator).PRIVACY_KEY ?? ''), '1');
    await expectOf({}, ['keys', 'warn', 'PRIVACY_KEY', 'REDIS_URL']);
    await redis.command('SET', mark(ours), '1');
    await expectOf({}, ['keys', 'ok']);
    await redis.command('FLUSHALL');
  });

  test('says how much of each budget is spent', async () => {
    const everyone = 'phone-verification:e:{everyone}';
    const ends = Date.now() + 600_000;
    await redis.command('HSET', everyone, 'H', `300000 ${ends}`, 'B', `4200000 ${ends}`);
    await expectOf(
      {},
      ['budgets', 'ok', '15% of BUDGET_PER_HOUR'],
      ['budgets', 'warn', '84% of BUDGET_PER_DAY', new Date(ends).toISOString()],
    );
    await redis.command('HSET', everyone, 'B', `4200000 ${Date.now() - 1}`);
    await expectOf({}, ['budgets', 'ok', '0% of BUDGET_PER_DAY']);
    await redis.command('FLUSHALL');
  });

  test('counts blocked numbers, and those that no key can decrypt', async () => {
    const client = new Redis(redis.url);
    try {
      const { PRIVACY_KEY: ours = '' } = environment;
      const retired = makePrivacyKey();
      await createBlockedNumbers(client, createPrivacy([retired])).add(['+252612', '+14155552671']);
      await expectOf({}, ['blocked-numbers', 'warn', 'Redis has 2 blocked numbers', 'PRIVACY_KEY']);
      await expectOf({ PRIVACY_KEY: `${ours},${retired}` }, ['blocked-numbers', 'ok', '2 in Redis']);
      // A server with both keys copies the entries, and after that the first key alone is enough.
      await createBlockedNumbers(client, createPrivacy([ours, retired])).read();
      await expectOf({}, ['blocked-numbers', 'ok', '2 in Redis']);
      await createBlockedNumbers(client, createPrivacy([ours])).remove(['+252612', '+14155552671']);
      expect(await redis.command('DBSIZE')).toBe(0);
    } finally {
      client.disconnect();
    }
  });

  test('needs both shared keys: the doctor reports each missing one, and checks Redis all the same', async () => {
    await expectOf(
      { PRIVACY_KEY: '', PROOF_PRIVATE_JWK: '' },
      ['variables', 'fail', 'PRIVACY_KEY'],
      ['variables', 'fail', 'PROOF_PRIVATE_JWK'],
      ['keys', 'skipped', 'PRIVACY_KEY'],
      ['redis', 'ok'],
    );
  });

  test('is reported with the reason if it is unusable, and the doctor skips the rest', async () => {
    const skipped: readonly Expected[] = [
      ['redis-version', 'skipped', 'REDIS_URL'],
      ['redis-eviction', 'skipped'],
      ['redis-memory', 'skipped'],
      ['redis-latency', 'skipped'],
    ];
    const nobody = `redis://127.0.0.1:${await freePort()}`;
    await expectOf({ REDIS_URL: nobody }, ['redis', 'fail', 'REDIS_URL', 'no server listens'], ...skipped);
    await expectOf({ REDIS_URL: 'rediss://redis.invalid' }, ['redis', 'fail', 'REDIS_URL', 'no host has'], ...skipped);
    await expectOf({ REDIS_URL: `${redis.url}/99` }, ['redis', 'fail', 'REDIS_URL', 'no database'], ...skipped);
    await expectOf({ REDIS_URL: 'http://127.0.0.1' }, ['redis', 'skipped', 'REDIS_URL'], ...skipped);
    const withUser = redis.url.replace('//', '//someone:sesame-opens@');
    await expectOf({ REDIS_URL: withUser }, ['redis', 'fail', 'REDIS_URL', 'the user or the password'], ...skipped);
  });

  test('is reported if it requires a password', async () => {
    await redis.command('ACL', 'SETUSER', 'default', '>sesame-opens', 'resetpass', '>sesame-opens');
    await expectOf({}, ['redis', 'fail', 'REDIS_URL', 'requires a password']);
    const right = redis.url.replace('//', '//:sesame-opens@');
    await expectOf({ REDIS_URL: right }, ['redis', 'ok']);
    await redis.kill();
    await redis.restart();
  });

  test('is reported if its user lacks a permission', async () => {
    await redis.command(
      'ACL',
      'SETUSER',
      'app',
      'on',
      '>sesame-opens',
      '~phone-verification:*',
      '+@all',
      '-@scripting',
      '-info',
    );
    const asApp = redis.url.replace('//', '//app:sesame-opens@');
    await expectOf(
      { REDIS_URL: asApp },
      ['redis', 'fail', 'REDIS_URL', 'no scripts', 'NOPERM'],
      ['redis', 'warn', 'REDIS_URL', 'INFO'],
      ['redis-version', 'skipped'],
      ['redis-eviction', 'skipped'],
      ['redis-memory', 'skipped', 'REDIS_URL'],
    );
  });

  test('is reported if it is a read-only replica', async () => {
    await redis.command('REPLICAOF', '127.0.0.1', String(await freePort()));
    await expectOf({}, ['redis', 'fail', 'REDIS_URL', 'replica']);
    await redis.command('REPLICAOF', 'NO', 'ONE');
  });

  test('is reported if it is not a cluster although REDIS_CLUSTER says so', async () => {
    await expectOf({ REDIS_CLUSTER: 'true' }, ['redis', 'fail', 'REDIS_URL', 'REDIS_CLUSTER']);
  });

  test('is reported if it is far away', async () => {
    const [near, far] = [await startDetour(redis.port, 40), await startDetour(redis.port, 260)];
    await expectOf({ REDIS_URL: near }, ['redis-latency', 'warn', 'REDIS_URL', 'ms']);
    await expectOf({ REDIS_URL: far }, ['redis-latency', 'fail', 'REDIS_URL', '250 ms']);
  });

  test('is reported within a few seconds if it is frozen', async () => {
    redis.signal('SIGSTOP');
    const startedAt = Date.now();
    await expectOf({}, ['redis', 'fail', 'REDIS_URL', 'does not answer in time']);
    expect(Date.now() - startedAt).toBeLessThan(20_000);
    redis.signal('SIGCONT');
  });

  test.each<[string, string, Expected]>([
    ['too old for the scripts', 'redis_version:4.0.14', ['redis-version', 'fail', 'REDIS_URL', '4.0.14']],
    ['old', 'redis_version:6.0.16', ['redis-version', 'warn', 'REDIS_URL', '6.0.16']],
    ['just young enough', 'redis_version:6.2.0', ['redis-version', 'ok', '6.2.0']],
    ['a cluster', 'redis_mode:cluster\r\ncluster_enabled:1', ['redis', 'fail', 'REDIS_URL', 'cluster']],
    ['a Sentinel', 'redis_mode:sentinel', ['redis', 'fail', 'REDIS_URL', 'Sentinel']],
  ])('is reported if it is %s', async (_, info, expected) => {
    await expectOf({ REDIS_URL: await startPretender(`# Server\r\n${info}\r\n`) }, expected);
  });
});
