import { randomUUID } from 'node:crypto';
import { describeWithRedis, TestRedis } from '@/__tests__/support/redis';
import { RedisClock } from '@/__tests__/support/redis-clock';
import { makePrivacyKey } from '@/lib/config/keys';
import { createPrivacy } from '@/lib/privacy';
import { createRedisStores } from '@/lib/store/redis/redis-stores';
import { eraseSubjectData, findSubjectData } from '@/lib/store/redis/subject-data';
import { type Lane, MAIN, REFUSALS } from '@/lib/webhooks/events';
import { createMemoryWebhookQueue } from '@/lib/webhooks/memory-queue';
import { LEASE_MS, LIFETIME_MS, type QueuedEvent, type WebhookQueue } from '@/lib/webhooks/queue';

const NUMBER = '+14155552671';
const PRIVACY = createPrivacy([makePrivacyKey()]);
const SMALL: Lane = { name: 'refusals', most: 3, concurrency: 1 };

const newEvent = (subject: string | undefined = NUMBER): QueuedEvent => ({
  id: `msg_${randomUUID()}`,
  payload: JSON.stringify({ about: subject }),
  createdAt: Date.now(),
  subject,
});

const idsOf = ({ due }: { due: readonly { id: string }[] }) => due.map(({ id }) => id);

/** What every queue promises. */
function queueContract(queueOf: () => WebhookQueue, pass: (ms: number) => Promise<unknown>): void {
  let queue: WebhookQueue;
  beforeEach(() => {
    queue = queueOf();
  });

  test('the queue gives each event to one claim, unchanged, the longest due first', async () => {
    const events = [newEvent(), newEvent(undefined), newEvent()];
    for (const event of events) {
      expect((await queue.add(MAIN, event)).accepted).toBe(true);
      await pass(1);
    }
    const claims = await Promise.all([queue.claim(MAIN, 2), queue.claim(MAIN, 2)]);
    expect(claims.map(idsOf)).toEqual([[events[0]?.id, events[1]?.id], [events[2]?.id]]);
    const [first] = claims[0]?.due ?? [];
    expect(first).toMatchObject({ payload: events[0]?.payload, createdAt: events[0]?.createdAt, failures: 0 });
    expect(await queue.claim(MAIN, 2)).toMatchObject({ due: [], unreadable: 0, length: 3 });
  });

  test('the queue forgets an event that was delivered', async () => {
    await queue.add(MAIN, newEvent());
    const [due] = (await queue.claim(MAIN, 1)).due;
    if (due) await queue.remove(MAIN, due);
    await pass(LEASE_MS);
    expect(await queue.claim(MAIN, 1)).toMatchObject({ due: [], length: 0 });
  });

  test('the queue returns a failed event after its wait, and says when', async () => {
    const event = newEvent();
    await queue.add(MAIN, event);
    const [due] = (await queue.claim(MAIN, 1)).due;
    if (due) await queue.postpone(MAIN, due, 60_000);
    expect(await queue.claim(MAIN, 1)).toMatchObject({ due: [], nextMs: 60_000, length: 1 });
    await pass(60_000);
    expect((await queue.claim(MAIN, 1)).due).toMatchObject([{ id: event.id, failures: 1 }]);
  });

  test('the queue accepts no more than there is room for, and keeps what it has', async () => {
    const events = [newEvent(), newEvent(), newEvent()];
    for (const event of events) await queue.add(SMALL, event);
    expect(await queue.add(SMALL, newEvent())).toEqual({ accepted: false, length: 3 });
    expect(idsOf(await queue.claim(SMALL, 9)).sort()).toEqual(events.map(({ id }) => id).sort());
    expect((await queue.add(SMALL, newEvent())).accepted).toBe(false);
    expect((await queue.add(MAIN, newEvent())).accepted).toBe(true);
  });
}

describe('the queue in memory', () => {
  let now = Date.now();
  queueContract(
    () => createMemoryWebhookQueue(() => now),
    async (ms) => {
      now += ms;
    },
  );
});

describeWithRedis('the queue in Redis', () => {
  let redis: TestRedis;
  let clock: RedisClock;
  const open: (() => void)[] = [];
  function connect(privacy = PRIVACY) {
    const options = { url: redis.url, maxAttempts: 3, commandTimeoutMs: 10_000, onConnection: () => undefined };
    const stores = createRedisStores({ ...options, privacy });
    clock.set(stores.redis);
    open.push(stores.close);
    return stores;
  }
  let one: ReturnType<typeof connect>;
  let other: ReturnType<typeof connect>;
  beforeAll(async () => {
    redis = await TestRedis.start();
    clock = new RedisClock(() => [redis]);
    [one, other] = [connect(), connect()];
    await Promise.all([one, other].map(({ redis: client }) => new Promise((resolve) => client.once('ready', resolve))));
  });
  beforeEach(() => redis.command('FLUSHALL'));
  afterAll(async () => {
    for (const close of open) close();
    await redis.kill();
  });

  let turn = 0;
  /** Operations go to two instances in turn. */
  const both = () =>
    new Proxy({} as WebhookQueue, {
      get: (_, name) => Reflect.get([one, other][turn++ % 2]?.webhooks ?? {}, name),
    });
  queueContract(both, (ms) => clock.pass(ms));

  test("gives a crashed instance's events to another one, and then ignores the first", async () => {
    const event = newEvent();
    await one.webhooks.add(MAIN, event);
    const [lost] = (await one.webhooks.claim(MAIN, 1)).due;
    expect((await other.webhooks.claim(MAIN, 1)).due).toEqual([]);
    await clock.pass(LEASE_MS);
    const [taken] = (await other.webhooks.claim(MAIN, 1)).due;
    expect(taken).toMatchObject({ id: event.id, payload: event.payload });
    if (lost) await one.webhooks.postpone(MAIN, lost, 0);
    if (lost) await one.webhooks.remove(MAIN, lost);
    expect(await one.webhooks.claim(MAIN, 1)).toMatchObject({ due: [], length: 1 });
    if (taken) await other.webhooks.remove(MAIN, taken);
    expect(await one.webhooks.claim(MAIN, 1)).toMatchObject({ due: [], length: 0 });
  });

  test('adds an event once, even if the first reply was lost', async () => {
    const event = newEvent();
    await one.webhooks.add(MAIN, event);
    expect(await one.webhooks.add(MAIN, event)).toEqual({ accepted: true, length: 1 });
    expect((await one.webhooks.claim(MAIN, 9)).due).toHaveLength(1);
  });

  test('stores no number in the clear, and nothing for longer than a day', async () => {
    for (const lane of [MAIN, REFUSALS]) await one.webhooks.add(lane, newEvent());
    const keys = (await redis.command('KEYS', '*')) as string[];
    expect(keys).toHaveLength(4);
    for (const key of keys) {
      expect(Number(await redis.command('PTTL', key))).toBeGreaterThan(0);
      expect(Number(await redis.command('PTTL', key))).toBeLessThanOrEqual(LIFETIME_MS);
      const dumped = JSON.stringify([key, await redis.command(key.includes(':h:') ? 'HGETALL' : 'TYPE', key)]);
      expect(dumped).not.toContain(NUMBER.slice(1));
    }
  });

  test('needs about a kilobyte for an event', async () => {
    const used = async () => Number(/used_memory:(\d+)/.exec((await redis.command('INFO', 'memory')) as string)?.[1]);
    const data = { phoneNumber: NUMBER, country: 'US', channel: 'sms', proofId: randomUUID() };
    const payload = JSON.stringify({ type: 'verification.succeeded', timestamp: new Date().toISOString(), data });
    const before = await used();
    for (let i = 0; i < 1000; i += 1) await one.webhooks.add(MAIN, { ...newEvent(), payload });
    expect((await used()) - before).toBeLessThan(1_100 * 1000);
  });

  test('shows an operator the events about a number, and erases only these', async () => {
    const [hers, his] = [newEvent(), newEvent('+14155552672')];
    await one.webhooks.add(MAIN, hers);
    await one.webhooks.add(MAIN, his);
    const { entries } = await findSubjectData(one.redis, PRIVACY, NUMBER);
    expect(entries).toMatchObject([{ what: 'webhook', values: { failedAttempts: 0 } }]);
    expect(await eraseSubjectData(one.redis, PRIVACY, NUMBER)).toBe(1);
    expect(await one.webhooks.claim(MAIN, 9)).toMatchObject({ due: [{ id: his.id }], length: 1 });
  });

  test('drops events whose privacy key is gone, and says how many', async () => {
    await one.webhooks.add(MAIN, newEvent());
    const stranger = connect(createPrivacy([makePrivacyKey()]));
    await new Promise((resolve) => stranger.redis.once('ready', resolve));
    expect(await stranger.webhooks.claim(MAIN, 9)).toMatchObject({ due: [], unreadable: 1 });
    expect(await one.webhooks.claim(MAIN, 9)).toMatchObject({ length: 0 });
  });
});
