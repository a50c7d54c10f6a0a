import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { testEnvironment } from '@/__tests__/support/app';
import { freePort } from '@/__tests__/support/free-port';
import { rawRequest } from '@/__tests__/support/raw-http';
import { TestRedis } from '@/__tests__/support/redis';
import { type InboxMessage, TestSimulator } from '@/__tests__/support/simulator';
import { Instance } from './instance';
import { ask, describeDeployed, post, TestNginx } from './nginx';
import { Crowd, type Journey } from './people';

const PARALLEL = 6;
const LOAD_MS = 1500;
/** Long enough for some requests to be in progress at any moment. */
const INFOBIP_TAKES_MS = 900;
const SENDS_PER_ADDRESS = 5;
/**
 * Less than a request takes, so that some are in progress when the instance has to end. Enough for the instance to accept
 * those that were on their way, even on a busy machine.
 */
const TAKEN_OUT_FOR_MS = 600;
const METRICS_TOKEN = 'token-of-the-deployment-tests-0123456789';
const SIGTERM_EXIT_CODE = 143;

const FORWARDED = { 'X-Forwarded-For': '198.51.100.7' };

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

describeDeployed('two instances of the build and Redis behind nginx', () => {
  let simulator: TestSimulator;
  let redis: TestRedis;
  let one: Instance;
  let two: Instance;
  let proxy: TestNginx;
  /** All messages of all tests. */
  const sent: InboxMessage[] = [];
  /** Printed at the end. */
  const report: string[] = [];

  beforeAll(async () => {
    [simulator, redis] = await Promise.all([TestSimulator.start(), TestRedis.start()]);
    const environment = {
      ...testEnvironment(simulator.url),
      REDIS_URL: redis.url,
      TRUSTED_PROXY_HOPS: '1',
      METRICS_TOKEN,
      // The guard is off, because the load is heavier than an attack.
      FRAUD_GUARD: 'off',
      BUDGET_PER_HOUR: '1000000',
      BUDGET_PER_DAY: '1000000',
      LIMIT_SEND_GLOBAL_PER_DAY: '1000000/1d',
      LIMIT_SEND_PER_ADDRESS: `${SENDS_PER_ADDRESS}/1h`,
      // Far more than the load needs.
      LIMIT_REQUESTS_PER_ADDRESS: '1000000/1m',
      RESEND_COOLDOWN_SECONDS: '1',
      // What a killed instance has reserved lapses after this time plus 5 s.
      INFOBIP_TIMEOUT_MS: '3000',
    };
    one = new Instance(await freePort(), environment);
    two = new Instance(await freePort(), environment);
    await Promise.all([one.start(), two.start()]);
    proxy = await TestNginx.start([one.port, two.port]);
  });
  afterAll(async () => {
    await proxy.stop();
    await Promise.all([one.end('SIGTERM'), two.end('SIGTERM')]);
    await redis.kill();
    await simulator.close();
    process.stdout.write(`\nTwo instances behind nginx:\n${report.map((line) => `  ${line}\n`).join('')}`);
  });

  beforeEach(async () => {
    await simulator.reset();
    for (const call of ['send', 'verify']) {
      await simulator.fault(call, { kind: 'delay', ms: INFOBIP_TAKES_MS }, { times: 0 });
    }
  });

  afterEach(async () => {
    sent.push(...(await simulator.messages()));
  });

  /** Checks what must hold whatever happened to the instances. */
  async function nothingLost(what: string, journeys: readonly Journey[]): Promise<void> {
    expect(journeys.flatMap(({ strange }) => strange)).toEqual([]);
    expect(journeys.filter(({ verified }) => !verified)).toEqual([]);
    const codes = journeys.flatMap(({ yes }) => yes);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes).toHaveLength(journeys.length);
    const messages = await Promise.all(journeys.map(({ number }) => simulator.messages(number)));
    expect(journeys.filter(({ sends }, i) => (messages[i] ?? []).length > sends)).toEqual([]);
    expect(journeys.length).toBeGreaterThan(PARALLEL);
    const broken = journeys.flatMap(({ broken }) => broken);
    const kinds = [...new Set(broken)].map((kind) => `${broken.filter((one) => one === kind).length} × ${kind}`);
    report.push(
      `${what}: ${journeys.length} people verified, ${sum(messages.map(({ length }) => length))} messages for ` +
        `${sum(journeys.map(({ sends }) => sends))} sends, broken requests: ${kinds.join(', ') || 'none'}`,
    );
  }

  test('each instance in turn is taken out, ended and started under load, and no request fails', async () => {
    const crowd = new Crowd(PARALLEL, 0, proxy.port, simulator);
    for (const [name, instance] of [['app-1', one] as const, ['app-2', two] as const]) {
      await sleep(LOAD_MS);
      proxy.takeOut(name);
      await sleep(TAKEN_OUT_FOR_MS);
      const startedAt = performance.now();
      expect(await instance.end('SIGTERM')).toBe(SIGTERM_EXIT_CODE);
      report.push(`SIGTERM: ended after ${Math.round(performance.now() - startedAt)} ms`);
      await sleep(LOAD_MS / 3);
      await instance.start();
      proxy.putBack(name);
    }
    const journeys = await crowd.leave();
    expect(journeys.flatMap(({ broken }) => broken)).toEqual([]);
    expect(journeys.filter(({ sends }) => sends !== 1)).toEqual([]);
    await nothingLost('restarted', journeys);
  });

  test('one instance is killed under load: everybody can continue, no code counts twice, and no message goes out twice', async () => {
    const crowd = new Crowd(PARALLEL, 1000, proxy.port, simulator);
    await sleep(LOAD_MS);
    await one.end('SIGKILL');
    await sleep(LOAD_MS);
    await one.start();
    await sleep(LOAD_MS / 3);
    await nothingLost('killed', await crowd.leave());
  });

  test("limits apply to the client's real address, whatever address its headers claim", async () => {
    await simulator.clearFaults();
    const sendFrom = (from: string, i: number) =>
      post(
        proxy.port,
        '/api/send-otp',
        { phoneNumber: `+1415300${1000 + i}` },
        {
          from,
          headers: {
            'X-Forwarded-For': `198.51.100.${i}`,
            'X-Real-IP': `198.51.100.${i}`,
            Forwarded: `for=1.1.1.${i}`,
          },
        },
      );
    const statuses: number[] = [];
    for (let i = 0; i <= SENDS_PER_ADDRESS; i += 1) statuses.push((await sendFrom('127.2.0.1', i)).status);
    expect(statuses).toEqual([...Array(SENDS_PER_ADDRESS).fill(200), 429]);
    expect((await sendFrom('127.2.0.2', 50)).status).toBe(200);
  });

  test.each([
    '/api/metrics',
    '/api/metrics/',
    '/api/metrics?x=1',
    '//api//metrics',
    '/api/x/../metrics',
    '/api/%6detrics',
  ])('nobody outside can reach %s', async (target) => {
    const asked = { headers: { Authorization: `Bearer ${METRICS_TOKEN}` } };
    expect((await ask(one.port, '/api/metrics', asked)).status).toBe(200);
    const { status, headers } = await ask(proxy.port, target, asked);
    // The app sets a policy on every reply, so this reply comes from nginx.
    expect([status, headers['content-security-policy']]).toEqual([404, undefined]);
  });

  test('headers and pages pass through unchanged', async () => {
    const connection = ['connection', 'keep-alive', 'transfer-encoding', 'server'];
    for (const target of ['/', '/api/ready', '/.well-known/jwks.json', '/404']) {
      const [direct, through] = await Promise.all([ask(one.port, target), ask(proxy.port, target)]);
      const names = ({ headers }: typeof direct) => Object.keys(headers).filter((name) => !connection.includes(name));
      expect([target, through.status, names(through).sort()]).toEqual([target, direct.status, names(direct).sort()]);
      // The nonce is different each time, so this compares the lengths.
      expect(through.headers['content-security-policy']?.length).toBe(
        direct.headers['content-security-policy']?.length,
      );
      expect(through.text.length).toBe(direct.text.length);
    }
  });

  test('the app itself refuses a body that is too large, and nginx refuses a far larger one', async () => {
    const sized = (length: number) => post(proxy.port, '/api/send-otp', { phoneNumber: 'x'.repeat(length) });
    expect(JSON.parse((await sized(5000)).text)).toMatchObject({ code: 'BODY_TOO_LARGE' });
    expect((await sized(20_000)).status).toBe(413);
  });

  test.each([
    ['a WebSocket', { target: '/nope', headers: ['Upgrade: websocket', 'Connection: Upgrade'] }, 400],
    ['a page by PUT', { method: 'PUT', target: '/' }, 405],
    ['another host', { target: 'http://evil.example//' }, 400],
  ])('an instance that a client reaches without the proxy refuses %s', async (_name, request, status) => {
    expect((await rawRequest({ url: `http://127.0.0.1:${one.port}` }, request))?.status).toBe(status);
  });

  test('the log of an instance contains no code and no number', async () => {
    const log = `${one.output}${two.output}`;
    expect(log).toContain('"route":"/api/verify-otp"');
    // Hashes and times may have six digits in a row.
    const withoutChance = log.replace(/"(requestId|time|phone|proofId|\w+Ms)":("[^"]*"|[\d.]+)/g, '');
    expect(sent.length).toBeGreaterThan(2 * PARALLEL);
    expect(sent.filter(({ to, pin }) => log.includes(to) || withoutChance.includes(pin))).toEqual([]);
    expect(log).not.toMatch(/1415[23]\d{6}/);
  });
});

describeDeployed("nginx' access log", () => {
  test('is empty except while an operator turns it on, and then has addresses', async () => {
    const port = await freePort();
    const proxy = await TestNginx.start([port, port]);
    const call = (from: string) => post(proxy.port, '/api/send-otp?x=secret', {}, { from, headers: FORWARDED });
    await call('127.3.0.1');
    proxy.keepLog();
    await call('127.3.0.2');
    proxy.endLog();
    await call('127.3.0.3');
    const { log } = await proxy.stop();
    expect(log).toMatch(/^\S+T\S+ 502 POST \/api\/send-otp 198\.51\.100\.7, 127\.3\.0\.2\n$/);
  });
});

describeDeployed("nginx' error log", () => {
  test("says what failed and where, and contains no client's address", async () => {
    const [port, other] = [await freePort(), await freePort()];
    const proxy = await TestNginx.start([port, other]);
    const large = { phoneNumber: 'x'.repeat(50_000) };
    await post(proxy.port, '/api/send-otp?x=secret', {}, { from: '127.4.0.1', headers: FORWARDED });
    await ask(proxy.port, '/about', { from: '127.4.0.2' });
    // Requests that nginx logs in other words: too large, buffered to a file, too long, and no request at all.
    await post(proxy.port, '/api/send-otp', large, { from: '127.4.0.3' });
    await post(proxy.port, '/api/send-otp', { phoneNumber: 'x'.repeat(15_000) }, { from: '127.4.0.4' });
    await ask(proxy.port, `/${'x'.repeat(40_000)}`, { from: '127.4.0.5' });
    await ask(proxy.port, '/', { from: '127.4.0.6', headers: { Host: 'a b' } });
    await ask(proxy.port, '/api/../../x', { from: '127.4.0.7' });
    const { errors } = await proxy.stop();
    expect(errors).not.toMatch(/127\.4\.0|198\.51\.100|client:|secret/);
    const line = new RegExp(`^\\S+T\\S+ 502 (\\S+ \\S+) upstream .*127\\.0\\.0\\.1:(?:${port}|${other}).* 502`);
    const lines = errors.split('\n').filter((text) => text.includes(' upstream '));
    // The order varies, because each worker of nginx writes its lines when it has time.
    expect(lines.map((text) => line.exec(text)?.[1] ?? text).sort()).toEqual([
      'GET /about',
      'POST /api/send-otp',
      'POST /api/send-otp',
    ]);
  });
});

describeDeployed('nginx, when an instance accepts a request and closes the connection', () => {
  /** Starts an instance that closes every connection without an answer, and collects the methods of its requests. */
  async function broken(methods: string[]) {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (data: Buffer) => {
        methods.push(data.toString('latin1').split(' ')[0] ?? '');
        socket.destroy();
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, port: (server.address() as AddressInfo).port };
  }

  test('sends a POST to nobody else, since it may have taken effect, but sends a GET to the other instance', async () => {
    const methods: string[] = [];
    const [a, b] = [await broken(methods), await broken(methods)];
    const proxy = await TestNginx.start([a.port, b.port]);
    expect((await post(proxy.port, '/api/send-otp', {})).status).toBe(502);
    expect((await ask(proxy.port, '/')).status).toBe(502);
    expect(methods).toEqual(['POST', 'GET', 'GET']);
    await proxy.stop();
    for (const { server } of [a, b]) server.close();
  });
});
