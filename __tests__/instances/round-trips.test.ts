import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { describeWithRedis } from '@/__tests__/support/redis';
import { useApp, useRedis, useShared } from '@/__tests__/support/use-app';

const NUMBER = '+14155552671';
const REFUSED = '+14155552672';
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
  const redis = useRedis();
  const proxy = useShared(
    async () => new CountingProxy(redis.port),
    (started) => started.close(),
  );
  const { app, simulator } = useApp(async () => ({ REDIS_URL: await proxy.listen(), LIMIT_VOICE_PER_NUMBER: '1/1h' }), {
    resetEach: false,
  });

  beforeAll(async () => {
    // The first of each kind teaches Redis its script.
    const { body } = await app.send(NUMBER);
    await app.resend(body.pinId);
    await app.get('/api/verification', { cookie: `verification=${body.pinId}` });
    await app.verify(body.pinId, await simulator.pinFor(NUMBER));
  });

  async function roundTripsOf(act: () => Promise<unknown>): Promise<number> {
    proxy.roundTrips = 0;
    await act();
    return proxy.roundTrips;
  }

  test('waits for Redis at most once before it asks Infobip, and once after', async () => {
    let pinId = '';
    const send = await roundTripsOf(async () => {
      pinId = (await app.send(NUMBER)).body.pinId;
    });
    const resend = await roundTripsOf(() => app.resend(pinId));
    const pin = await simulator.pinFor(NUMBER);
    const verify = await roundTripsOf(() => app.verify(pinId, pin));
    expect({ send, resend, verify }).toEqual({ send: 2, resend: 2, verify: 2 });
  });

  test('waits for Redis once where it is refused, and then asks Infobip nothing', async () => {
    const call = { channel: 'voice' };
    const { body } = await app.send(REFUSED, call);
    const calls = (await simulator.calls()).length;
    const refused = await roundTripsOf(() => app.send(REFUSED, call));
    const resend = await roundTripsOf(() => app.resend(body.pinId));
    const verify = await roundTripsOf(() => app.verify('A'.repeat(43), '123456'));
    expect({ refused, resend, verify }).toEqual({ refused: 1, resend: 1, verify: 1 });
    expect(await simulator.calls()).toHaveLength(calls);
  });

  test('waits for Redis once to read a verification and its number', async () => {
    const { body } = await app.send(NUMBER);
    const cookie = `verification=${body.pinId}`;
    expect(await roundTripsOf(() => app.get('/api/verification', { cookie }))).toBe(1);
  });
});
