import { ACCOUNTS, LANES, type Lane, MAIN, REFUSALS, type WebhookData, type WebhookType } from '@/lib/webhooks/events';
import { createMemoryWebhookQueue } from '@/lib/webhooks/memory-queue';
import { LIFETIME_MS, type WebhookQueue } from '@/lib/webhooks/queue';
import { retryDelayMs } from '@/lib/webhooks/retries';
import { createWebhooks, type Webhooks } from '@/lib/webhooks/webhooks';
import { HANG, type Response, SECRET, TestReceiver, until } from './receiver';

const NUMBER = '+14155552671';
const OTHER_SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const ABOUT = { phoneNumber: NUMBER, country: 'US', channel: 'sms' } as const;
const SUCCESS = { ...ABOUT, method: 'sms', proofId: 'an-id' } as const;
const FAILURE = { ...ABOUT, reason: 'attempts_exhausted' } as const;
/** Longer than a busy machine takes to answer; tests of silence set their own. */
const TIMEOUT_MS = 10_000;
/** Longer than a busy machine is likely to pause, because a receiver that does answer has to be in time, too. */
const SHORT_MS = 2000;
const RETRY_MS = 5;

let receiver: TestReceiver;
let queue: WebhookQueue;
let running: Webhooks[];
const reports: [string, Record<string, unknown>][] = [];
const counts: Record<string, number> = {};

beforeAll(async () => {
  receiver = await TestReceiver.start();
});
beforeEach(() => {
  receiver.reset();
  queue = createMemoryWebhookQueue();
  running = [];
  reports.length = 0;
  for (const name of Object.keys(counts)) delete counts[name];
});
afterEach(() => Promise.all(running.map((webhooks) => webhooks.stop())));
afterAll(() => receiver.stop());

function start(options: Partial<Parameters<typeof createWebhooks>[0]> = {}): Webhooks {
  const webhooks = createWebhooks({
    receiver: { url: receiver.url, secrets: [SECRET] },
    queue,
    report: (event, fields = {}) => void reports.push([event, { ...fields }]),
    count: (outcome) => {
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    },
    timeoutMs: TIMEOUT_MS,
    stopWithinMs: 1000,
    retryDelayMs: () => RETRY_MS,
    ...options,
  });
  running.push(webhooks);
  return webhooks;
}

const isIdle = async () =>
  (await Promise.all(LANES.map((lane) => queue.claim(lane, 0)))).every(({ length }) => !length);
const reported = (name: string) => reports.filter(([event]) => event === name).map(([, fields]) => fields);

test('an event arrives once, with a signature that the library accepts', async () => {
  start().send('verification.succeeded', SUCCESS);
  await until(isIdle);
  expect(receiver.received).toMatchObject([
    {
      id: expect.stringMatching(/^msg_[\w-]{36}$/),
      headers: { 'content-type': 'application/json' },
      type: 'verification.succeeded',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: SUCCESS,
    },
  ]);
  expect([receiver.forged, counts, reports]).toEqual([[], { delivered: 1 }, []]);
});

test('all secrets sign, so a receiver needs only one of them', async () => {
  const other = await TestReceiver.start(OTHER_SECRET);
  for (const { url } of [receiver, other]) {
    const webhooks = start({ receiver: { url, secrets: [SECRET, OTHER_SECRET] } });
    webhooks.send('verification.succeeded', SUCCESS);
    await until(isIdle);
    // Both senders share a queue, and the first would deliver the second event, too.
    await webhooks.stop();
  }
  expect([receiver.received.length, other.received.length]).toEqual([1, 1]);
  expect(other.received[0]?.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
  start({ receiver: { url: other.url, secrets: [SECRET] }, queue: createMemoryWebhookQueue() }).send(
    'verification.succeeded',
    SUCCESS,
  );
  await until(() => other.forged.length > 0);
  await other.stop();
});

const dropped: Response = (response) => response.destroy();

test.each<[string, Response, string]>([
  ['a 500', 500, 'refused'],
  ['a 404', 404, 'refused'],
  ['a 429', 429, 'refused'],
  ['a broken connection', dropped, 'unreachable'],
  ['silence', HANG, 'timeout'],
])('after %s the same event is sent again, with the same id and body', async (_, answer, outcome) => {
  receiver.respond = (_received, count) => (count < 3 ? answer : 200);
  start({ timeoutMs: outcome === 'timeout' ? SHORT_MS : TIMEOUT_MS }).send('verification.succeeded', SUCCESS);
  await until(isIdle);
  expect(receiver.received).toHaveLength(3);
  expect(new Set(receiver.received.map(({ id, body }) => id + body)).size).toBe(1);
  expect(counts).toEqual({ [outcome]: 2, delivered: 1 });
});

test('an event arrives after an outage of the receiver', async () => {
  await receiver.goAway(async () => {
    start().send('verification.succeeded', SUCCESS);
    await until(() => (counts.unreachable ?? 0) > 3);
  });
  await until(isIdle);
  expect(receiver.received).toHaveLength(1);
});

test('the timestamp is that of the attempt, not of the event', async () => {
  receiver.respond = (_received, count) => (count < 2 ? 500 : 200);
  start({ retryDelayMs: () => 1100 }).send('verification.succeeded', SUCCESS);
  await until(isIdle);
  const [first, second] = receiver.received.map(({ headers }) => Number(headers['webhook-timestamp']));
  expect(second).toBeGreaterThan(first ?? 0);
});

test('a redirect is a failure, and the app does not follow it', async () => {
  const elsewhere = await TestReceiver.start();
  receiver.respond = (_received, count) =>
    count > 1 ? 200 : (response) => response.writeHead(307, { location: elsewhere.url }).end();
  start().send('verification.succeeded', SUCCESS);
  await until(isIdle);
  expect([receiver.received.length, elsewhere.received.length]).toEqual([2, 0]);
  await elsewhere.stop();
});

test('after a 410 the app drops the event, and the log says so', async () => {
  receiver.respond = () => 410;
  start().send('verification.succeeded', SUCCESS);
  await until(isIdle);
  expect([receiver.received.length, counts]).toEqual([1, { gone: 1, dropped: 1 }]);
  expect(reported('webhook.dropped')).toEqual([{ lane: 'main', reason: 'gone', count: 1 }]);
});

test('an endless response counts by its status, and delays others no longer than the deadline', async () => {
  let isOpen = true;
  receiver.respond = () => (response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'.repeat(100)), 5);
    response.on('close', () => {
      isOpen = false;
      clearInterval(timer);
    });
  };
  start({ timeoutMs: SHORT_MS }).send('verification.succeeded', SUCCESS);
  await until(isIdle);
  expect([receiver.received.length, counts]).toEqual([1, { delivered: 1 }]);
  await until(() => !isOpen, SHORT_MS);
});

test('the app waits as long as a receiver asks, up to an hour', async () => {
  const asked: (number | undefined)[] = [];
  receiver.respond = (_received, count) =>
    count > 2 ? 200 : (response) => response.writeHead(503, { 'retry-after': count === 1 ? '120' : 'soon' }).end();
  start({
    retryDelayMs: (_failures, askedMs) => {
      asked.push(askedMs);
      return RETRY_MS;
    },
  }).send('verification.succeeded', SUCCESS);
  await until(isIdle);
  expect(asked).toEqual([120_000, undefined]);
  expect(retryDelayMs(1, 120_000)).toBe(120_000);
  expect(retryDelayMs(1, 999_999_999)).toBe(60 * 60_000);
});

test('the waits double from 5 seconds to an hour, with jitter', () => {
  for (const [failures, fullMs] of [
    [1, 5_000],
    [2, 10_000],
    [5, 80_000],
    [11, 3_600_000],
    [40, 3_600_000],
  ] as const) {
    const waits = Array.from({ length: 50 }, () => retryDelayMs(failures));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(fullMs / 2);
    expect(Math.max(...waits)).toBeLessThanOrEqual(fullMs);
    expect(new Set(waits).size).toBeGreaterThan(1);
  }
});

test('the log says once that deliveries keep failing, and once that they work again', async () => {
  receiver.respond = (_received, count) => (count <= 6 ? 500 : 200);
  const webhooks = start();
  webhooks.send('verification.succeeded', SUCCESS);
  await until(isIdle);
  webhooks.send('verification.succeeded', SUCCESS);
  await until(isIdle);
  expect(reports).toEqual([
    ['webhook.failing', { lane: 'main', cause: { status: 500 } }],
    ['webhook.recovered', { lane: 'main' }],
  ]);
});

test('while deliveries fail, the app makes one at a time', async () => {
  let open = 0;
  let most = 0;
  receiver.respond = (_received, count) => (response) => {
    open += 1;
    most = Math.max(most, count > 10 && count <= 30 ? open : 0);
    setTimeout(() => {
      open -= 1;
      response.writeHead(count > 30 ? 200 : 503).end();
    }, 5);
  };
  const webhooks = start();
  for (let i = 0; i < 10; i += 1) webhooks.send('verification.succeeded', SUCCESS);
  await until(() => receiver.received.length > 30);
  expect(most).toBe(1);
  await until(isIdle);
});

test('after a day without success the app drops an event', async () => {
  receiver.respond = () => 500;
  const old = { id: 'msg_old', payload: '{}', createdAt: Date.now() - LIFETIME_MS, subject: undefined };
  await queue.add(MAIN, old);
  start();
  await until(isIdle);
  expect(receiver.received).toHaveLength(1);
  expect(reported('webhook.dropped')).toEqual([{ lane: 'main', reason: 'expired', count: 1 }]);
});

/** Fills a lane whose events nobody takes, while the receiver still takes successes. */
async function expectOwnLane<T extends WebhookType>(
  { name, most }: Lane,
  type: T,
  data: WebhookData[T],
): Promise<void> {
  receiver.respond = ({ type }) => (type === 'verification.succeeded' ? 200 : HANG);
  const webhooks = start();
  for (let i = 0; i < most + 500; i += 1) {
    webhooks.send(type, data);
    if (i % 100 === 0) await new Promise(setImmediate);
  }
  await until(() => webhooks.waiting()[name] === most);
  for (let i = 0; i < 20; i += 1) webhooks.send('verification.succeeded', SUCCESS);
  await until(() => receiver.about('verification.succeeded').length === 20);
  await until(() => (counts.dropped ?? 0) >= 500);
  expect(receiver.about(type).length).toBeLessThan(20);
  expect(reported('webhook.dropped')).toEqual([{ lane: name, reason: 'full', count: 1 }]);
  queue = createMemoryWebhookQueue();
}

test('a flood of locks and failures fills only its own lane, and delays no other event', () =>
  expectOwnLane(REFUSALS, 'verification.failed', FAILURE));

test('a flood of changes to accounts fills only its own lane, and delays no other event', () =>
  expectOwnLane(ACCOUNTS, 'factor.added', { phoneNumber: '+14155552671', country: 'US', account: 'a', type: 'totp' }));

describe('a queue that does not answer', () => {
  const broken = (from: WebhookQueue, failures: number): WebhookQueue => {
    let left = failures;
    return {
      ...from,
      add: async (lane, event) => {
        left -= 1;
        if (left >= 0) throw new Error('Redis is away');
        return from.add(lane, event);
      },
    };
  };

  test('gets the event later, and no request waits for that', async () => {
    start({ queue: broken(queue, 2) }).send('verification.succeeded', SUCCESS);
    await until(() => receiver.received.length === 1);
  });

  test('gets a bounded number of events later', async () => {
    const webhooks = start({ queue: broken(queue, Number.POSITIVE_INFINITY) });
    for (let i = 0; i < 1_100; i += 1) webhooks.send('verification.succeeded', SUCCESS);
    expect(counts).toEqual({ dropped: 100 });
    expect(reported('webhook.dropped')).toEqual([{ lane: 'main', reason: 'store', count: 1 }]);
  });
});

describe('the end of the process', () => {
  test('comes after one more attempt for every event in memory', async () => {
    receiver.respond = (_received, count) => (count < 3 ? 500 : 200);
    const webhooks = start({ retryDelayMs: () => 60_000, stopWithinMs: TIMEOUT_MS });
    for (let i = 0; i < 2; i += 1) webhooks.send('verification.succeeded', SUCCESS);
    await until(() => counts.refused === 2);
    webhooks.send('verification.failed', FAILURE);
    await webhooks.stop();
    expect([receiver.received.length, counts.delivered]).toEqual([5, 3]);
  });

  test('logs how many events are lost', async () => {
    receiver.respond = () => 500;
    const webhooks = start({ retryDelayMs: () => 60_000 });
    for (let i = 0; i < 7; i += 1) webhooks.send('verification.succeeded', SUCCESS);
    await webhooks.stop();
    expect(reported('webhook.dropped')).toEqual([{ lane: 'main', reason: 'stopped', count: 7 }]);
  });

  test('does not wait forever for a receiver', async () => {
    receiver.respond = () => HANG;
    const webhooks = start({ timeoutMs: 60_000 });
    webhooks.send('verification.succeeded', SUCCESS);
    await until(() => receiver.received.length === 1);
    const startedAt = performance.now();
    await webhooks.stop();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});
