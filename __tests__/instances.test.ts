import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Reply, TestApp } from './support/app';
import { describeWithRedis, TestRedis } from './support/redis';
import { TestSimulator, wrongPin } from './support/simulator';

const PARALLEL = 20;
/** No answer takes longer, whatever Redis does. */
const LONGEST_ANSWER_MS = 500;
const METRICS_TOKEN = 'a-token-of-the-metrics-in-this-test';
const SKEWED = { NODE_OPTIONS: `--require ${path.resolve('__tests__/support/skewed-clock.cjs')}` };

/** Between an instance and Redis; connections that it has can be made to go dead without being closed. */
class SilentProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #generation = 0;

  constructor(redisPort: number) {
    this.#server = createServer((client) => {
      const upstream = connect(redisPort, '127.0.0.1');
      const born = this.#generation;
      const relay = (from: Socket, to: Socket) => {
        this.#sockets.add(from);
        from.on('data', (chunk) => born === this.#generation && to.write(chunk));
        from.on('error', () => undefined);
        from.on('close', () => to.destroy());
      };
      relay(client, upstream);
      relay(upstream, client);
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  silence(): void {
    this.#generation += 1;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

describeWithRedis('two instances on one Redis', () => {
  let simulator: TestSimulator;
  let redis: TestRedis;
  let one: TestApp;
  let two: TestApp;
  let count = 0;
  let number = '';
  /** Printed at the end: what each race and each fault came to. */
  const report: string[] = [];

  const instance = (environment: Record<string, string> = {}) =>
    TestApp.start(simulator.url, {
      REDIS_URL: redis.url,
      RESEND_COOLDOWN_SECONDS: '0',
      METRICS_TOKEN,
      ...environment,
    });

  /** What the metrics say of the connection to Redis, and of commands that failed. */
  async function storeMetrics(app: TestApp): Promise<{ connected: boolean; failures: boolean }> {
    const { text } = await app.metrics(METRICS_TOKEN);
    return {
      connected: text.includes('\nphone_verification_store_connected 1\n'),
      failures: /store_duration_seconds_count\{.*outcome="error"\} [1-9]/.test(text),
    };
  }

  beforeAll(async () => {
    simulator = await TestSimulator.start();
    redis = await TestRedis.start();
    [one, two] = await Promise.all([instance(), instance()]);
  });
  afterAll(async () => {
    await Promise.all([one.stop(), two.stop()]);
    await redis.kill();
    await simulator.close();
    process.stdout.write(`\nTwo instances, one Redis:\n${report.map((line) => `  ${line}\n`).join('')}`);
  });
  beforeEach(async () => {
    await simulator.reset();
    count += 1;
    number = `+1415555${4000 + count}`;
  });

  /** Waits until an instance says so. */
  async function isReady(app: TestApp): Promise<void> {
    for (let waited = 0; waited < 5000; waited += 20) {
      if ((await app.request('/api/ready', { method: 'GET' })).status === 200) return;
      await sleep(20);
    }
    throw new Error('The instance did not become ready');
  }

  const byTurns = (act: (app: TestApp, index: number) => Promise<Reply>) =>
    Promise.all(Array.from({ length: PARALLEL }, (_, i) => act(i % 2 ? one : two, i)));

  async function counted(race: string, replies: Reply[]): Promise<void> {
    const calls = (await simulator.calls()).length;
    const messages = (await simulator.messages(number)).length;
    const successes = replies.filter(({ status }) => status === 200).length;
    report.push(
      `${race}: ${replies.length} requests, ${successes} × 200, ${calls} upstream calls, ${messages} messages`,
    );
  }

  describe('races', () => {
    test('parallel sends to one number send one message', async () => {
      await simulator.fault('send', { kind: 'delay', ms: 200 });
      const spellings = [number, number.replace('+1', '+1 ('), number.replace('+1415', '+1 415 ')];
      const replies = await byTurns((app, i) => app.send((spellings[i % 3] ?? number).replace('(', '')));
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(await simulator.calls('send')).toHaveLength(1);
      await counted('parallel sends', replies);
    });

    test('parallel right codes make one call and one success', async () => {
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

    test('a code verified at one while it is resent at the other is verified once', async () => {
      const { body } = await one.send(number);
      const pin = await simulator.pinFor(number);
      await simulator.fault('resend', { kind: 'delay', ms: 300 });
      const [resent, verified] = await Promise.all([one.resend(body.pinId), two.verify(body.pinId, pin)]);
      expect([verified.status, resent.body.code]).toEqual([200, 'PIN_NOT_FOUND']);
      expect((await one.verify(body.pinId, pin)).status).toBe(404);
      await counted('resend against verify', [resent, verified]);
    });

    test('the last attempt against the right code: one of them goes upstream, and the right one can only win once', async () => {
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

    test('wrong codes lock a number for both', async () => {
      const ids = [(await one.send(number)).body.pinId, (await two.send(number)).body.pinId];
      const pins = (await simulator.messages(number)).map(({ pin }) => pin);
      const wrong = ['000000', '111111', '222222'].find((pin) => !pins.includes(pin)) ?? '';
      for (let tried = 0; tried < 10; tried += 1) {
        await (tried % 2 ? one : two).verify(ids[tried % 2], wrong);
        await simulator.advance(1000);
      }
      for (const app of [one, two]) expect((await app.send(number)).body.code).toBe('NUMBER_LOCKED');
    });

    test('limits hold over both', async () => {
      const limits = { LIMIT_SEND_PER_ADDRESS: '3/1h' };
      await redis.command('FLUSHALL');
      const [a, b] = await Promise.all([instance(limits), instance(limits)]);
      const statuses: number[] = [];
      for (let i = 0; i < 6; i += 1) statuses.push((await (i % 2 ? a : b).send(`+1415555${4100 + i}`)).status);
      expect(statuses).toEqual([200, 200, 200, 429, 429, 429]);
      await Promise.all([a.stop(), b.stop()]);
    });
  });

  describe('faults of Redis', () => {
    /** Asks everything of both instances under a fault; each answer is quick, honest, and reaches nobody. */
    async function underFault(name: string, pinId: string, pin: string): Promise<void> {
      await simulator.advance(1000);
      const before = (await simulator.calls()).length;
      let longest = 0;
      for (const app of [one, two]) {
        const asked: [() => Promise<Reply>, string][] = [
          [() => app.verify(pinId, pin), 'STORE_UNAVAILABLE'],
          [() => app.resend(pinId), 'STORE_UNAVAILABLE'],
          [() => app.send(`+1415556${4000 + count}`), 'STORE_UNAVAILABLE'],
          [() => app.request('/api/ready', { method: 'GET' }), 'NOT_READY'],
        ];
        for (const [ask, code] of asked) {
          const startedAt = performance.now();
          const reply = await ask();
          longest = Math.max(longest, performance.now() - startedAt);
          expect([reply.status, reply.body.code]).toEqual([503, code]);
        }
        expect((await app.request('/api/health', { method: 'GET' })).status).toBe(200);
      }
      expect(longest).toBeLessThan(LONGEST_ANSWER_MS);
      expect((await simulator.calls()).length).toBe(before);
      report.push(`${name}: longest answer ${Math.round(longest)} ms, nothing sent, nothing verified`);
    }

    async function healed(): Promise<void> {
      await Promise.all([isReady(one), isReady(two)]);
      const fresh = `+1415557${4000 + count}`;
      const { body } = await one.send(fresh);
      expect((await two.verify(body.pinId, await simulator.pinFor(fresh))).status).toBe(200);
    }

    const started = async () => ({ pinId: (await one.send(number)).body.pinId, pin: await simulator.pinFor(number) });

    test('killed and back, empty: what was under way is gone, the rest goes on', async () => {
      const { pinId, pin } = await started();
      expect(await storeMetrics(one)).toEqual({ connected: true, failures: false });
      await redis.kill();
      await underFault('killed', pinId, pin);
      expect(await storeMetrics(one)).toEqual({ connected: false, failures: true });
      await redis.restart();
      await healed();
      expect(await storeMetrics(one)).toEqual({ connected: true, failures: true });
      expect((await two.verify(pinId, pin)).body.code).toBe('PIN_NOT_FOUND');
      // An outage is told once when it begins and once when it ends, however often a connection was tried.
      for (const app of [one, two]) {
        expect(app.output.match(/store\.connection_lost/g)).toHaveLength(1);
        expect(app.output.match(/store\.connected/g)).toHaveLength(1);
        expect(app.output).toMatch(/"event":"store\.connection_lost","reason":"\w+"/);
        expect(app.output).toContain('"fault":"not connected"');
      }
    });

    test('frozen and thawed: nobody has to wait for what was asked meanwhile', async () => {
      const { pinId, pin } = await started();
      redis.signal('SIGSTOP');
      await underFault('frozen', pinId, pin);
      redis.signal('SIGCONT');
      await healed();
      expect((await two.verify(pinId, pin)).status).toBe(200);
    });

    test('half-open: a connection that went dead without a word is replaced, and slow answers are no answers', async () => {
      const proxy = new SilentProxy(redis.port);
      const behind = await instance({ REDIS_URL: await proxy.listen() });
      const sent = await behind.send(number);
      proxy.silence();
      const startedAt = performance.now();
      const refused = await behind.verify(sent.body.pinId, await simulator.pinFor(number));
      const took = performance.now() - startedAt;
      expect([refused.status, refused.body.code]).toEqual([503, 'STORE_UNAVAILABLE']);
      expect(took).toBeLessThan(LONGEST_ANSWER_MS);
      await isReady(behind);
      expect((await behind.verify(sent.body.pinId, await simulator.pinFor(number))).status).toBe(200);
      await behind.stop();
      await proxy.close();
      report.push(`half-open connection: answer in ${Math.round(took)} ms, healed by a new connection`);
    });

    test('read-only, as a replica is, and writable again', async () => {
      const { pinId, pin } = await started();
      await redis.command('REPLICAOF', '127.0.0.1', '1');
      await underFault('read-only', pinId, pin);
      await redis.command('REPLICAOF', 'NO', 'ONE');
      await healed();
      expect((await two.verify(pinId, pin)).status).toBe(200);
    });

    test('out of memory, and with room again', async () => {
      const { pinId, pin } = await started();
      await redis.command('CONFIG', 'SET', 'maxmemory', '1');
      await underFault('full', pinId, pin);
      await redis.command('CONFIG', 'SET', 'maxmemory', '0');
      await healed();
      expect((await two.verify(pinId, pin)).status).toBe(200);
    });

    test('flushed: what was under way is gone, never verified', async () => {
      const { pinId, pin } = await started();
      await redis.command('FLUSHALL');
      expect((await two.verify(pinId, pin)).body.code).toBe('PIN_NOT_FOUND');
      await healed();
      report.push('flushed: verifications under way are gone');
    });

    test('down at boot: the server runs, is not ready, says so, and heals by itself', async () => {
      await redis.kill();
      const late = await instance();
      const startedAt = performance.now();
      const refused = await late.send(number);
      const took = performance.now() - startedAt;
      expect([refused.status, refused.body.code]).toEqual([503, 'STORE_UNAVAILABLE']);
      expect(took).toBeLessThan(LONGEST_ANSWER_MS);
      const ready = await late.request('/api/ready', { method: 'GET' });
      expect([ready.status, ready.body.missing]).toEqual([503, ['store']]);
      expect((await fetch(late.url)).status).toBe(200);
      await redis.restart();
      await isReady(late);
      expect((await late.send(number)).status).toBe(200);
      await late.stop();
      report.push(`down at boot: answer in ${Math.round(took)} ms, ready again without a restart`);
      await healed();
    });
  });

  describe('faults of an instance', () => {
    test('killed between Infobip’s yes and our record: never a second yes', async () => {
      const timeoutMs = 500;
      const doomed = await instance({ INFOBIP_TIMEOUT_MS: String(timeoutMs) });
      const heir = await instance({ INFOBIP_TIMEOUT_MS: String(timeoutMs) });
      const { body } = await doomed.send(number);
      const pin = await simulator.pinFor(number);
      await simulator.fault('verify', { kind: 'delay', ms: 5000 }, { processed: true });
      const lost = doomed.verify(body.pinId, pin).catch(() => undefined);
      while ((await simulator.calls('verify')).length === 0) await sleep(10);
      await sleep(100);
      await doomed.crash();
      await lost;
      expect((await heir.verify(body.pinId, pin)).body).toMatchObject({ verified: false, code: 'RATE_LIMITED' });
      // The dead process's claim lapses; Infobip has spent the code.
      await sleep(2 * timeoutMs + 5100);
      expect((await heir.verify(body.pinId, pin)).body.verified).toBe(false);
      // The person can go on with a new code.
      expect((await heir.resend(body.pinId)).status).toBe(200);
      expect((await heir.verify(body.pinId, await simulator.pinFor(number))).status).toBe(200);
      await heir.stop();
      report.push('killed between yes and record: no second yes, and a new code works');
    }, 30_000);

    test('restarted: a verification started before goes on', async () => {
      const first = await instance();
      const { body } = await first.send(number);
      await first.stop();
      expect((await two.verify(body.pinId, await simulator.pinFor(number))).status).toBe(200);
    });

    test('SIGTERM under load: every request that was taken is answered', async () => {
      const loaded = await instance();
      await simulator.fault('send', { kind: 'delay', ms: 500 }, { times: PARALLEL });
      const replies = Array.from({ length: PARALLEL }, (_, i) => loaded.send(`+1415555${4200 + i}`));
      while ((await simulator.calls('send')).length < PARALLEL) await sleep(10);
      const stopped = loaded.stop();
      const statuses = (await Promise.all(replies)).map(({ status }) => status);
      expect(statuses).toEqual(Array(PARALLEL).fill(200));
      await stopped;
      report.push(`SIGTERM under load: ${PARALLEL} of ${PARALLEL} requests answered`);
    });

    test('a clock an hour off changes nothing: the store’s counts', async () => {
      const skewed = await instance({ ...SKEWED, RESEND_COOLDOWN_SECONDS: '30' });
      const { body } = await one.send(number);
      expect((await skewed.verify(body.pinId, await simulator.pinFor(number))).status).toBe(200);
      const other = `+1415558${4000 + count}`;
      const sent = await skewed.send(other);
      expect(sent.body).toMatchObject({ expiresInSeconds: 300, resendInSeconds: 30 });
      const again = await two.send(other);
      expect(again.body.code).toBe('RATE_LIMITED');
      expect(again.body.retryAfterSeconds).toBeLessThanOrEqual(30);
      expect((await two.verify(sent.body.pinId, await simulator.pinFor(other))).status).toBe(200);
      await skewed.stop();
      report.push('a clock an hour off: same expiry, same waits');
    });
  });
});
