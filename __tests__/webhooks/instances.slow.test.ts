import type { TestApp } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { describeWithRedis } from '@/__tests__/support/redis';
import { useRedis, useShared, useSimulator } from '@/__tests__/support/use-app';
import { KEYS } from '@/lib/store/redis/keys';
import { HANG, SECRET, TestReceiver, until } from './receiver';

describeWithRedis('webhooks of instances that share a Redis', () => {
  const redis = useRedis();
  const receiver = useShared(
    () => TestReceiver.start(),
    (started) => started.stop(),
  );
  const { simulator, startApp } = useSimulator({ resetEach: false });
  const start = () => startApp({ REDIS_URL: redis.url, WEBHOOK_URL: receiver.url, WEBHOOK_SECRET: SECRET });
  const MAIN_LANE = `${KEYS.webhookLane}main`;
  let apps: TestApp[] = [];
  afterEach(async () => {
    for (const app of apps) await app.stop();
    apps = [];
    receiver.reset();
  });

  async function prove(app: TestApp): Promise<string> {
    const number = newNumber();
    const { body } = await app.send(number);
    expect((await app.verify(body.pinId, await simulator.pinFor(number))).status).toBe(200);
    return number;
  }
  const waiting = async () => Number(await redis.command('ZCARD', MAIN_LANE));
  /** Makes everything due, as if its wait or its lease were over. */
  async function hurry(): Promise<void> {
    for (const id of (await redis.command('ZRANGE', MAIN_LANE, 0, -1)) as string[])
      await redis.command('ZADD', MAIN_LANE, 'XX', 0, id);
  }

  test('each event arrives once, whichever instance verified the number', async () => {
    apps = await Promise.all([start(), start()]);
    const numbers: string[] = [];
    for (let i = 0; i < 10; i += 1) numbers.push(...(await Promise.all(apps.map(prove))));
    // A verify gets its reply before its event waits, so an empty queue alone says little.
    await until(async () => receiver.received.length >= numbers.length && (await waiting()) === 0);
    expect(receiver.received.map(({ data }) => data.phoneNumber).sort()).toEqual(numbers.sort());
    expect(receiver.forged).toEqual([]);
  });

  test('another instance delivers the events of one that was killed, with the same ids', async () => {
    apps = [await start()];
    receiver.respond = () => HANG;
    const [first] = apps;
    const numbers = first ? [await prove(first), await prove(first)] : [];
    await until(() => receiver.received.length === 2);
    await first?.crash();
    apps = [await start()];
    receiver.respond = () => 204;
    await hurry();
    await until(async () => (await waiting()) === 0);
    for (const number of numbers) {
      const ids = receiver.about(number).map(({ id }) => id);
      expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
    }
  });

  test('events that wait survive the end of all instances', async () => {
    apps = [await start()];
    const [first] = apps;
    let number = '';
    await receiver.goAway(async () => {
      if (first) number = await prove(first);
      await until(async () => (await waiting()) === 1);
      await first?.stop();
    });
    expect(receiver.received).toEqual([]);
    apps = [await start()];
    await hurry();
    await until(() => receiver.about(number).length > 0);
  });

  test('no event is lost when an instance stops while it replies', async () => {
    apps = [await start()];
    const [first] = apps;
    if (!first) return;
    const numbers = await Promise.all(Array.from({ length: 5 }, () => prove(first)));
    await first.stop();
    apps = [await start()];
    await until(async () => (await waiting()) === 0);
    expect(new Set(receiver.received.map(({ data }) => data.phoneNumber))).toEqual(new Set(numbers));
  });

  test('a verify gets its reply while Redis accepts no events, and the events arrive later', async () => {
    apps = [await start()];
    const [first] = apps;
    if (!first) return;
    await redis.command('SET', MAIN_LANE, 'not a set');
    const number = await prove(first);
    await redis.command('DEL', MAIN_LANE);
    await until(() => receiver.about(number).length > 0);
  });
});
