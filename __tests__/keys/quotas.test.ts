import type { Reply } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { countOutcomes } from '@/__tests__/support/person';
import { describeWithRedis } from '@/__tests__/support/redis';
import { useAnotherApp, useApp, useRedis } from '@/__tests__/support/use-app';
import { ApiKey } from './api-key';

const METRICS_TOKEN = 'a-token-of-the-metrics-in-this-test';

/** Different clients for different tests, because a used quota stays used. */
const [shop, caller, retried, raced] = ['shop', 'caller', 'retried', 'raced'].map((id) => new ApiKey(id)) as [
  ApiKey,
  ApiKey,
  ApiKey,
  ApiKey,
];
const unlimited = new ApiKey('unlimited');
const ENVIRONMENT = {
  METRICS_TOKEN,
  PRICES: JSON.stringify({ US: { sms: 0.08, voice: 0.2 } }),
  API_CLIENTS: JSON.stringify([
    shop.row({ messagesPerDay: 4 }),
    caller.row({ budgetPerDay: 0.3 }),
    retried.row({ messagesPerDay: 1 }),
    raced.row({ messagesPerDay: 7 }),
    unlimited.row(),
  ]),
};

const PAGE = { 'sec-fetch-site': 'same-origin' };
const outcomes = (replies: readonly Reply[]) => replies.map(({ status, body }) => body.code ?? status);

describe('in one process', () => {
  const { app, simulator } = useApp(ENVIRONMENT);
  const send = (key: ApiKey, more: object = {}) => app.send(newNumber(), more, key.headers());

  test('a client gets its messages for a day, including resends, and others are not affected', async () => {
    const first = await send(shop);
    const resent = await app.resend(first.body.pinId, {}, shop.headers());
    const more = [await send(shop), await send(shop), await send(shop)];
    expect(outcomes([first, resent, ...more])).toEqual([200, 200, 200, 200, 'QUOTA_EXHAUSTED']);
    const [, , refused] = more as [Reply, Reply, Reply];
    expect(refused.body.retryAfterSeconds).toBeGreaterThan(86_000);
    expect(refused.headers.get('retry-after')).toBe(String(refused.body.retryAfterSeconds));
    expect(await app.logLineOf(refused)).toMatchObject({ client: 'shop', limit: 'CLIENT_MESSAGES_PER_DAY' });
    expect(outcomes([await send(unlimited), await app.send(newNumber(), {}, PAGE)])).toEqual([200, 200]);
  });

  test('codes that were already sent still work after the quota is used up', async () => {
    const number = newNumber();
    const { body } = await app.send(number, {}, retried.headers());
    expect(outcomes([await send(retried)])).toEqual(['QUOTA_EXHAUSTED']);
    expect((await app.verify(body.pinId, await simulator.pinFor(number), retried.headers())).body.verified).toBe(true);
  });

  test('each message takes its price from the budget, and a cheaper one may still fit', async () => {
    const replies = [await send(caller, { channel: 'voice' }), await send(caller, { channel: 'voice' })];
    replies.push(await send(caller), await send(caller));
    expect(outcomes(replies)).toEqual([200, 'QUOTA_EXHAUSTED', 200, 'QUOTA_EXHAUSTED']);
  });

  test('the metrics count requests by client, and only for clients that exist', async () => {
    await app.send(newNumber(), {}, new ApiKey('stranger').headers());
    const { text } = await app.metrics(METRICS_TOKEN);
    const lines = text.split('\n').filter((line) => line.startsWith('phone_verification_client_requests_total'));
    expect(lines).toContain(
      'phone_verification_client_requests_total{client="shop",operation="send",outcome="QUOTA_EXHAUSTED"} 1',
    );
    expect(lines.join()).not.toContain('stranger');
  });
});

describe('a message that Infobip refused', () => {
  const { app, simulator } = useApp(ENVIRONMENT);

  test('does not count against the quota', async () => {
    await simulator.fault('send', { kind: 'status', status: 400 });
    expect(outcomes([await app.send(newNumber(), {}, retried.headers())])).toEqual(['UPSTREAM_BAD_REPLY']);
    await simulator.reset();
    expect(outcomes([await app.send(newNumber(), {}, retried.headers())])).toEqual([200]);
  });
});

describeWithRedis('two instances on one Redis', () => {
  const redis = useRedis();
  const { app: one, startApp } = useApp(() => ({ REDIS_URL: redis.url, ...ENVIRONMENT }));
  const two = useAnotherApp(() => startApp({ REDIS_URL: redis.url, ...ENVIRONMENT }));

  test('share a quota exactly, even among many parallel messages', async () => {
    const replies = await Promise.all(
      Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? one : two).send(newNumber(), {}, raced.headers())),
    );
    expect(countOutcomes(replies)).toEqual({ '200': 7, '429 QUOTA_EXHAUSTED': 23 });
  });

  test('serve one verification together, for no client but its own', async () => {
    const { body } = await one.send(newNumber(), { nonce: 'N1' }, unlimited.headers());
    expect(outcomes([await two.resend(body.pinId, {}, shop.headers())])).toEqual(['PIN_NOT_FOUND']);
    expect(outcomes([await two.resend(body.pinId, {}, unlimited.headers())])).toEqual([200]);
  });
});
