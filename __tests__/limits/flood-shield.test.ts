import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Reply, TestApp, testEnvironment } from '@/__tests__/support/app';
import { bytesOf, RawConnection } from '@/__tests__/support/raw-http';
import { TestSimulator } from '@/__tests__/support/simulator';
import { loadConfig } from '@/lib/config/config';
import { createFloodShield } from '@/lib/http/guards/flood-shield';

const METRICS_TOKEN = 'token-of-the-flood-shield-test';
const LIMIT = 'LIMIT_REQUESTS_PER_ADDRESS';
/** Longer than a busy machine takes for four requests. */
const WINDOW_SECONDS = 8;
const ROUTES = readdirSync('pages/api', { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ name }) => `/api/${name.replace('.ts', '')}`);

let simulator: TestSimulator;
let app: TestApp;
let count = 0;
/** A client that no other test has used. */
const newClient = () => {
  count += 1;
  return { 'x-forwarded-for': `203.0.113.${count}` };
};

beforeAll(async () => {
  simulator = await TestSimulator.start();
  app = await TestApp.start(simulator.url, { [LIMIT]: `3/${WINDOW_SECONDS}s`, TRUSTED_PROXY_HOPS: '1', METRICS_TOKEN });
});
afterAll(async () => {
  await app.stop();
  await simulator.close();
});

/** Uses up the client's requests. */
async function flood(client: Record<string, string>): Promise<void> {
  for (let i = 0; i < 3; i += 1) expect((await app.get('/api/health', client)).status).toBe(200);
}

function expectRefused(reply: Reply | undefined): void {
  expect([reply?.status, reply?.body.code]).toEqual([429, 'RATE_LIMITED']);
  expect(reply?.headers.get('retry-after')).toMatch(/^[1-8]$/);
  expect(reply?.body.retryAfterSeconds).toBe(Number(reply?.headers.get('retry-after')));
}

test('the shield refuses the request past the limit, and reports the true wait', async () => {
  const client = newClient();
  await flood(client);
  const refused = await app.get('/api/health', client);
  expectRefused(refused);
  await sleep(refused.body.retryAfterSeconds * 1000);
  expect((await app.get('/api/health', client)).status).toBe(200);
});

test.each(ROUTES)('%s is refused to an address that floods another route', async (path) => {
  const client = newClient();
  await flood(client);
  expectRefused(await (path.endsWith('-otp') ? app.post(path, {}, client) : app.get(path, client)));
});

test.each(['/.well-known/jwks.json', '/api/openid/token'])(
  'the shield protects %s like the other routes',
  async (path) => {
    const client = newClient();
    await flood(client);
    expect((await fetch(app.url + path, { headers: client })).status).toBe(429);
  },
);

test("requests that another site makes a visitor’s browser send do not count against the visitor's address", async () => {
  const client = newClient();
  for (let i = 0; i < 10; i += 1)
    expect((await app.get('/api/health', { ...client, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect((await app.get('/api/health', client)).status).toBe(200);
});

test('during a flood, the shield admits other addresses', async () => {
  const client = newClient();
  await flood(client);
  expectRefused(await app.get('/api/health', client));
  expect((await app.get('/api/health', newClient())).status).toBe(200);
});

test('a refusal does not wait for the body, and asks Infobip nothing', async () => {
  const client = newClient();
  await flood(client);
  const connection = await RawConnection.open(app);
  const headers = ['Content-Type: application/json', `X-Forwarded-For: ${client['x-forwarded-for']}`];
  connection.write(
    bytesOf(app, { method: 'POST', target: '/api/verify-otp', headers: [...headers, 'Content-Length: 40'] }),
  );
  const reply = await connection.reply();
  connection.destroy();
  expectRefused(reply);
  expect(reply?.body.verified).toBe(false);
  expect(await simulator.calls()).toEqual([]);
});

test('the log and the metrics name the limit', async () => {
  const client = newClient();
  await flood(client);
  const refused = await app.send('+14155552671', {}, client);
  expect(await app.logLineOf(refused)).toMatchObject({ level: 40, event: 'limit.reached', limit: LIMIT });
  const { text } = await app.metrics(METRICS_TOKEN);
  expect(text).toMatch(/limits_hit_total\{limit="LIMIT_REQUESTS_PER_ADDRESS"\} [1-9]/);
});

test('the shield remembers a bounded number of addresses', async () => {
  const environment = { ...testEnvironment('https://abc12.api.infobip.com'), [LIMIT]: '1/1h' };
  const { limits } = loadConfig(environment as unknown as NodeJS.ProcessEnv);
  const shield = createFloodShield(limits);
  expect(await shield.take('first')).toBe(0);
  expect(await shield.take('first')).toBeGreaterThan(3_599_000);
  for (let i = 0; i < 10_000; i += 1) await shield.take(`address ${i}`);
  expect(await shield.take('first')).toBe(0);
});
