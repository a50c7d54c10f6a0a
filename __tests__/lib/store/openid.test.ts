import { setTimeout as sleep } from 'node:timers/promises';
import { describeWithRedis, TestRedis } from '@/__tests__/support/redis';
import { makePrivacyKey } from '@/lib/config/keys';
import { AppError } from '@/lib/errors';
import { createPrivacy } from '@/lib/privacy';
import { createMemoryStores } from '@/lib/store/memory/memory-stores';
import type { OpenIdStore } from '@/lib/store/openid';
import { createConnection } from '@/lib/store/redis/connection';
import { createRedisOpenIdStore } from '@/lib/store/redis/openid-store';
import { createRedisStores } from '@/lib/store/redis/redis-stores';

const TTL_MS = 60_000;

/** What both stores promise. */
function contract(storeOf: () => OpenIdStore): void {
  test('the store finds what was put, until it is removed', async () => {
    const store = storeOf();
    await store.put('one', 'value', TTL_MS);
    expect(await store.find('one')).toEqual({ value: 'value', isConsumed: false });
    await store.remove('one');
    expect(await store.find('one')).toBeUndefined();
    expect(await store.find('other')).toBeUndefined();
  });

  test('the store lets one of any number of parallel requests consume an entry', async () => {
    const store = storeOf();
    await store.put('code', 'value', TTL_MS);
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => store.consume('code')));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await store.find('code')).toEqual({ value: 'value', isConsumed: true });
    expect(await store.consume('never there')).toBe(false);
  });

  test('the store lets an entry that is put again be consumed again', async () => {
    const store = storeOf();
    await store.put('twice', 'first', TTL_MS);
    await store.consume('twice');
    await store.put('twice', 'second', TTL_MS);
    expect(await store.find('twice')).toEqual({ value: 'second', isConsumed: false });
  });

  test('the store forgets an entry when its time is over', async () => {
    const store = storeOf();
    await store.put('short', 'value', 50);
    await sleep(80);
    expect(await store.find('short')).toBeUndefined();
    expect(await store.consume('short')).toBe(false);
  });
}

/** Begins as many logins as there is room for, and ends one of them. */
async function expectFloodToEnd(store: OpenIdStore, room: number): Promise<void> {
  for (let i = 0; i < room; i += 1) await store.begin(`abandoned ${i}`, 'value', 50);
  await sleep(80);
  for (let i = 0; i < room; i += 1) await store.begin(`login ${i}`, 'value', TTL_MS);
  await expect(store.begin('one more', 'value', TTL_MS)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await expect(store.begin('one more', 'value', TTL_MS)).rejects.toBeInstanceOf(AppError);
  expect(await store.find('one more')).toBeUndefined();
  expect(await store.find('login 3')).toEqual({ value: 'value', isConsumed: false });
  await store.begin('login 3', 'verified', TTL_MS);
  expect(await store.find('login 3')).toMatchObject({ value: 'verified' });
  await store.remove('login 3');
  for (const key of ['grant 1', 'code 1', 'token 1']) await store.put(key, 'value', TTL_MS);
  expect(await store.find('token 1')).toBeDefined();
}

describe('in memory', () => {
  const { openid } = createMemoryStores({ maxAttempts: 5 });
  contract(() => openid);

  test('a flood of new logins is refused, and those in progress go on', async () => {
    // This store has room for ten times as many other entries, because a login is larger, and anybody can begin one.
    const { openid: small, verifications } = createMemoryStores({ maxAttempts: 5, maxEntries: 100 });
    await expectFloodToEnd(small, 5);
    // Once the store is full, even entries of logins that cost a message get no room.
    for (let i = 2; i < 5; i += 1) await small.put(`code ${i}`, 'value', TTL_MS);
    await expect(small.put('one more', 'value', TTL_MS)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    // A store full of logins still has room for verifications.
    const verification = { subject: '+14155552671', method: 'sms', methodState: '', challenge: 'A', ttlMs: TTL_MS };
    await verifications.create('key', { ...verification, scope: 'strangers' });
    expect(await verifications.find('key')).toBeDefined();
  });
});

describeWithRedis('in Redis', () => {
  let redis: TestRedis;
  let stores: ReturnType<typeof createRedisStores>;
  beforeAll(async () => {
    redis = await TestRedis.start();
    stores = createRedisStores({
      url: redis.url,
      commandTimeoutMs: 10_000,
      maxAttempts: 5,
      privacy: createPrivacy([makePrivacyKey()]),
      onConnection: () => undefined,
    });
    while (!stores.isConnected()) await sleep(10);
  });
  afterAll(async () => {
    stores.close();
    await redis.kill();
  });
  contract(() => stores.openid);

  test('a flood of new logins is refused, and those in progress go on', async () => {
    const options = { url: redis.url, commandTimeoutMs: 10_000, onConnection: () => undefined };
    const connection = createConnection(options);
    while (connection.redis.status !== 'ready') await sleep(10);
    await expectFloodToEnd(createRedisOpenIdStore(connection, 5), 5);
    connection.close();
  });
});
