import { randomUUID } from 'node:crypto';
import { testEnvironment } from '@/__tests__/support/app';
import { describeWithRedis, TestRedis } from '@/__tests__/support/redis';
import { RedisCluster } from '@/__tests__/support/redis-cluster';
import { runScript } from '@/__tests__/support/script';
import { until } from '@/__tests__/webhooks/receiver';
import { loadConfig } from '@/lib/config/config';
import { makePrivacyKey, makeProofKey } from '@/lib/config/keys';
import { parseClientAddress } from '@/lib/http/client-address';
import { createLimits, type Reservation } from '@/lib/limits/reservation';
import { termsOf } from '@/lib/limits/terms';
import { parsePhoneNumber } from '@/lib/methods/phone/phone-number';
import { destinationOf, unitPriceFor } from '@/lib/methods/phone/prices';
import { createPrivacy } from '@/lib/privacy';
import { createBlockedNumbers } from '@/lib/store/redis/blocked-numbers';
import { createRedisStores } from '@/lib/store/redis/redis-stores';
import type { GuardStatus } from '@/scripts/guard/status';

const PRIVACY_KEY = makePrivacyKey();
const privacy = createPrivacy([PRIVACY_KEY]);

const GUARD = {
  HOME_COUNTRY: 'US',
  BUDGET_PER_HOUR: '2',
  BUDGET_PER_DAY: '5',
  CREDIT_PER_RANGE: '3,0.5,0.35',
  // So slow that no credit comes back between a message and the status.
  CREDIT_PER_HOME_COUNTRY: '1000,1,0.56',
  LIMIT_SEND_PER_NUMBER: '50/1d',
  LIMIT_SEND_PER_NUMBER_AND_NETWORK: '50/1d',
};

/** Numbers of one range in Somalia, a country without customers. */
const somali = (last: number) => `+25261234${String(last).padStart(4, '0')}`;
const ADDRESS = '203.0.113.7';
/** Long enough for the store on a busy machine. */
const PATIENT_MS = 10_000;

describe.each([
  ['one Redis', false],
  ['a cluster', true],
] as const)('npm run guard, with %s', (_, isCluster) => {
  describeWithRedis('after some messages', () => {
    let redis: TestRedis | RedisCluster;
    let stores: ReturnType<typeof createRedisStores>;
    let environment: Record<string, string>;
    beforeAll(async () => {
      redis = isCluster ? await RedisCluster.start() : await TestRedis.start();
      environment = { REDIS_URL: redis.url, PRIVACY_KEY, ...GUARD, ...(isCluster && { REDIS_CLUSTER: 'true' }) };
      stores = createRedisStores({
        url: redis.url,
        isCluster,
        maxAttempts: 5,
        privacy,
        commandTimeoutMs: PATIENT_MS,
        onConnection: () => undefined,
      });
      await until(stores.isConnected);
    });
    afterAll(async () => {
      stores.close();
      await (redis instanceof RedisCluster ? redis.stop() : redis.kill());
    });
    beforeEach(async () => {
      const nodes = redis instanceof RedisCluster ? redis.nodes : [redis];
      for (const node of nodes) await node.command('FLUSHALL');
      await stores.ping();
    });

    /** The server's request to the store for a text message. @returns the refusal, or the reservation */
    async function send(number: string, from = ADDRESS) {
      const config = loadConfig({
        ...testEnvironment('http://127.0.0.1:1'),
        PROOF_PRIVATE_JWK: JSON.stringify(makeProofKey()),
        ...environment,
      } as unknown as NodeJS.ProcessEnv);
      const limits = createLimits(stores.limits, termsOf(config, unitPriceFor(config)));
      const client = parseClientAddress(from);
      if (!client) throw new Error('no address');
      const reserved = await limits.reserveMessage(client, {
        subject: number,
        method: 'sms',
        device: undefined,
        destination: destinationOf(parsePhoneNumber(number), config),
      });
      if (reserved.kind === 'granted') await reserved.commit('sent');
      return reserved;
    }

    const reasonOf = (reserved: Reservation | Awaited<ReturnType<typeof send>>) =>
      reserved.kind === 'limited' || reserved.kind === 'challenge' ? reserved.by : reserved.kind;

    const guard = (...words: string[]) => runScript('guard', words, environment);
    const status = async (): Promise<GuardStatus> => {
      const { stdout, stderr } = await guard('status', '--json');
      if (stderr) throw new Error(stderr);
      return JSON.parse(stdout) as GuardStatus;
    };

    /** Uses up the credit of a range. */
    async function drainRange(): Promise<void> {
      for (let last = 0; last < 3; last += 1) expect(reasonOf(await send(somali(last)))).toBe('granted');
      expect(reasonOf(await send(somali(9)))).toBe('CREDIT_PER_RANGE');
    }

    test('status shows budgets, countries and ranges on hold, and counts addresses', async () => {
      await drainRange();
      await send('+14155552671');
      const shown = await status();
      expect(shown).toMatchObject({ mode: 'enforce', homeCountry: 'US', currency: 'USD' });
      const [hour, , newInHour] = shown.budgets;
      expect(shown.budgets.map(({ budget, of }) => [budget, of])).toEqual([
        ['BUDGET_PER_HOUR', 2],
        ['BUDGET_PER_DAY', 5],
        ['BUDGET_PER_HOUR_NEW_COUNTRIES', 0.8],
        ['BUDGET_PER_DAY_NEW_COUNTRIES', 2],
      ]);
      expect(hour?.spent).toBeGreaterThan(newInHour?.spent ?? 0);
      expect(Date.parse(hour?.until ?? '') - Date.now()).toBeGreaterThan(3_500_000);
      expect(shown.countries).toMatchObject([
        { country: 'SO', class: 'new', codesVerified: 0, credit: 27, capacity: 30, state: 'open' },
        { country: 'US', class: 'home', credit: 999, capacity: 1000, state: 'open' },
      ]);
      expect(shown.held).toEqual([
        {
          numbers: '+25261234xxxx',
          country: 'SO',
          credit: 0,
          capacity: 3,
          state: 'suspended',
          by: 'CREDIT_PER_RANGE',
          until: expect.stringMatching(/Z$/),
        },
      ]);
      expect(shown.outOfCredit).toEqual({ addresses: 0, sites: 0, networks: 0 });
    });

    // The texts are the same on a cluster.
    if (!isCluster) {
      test('status without --json shows the same, and no number or address', async () => {
        await drainRange();
        const { status: code, stdout, stderr } = await guard('status');
        expect([code, stderr]).toEqual([0, '']);
        expect(stdout).toMatch(/^The guard is on \(FRAUD_GUARD=enforce\)\. The home country is US\.\n/);
        expect(stdout).toMatch(/ {2}BUDGET_PER_HOUR +0\.\d\d of 2\.00 +\d+% +until 20.* UTC\n/);
        expect(stdout).toMatch(/ {2}SO {2}new {2}0 {2}27 of 30\n/);
        expect(stdout).toMatch(/ {2}\+25261234xxxx {2}SO {2}0 of 3 {2}suspended until 20.* UTC \(CREDIT_PER_RANGE\)\n/);
        expect(stdout).toContain('Out of credit: 0 addresses, 0 sites (IPv6 /56), 0 networks.');
        for (const secret of [somali(0), ADDRESS]) expect(stdout).not.toContain(secret);
      });

      test('status without --json lists fifty ranges on hold, and counts the others', async () => {
        const now = String(Date.now());
        for (let range = 100; range < 160; range += 1)
          await stores.redis.hset(`phone-verification:d:{SO}:r:+252612${range}`, 'v', '0', 't', now);
        expect((await status()).held).toHaveLength(60);
        const { stdout } = await guard('status');
        expect(stdout.match(/CREDIT_PER_RANGE/g)).toHaveLength(50);
        expect(stdout).toContain('  and 10 more: see --json\n');
      });

      test('status says in words that the guard holds nothing back', async () => {
        const { stdout } = await guard('status');
        expect(stdout).toContain('No country has received messages recently.');
        expect(stdout).toContain('No numbers are on hold.');
        expect(stdout).toContain('No numbers are blocked in Redis.');
      });
    }

    test.each([['+252612'], ['+25261234xxxx'], [somali(5)]])(
      'lift %s lets messages go to the range again',
      async (what) => {
        await drainRange();
        expect(await guard('lift', what)).toMatchObject({
          status: 0,
          stdout: expect.stringMatching(
            /^(One range or block has its|2 ranges and blocks have their) full credit again\.\n$/,
          ),
        });
        expect(reasonOf(await send(somali(9)))).toBe('granted');
        expect((await status()).held).toEqual([]);
      },
    );

    test('lift of anything else changes nothing', async () => {
      await drainRange();
      for (const what of ['+252613', '+252613xxxx', '+14155552671', 'GB', '198.51.100.1'])
        expect(await guard('lift', what)).toMatchObject({ status: 0, stdout: 'Nothing was holding it back.\n' });
      expect(reasonOf(await send(somali(9)))).toBe('CREDIT_PER_RANGE');
    });

    test('lift of a country fills its credit, and keeps its verified codes', async () => {
      await send(somali(1));
      const key = 'phone-verification:d:{SO}';
      await stores.redis.hset(key, 'v', '-5', 'e', '7', 'f', String(Date.now()));
      expect((await status()).countries).toMatchObject([
        { country: 'SO', credit: expect.any(Number), state: 'challenge', by: 'CREDIT_PER_COUNTRY', codesVerified: 7 },
      ]);
      expect((await guard('lift', 'so')).stdout).toMatch(/^SO has its full credit again/);
      expect((await status()).countries).toMatchObject([
        { country: 'SO', credit: 30, state: 'open', codesVerified: 7 },
      ]);
    });

    test('lift of an address lets it send again, and status counts it before', async () => {
      const net = privacy.pseudonym('address', '203.0.113.0/24');
      const key = `phone-verification:a:{${net}}:${privacy.pseudonym('address', ADDRESS)}`;
      await send('+14155552671');
      await stores.redis.hset(key, 'v', '-10', 't', String(Date.now()));
      expect(reasonOf(await send('+14155552672'))).toBe('CREDIT_PER_ADDRESS');
      expect((await status()).outOfCredit).toEqual({ addresses: 1, sites: 0, networks: 0 });
      expect((await guard('lift', ADDRESS)).stdout).toBe('The address and its network have their full credit again.\n');
      expect(reasonOf(await send('+14155552672'))).toBe('granted');
      expect((await status()).outOfCredit).toEqual({ addresses: 0, sites: 0, networks: 0 });
    });

    test('lift of an IPv6 address fills the credit of its /64, /56 and /48', async () => {
      await send('+14155552671', '2001:db8:1:2::3');
      const reply = JSON.parse((await guard('lift', '2001:db8:1:2:ffff::1', '--json')).stdout);
      expect(reply).toEqual({ lifted: 'address', count: 1 });
      const left = (await Promise.all(
        (await keys('[aw]')).map((key) => stores.redis.hmget(key, 'v', 'M')),
      )) as unknown[][];
      expect(left.flat().filter((value) => value !== null)).toEqual([]);
    });

    async function keys(kinds: string): Promise<string[]> {
      const nodes = redis instanceof RedisCluster ? redis.nodes : [redis];
      const found = await Promise.all(nodes.map((node) => node.command('KEYS', `phone-verification:${kinds}:*`)));
      return found.flat() as string[];
    }

    test('lift budget lets messages go again', async () => {
      const everyone = 'phone-verification:e:{everyone}';
      const ends = Date.now() + 3_000_000;
      await stores.redis.hset(everyone, 'H', `200000 ${ends}`, 'B', `500000 ${ends}`, 'M', `1 ${ends}`);
      expect(reasonOf(await send('+14155552671'))).toMatch(/^BUDGET_PER_(HOUR|DAY)$/);
      expect(await guard('lift', 'budget')).toMatchObject({
        status: 0,
        stdout: 'The budgets of the hour and of the day are reset.\n',
      });
      expect(await stores.redis.hkeys(everyone)).toEqual(['M']);
      expect(reasonOf(await send('+14155552671'))).toBe('granted');
    });

    test('block adds numbers and prefixes, unblock removes them, and Redis holds them encrypted', async () => {
      const blocked = createBlockedNumbers(stores.redis, privacy);
      expect((await guard('block', '+252 61-2', '+14155552671')).stdout).toBe(
        '2 entries added: these numbers get no more codes. Every server applies this within ten seconds.\n',
      );
      expect((await guard('block', '+252612xxxx')).stdout).toBe('It was already blocked.\n');
      expect([...(await blocked.read())].sort()).toEqual(['+14155552671', '+252612']);
      expect(JSON.stringify(await stores.redis.hgetall('phone-verification:blocked'))).not.toMatch(/252612|4155552671/);
      expect((await status()).blocked).toEqual({ beginnings: ['+252612'], numbers: 1 });
      expect((await guard('status')).stdout).toContain('Blocked in Redis: +252612, 1 whole number.');
      expect((await guard('unblock', '+252612345')).stdout).toBe(
        'Redis has no such block. The number is still blocked by +252612.\n',
      );
      expect(JSON.parse((await guard('unblock', '+1 415 555 2671', '--json')).stdout)).toEqual({
        removed: 1,
        stillBlockedBy: [],
      });
      expect(await blocked.read()).toEqual(['+252612']);
    });

    if (!isCluster) {
      test('in record mode, status shows what the guard would do, and without the guard it shows only budgets', async () => {
        await drainRange();
        const recorded = (await runScript('guard', ['status'], { ...environment, FRAUD_GUARD: 'record' })).stdout;
        expect(recorded).toMatch(/^The guard only records/);
        expect(recorded).toContain('+25261234xxxx');
        const off = (await runScript('guard', ['status'], { ...environment, FRAUD_GUARD: 'off' })).stdout;
        expect(off).toMatch(/^The guard is off/);
        expect(off).toContain('BUDGET_PER_DAY');
        expect(off).not.toContain('+25261234xxxx');
      });
    }
  });
});

describe('npm run guard', () => {
  const USAGE = /^Usage: npm run guard/;

  test('--help prints the usage', async () => {
    expect(await runScript('guard', ['--help'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(USAGE),
      stderr: '',
    });
  });

  test.each([
    [[], USAGE],
    [['lift'], USAGE],
    [['status', 'now'], USAGE],
    [['bloc', '+252612'], USAGE],
    [['status', '--all'], USAGE],
  ])('misuse exits with 2: %j', async (words, says) => {
    const { status, stdout, stderr } = await runScript('guard', words);
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(says)]);
  });

  test('says plainly that there is no Redis, no key, or a faulty variable', async () => {
    const redis = { REDIS_URL: 'redis://127.0.0.1:1', PRIVACY_KEY };
    const outcome = async (environment: Record<string, string>, ...words: string[]) => {
      const { status, stderr } = await runScript('guard', words, environment);
      return [status, stderr];
    };
    expect(await outcome({ PRIVACY_KEY }, 'status')).toEqual([
      2,
      expect.stringMatching(/^REDIS_URL is not set\. Without Redis/),
    ]);
    expect(await outcome({ REDIS_URL: redis.REDIS_URL }, 'status')).toEqual([
      2,
      expect.stringMatching(/PRIVACY_KEY is not set/),
    ]);
    expect(await outcome({ ...redis, FRAUD_GUARD: 'on' }, 'status')).toEqual([
      2,
      expect.stringMatching(/^FRAUD_GUARD must be/),
    ]);
    expect(await outcome({ ...redis, npm_config_json: 'true' }, 'status')).toEqual([
      2,
      expect.stringMatching(/^Put -- before/),
    ]);
    expect(await outcome(redis, 'block', 'hello')).toEqual([2, expect.stringMatching(/^Write a number/)]);
    expect(await outcome(redis, 'status')).toEqual([1, expect.stringMatching(/^Redis does not answer as expected/)]);
  });

  test('refuses to lift something unknown, and does not repeat its name', async () => {
    const name = `x${randomUUID()}`;
    const { status, stderr } = await runScript('guard', ['lift', name], {
      REDIS_URL: 'redis://127.0.0.1:1',
      PRIVACY_KEY,
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^The guard cannot lift that\./);
    expect(stderr).not.toContain(name);
  });
});
