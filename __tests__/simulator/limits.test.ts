import { SEED } from '@/simulator/seed';
import { envelope, NUMBER, useSimulator, wrong } from './simulator-client';

const simulator = useSimulator();
// The simulator runs in this process, so its clock moves only by `advance`, however long a test is held up.
beforeEach(() => {
  const now = Date.now();
  jest.spyOn(Date, 'now').mockReturnValue(now);
});

test('the simulator limits the messages to one number, resends included, and says how long to wait', async () => {
  await simulator.configure({ sendPinPerPhoneNumberLimit: '3/10m' });
  const { pinId } = await simulator.sendPin();
  expect((await simulator.call(`/2fa/2/pin/${pinId}/resend`, { body: {} })).status).toBe(200);
  await simulator.advance(60_000);
  const voice = simulator.sendRequest({ messageId: SEED.voiceMessageId });
  expect((await simulator.call('/2fa/2/pin/voice', { body: voice })).status).toBe(200);

  const refused = await simulator.send();
  expect(refused.status).toBe(429);
  expect(refused.body).toEqual(envelope('TOO_MANY_REQUESTS'));
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(535);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(540);
  expect(await simulator.messages()).toHaveLength(3);

  expect((await simulator.send({ to: '41793026727' })).status).toBe(200);
  await simulator.advance(540_000);
  expect((await simulator.send()).status).toBe(200);
});

test('the simulator limits the messages of an application over all numbers', async () => {
  await simulator.configure({ sendPinPerApplicationLimit: '2/m' });
  const statuses = [];
  for (const to of ['41793026727', '41793026728', '41793026729']) statuses.push((await simulator.send({ to })).status);
  expect(statuses).toEqual([200, 200, 429]);
  await simulator.advance(60_000);
  expect((await simulator.send()).status).toBe(200);
});

test('the simulator counts a send that one limit refuses against none', async () => {
  await simulator.configure({ sendPinPerPhoneNumberLimit: '1/1h', sendPinPerApplicationLimit: '2/1h' });
  await simulator.send();
  for (let i = 0; i < 5; i += 1) expect((await simulator.send()).status).toBe(429);
  expect((await simulator.send({ to: '41793026727' })).status).toBe(200);
});

test('the simulator limits the tries of one number, which then use up no attempt', async () => {
  await simulator.configure({ verifyPinLimit: '1/3s' });
  const { pinId, pin } = await simulator.sendPin();
  expect((await simulator.verify(pinId, wrong(pin))).body.attemptsRemaining).toBe(4);
  const refused = await simulator.verify(pinId, pin);
  expect(refused.status).toBe(429);
  expect(refused.body).toEqual(envelope('TOO_MANY_REQUESTS'));
  expect(refused.headers.get('retry-after')).toMatch(/^[123]$/);
  await simulator.advance(3_000);
  expect((await simulator.verify(pinId, pin)).body).toMatchObject({ verified: true, attemptsRemaining: 3 });
});

test('the simulator limits the tries of one number over all its PINs', async () => {
  await simulator.configure({ verifyPinLimit: '1/3s' });
  const first = await simulator.sendPin();
  const second = await simulator.sendPin();
  const other = await simulator.sendPin({ to: '41793026727' });
  expect((await simulator.verify(first.pinId, first.pin)).status).toBe(200);
  expect((await simulator.verify(second.pinId, second.pin)).status).toBe(429);
  expect((await simulator.verify(other.pinId, other.pin)).status).toBe(200);
});

test('the simulator lets five tries a second through as seeded', async () => {
  const { pinId, pin } = await simulator.sendPin();
  const answers = await Promise.all(Array.from({ length: 6 }, () => simulator.verify(pinId, wrong(pin))));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 429]);
});

test('the simulator counts no send that is refused for another reason', async () => {
  await simulator.configure({ sendPinPerPhoneNumberLimit: '1/1d' });
  for (let i = 0; i < 3; i += 1) await simulator.send({ to: `+${NUMBER}` });
  expect((await simulator.send()).status).toBe(200);
});
