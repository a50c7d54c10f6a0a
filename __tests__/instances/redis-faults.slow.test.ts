import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply, TestApp } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { describeWithRedis } from '@/__tests__/support/redis';
import { METRICS_TOKEN, useTwoInstances } from './two-instances';

/** The store's timeout: long enough for a busy machine, and much shorter than a person's patience. */
const DEADLINE_MS = 500;
/** No answer may take longer, whatever Redis does: ten of the store's timeouts, for a busy machine. */
const LONGEST_ANSWER_MS = 10 * DEADLINE_MS;
const READY_WITHIN_MS = 20_000;

/** Sits between an instance and Redis; it can make existing connections go dead without closing them. */
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

describeWithRedis('two instances whose Redis fails', () => {
  const { redis, simulator, one, two, startInstance, report } = useTwoInstances({
    REDIS_TIMEOUT_MS: String(DEADLINE_MS),
  });

  let number = '';
  beforeEach(() => {
    number = newNumber();
  });

  /** What the metrics say about the connection to Redis, and about failed commands. */
  async function storeMetrics(app: TestApp): Promise<{ connected: boolean; failures: boolean }> {
    const { text } = await app.metrics(METRICS_TOKEN);
    return {
      connected: text.includes('\nphone_verification_store_connected 1\n'),
      failures: /store_duration_seconds_count\{.*outcome="error"\} [1-9]/.test(text),
    };
  }

  /** Waits until an instance is ready. */
  async function isReady(app: TestApp): Promise<void> {
    for (let waited = 0; waited < READY_WITHIN_MS; waited += 20) {
      if ((await app.request('/api/ready', { method: 'GET' })).status === 200) return;
      await sleep(20);
    }
    throw new Error('The instance did not become ready');
  }

  /** Sends every kind of request to both instances under a fault. Each answer is quick and true, and sends nothing. */
  async function underFault(name: string, pinId: string, pin: string): Promise<void> {
    await simulator.advance(1000);
    const before = (await simulator.calls()).length;
    let longest = 0;
    for (const app of [one, two]) {
      const asked: [() => Promise<Reply>, string][] = [
        [() => app.verify(pinId, pin), 'STORE_UNAVAILABLE'],
        [() => app.resend(pinId), 'STORE_UNAVAILABLE'],
        [() => app.send(newNumber()), 'STORE_UNAVAILABLE'],
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
    const fresh = newNumber();
    const { body } = await one.send(fresh);
    expect((await two.verify(body.pinId, await simulator.pinFor(fresh))).status).toBe(200);
  }

  const started = async () => ({ pinId: (await one.send(number)).body.pinId, pin: await simulator.pinFor(number) });

  test('verifications in progress are lost when Redis is killed and restarts empty, and new ones work', async () => {
    const { pinId, pin } = await started();
    const printed = new Map([one, two].map((app) => [app, app.output.length]));
    expect(await storeMetrics(one)).toEqual({ connected: true, failures: false });
    await redis.kill();
    await underFault('killed', pinId, pin);
    expect(await storeMetrics(one)).toEqual({ connected: false, failures: true });
    await redis.restart();
    await healed();
    expect(await storeMetrics(one)).toEqual({ connected: true, failures: true });
    expect((await two.verify(pinId, pin)).body.code).toBe('PIN_NOT_FOUND');
    // The log reports an outage once when it begins and once when it ends, however many connections are tried.
    for (const app of [one, two]) {
      // Leave out what came before: on a busy machine, the first connection may take several attempts.
      const log = app.output.slice(printed.get(app));
      expect(log.match(/store\.connection_lost/g)).toHaveLength(1);
      expect(log.match(/store\.connected/g)).toHaveLength(1);
      expect(log).toMatch(/"event":"store\.connection_lost","reason":"\w+"/);
      expect(log).toContain('"fault":"not connected"');
    }
  });

  test('a frozen Redis keeps nobody waiting, and loses nothing when it thaws', async () => {
    const { pinId, pin } = await started();
    redis.signal('SIGSTOP');
    await underFault('frozen', pinId, pin);
    redis.signal('SIGCONT');
    await healed();
    expect((await two.verify(pinId, pin)).status).toBe(200);
  });

  test('an instance replaces a connection that went dead silently', async () => {
    const proxy = new SilentProxy(redis.port);
    const behind = await startInstance({ REDIS_URL: await proxy.listen() });
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

  test('a read-only Redis, such as a replica, is an outage until it is writable again', async () => {
    const { pinId, pin } = await started();
    await redis.command('REPLICAOF', '127.0.0.1', '1');
    await underFault('read-only', pinId, pin);
    await redis.command('REPLICAOF', 'NO', 'ONE');
    await healed();
    expect((await two.verify(pinId, pin)).status).toBe(200);
  });

  test('a full Redis is an outage until it has room again', async () => {
    const { pinId, pin } = await started();
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    await underFault('full', pinId, pin);
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    await healed();
    expect((await two.verify(pinId, pin)).status).toBe(200);
  });

  test('a flushed Redis verifies nothing that was in progress', async () => {
    const { pinId, pin } = await started();
    await redis.command('FLUSHALL');
    expect((await two.verify(pinId, pin)).body.code).toBe('PIN_NOT_FOUND');
    await healed();
    report.push('flushed: verifications in progress are gone');
  });

  test('a server that starts without Redis reports that it is not ready, and recovers without a restart', async () => {
    await redis.kill();
    const late = await startInstance();
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
