import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { Browser, pathOf } from '@/__tests__/openid/browser';
import { verifyOn } from '@/__tests__/openid/log-in';
import { askProvider, clientRow, RelyingParty } from '@/__tests__/openid/relying-party';
import { GUARDED, newRange } from '@/__tests__/support/guard';
import { describeWithRedis } from '@/__tests__/support/redis';
import { solve } from '@/__tests__/support/solve';
import { type Environment, useApp, useRedis, useShared } from '@/__tests__/support/use-app';
import { makePrivacyKey } from '@/lib/config/keys';

const NUMBER = '+14155552671';
const REFUSED = '+14155552672';
/** Longer than a busy machine is likely to hold the app up between two commands that go out together. */
const REPLY_DELAY_MS = 75;
/** The app reads the blocked numbers every ten seconds, whatever the requests. */
const POLL = /^\*2\r\n\$7\r\nhgetall\r\n[^*]*$/i;

/** Sits between the app and Redis, and counts how often the app waits for an answer before it asks again. */
class CountingProxy {
  roundTrips = 0;
  readonly #server: Server;

  constructor(redisPort: number) {
    this.#server = createServer((client) => {
      const upstream = connect(redisPort, '127.0.0.1');
      let answered = true;
      client.on('data', (chunk) => {
        upstream.write(chunk);
        if (POLL.test(chunk.toString('latin1'))) return;
        if (answered) this.roundTrips += 1;
        answered = false;
      });
      // Delays the answer, so that everything that goes out together has left before the first answer comes.
      upstream.on('data', (chunk) =>
        // If this process was held up, it reads what the app sent meanwhile before the immediate runs.
        setTimeout(
          () =>
            setImmediate(() => {
              answered = true;
              client.write(chunk);
            }),
          REPLY_DELAY_MS,
        ),
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

/** An app that asks Redis through a proxy. */
function useCountedApp(environment: Environment) {
  const redis = useRedis();
  const proxy = useShared(
    async () => new CountingProxy(redis.port),
    (started) => started.close(),
  );
  const start = async () => ({ REDIS_URL: await proxy.listen(), ...environment });
  async function roundTripsOf(act: () => Promise<unknown>): Promise<number> {
    proxy.roundTrips = 0;
    await act();
    return proxy.roundTrips;
  }
  return { ...useApp(start, { resetEach: false }), roundTripsOf };
}

const GUARDS: [string, Environment][] = [
  ['without the guard', {}],
  ['with the guard', { ...GUARDED, VOICE_COUNTRIES: 'US' }],
];

const describeEach = (tests: (environment: Environment) => void) =>
  describeWithRedis('one request', () => describe.each(GUARDS)('%s', (_name, environment) => tests(environment)));

describeEach((environment) => {
  const { app, simulator, roundTripsOf } = useCountedApp({ LIMIT_VOICE_PER_NUMBER: '1/1h', ...environment });

  beforeAll(async () => {
    // The first request of each kind loads its script into Redis.
    const { body } = await app.send(NUMBER);
    await app.resend(body.pinId);
    await app.get('/api/verification', { cookie: `verification=${body.pinId}` });
    await app.verify(body.pinId, await simulator.pinFor(NUMBER));
  });

  test('waits for Redis only twice, before and after its call to Infobip', async () => {
    let pinId = '';
    const send = await roundTripsOf(async () => {
      pinId = (await app.send(NUMBER)).body.pinId;
    });
    const resend = await roundTripsOf(() => app.resend(pinId));
    const pin = await simulator.pinFor(NUMBER);
    const verify = await roundTripsOf(() => app.verify(pinId, pin));
    expect({ send, resend, verify }).toEqual({ send: 2, resend: 2, verify: 2 });
  });

  test('waits for Redis once if it is refused, and then does not call Infobip', async () => {
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

describeWithRedis('a message that the guard refuses', () => {
  const { app, simulator, roundTripsOf } = useCountedApp({
    ...GUARDED,
    CREDIT_PER_RANGE: '1,0.001,0.35',
    CREDIT_PER_COUNTRY: '2,0.001,0.35',
  });

  test('waits for Redis once, and does not call Infobip; after its challenge is solved it waits twice', async () => {
    const range = newRange();
    await app.send(range());
    await app.send(newRange()());
    const calls = (await simulator.calls()).length;
    const suspended = await roundTripsOf(async () => expect((await app.send(range())).status).toBe(429));
    const number = newRange()();
    let solution = '';
    const challenged = await roundTripsOf(async () => {
      const { status, body } = await app.send(number);
      expect(status).toBe(428);
      solution = await solve(body.challenge);
    });
    expect(await simulator.calls()).toHaveLength(calls);
    const solved = await roundTripsOf(async () => expect((await app.send(number, { solution })).status).toBe(200));
    expect({ suspended, challenged, solved }).toEqual({ suspended: 1, challenged: 1, solved: 2 });
  });
});

describeWithRedis('a login at another application', () => {
  const { app, simulator, roundTripsOf } = useCountedApp({
    ...GUARDED,
    APP_ORIGIN: 'http://localhost:3000',
    OIDC_SUBJECT_KEY: makePrivacyKey(),
    OIDC_CLIENTS: JSON.stringify([clientRow()]),
  });

  /** A whole login: the application's pushed request, the page, the number, the code, and the tokens. */
  async function whole(number: string): Promise<void> {
    const [party, browser] = [new RelyingParty(), new Browser(() => app)];
    const { body } = await party.push(app);
    const request = new URLSearchParams({ client_id: party.id, request_uri: body.request_uri });
    const page = pathOf((await browser.open(`/connect/authorize?${request}`)).next);
    await browser.open(page);
    const code = (await verifyOn(browser, page, simulator, number)).searchParams.get('code') ?? '';
    const tokens = await party.redeem(app, code);
    const headers = { Authorization: `Bearer ${tokens.body.access_token}` };
    expect((await askProvider(app, '/api/openid/userinfo', { headers })).status).toBe(200);
  }

  test('waits for Redis at most 24 times', async () => {
    // The first request of each kind loads its script into Redis.
    await whole(newRange()());
    const waits = await roundTripsOf(() => whole(newRange()()));
    process.stdout.write(`\nA whole login waits for Redis ${waits} times.\n`);
    expect(waits).toBeLessThanOrEqual(24);
  });
});
