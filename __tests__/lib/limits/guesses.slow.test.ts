import { setTimeout as sleep } from 'node:timers/promises';
import { testEnvironment } from '@/__tests__/support/app';
import { describeWithRedis, TestRedis } from '@/__tests__/support/redis';
import { RedisCluster } from '@/__tests__/support/redis-cluster';
import { loadConfig } from '@/lib/config/config';
import { makePrivacyKey } from '@/lib/config/keys';
import { ALL_DEVICES, LOCK } from '@/lib/limits/policies';
import { createLimits, type Limits, type Reservation } from '@/lib/limits/reservation';
import { termsOf } from '@/lib/limits/terms';
import { createPrivacy } from '@/lib/privacy';
import type { Refusal } from '@/lib/store/limits';
import { createMemoryStores } from '@/lib/store/memory/memory-stores';
import { createRedisStores } from '@/lib/store/redis/redis-stores';
import type { Stores } from '@/lib/store/stores';

const SUBJECT = '+14155552671';
const OTHER = '+14155552672';
/** A busy machine is not the store's fault. */
const PATIENT_MS = 10_000;
const PARALLEL = 50;
/** The default limits. */
const GUESSES_PER_NETWORK = 10;
const FACTORS_PER_ADDRESS = 300;
const VAIN_GUESSES_COUNTED = 20;

/** A client in a network of its own. */
const from = (network: number) => ({
  address: `20.${network >> 8}.${network & 255}.1`,
  network: `20.${network >> 8}.${network & 255}.0/24`,
});

const deviceOf = (id: string) => ({ id, issuedAt: Date.now() });

function limitsOf(stores: Pick<Stores, 'limits'>): Limits {
  const env = { ...testEnvironment('http://127.0.0.1:9'), FRAUD_GUARD: 'off' } as unknown as NodeJS.ProcessEnv;
  return createLimits(stores.limits, termsOf(loadConfig(env), 4500));
}

function granted(reserved: Reservation | Refusal): Reservation {
  if (reserved.kind !== 'granted') throw new Error(`Refused: ${JSON.stringify(reserved)}`);
  return reserved;
}

/**
 * What holds for guesses at codes that no message carries, and for factors that nobody can guess, however the state is
 * kept.
 */
function guessContract(storesOf: () => Stores): void {
  let stores: Stores;
  let limits: Limits;
  beforeEach(() => {
    stores = storesOf();
    limits = limitsOf(stores);
  });

  const guess = (client = from(1), id?: string, subject = SUBJECT) =>
    limits.reserveGuess(client, { subject, device: id === undefined ? undefined : deviceOf(id), isKnown: true });
  const message = (client = from(200)) =>
    limits.reserveMessage(client, { subject: SUBJECT, method: 'sms', device: undefined });
  async function attempt(key: string, client = from(201)) {
    await stores.verifications.create(key, {
      subject: SUBJECT,
      scope: 'strangers',
      method: 'sms',
      methodState: '',
      challenge: 'ONE',
      ttlMs: 600_000,
    });
    return limits.reserveAttempt(client, key);
  }

  test('guesses lock a number for strangers as wrong codes do: for guesses, messages and attempts', async () => {
    const locks: boolean[] = [];
    for (let i = 0; i < LOCK.every; i += 1) locks.push(granted(await guess(from(i))).locks);
    expect(locks).toEqual([...Array(LOCK.every - 1).fill(false), true]);
    for (const refused of [await guess(from(99)), await message(), await attempt('key')])
      expect(refused.kind).toBe('locked');
    expect(granted(await guess(from(99), 'laptop')).scope).toBe('device:laptop');
    granted(await guess(from(99), undefined, OTHER));
  });

  test('guesses and wrong codes by phone count together', async () => {
    for (let i = 0; i < LOCK.every - 1; i += 1) granted(await attempt(`wrong-${i}`));
    expect(granted(await guess()).locks).toBe(true);
    expect((await guess(from(2))).kind).toBe('locked');
  });

  test('guesses of a known device lock that device alone, and count for all known devices together', async () => {
    for (let i = 0; i < LOCK.every; i += 1) granted(await guess(from(i), 'laptop'));
    expect((await guess(from(50), 'laptop')).kind).toBe('locked');
    expect(granted(await guess(from(50))).scope).toBe('strangers');
    for (const id of ['phone', 'tablet'])
      for (let i = 0; i < (ALL_DEVICES.wrongCodes - LOCK.every) / 2; i += 1) granted(await guess(from(i), id));
    expect(granted(await guess(from(51), 'watch')).scope).toBe('strangers');
  });

  test('a right guess starts the count from zero', async () => {
    for (let round = 0; round < 3; round += 1) {
      for (let i = 0; i < LOCK.every - 1; i += 1) granted(await guess(from(20 * round + i)));
      await granted(await guess()).commit('verified');
    }
    for (let i = 0; i < LOCK.every - 1; i += 1) granted(await guess(from(80 + i), 'laptop'));
    await granted(await guess(from(90), 'laptop')).commit('verified');
    granted(await guess(from(90), 'laptop'));
  });

  test('right guesses do not use up those of their network, and wrong ones do', async () => {
    for (let i = 0; i < 2 * GUESSES_PER_NETWORK; i += 1) await granted(await guess()).commit('verified');
    for (let i = 0; i < GUESSES_PER_NETWORK - 1; i += 1) granted(await guess());
    // Somebody else's success: the number is not locked, and the network's own guesses still count.
    await granted(await guess(from(2))).commit('verified');
    granted(await guess());
    expect(await guess()).toMatchObject({ kind: 'limited', by: 'LIMIT_GUESSES_PER_NUMBER_AND_NETWORK' });
    granted(await guess(from(3)));
    granted(await guess(from(1), 'laptop'));
  });

  test.each([undefined, 'laptop'])(
    'released guesses count as if nobody had made them, by the device %s',
    async (id) => {
      for (let i = 0; i < FACTORS_PER_ADDRESS + 20; i += 1) await granted(await guess(from(1), id)).release();
      for (let i = 0; i < LOCK.every - 1; i += 1) expect(granted(await guess(from(1), id)).locks).toBe(false);
      expect(granted(await guess(from(1), id)).locks).toBe(true);
    },
  );

  test('a released guess lifts the lock that it caused', async () => {
    for (let i = 0; i < LOCK.every - 1; i += 1) granted(await guess(from(i)));
    const last = granted(await guess(from(20)));
    expect([last.locks, (await guess(from(21))).kind]).toEqual([true, 'locked']);
    await last.release();
    expect(granted(await guess(from(21))).locks).toBe(true);
  });

  test('a refused guess takes nothing', async () => {
    for (let i = 0; i < LOCK.every; i += 1) granted(await guess(from(i)));
    for (let i = 0; i < FACTORS_PER_ADDRESS + 20; i += 1) expect((await guess(from(30))).kind).toBe('locked');
    granted(await guess(from(30), undefined, OTHER));
    granted(await limits.reserveFactor(from(30)));
  });

  test('a lock lets ten of many simultaneous guesses pass', async () => {
    const reserved = await Promise.all(Array.from({ length: PARALLEL }, (_, i) => guess(from(i))));
    expect(reserved.filter(({ kind }) => kind === 'granted')).toHaveLength(LOCK.every);
  });

  test('factors that nobody can guess count for their client, and never for a number', async () => {
    for (let i = 0; i < LOCK.every; i += 1) granted(await guess(from(i)));
    for (let i = 0; i < FACTORS_PER_ADDRESS; i += 1) granted(await limits.reserveFactor(from(40)));
    expect(await limits.reserveFactor(from(40))).toMatchObject({ kind: 'limited', by: 'LIMIT_FACTORS_PER_ADDRESS' });
    expect(await guess(from(40), 'laptop')).toMatchObject({ kind: 'limited', by: 'LIMIT_FACTORS_PER_ADDRESS' });
    for (let i = 0; i < 2 * FACTORS_PER_ADDRESS; i += 1) await granted(await limits.reserveFactor(from(41))).release();
  });

  test('only a few guesses at numbers without a factor count for those numbers', async () => {
    const vain = (client: number, subject: string) =>
      limits.reserveGuess(from(client), { subject, device: undefined, isKnown: false });
    for (let i = 0; i < LOCK.every; i += 1) granted(await vain(i, OTHER));
    expect((await vain(60, OTHER)).kind).toBe('locked');
    for (let i = LOCK.every; i < VAIN_GUESSES_COUNTED; i += 1) granted(await vain(i, `+1415555${3000 + i}`));
    for (let i = 0; i < 3 * LOCK.every; i += 1) expect(granted(await vain(i, SUBJECT)).locks).toBe(false);
    granted(await message());
    // Guesses at numbers with a factor always count against the number.
    for (let i = 0; i < LOCK.every; i += 1) granted(await guess(from(i)));
    expect((await guess(from(61))).kind).toBe('locked');
    // Guesses at numbers without a factor still count against the address.
    for (let i = 0; i < FACTORS_PER_ADDRESS; i += 1) granted(await vain(70, SUBJECT));
    expect((await vain(70, SUBJECT)).kind).toBe('limited');
  });
}

describe('in memory', () => {
  guessContract(() => createMemoryStores({ maxAttempts: 5 }));

  test('verifications that fail leave a bounded number of addresses, so that new people still get codes', async () => {
    const limits = limitsOf(createMemoryStores({ maxAttempts: 5, maxEntries: 50_000 }));
    for (let i = 0; i < 60_000; i += 1) granted(await limits.reserveFactor(from(i)));
    granted(await limits.reserveMessage(from(60_001), { subject: SUBJECT, method: 'sms', device: undefined }));
  });

  test('verifications that succeed do not end the counting of those that fail', async () => {
    const limits = limitsOf(createMemoryStores({ maxAttempts: 5 }));
    for (let i = 0; i < 25_000; i += 1) await granted(await limits.reserveFactor(from(i))).commit('verified');
    for (let i = 0; i < FACTORS_PER_ADDRESS; i += 1) granted(await limits.reserveFactor(from(60_000)));
    expect((await limits.reserveFactor(from(60_000))).kind).toBe('limited');
  });
});

type RedisStores = ReturnType<typeof createRedisStores>;

async function connect(url: string, keys: readonly string[], isCluster = false): Promise<RedisStores> {
  const stores = createRedisStores({
    url,
    isCluster,
    maxAttempts: 5,
    privacy: createPrivacy(keys),
    commandTimeoutMs: PATIENT_MS,
    onConnection: () => undefined,
  });
  for (;;) {
    const isReady = await stores.ping().then(
      () => true,
      () => false,
    );
    if (isReady) return stores;
    await sleep(10);
  }
}

describeWithRedis('in Redis', () => {
  const [older, newer] = [makePrivacyKey(), makePrivacyKey()];
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await TestRedis.start();
  });
  afterAll(() => redis.kill());
  beforeEach(() => redis.command('FLUSHALL'));

  describe.each([
    ['under one privacy key', [older]],
    ['while the privacy key is being changed', [newer, older]],
  ])('%s', (_, keys) => {
    let stores: RedisStores;
    beforeAll(async () => {
      stores = await connect(redis.url, keys);
    });
    afterAll(() => stores.close());
    guessContract(() => stores);
  });

  test('a lock by guesses under one key holds for instances with other keys, and a right guess lifts it for all', async () => {
    const keys = [[older], [older, newer], [newer, older]];
    const connected = await Promise.all(keys.map((own) => connect(redis.url, own)));
    for (const [number, stores] of connected.entries()) {
      const subject = `+1415555${8000 + number}`;
      const guess = (by: RedisStores, client: number) =>
        limitsOf(by).reserveGuess(from(client), { subject, device: undefined, isKnown: true });
      for (let i = 0; i < LOCK.every - 1; i += 1) granted(await guess(stores, i));
      // An instance that knows both keys makes the guess that locks the number, and this guess turns out to be right.
      const [, both = stores] = connected;
      const right = granted(await guess(both, 40));
      expect(right.locks).toBe(true);
      for (const other of connected) expect((await guess(other, 50)).kind).toBe('locked');
      await right.commit('verified');
      for (const other of connected) granted(await guess(other, 51));
    }
    for (const stores of connected) stores.close();
  });
});

describeWithRedis('on a cluster of Redis', () => {
  let cluster: RedisCluster;
  let stores: RedisStores;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
    stores = await connect(cluster.url, [makePrivacyKey()], true);
  });
  afterAll(async () => {
    stores.close();
    await cluster.stop();
  });
  beforeEach(() => Promise.all(cluster.nodes.map((node) => node.command('FLUSHALL'))));
  guessContract(() => stores);
});
