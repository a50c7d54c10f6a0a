import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { testEnvironment } from '@/__tests__/support/app';
import { GUARDED, newRange } from '@/__tests__/support/guard';
import { countOutcomes, flood, newNetwork } from '@/__tests__/support/person';
import { describeWithRedis, TestRedis } from '@/__tests__/support/redis';
import { endsOfKeys, keysChangedBy } from '@/__tests__/support/redis-keys';
import { describeOnCluster, describeOnRedis, type SetUp } from '@/__tests__/support/set-ups';
import { solve } from '@/__tests__/support/solve';
import { loadConfig } from '@/lib/config/config';
import { makePrivacyKey } from '@/lib/config/keys';
import { termsOf } from '@/lib/limits/terms';
import { destinationOf, unitPriceFor } from '@/lib/methods/phone/prices';
import { createPrivacy } from '@/lib/privacy';
import type { Demand } from '@/lib/store/limits';
import { createMemoryStores } from '@/lib/store/memory/memory-stores';
import { createRedisStores } from '@/lib/store/redis/redis-stores';
import type { Stores } from '@/lib/store/stores';

const SLOW = 0.001;
/** The key of a country lives longest. It counts verified codes for twelve half-lives of three days. */
const LONGEST_MS = 36 * 86_400_000;

function keysTests(setUp: SetUp): void {
  const deployment = setUp.deploy({ ...GUARDED, CREDIT_PER_RANGE: '2,1,0.35', CREDIT_PER_ADDRESS: '3,1,0.35' });

  test('every key expires', async () => {
    const person = deployment.person();
    const next = newRange();
    await flood(6, () => deployment.person().send(next()));
    await person.becomeKnown(newRange()());
    for (let sent = 0; sent < 6; sent += 1) {
      const number = newRange()();
      const { status, body } = await person.send(number);
      if (status === 428) await person.send(number, { solution: await solve(body.challenge) });
    }
    await deployment.simulator.fault('send', { kind: 'status', status: 400 });
    await deployment.person().send(newRange()());
    const ends = await endsOfKeys(deployment);
    expect(ends.size).toBeGreaterThan(20);
    const isMark = (key: string) => key.includes(':k:');
    expect([...ends].filter(([key, ms]) => ms <= 0 || (ms > LONGEST_MS && !isMark(key)))).toEqual([]);
  });

  test('messages that the guard refuses leave no key', async () => {
    const next = newRange();
    const person = deployment.person();
    for (let sent = 0; sent < 3; sent += 1) await person.send(newRange()());
    for (let sent = 0; sent < 2; sent += 1) await deployment.person().send(next());
    let suspended = {};
    let challenged = {};
    const changed = await keysChangedBy(deployment, async () => {
      suspended = countOutcomes(await flood(100, () => deployment.person().send(next())));
      challenged = countOutcomes(await flood(100, () => person.send(newRange()())));
    });
    expect([suspended, challenged]).toEqual([{ '429 DESTINATION_SUSPENDED': 100 }, { '428 CHALLENGE_REQUIRED': 100 }]);
    expect(changed).toEqual({});
  });
}

describeOnRedis('the state of the guard', keysTests);
describeOnCluster('the state of the guard', keysTests);

/** Asks the guard in the given stores, without a server. */
function guardOver(environment: Record<string, string>) {
  const config = loadConfig({
    ...testEnvironment('http://127.0.0.1:9'),
    ...GUARDED,
    ...environment,
  } as unknown as NodeJS.ProcessEnv);
  const terms = termsOf(config, unitPriceFor(config)).message;
  return async ({ limits }: Stores, e164: string, more: Partial<Demand> = {}) => {
    const network = newNetwork();
    const about = { subject: e164, device: undefined, destination: destinationOf({ e164, country: 'HR' }, config) };
    const client = { address: network(1), network: network(0) };
    const reserved = await limits.reserve({ token: randomUUID(), terms, ...client, about, method: 'sms', ...more });
    if (reserved.kind === 'granted') await limits.commitMessage(reserved.held);
    return reserved.kind === 'limited' ? reserved.by : reserved.kind;
  };
}

/** Croatian numbers, each in its own range. */
const croatian = (i: number) => `+38591${String(1000 + i).slice(1)}0000`;

test('memory that is full of buckets refuses strangers, and forgets no suspended range', async () => {
  const send = guardOver({ CREDIT_PER_RANGE: `1,${SLOW},0.35`, CREDIT_PER_NETWORK: `9,${SLOW},0.35` });
  const stores = createMemoryStores({ maxAttempts: 5, maxEntries: 100 });
  expect([await send(stores, croatian(0)), await send(stores, croatian(0).replace(/0$/, '1'))]).toEqual([
    'granted',
    'CREDIT_PER_RANGE',
  ]);
  let sent = 1;
  const fill = async () => {
    for (; sent < 1000; sent += 1) await send(stores, croatian(sent));
  };
  await expect(fill()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(sent).toBeLessThanOrEqual(100);
  expect(await send(stores, croatian(0).replace(/0$/, '2'))).toBe('CREDIT_PER_RANGE');
});

test('one number that verifies every day opens no calls to its country', async () => {
  let now = Date.now();
  const stores = createMemoryStores({ maxAttempts: 5, now: () => now });
  const { limits, verifications } = stores;
  const config = loadConfig({
    ...testEnvironment('http://127.0.0.1:9'),
    FRAUD_GUARD: 'enforce',
  } as unknown as NodeJS.ProcessEnv);
  const { message, attempt } = termsOf(config, unitPriceFor(config));
  const client = { address: '20.0.0.1', network: '20.0.0.0/24' };
  const subject = croatian(0);
  const destination = destinationOf({ e164: subject, country: 'HR' }, config);
  const about = { subject, device: undefined, destination };
  const ask = (method: string) => limits.reserve({ ...client, token: randomUUID(), terms: message, about, method });
  for (let day = 0; day < 20; day += 1) {
    const sent = await ask('sms');
    if (sent.kind !== 'granted') throw new Error(sent.kind);
    await limits.commitMessage(sent.held);
    const verification = randomUUID();
    const challenge = { methodState: '', challenge: sent.held.demand.token, ttlMs: 60_000 };
    await verifications.create(verification, { ...about, ...challenge, method: 'sms', scope: 'strangers' });
    const token = randomUUID();
    const right = await limits.reserve({ ...client, token, terms: attempt, about: { verification, isCounted: false } });
    if (right.kind !== 'granted') throw new Error(right.kind);
    await limits.commitSuccess(right.held);
    now += 60_000;
    expect((await ask('voice')).kind).toBe('no-calls');
    now += 86_400_000;
  }
});

type Open = () => Promise<{ stores: Stores; close: () => Promise<void> }>;

const inMemory: Open = async () => ({ stores: createMemoryStores({ maxAttempts: 5 }), close: async () => undefined });

async function inRedis(): ReturnType<Open> {
  const redis = await TestRedis.start();
  const privacy = createPrivacy([makePrivacyKey()]);
  const stores = createRedisStores({
    url: redis.url,
    maxAttempts: 5,
    privacy,
    commandTimeoutMs: 5000,
    onConnection: () => undefined,
  });
  while (!stores.isConnected()) await sleep(10);
  return {
    stores,
    async close() {
      stores.close();
      await redis.kill();
    },
  };
}

async function expectWaitsUsedUp(open: Open): Promise<void> {
  const send = guardOver({ CREDIT_PER_COUNTRY: `1,${SLOW},0.35`, LIMIT_WAITS_PER_COUNTRY: '2/1d' });
  const { stores, close } = await open();
  const pass = (kind: 'waited' | 'solved') => ({ pass: { id: randomUUID(), kind, level: 4, ttlMs: 60_000 } });
  const outcomes = [await send(stores, croatian(0))];
  for (let i = 1; i < 5; i += 1) outcomes.push(await send(stores, croatian(i), pass('waited')));
  outcomes.push(await send(stores, croatian(5), pass('solved')));
  await close();
  const refused = 'LIMIT_WAITS_PER_COUNTRY';
  expect(outcomes).toEqual(['granted', 'granted', 'granted', refused, refused, 'granted']);
}

test("strangers who use up a country's waits block no solved challenge, in memory", () => expectWaitsUsedUp(inMemory));

describeWithRedis('in Redis', () => {
  test("strangers who use up a country's waits block no solved challenge", () => expectWaitsUsedUp(inRedis));
});
