import type { Reply, TestApp } from '@/__tests__/support/app';
import { inParallel } from '@/__tests__/support/in-parallel';
import { newNumber } from '@/__tests__/support/numbers';
import { describeWithRedis } from '@/__tests__/support/redis';
import { wrongPin } from '@/__tests__/support/simulator';
import { until } from '@/__tests__/webhooks/receiver';
import { useTwoInstances } from './two-instances';

describeWithRedis('two instances on one Redis', () => {
  const { redis, simulator, one, two, startInstance, report } = useTwoInstances();

  let number = '';
  beforeEach(() => {
    number = newNumber();
  });

  const byTurns = (act: (app: TestApp, index: number) => Promise<Reply>) =>
    inParallel((index) => act(index % 2 ? one : two, index));

  async function counted(race: string, replies: Reply[]): Promise<void> {
    const calls = (await simulator.calls()).length;
    const messages = (await simulator.messages(number)).length;
    const successes = replies.filter(({ status }) => status === 200).length;
    report.push(
      `${race}: ${replies.length} requests, ${successes} × 200, ${calls} upstream calls, ${messages} messages`,
    );
  }

  test('parallel sends to one number send one message', async () => {
    await simulator.fault('send', { kind: 'delay', ms: 2000 });
    const spellings = [number, number.replace('+1', '+1 ('), number.replace('+1415', '+1 415 ')];
    const replies = await byTurns((app, i) => app.send((spellings[i % 3] ?? number).replace('(', '')));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await simulator.calls('send')).toHaveLength(1);
    await counted('parallel sends', replies);
  });

  test('parallel correct codes make one call and one success', async () => {
    const { body } = await one.send(number);
    const pin = await simulator.pinFor(number);
    await simulator.fault('verify', { kind: 'delay', ms: 200 });
    const replies = await byTurns((app) => app.verify(body.pinId, pin));
    expect(replies.filter(({ body: { verified } }) => verified)).toHaveLength(1);
    expect(await simulator.calls('verify')).toHaveLength(1);
    await counted('parallel right codes', replies);
  });

  test('parallel wrong codes make no more calls than there are attempts', async () => {
    const { body } = await one.send(number);
    const pin = await simulator.pinFor(number);
    const replies: Reply[] = [];
    for (let round = 0; round < 8; round += 1) {
      replies.push(...(await byTurns((app) => app.verify(body.pinId, wrongPin(pin)))));
      await simulator.advance(1000);
    }
    expect(replies.some(({ body: { verified } }) => verified)).toBe(false);
    expect(await simulator.calls('verify')).toHaveLength(5);
    await counted('parallel wrong codes, 8 rounds', replies);
  });

  test('a code that one instance verifies while the other resends it is verified once', async () => {
    const { body } = await one.send(number);
    const pin = await simulator.pinFor(number);
    await simulator.fault('resend', { kind: 'delay', ms: 2000 });
    const resending = one.resend(body.pinId);
    await until(async () => (await simulator.calls('resend')).length === 1);
    const verified = await two.verify(body.pinId, pin);
    const resent = await resending;
    expect([verified.status, resent.body.code]).toEqual([200, 'PIN_NOT_FOUND']);
    expect((await one.verify(body.pinId, pin)).status).toBe(404);
    await counted('resend against verify', [resent, verified]);
  });

  test('the last attempt, raced by wrong and right codes, makes one call and at most one success', async () => {
    const { body } = await one.send(number);
    const pin = await simulator.pinFor(number);
    for (let tried = 0; tried < 4; tried += 1) {
      await one.verify(body.pinId, wrongPin(pin));
      await simulator.advance(1000);
    }
    const replies = await byTurns((app, i) => app.verify(body.pinId, i < 2 ? wrongPin(pin) : pin));
    expect(replies.filter(({ body: { verified } }) => verified).length).toBeLessThanOrEqual(1);
    expect((await simulator.calls('verify')).length).toBe(5);
    await counted('last attempt against the right code', replies);
  });

  test('wrong codes lock a number for both instances', async () => {
    const ids = [(await one.send(number)).body.pinId, (await two.send(number)).body.pinId];
    const pins = (await simulator.messages(number)).map(({ pin }) => pin);
    const wrong = ['000000', '111111', '222222'].find((pin) => !pins.includes(pin)) ?? '';
    for (let tried = 0; tried < 10; tried += 1) {
      await (tried % 2 ? one : two).verify(ids[tried % 2], wrong);
      await simulator.advance(1000);
    }
    for (const app of [one, two]) expect((await app.send(number)).body.code).toBe('NUMBER_LOCKED');
  });

  test('limits hold over both instances', async () => {
    const limits = { LIMIT_SEND_PER_ADDRESS: '3/1h' };
    await redis.command('FLUSHALL');
    const [a, b] = await Promise.all([startInstance(limits), startInstance(limits)]);
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) statuses.push((await (i % 2 ? a : b).send(newNumber())).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429, 429]);
    await Promise.all([a.stop(), b.stop()]);
  });
});
