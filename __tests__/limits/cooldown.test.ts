import { outcomeOf } from '@/__tests__/support/raw-http';
import { useApp } from '@/__tests__/support/use-app';

const NUMBER = '+14155552671';

const { app, simulator } = useApp({ RESEND_COOLDOWN_SECONDS: '30,60' });

test('the wait holds for a number in any spelling, with any User-Agent and by any channel, and the reply says how long', async () => {
  const startedAt = Date.now();
  expect((await app.send(NUMBER)).body.resendInSeconds).toBe(30);
  for (const [phoneNumber, more] of [
    [NUMBER, {}],
    ['+1 (415) 555-2671', {}],
    ['415.555.2671', { country: 'US' }],
    ['+١٤١٥٥٥٥٢٦٧١', {}],
    [NUMBER, { channel: 'voice' }],
  ] as const) {
    const reply = await app.send(phoneNumber, more, { 'user-agent': 'another' });
    expect([reply.status, reply.body.code]).toEqual([429, 'RATE_LIMITED']);
    expect(reply.body.retryAfterSeconds).toBeGreaterThanOrEqual(Math.floor(30 - (Date.now() - startedAt) / 1000));
    expect(reply.body.retryAfterSeconds).toBeLessThanOrEqual(30);
    expect(reply.headers.get('retry-after')).toBe(String(reply.body.retryAfterSeconds));
  }
  expect(await simulator.calls('send')).toHaveLength(1);
});

test('the wait also holds for a resend, and only for that number', async () => {
  const { body } = await app.send('+14155552672');
  expect((await app.resend(body.pinId)).body.code).toBe('RATE_LIMITED');
  expect((await app.send('+14155552673')).status).toBe(200);
});

test('every spelling of a number shares its wait', async () => {
  await app.send(NUMBER);
  await simulator.reset();
  const spellings = [
    '+١٤١٥٥٥٥٢٦٧١',
    '＋１４１５５５５２６７１',
    '+𝟏𝟒𝟏𝟓𝟓𝟓𝟓𝟐𝟔𝟕𝟏',
    '+1 (415) 555-2671',
    '\t+1-4-1-5-5-5-5-2-6-7-1',
  ];
  for (const spelling of spellings) expect(outcomeOf(await app.send(spelling))).toEqual([429, 'RATE_LIMITED']);
  expect(outcomeOf(await app.send('415.555.2671', { country: 'US' }))).toEqual([429, 'RATE_LIMITED']);
  expect(await simulator.calls()).toEqual([]);
});
