import { newNumber } from '@/__tests__/support/numbers';
import { wrongPin } from '@/__tests__/support/simulator';
import { useApp } from '@/__tests__/support/use-app';

const { app, simulator } = useApp();

test('ten wrong codes in a row, across several messages, lock the number for sends, resends and attempts', async () => {
  const number = newNumber();
  let pinId = '';
  for (let tried = 0; tried < 10; tried += 1) {
    if (tried % 4 === 0) pinId = (await app.send(number)).body.pinId;
    expect((await app.verify(pinId, wrongPin(await simulator.pinFor(number)))).body.code).toBe('WRONG_PIN');
    await simulator.advance(1000);
  }
  const pin = await simulator.pinFor(number);
  for (const reply of [await app.verify(pinId, pin), await app.send(number), await app.resend(pinId)]) {
    expect([reply.status, reply.body.code]).toEqual([429, 'NUMBER_LOCKED']);
    expect(reply.body.retryAfterSeconds).toBeGreaterThan(3590);
    expect(reply.body.retryAfterSeconds).toBeLessThanOrEqual(3600);
    expect(reply.headers.get('retry-after')).toBe(String(reply.body.retryAfterSeconds));
  }
  expect(await simulator.calls('verify')).toHaveLength(10);
  expect((await app.send(newNumber())).status).toBe(200);
});

test('a success resets the count', async () => {
  const number = newNumber();
  for (let round = 0; round < 4; round += 1) {
    const { body } = await app.send(number);
    const pin = await simulator.pinFor(number);
    for (let tried = 0; tried < 4; tried += 1) {
      expect((await app.verify(body.pinId, wrongPin(pin))).body.code).toBe('WRONG_PIN');
      await simulator.advance(1000);
    }
    expect((await app.verify(body.pinId, pin)).status).toBe(200);
  }
});

test('parallel attempts over many verifications try no more than ten codes', async () => {
  const number = newNumber();
  const ids: string[] = [];
  for (let i = 0; i < 15; i += 1) ids.push((await app.send(number)).body.pinId);
  const pins = (await simulator.messages(number)).map(({ pin }) => pin);
  const wrong = ['000000', '111111', '222222'].find((pin) => !pins.includes(pin)) ?? '';
  await simulator.advance(1000);
  await Promise.all(ids.map((id) => app.verify(id, wrong)));
  // Infobip does not check codes that it throttles, so the app takes these attempts out of the count again.
  const tried = (await simulator.calls('verify')).filter(({ status }) => status === 200);
  expect(tried.length).toBeLessThanOrEqual(10);
});
