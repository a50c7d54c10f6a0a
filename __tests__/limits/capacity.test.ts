import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { testEnvironment } from '@/__tests__/support/app';
import { describeWithRedis, TestRedis } from '@/__tests__/support/redis';
import { loadConfig } from '@/lib/config/config';
import { makePrivacyKey } from '@/lib/config/keys';
import { termsOf } from '@/lib/limits/terms';
import { createPrivacy } from '@/lib/privacy';
import { createMemoryStores } from '@/lib/store/memory/memory-stores';
import { createRedisStores } from '@/lib/store/redis/redis-stores';
import type { Stores } from '@/lib/store/stores';

const NUMBERS = 20_000;
/** Bounds with room for another version of Node.js or Redis; the measured figures are printed, and are in docs/operations.md. */
const MOST_BYTES = { memory: 3000, redis: 2300, kept: 500 };
const IN_PARALLEL = 100;

const config = loadConfig(testEnvironment('http://127.0.0.1:9') as unknown as NodeJS.ProcessEnv);
const terms = { ...termsOf(config).message, everyone: [] };

/** A message to each of so many numbers, each for somebody elsewhere, by the default limits. */
async function sendToAll({ limits, verifications }: Stores, first = 0): Promise<void> {
  async function send(i: number): Promise<void> {
    const subject = `+1415${5_000_000 + i}`;
    const place = `20.${i >> 8}.${i & 255}`;
    const demand = { token: randomUUID(), terms, address: `${place}.1`, network: `${place}.0/24` };
    const reserved = await limits.reserve({ ...demand, about: { subject, device: undefined }, method: 'sms' });
    if (reserved.kind !== 'granted') throw new Error(reserved.kind);
    await limits.commitMessage(reserved.held);
    const methodState = JSON.stringify([config.infobip.messageIds.sms.en, randomBytes(16).toString('hex')]);
    const challenge = { method: 'sms', methodState, challenge: demand.token, ttlMs: 300_000 };
    await verifications.create(randomBytes(32).toString('base64url'), { subject, scope: 'strangers', ...challenge });
  }
  for (let from = 0; from < NUMBERS; from += IN_PARALLEL)
    await Promise.all(Array.from({ length: IN_PARALLEL }, (_, i) => send(first + from + i)));
}

function report(where: string, bytes: number): void {
  process.stdout.write(`\nA number that was just sent a code takes ${Math.round(bytes)} bytes ${where}.\n`);
}

test('a number that was sent a code takes a bounded amount of memory', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const stores = createMemoryStores({ maxAttempts: 5 });
  await sendToAll(stores);
  collect();
  const before = process.memoryUsage().heapUsed;
  await sendToAll(stores, NUMBERS);
  collect();
  const bytes = (process.memoryUsage().heapUsed - before) / NUMBERS;
  report('in memory', bytes);
  expect(bytes).toBeLessThan(MOST_BYTES.memory);
  expect(await stores.verifications.find('none')).toBeUndefined();
});

describeWithRedis('in Redis', () => {
  test('a number that was sent a code takes a bounded amount of memory', async () => {
    const redis = await TestRedis.start();
    const privacy = createPrivacy([makePrivacyKey()]);
    const stores = createRedisStores({ url: redis.url, maxAttempts: 5, privacy, onConnection: () => undefined });
    while (!stores.isConnected()) await sleep(10);
    const used = async () => Number(/used_memory:(\d+)/.exec(String(await redis.command('INFO', 'memory')))?.[1]);
    const before = await used();
    await sendToAll(stores);
    const bytes = ((await used()) - before) / NUMBERS;
    const [, [left = ''] = []] = (await redis.command('SCAN', 0, 'MATCH', 'phone-verification:n:*')) as [
      string,
      string[],
    ];
    const kept = Number(await redis.command('MEMORY', 'USAGE', left));
    stores.close();
    await redis.kill();
    report('in Redis', bytes);
    process.stdout.write(`What is kept of it for a day takes ${kept} bytes.\n`);
    expect(kept).toBeLessThan(MOST_BYTES.kept);
    expect(bytes).toBeLessThan(MOST_BYTES.redis);
  });
});
