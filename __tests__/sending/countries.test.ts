import { newNumber } from '@/__tests__/support/numbers';
import { describeWithRedis } from '@/__tests__/support/redis';
import { useApp, useRedis } from '@/__tests__/support/use-app';

const BRITISH = '+447400123456';
const CANADIAN = '+15062345678';

const { app, simulator, withApp } = useApp({ ALLOWED_COUNTRIES: 'GB, CA', VOICE_COUNTRIES: 'GB' });

test('codes go only to the allowed countries', async () => {
  const reply = await app.send(newNumber());
  expect([reply.status, reply.body]).toEqual([
    422,
    {
      code: 'PHONE_NUMBER_NOT_SUPPORTED',
      reason: 'country',
      message: 'We do not send codes to numbers in this country.',
    },
  ]);
  expect((await app.send(CANADIAN)).status).toBe(200);
  expect((await app.send(BRITISH)).status).toBe(200);
});

test('calls go only to the countries allowed for calls', async () => {
  const reply = await app.send(CANADIAN, { channel: 'voice' });
  expect([reply.status, reply.body.code, reply.body.reason]).toEqual([422, 'PHONE_NUMBER_NOT_SUPPORTED', 'no-calls']);
  expect((await app.send(BRITISH, { channel: 'voice' })).status).toBe(200);
  const { body } = await app.send(CANADIAN);
  expect((await app.resend(body.pinId, { channel: 'voice' })).body.code).toBe('PHONE_NUMBER_NOT_SUPPORTED');
  expect((await app.resend(body.pinId)).status).toBe(200);
});

test('codes go to no blocked country, even if it is allowed', async () => {
  await withApp({ ALLOWED_COUNTRIES: 'GB,CA', BLOCKED_COUNTRIES: 'CA,CU' }, async (blocking) => {
    const reply = await blocking.send(CANADIAN);
    expect([reply.status, reply.body.code, reply.body.reason]).toEqual([422, 'PHONE_NUMBER_NOT_SUPPORTED', 'country']);
    expect((await blocking.send(BRITISH)).status).toBe(200);
  });
});

describeWithRedis('on Redis', () => {
  const redis = useRedis();

  test('a country that is no longer allowed gets no resends either', async () => {
    const onRedis = { REDIS_URL: redis.url };
    const { body } = await withApp(onRedis, (before) => before.send(newNumber()));
    await withApp({ ...onRedis, ALLOWED_COUNTRIES: 'GB' }, async (after) => {
      const reply = await after.resend(body.pinId);
      expect([reply.status, reply.body.code, reply.body.reason]).toEqual([
        422,
        'PHONE_NUMBER_NOT_SUPPORTED',
        'country',
      ]);
    });
    expect(await simulator.calls('resend')).toEqual([]);
  });
});
