import { TestApp } from '@/__tests__/support/app';
import { TestSimulator, wrongPin } from '@/__tests__/support/simulator';
import { EVENTS } from '@/lib/observability/events';

const TOKEN = 'a-token-of-the-metrics-in-this-test';
const NUMBER = '+14155552671';

let simulator: TestSimulator;
let app: TestApp;

beforeAll(async () => {
  simulator = await TestSimulator.start();
});
afterAll(() => simulator.close());

beforeEach(async () => {
  await simulator.reset();
  app = await TestApp.start(simulator.url, { METRICS_TOKEN: TOKEN, RESEND_COOLDOWN_SECONDS: '0' });
  app.keepOutOfLogs(TOKEN);
});
afterEach(() => app.stop());

/** Samples of a metric by their labels, as they stand in the text. */
async function samples(name: string): Promise<Record<string, number>> {
  const { text } = await app.metrics(TOKEN);
  const lines = text.split('\n').filter((line) => line.startsWith(`phone_verification_${name}`));
  return Object.fromEntries(
    lines.map((line) => [/\{(.*)\}/.exec(line)?.[1] ?? '', Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

test('a verification is counted by country, channel and outcome', async () => {
  const { body } = await app.send(NUMBER);
  const pin = await simulator.pinFor(NUMBER);
  await app.verify(body.pinId, wrongPin(pin));
  await app.resend(body.pinId, { channel: 'voice' });
  await app.verify(body.pinId, await simulator.pinFor(NUMBER));
  await app.send('+442079460000', { channel: 'sms' });
  await app.send('nonsense');
  expect(await samples('sends_total')).toEqual({
    'operation="send",country="US",channel="sms",outcome="sent"': 1,
    'operation="resend",country="US",channel="voice",outcome="sent"': 1,
    'operation="send",country="GB",channel="sms",outcome="PHONE_NUMBER_NOT_SUPPORTED"': 1,
    'operation="send",country="unknown",channel="sms",outcome="INVALID_PHONE_NUMBER"': 1,
  });
  expect(await samples('verifications_total')).toEqual({
    'country="US",channel="sms",outcome="WRONG_PIN"': 1,
    'country="US",channel="voice",outcome="verified"': 1,
  });
  expect(await samples('upstream_duration_seconds_count')).toMatchObject({
    'operation="send",outcome="sent"': 1,
    'operation="resend",outcome="sent"': 1,
    'operation="verify",outcome="wrong"': 1,
    'operation="verify",outcome="verified"': 1,
  });
  const store = await samples('store_duration_seconds_count');
  expect(store['operation="claimAttempt",outcome="ok"']).toBe(2);
  expect(store['operation="admit",outcome="ok"']).toBe(4);
});

test('faults of Infobip show in the calls, the breaker and the outcome', async () => {
  await simulator.fault('send', { kind: 'status', status: 504, body: '' }, { times: 0 });
  for (let i = 0; i < 5; i += 1) await app.send(`+1415555${4000 + i}`);
  expect(await samples('upstream_breaker_open')).toEqual({ '': 1 });
  expect(await samples('upstream_duration_seconds_count')).toEqual({
    'operation="send",outcome="UPSTREAM_UNAVAILABLE"': 5,
  });
  expect(await samples('sends_total')).toEqual({
    'operation="send",country="US",channel="sms",outcome="UPSTREAM_UNAVAILABLE"': 5,
  });
  expect(await samples('security_events_total')).toMatchObject({ 'event="upstream.breaker_opened"': 1 });
  expect(app.output).toContain('"event":"upstream.breaker_opened"');
});

test('limits say by name what they refused, and that for everyone how much of it is used', async () => {
  await app.stop();
  app = await TestApp.start(simulator.url, {
    METRICS_TOKEN: TOKEN,
    RESEND_COOLDOWN_SECONDS: '60',
    LIMIT_SEND_PER_NUMBER: '1/1h',
    LIMIT_SEND_PER_ADDRESS: '3/1h',
    LIMIT_SEND_GLOBAL: '10/1h',
    LIMIT_VERIFY_PER_ADDRESS: '1/1h',
  });
  await app.send(NUMBER);
  const refused = [await app.send(NUMBER), await app.send('+14155552672'), await app.send('+14155552673')];
  refused.push(await app.send('+14155552674'));
  for (let tries = 0; tries < 2; tries += 1) refused.push(await app.verify('A'.repeat(43), '000000'));
  const lines = await Promise.all(refused.map((reply) => app.logLineOf(reply)));
  expect(lines.map(({ limit, event, level }) => [limit, event, level])).toEqual([
    ['LIMIT_SEND_PER_NUMBER', 'limit.reached', 40],
    [undefined, undefined, 30],
    [undefined, undefined, 30],
    ['LIMIT_SEND_PER_ADDRESS', 'limit.reached', 40],
    [undefined, undefined, 30],
    ['LIMIT_VERIFY_PER_ADDRESS', 'limit.reached', 40],
  ]);
  expect(await samples('limits_hit_total')).toEqual({
    'limit="LIMIT_SEND_PER_ADDRESS"': 1,
    'limit="LIMIT_SEND_PER_NUMBER"': 1,
    'limit="LIMIT_VOICE_PER_NUMBER"': 0,
    'limit="LIMIT_SEND_GLOBAL"': 0,
    'limit="LIMIT_VERIFY_PER_ADDRESS"': 1,
    'limit="LIMIT_REQUESTS_PER_ADDRESS"': 0,
    'limit="RESEND_COOLDOWN_SECONDS"': 0,
    'limit="NUMBER_LOCK"': 0,
    'limit="INFOBIP"': 0,
  });
  // What was refused is given back, after this instance last saw the count.
  const used = await samples('limit_used_ratio');
  expect(Object.keys(used)).toEqual(['limit="LIMIT_SEND_GLOBAL"']);
  expect(used['limit="LIMIT_SEND_GLOBAL"']).toBeGreaterThanOrEqual(0.3);
  expect(used['limit="LIMIT_SEND_GLOBAL"']).toBeLessThanOrEqual(0.5);
});

test('a wait between messages, and Infobip’s own throttling, are limits too', async () => {
  await app.stop();
  app = await TestApp.start(simulator.url, { METRICS_TOKEN: TOKEN });
  await app.send(NUMBER);
  const waits = [await app.send(NUMBER), await app.send('+14155550105')];
  const lines = await Promise.all(waits.map((reply) => app.logLineOf(reply)));
  expect(lines.map(({ limit }) => limit)).toEqual(['RESEND_COOLDOWN_SECONDS', 'INFOBIP']);
});

test('a number that gets locked is an event, and so is what the lock then refuses', async () => {
  const replies = [];
  for (let verification = 0; verification < 2; verification += 1) {
    const { body } = await app.send(NUMBER);
    const wrong = wrongPin(await simulator.pinFor(NUMBER));
    for (let tried = 0; tried < 5; tried += 1) {
      replies.push(await app.verify(body.pinId, wrong));
      await simulator.advance(1000);
    }
  }
  expect(replies.map(({ body }) => body.code)).toEqual(Array(10).fill('WRONG_PIN'));
  const last = replies.at(-1);
  if (!last) throw new Error('no reply');
  expect(await app.logLineOf(last)).toMatchObject({ event: 'number.locked', level: 40, country: 'US' });
  expect(await app.logLineOf(await app.send(NUMBER))).toMatchObject({ event: 'limit.reached', limit: 'NUMBER_LOCK' });
  expect(await samples('security_events_total')).toMatchObject({
    'event="number.locked"': 1,
    'event="limit.reached"': 1,
  });
});

test('the log line of a request tells how long it took, and how much of that Infobip and the store', async () => {
  await simulator.fault('send', { kind: 'delay', ms: 200 });
  const { durationMs, upstreamMs, storeMs } = await app.logLineOf(await app.send(NUMBER));
  expect(upstreamMs).toBeGreaterThanOrEqual(195);
  expect(durationMs).toBeGreaterThanOrEqual(Number(upstreamMs));
  expect(storeMs).toBeLessThan(100);
});

test('each event is there from the start, so that an increase can be told from nothing', async () => {
  const events = await samples('security_events_total');
  expect(Object.keys(events).sort()).toEqual(
    Object.keys(EVENTS)
      .map((event) => `event="${event}"`)
      .sort(),
  );
});

test('requests are counted by the route’s own name, however a client spells it', async () => {
  await fetch(`${app.url}/api/send%2Dotp`, { method: 'POST' });
  await fetch(`${app.url}/api/health?anything=1`);
  await fetch(`${app.url}/api/health`, { method: 'PROPFIND' });
  const routes = Object.keys(await samples('request_duration_seconds_count'));
  expect(routes).toContain('route="/api/health",method="other",status="405"');
  expect(routes.filter((labels) => !/^route="\/api\/(health|send-otp|metrics)",/.test(labels))).toEqual([]);
});

test('without the token, or with another, they are not told, and that is an event', async () => {
  for (const headers of [
    {},
    { authorization: 'Bearer wrong' },
    { authorization: TOKEN },
    { authorization: `Basic ${TOKEN}` },
  ]) {
    const reply = await app.get('/api/metrics', headers as Record<string, string>);
    expect([reply.status, reply.body.code, reply.headers.get('www-authenticate')]).toEqual([
      401,
      'UNAUTHORIZED',
      'Bearer',
    ]);
  }
  const reply = await app.get('/api/metrics', { authorization: 'Bearer wrong' });
  expect(await app.logLineOf(reply)).toMatchObject({ event: 'metrics.unauthorized', level: 40 });
  expect((await app.metrics(TOKEN)).status).toBe(200);
});

test('without a METRICS_TOKEN there is nothing', async () => {
  const bare = await TestApp.start(simulator.url);
  for (const token of ['', 'undefined']) {
    const reply = await bare.get('/api/metrics', { authorization: `Bearer ${token}` });
    expect([reply.status, reply.body.code]).toEqual([404, 'NOT_FOUND']);
  }
  expect((await fetch(`${bare.url}/api/metrics`, { method: 'POST' })).status).toBe(404);
  await bare.stop();
});

test('no number, address or code is in the metrics', async () => {
  const { body } = await app.send(NUMBER);
  const pin = await simulator.pinFor(NUMBER);
  await app.verify(body.pinId, pin);
  const { text } = await app.metrics(TOKEN);
  const ours = text
    .split('\n')
    .filter((line) => line.startsWith('phone_verification_'))
    .join('\n');
  const { phone } = await app.logLineOf(await app.send(NUMBER));
  for (const secret of [NUMBER.slice(1), '127.0.0.1', body.pinId, String(phone), TOKEN])
    expect(text).not.toContain(secret);
  expect(ours.match(/="[^"]*"/g)?.filter((label) => label.includes(pin))).toEqual([]);
});

test('what the open breaker refuses is no call to Infobip, and after ten seconds the instance is ready for one', async () => {
  await simulator.fault('send', { kind: 'status', status: 504, body: '' }, { times: 5 });
  for (let i = 0; i < 8; i += 1) await app.send(`+1415555${4000 + i}`);
  expect((await app.get('/api/ready')).body.missing).toEqual(['breaker']);
  expect(await samples('upstream_duration_seconds_count')).toEqual({
    'operation="send",outcome="UPSTREAM_UNAVAILABLE"': 5,
  });
  await new Promise((resolve) => setTimeout(resolve, 10_050));
  expect((await app.get('/api/ready')).status).toBe(200);
  expect(await samples('upstream_breaker_open')).toEqual({ '': 0 });
  expect((await app.send(NUMBER)).status).toBe(200);
});

test('a try that is refused names whose it was', async () => {
  const { body } = await app.send(NUMBER);
  const wrong = wrongPin(await simulator.pinFor(NUMBER));
  const replies = [];
  for (let tried = 0; tried < 6; tried += 1) {
    replies.push(await app.verify(body.pinId, wrong));
    await simulator.advance(1000);
  }
  const lines = await Promise.all(replies.slice(-2).map((reply) => app.logLineOf(reply)));
  expect(lines[1]).toMatchObject({ event: 'verification.exhausted', country: 'US', phone: lines[0]?.phone });
});
