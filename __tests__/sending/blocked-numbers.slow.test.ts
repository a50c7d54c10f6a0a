import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { newNumber } from '@/__tests__/support/numbers';
import { describeWithRedis } from '@/__tests__/support/redis';
import { PRIVACY_KEY } from '@/__tests__/support/set-ups';
import { useApp, useRedis } from '@/__tests__/support/use-app';
import { until } from '@/__tests__/webhooks/receiver';
import { createPrivacy } from '@/lib/privacy';
import { createBlockedNumbers } from '@/lib/store/redis/blocked-numbers';

/** The promise of docs/operations.md. */
const HEEDED_WITHIN_MS = 10_000;
/** Allowance for a busy machine. */
const SLACK_MS = 5_000;

const BRITISH = '+447400123456';
const PREMIUM = '+19002345678';

const folder = mkdtempSync(path.join(tmpdir(), 'blocked-'));
const BLOCKED_NUMBERS_FILE = path.join(folder, 'blocked.txt');
writeFileSync(BLOCKED_NUMBERS_FILE, '+447400 # a rented range\n');
afterAll(() => rmSync(folder, { recursive: true }));

const { app, simulator } = useApp({ BLOCKED_NUMBERS_FILE });

test('a blocked number gets the same refusal as an unsupported kind of number, by every channel, and the log says why', async () => {
  const unsupported = await app.send(PREMIUM);
  for (const channel of ['sms', 'voice']) {
    const reply = await app.send(BRITISH, { channel });
    expect([reply.status, reply.body]).toEqual([unsupported.status, unsupported.body]);
    expect(reply.body).toEqual({ code: 'PHONE_NUMBER_NOT_SUPPORTED', message: expect.any(String) });
    expect(await app.logLineOf(reply)).toMatchObject({ limit: 'BLOCKED_NUMBERS', event: 'limit.reached' });
  }
  expect(await simulator.calls('send')).toEqual([]);
  expect((await app.send('+447500123456')).status).toBe(200);
});

describeWithRedis('on Redis', () => {
  const redis = useRedis();
  const { app: onRedis } = useApp(() => ({ REDIS_URL: redis.url, PRIVACY_KEY }));

  test('a number that an operator blocks while the service runs gets no code 10 s later, and no resend', async () => {
    const [number, another] = [newNumber(), newNumber()];
    const { body } = await onRedis.send(number);
    const client = new Redis(redis.url);
    await createBlockedNumbers(client, createPrivacy([PRIVACY_KEY])).add([number, another]);
    client.disconnect();
    await until(async () => {
      await sleep(250);
      return (await onRedis.send(another)).body.code === 'PHONE_NUMBER_NOT_SUPPORTED';
    }, HEEDED_WITHIN_MS + SLACK_MS);
    expect((await onRedis.send(number)).body.code).toBe('PHONE_NUMBER_NOT_SUPPORTED');
    const reply = await onRedis.resend(body.pinId);
    expect([reply.status, reply.body.code, reply.body.reason]).toEqual([422, 'PHONE_NUMBER_NOT_SUPPORTED', undefined]);
    expect(await onRedis.logLineOf(reply)).toMatchObject({ limit: 'BLOCKED_NUMBERS' });
    expect((await onRedis.send(newNumber())).status).toBe(200);
  });
});
