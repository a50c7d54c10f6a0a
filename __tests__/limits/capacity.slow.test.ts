import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { testEnvironment } from '@/__tests__/support/app';
import { describeWithRedis, TestRedis } from '@/__tests__/support/redis';
import { loadConfig } from '@/lib/config/config';
import { makePrivacyKey } from '@/lib/config/keys';
import { termsOf } from '@/lib/limits/terms';
import { destinationOf, unitPriceFor } from '@/lib/methods/phone/prices';
import { createPrivacy } from '@/lib/privacy';
import { createMemoryStores } from '@/lib/store/memory/memory-stores';
import { createRedisStores } from '@/lib/store/redis/redis-stores';
import type { Stores } from '@/lib/store/stores';

const NUMBERS = 5000;
/**
 * Bounds with room for other versions of Node.js and Redis. docs/operations.md quotes the measured figures, which the
 * tests print.
 */
const MOST_BYTES = { memory: 4200, redis: 3000, kept: 500 };
/** Bound for the state of the guard, with a million numbers a day. */
const MOST_MEGABYTES = 200;
const IN_PARALLEL = 100;
const USERS_PER_RANGE = 20;
const RANGES_PER_BLOCK = 100;
/** Every fifth person never enters the code. */
const isVerified = (i: number) => i % 5 > 0;
const DAY_MS = 86_400_000;
const MILLION = 1_000_000;

/** The default figures, but with room for a day's people at once: how full a bucket is makes no difference to its size. */
const ROOM = {
  LIMIT_SEND_PER_BLOCK: '100000/1d',
  CREDIT_PER_RANGE: '1000,0.5,0.35',
  CREDIT_PER_BLOCK: '100000,3,0.35',
  CREDIT_PER_COUNTRY: '1000000,1.5,0.35',
  CREDIT_PER_MAIN_COUNTRY: '1000000,7.5,0.5',
  CREDIT_PER_HOME_COUNTRY: '1000000,125,0.56',
};

const configOf = (environment: Record<string, string>) =>
  loadConfig({ ...testEnvironment('http://127.0.0.1:9'), ...environment } as unknown as NodeJS.ProcessEnv);

/** The limits of strangers, without the global ones. */
function termsFor(guard: 'enforce' | 'off') {
  const config = configOf({ ...ROOM, FRAUD_GUARD: guard });
  const { message, attempt } = termsOf(config, unitPriceFor(config));
  return { message: { ...message, everyone: [] }, attempt };
}

const config = configOf({});

/** Strangers' numbers: ranges of twenty people each, a hundred ranges to a block. */
function numberOf(i: number): string {
  const range = Math.floor(i / USERS_PER_RANGE);
  const block = 790_000 + Math.floor(range / RANGES_PER_BLOCK);
  const inBlock = String(range % RANGES_PER_BLOCK).padStart(2, '0');
  return `+44${block}${inBlock}${String(i % USERS_PER_RANGE).padStart(4, '0')}`;
}

/** Sends a code to one number, for a person in a network of their own. */
async function sendTo(stores: Stores, terms: ReturnType<typeof termsFor>, i: number) {
  const { limits, verifications } = stores;
  const subject = numberOf(i);
  const place = `20.${i >> 8}.${i & 255}`;
  const client = { address: `${place}.1`, network: `${place}.0/24` };
  const token = randomUUID();
  const destination = destinationOf({ e164: subject, country: 'GB' }, config);
  const about = { subject, device: undefined, destination };
  const reserved = await limits.reserve({ ...client, token, terms: terms.message, about, method: 'sms' });
  if (reserved.kind !== 'granted') throw new Error(JSON.stringify(reserved));
  await limits.commitMessage(reserved.held);
  const methodState = JSON.stringify([config.infobip.messageIds.sms.en, randomBytes(16).toString('hex')]);
  const verification = randomBytes(32).toString('base64url');
  const challenge = { method: 'sms', methodState, challenge: token, ttlMs: 300_000 };
  await verifications.create(verification, { subject, scope: 'strangers', destination, ...challenge });
  return {
    async enterCode(): Promise<void> {
      const demand = {
        ...client,
        token: randomUUID(),
        terms: terms.attempt,
        about: { verification, isCounted: false },
      };
      const attempt = await limits.reserve(demand);
      if (attempt.kind !== 'granted') throw new Error(JSON.stringify(attempt));
      await limits.commitSuccess(attempt.held);
      await verifications.settleAttempt(verification, token, { kind: 'verified' });
    },
  };
}

async function inBatches(act: (i: number) => Promise<unknown>, first = 0): Promise<void> {
  for (let from = 0; from < NUMBERS; from += IN_PARALLEL)
    await Promise.all(Array.from({ length: IN_PARALLEL }, (_, i) => act(first + from + i)));
}

/** Sends a message to each of NUMBERS numbers, each for another person. */
const sendToAll = (stores: Stores, first = 0): Promise<void> => {
  const terms = termsFor('enforce');
  return inBatches((i) => sendTo(stores, terms, i), first);
};

function reportDay(where: string, guarded: number, unguarded: number): void {
  const megabytes = (bytes: number) => Math.round(bytes / MILLION);
  process.stdout.write(
    `\nA million numbers a day take ${megabytes(guarded)} MB ${where}, ${megabytes(guarded - unguarded)} MB of it for the guard.\n`,
  );
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
}, 120_000);

/**
 * Bytes that a day of a million steady sends leaves in memory. Sends only a share of them, with a clock that it moves.
 */
async function dayInMemory(guard: 'enforce' | 'off', collect: () => void): Promise<number> {
  const startedAt = Date.now();
  let now = startedAt;
  const stores = createMemoryStores({ maxAttempts: 5, now: () => now });
  const terms = termsFor(guard);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < NUMBERS; i += 1) {
    // Somebody new in each range in turn, not all people of one range at once.
    const who = (i % (NUMBERS / USERS_PER_RANGE)) * USERS_PER_RANGE + Math.floor((i * USERS_PER_RANGE) / NUMBERS);
    now = startedAt + (i * DAY_MS) / NUMBERS;
    const sent = await sendTo(stores, terms, who);
    if (isVerified(i)) await sent.enterCode();
  }
  collect();
  const bytes = process.memoryUsage().heapUsed - before;
  expect(await stores.verifications.find('none')).toBeUndefined();
  return (bytes * MILLION) / NUMBERS;
}

test('the state of the guard for a million numbers a day stays under 200 MB in memory', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const unguarded = await dayInMemory('off', collect);
  const guarded = await dayInMemory('enforce', collect);
  reportDay('in memory', guarded, unguarded);
  expect((guarded - unguarded) / MILLION).toBeLessThan(MOST_MEGABYTES);
}, 120_000);

/** What one day of steady sends keeps in Redis. A key that lives for a part of the day counts only for that part. */
async function dayInRedis(redis: TestRedis, guard: 'enforce' | 'off'): Promise<number> {
  await redis.command('FLUSHALL');
  const privacy = createPrivacy([makePrivacyKey()]);
  const stores = createRedisStores({
    url: redis.url,
    maxAttempts: 5,
    privacy,
    commandTimeoutMs: 5000,
    onConnection: () => undefined,
  });
  while (!stores.isConnected()) await sleep(10);
  const terms = termsFor(guard);
  await inBatches(async (i) => {
    const sent = await sendTo(stores, terms, i);
    if (isVerified(i)) await sent.enterCode();
  });
  stores.close();
  const kept = await redis.command('EVAL', KEPT_FOR_A_DAY, 0, DAY_MS);
  return (Number(kept) * MILLION) / NUMBERS;
}

/** The bytes of every key, times the share of the day that it lives. Fails on a key without an expiry. */
const KEPT_FOR_A_DAY = `
local bytes = 0
for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key)
  if left < 0 then return redis.error_reply(key .. ' never ends') end
  bytes = bytes + redis.call('MEMORY', 'USAGE', key) * math.min(1, left / ARGV[1])
end
return string.format('%.0f', bytes)`;

describeWithRedis('in Redis', () => {
  test('the state of the guard for a million numbers a day stays under 200 MB', async () => {
    const redis = await TestRedis.start();
    const unguarded = await dayInRedis(redis, 'off');
    const guarded = await dayInRedis(redis, 'enforce');
    await redis.kill();
    reportDay('in Redis', guarded, unguarded);
    expect((guarded - unguarded) / MILLION).toBeLessThan(MOST_MEGABYTES);
  }, 120_000);

  test('a number that was sent a code takes a bounded amount of memory', async () => {
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
  }, 120_000);
});
