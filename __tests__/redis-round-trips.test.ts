import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { TestApp } from './support/app';
import { describeWithRedis, TestRedis } from './support/redis';
import { TestSimulator } from './support/simulator';

const NUMBER = '+14155552671';
const REPLY_DELAY_MS = 25;

/** Stands between the app and Redis, and counts how often the app waits for an answer before it asks again. */
class CountingProxy {
  roundTrips = 0;
  readonly #server: Server;

  constructor(redisPort: number) {
    this.#server = createServer((client) => {
      const upstream = connect(redisPort, '127.0.0.1');
      let answered = true;
      client.on('data', (chunk) => {
        if (answered) this.roundTrips += 1;
        answered = false;
        upstream.write(chunk);
      });
      // Late, so that all that goes out together has gone out before the first answer comes.
      upstream.on('data', (chunk) =>
        setTimeout(() => {
          answered = true;
          client.write(chunk);
        }, REPLY_DELAY_MS),
      );
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        from.on('error', () => undefined);
        from.on('close', () => to.destroy());
      }
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }
}

describeWithRedis('one request', () => {
  let simulator: TestSimulator;
  let redis: TestRedis;
  let proxy: CountingProxy;
  let app: TestApp;

  beforeAll(async () => {
    simulator = await TestSimulator.start();
    redis = await TestRedis.start();
    proxy = new CountingProxy(redis.port);
    app = await TestApp.start(simulator.url, { REDIS_URL: await proxy.listen(), RESEND_COOLDOWN_SECONDS: '0' });
    // The first of each kind teaches Redis its script.
    const { body } = await app.send(NUMBER);
    await app.resend(body.pinId);
    await app.get('/api/verification', { cookie: `verification=${body.pinId}` });
    await app.verify(body.pinId, await simulator.pinFor(NUMBER));
  });
  afterAll(async () => {
    await app.stop();
    await proxy.close();
    await redis.kill();
    await simulator.close();
  });

  async function roundTripsOf(act: () => Promise<unknown>): Promise<number> {
    proxy.roundTrips = 0;
    await act();
    return proxy.roundTrips;
  }

  test('waits for Redis at most once before Infobip is asked, and once after', async () => {
    let pinId = '';
    const send = await roundTripsOf(async () => {
      pinId = (await app.send(NUMBER)).body.pinId;
    });
    const resend = await roundTripsOf(() => app.resend(pinId));
    const pin = await simulator.pinFor(NUMBER);
    const verify = await roundTripsOf(() => app.verify(pinId, pin));
    expect({ send, resend, verify }).toEqual({ send: 2, resend: 2, verify: 2 });
  });

  test('waits once to learn where a verification and its number stand', async () => {
    const { body } = await app.send(NUMBER);
    const cookie = `verification=${body.pinId}`;
    expect(await roundTripsOf(() => app.get('/api/verification', { cookie }))).toBe(1);
  });
});
