import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply } from '@/__tests__/support/app';
import { eventOf } from '@/__tests__/support/event-of';
import { newNumber } from '@/__tests__/support/numbers';
import { wrongPin } from '@/__tests__/support/simulator';
import { useApp } from '@/__tests__/support/use-app';
import { EVENTS } from '@/lib/observability/events';

const TOKEN = 'a-token-of-the-metrics-in-this-test';

const { app, simulator, withApp } = useApp({ METRICS_TOKEN: TOKEN });
beforeAll(() => app.keepOutOfLogs(TOKEN));

type Samples = Readonly<Record<string, number>>;

/** Samples of a metric by their labels, as in the text. */
async function samples(name: string, from = app): Promise<Samples> {
  const { text } = await from.metrics(TOKEN);
  const lines = text.split('\n').filter((line) => line.startsWith(`phone_verification_${name}`));
  return Object.fromEntries(
    lines.map((line) => [/\{(.*)\}/.exec(line)?.[1] ?? '', Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

/** How much the samples of metrics grow during an action, without those that stay the same. */
async function increases(names: readonly string[], act: () => Promise<unknown>): Promise<Samples[]> {
  const before = await Promise.all(names.map((name) => samples(name)));
  await act();
  const after = await Promise.all(names.map((name) => samples(name)));
  return after.map((metric, at) =>
    Object.fromEntries(
      Object.entries(metric)
        .map(([labels, value]) => [labels, value - (before[at]?.[labels] ?? 0)] as const)
        .filter(([, grown]) => grown !== 0),
    ),
  );
}

test('the metrics count a verification by country, channel and outcome', async () => {
  const number = newNumber();
  const names = [
    'sends_total',
    'verifications_total',
    'upstream_duration_seconds_count',
    'store_duration_seconds_count',
  ];
  const [sends, verifications, upstream, store] = await increases(names, async () => {
    const { body } = await app.send(number);
    const pin = await simulator.pinFor(number);
    await app.verify(body.pinId, wrongPin(pin));
    await app.resend(body.pinId, { channel: 'voice' });
    await app.verify(body.pinId, await simulator.pinFor(number));
    await app.send('+442079460000', { channel: 'sms' });
    await app.send('nonsense');
  });
  expect(sends).toEqual({
    'operation="send",country="US",channel="sms",outcome="sent"': 1,
    'operation="resend",country="US",channel="voice",outcome="sent"': 1,
    'operation="send",country="GB",channel="sms",outcome="PHONE_NUMBER_NOT_SUPPORTED"': 1,
    'operation="send",country="unknown",channel="sms",outcome="INVALID_PHONE_NUMBER"': 1,
  });
  expect(verifications).toEqual({
    'country="US",channel="sms",outcome="WRONG_PIN"': 1,
    'country="US",channel="voice",outcome="verified"': 1,
  });
  expect(upstream).toMatchObject({
    'operation="send",outcome="sent"': 1,
    'operation="resend",outcome="sent"': 1,
    'operation="verify",outcome="wrong"': 1,
    'operation="verify",outcome="verified"': 1,
  });
  expect(store?.['operation="reserve",outcome="ok"']).toBe(4);
  expect(store?.['operation="settleAttempt",outcome="ok"']).toBe(2);
});

test('faults of Infobip show in the metrics of calls and outcomes, and in that of the breaker until it lets a call through', async () => {
  await withApp({ METRICS_TOKEN: TOKEN }, async (failing) => {
    await simulator.fault('send', { kind: 'status', status: 504, body: '' }, { times: 5 });
    for (let i = 0; i < 5; i += 1) await failing.send(newNumber());
    const failed = { 'operation="send",outcome="UPSTREAM_UNAVAILABLE"': 5 };
    expect(await samples('upstream_breaker_open', failing)).toEqual({ '': 1 });
    expect(await samples('upstream_duration_seconds_count', failing)).toEqual(failed);
    expect(await samples('sends_total', failing)).toEqual({
      'operation="send",country="US",channel="sms",outcome="UPSTREAM_UNAVAILABLE"': 5,
    });
    expect(await samples('security_events_total', failing)).toMatchObject({ 'event="upstream.breaker_opened"': 1 });
    expect(await eventOf(failing, 'upstream.breaker_opened')).toMatchObject({ level: 50 });

    // A request that the open breaker refuses is not a call to Infobip.
    for (let i = 0; i < 3; i += 1) await failing.send(newNumber());
    expect((await failing.get('/api/ready')).body.missing).toEqual(['breaker']);
    expect(await samples('upstream_duration_seconds_count', failing)).toEqual(failed);
    await sleep(10_050);
    expect((await failing.get('/api/ready')).status).toBe(200);
    expect(await samples('upstream_breaker_open', failing)).toEqual({ '': 0 });
    expect((await failing.send(newNumber())).status).toBe(200);
  });
});

const LIMITED = {
  METRICS_TOKEN: TOKEN,
  RESEND_COOLDOWN_SECONDS: '60',
  LIMIT_SEND_PER_NUMBER: '1/1h',
  LIMIT_SEND_PER_ADDRESS: '3/1h',
  LIMIT_SEND_GLOBAL: '10/1h',
  LIMIT_VERIFY_PER_ADDRESS: '1/1h',
};

test('the metrics count refusals by limit, and show how much of the global limit is used', async () => {
  await withApp(LIMITED, async (limited) => {
    const number = newNumber();
    await limited.send(number);
    const refused = [await limited.send(number)];
    for (let other = 0; other < 3; other += 1) refused.push(await limited.send(newNumber()));
    for (let tries = 0; tries < 2; tries += 1) refused.push(await limited.verify('A'.repeat(43), '000000'));
    const lines = await Promise.all(refused.map((reply) => limited.logLineOf(reply)));
    expect(lines.map(({ limit, event, level }) => [limit, event, level])).toEqual([
      ['LIMIT_SEND_PER_NUMBER', 'limit.reached', 40],
      [undefined, undefined, 30],
      [undefined, undefined, 30],
      ['LIMIT_SEND_PER_ADDRESS', 'limit.reached', 40],
      [undefined, undefined, 30],
      ['LIMIT_VERIFY_PER_ADDRESS', 'limit.reached', 40],
    ]);
    expect(await samples('limits_hit_total', limited)).toEqual({
      'limit="LIMIT_SEND_PER_ADDRESS"': 1,
      'limit="LIMIT_SEND_PER_NETWORK"': 0,
      'limit="LIMIT_SEND_PER_NUMBER"': 1,
      'limit="LIMIT_SEND_PER_NUMBER_AND_NETWORK"': 0,
      'limit="LIMIT_VOICE_PER_NUMBER"': 0,
      'limit="LIMIT_SEND_GLOBAL"': 0,
      'limit="LIMIT_SEND_GLOBAL_PER_DAY"': 0,
      'limit="LIMIT_VERIFY_PER_ADDRESS"': 1,
      'limit="LIMIT_VERIFY_PER_NETWORK"': 0,
      'limit="LIMIT_FACTORS_PER_ADDRESS"': 0,
      'limit="LIMIT_FACTORS_PER_NETWORK"': 0,
      'limit="LIMIT_GUESSES_PER_NUMBER_AND_NETWORK"': 0,
      'limit="LIMIT_REQUESTS_PER_ADDRESS"': 0,
      'limit="RESEND_COOLDOWN_SECONDS"': 0,
      'limit="NUMBER_LOCK"': 0,
      'limit="INFOBIP"': 0,
      'limit="BUDGET_PER_HOUR"': 0,
      'limit="BUDGET_PER_DAY"': 0,
      'limit="BUDGET_PER_HOUR_NEW_COUNTRIES"': 0,
      'limit="BUDGET_PER_DAY_NEW_COUNTRIES"': 0,
      'limit="VOICE_COUNTRIES"': 0,
      'limit="BLOCKED_NUMBERS"': 0,
      'limit="CLIENT_MESSAGES_PER_DAY"': 0,
      'limit="CLIENT_BUDGET_PER_DAY"': 0,
    });
    // A refused message is taken out of the count again, but the instance may have last read the count before that.
    const used = await samples('limit_used_ratio', limited);
    expect(Object.keys(used)).toEqual([
      'limit="LIMIT_SEND_GLOBAL"',
      'limit="LIMIT_SEND_GLOBAL_PER_DAY"',
      'limit="BUDGET_PER_HOUR"',
      'limit="BUDGET_PER_DAY"',
    ]);
    expect(used['limit="LIMIT_SEND_GLOBAL"']).toBeGreaterThanOrEqual(0.3);
    expect(used['limit="LIMIT_SEND_GLOBAL"']).toBeLessThanOrEqual(0.5);
  });
});

test('the log names a limit for the wait between messages and for throttling by Infobip', async () => {
  await withApp({ RESEND_COOLDOWN_SECONDS: '30' }, async (patient) => {
    const number = newNumber();
    await patient.send(number);
    const waits = [await patient.send(number), await patient.send('+14155550105')];
    const lines = await Promise.all(waits.map((reply) => patient.logLineOf(reply)));
    expect(lines.map(({ limit }) => limit)).toEqual(['RESEND_COOLDOWN_SECONDS', 'INFOBIP']);
  });
});

test('locking a number is an event, and so is a refusal by the lock', async () => {
  const number = newNumber();
  const replies: Reply[] = [];
  const [events] = await increases(['security_events_total'], async () => {
    for (let verification = 0; verification < 2; verification += 1) {
      const { body } = await app.send(number);
      const wrong = wrongPin(await simulator.pinFor(number));
      for (let tried = 0; tried < 5; tried += 1) {
        replies.push(await app.verify(body.pinId, wrong));
        await simulator.advance(1000);
      }
    }
    replies.push(await app.send(number));
  });
  expect(replies.map(({ body }) => body.code)).toEqual([...Array(10).fill('WRONG_PIN'), 'NUMBER_LOCKED']);
  const lines = await Promise.all(replies.slice(-2).map((reply) => app.logLineOf(reply)));
  expect(lines).toMatchObject([
    { event: 'number.locked', level: 40, country: 'US' },
    { event: 'limit.reached', limit: 'NUMBER_LOCK' },
  ]);
  expect(events).toMatchObject({ 'event="number.locked"': 1, 'event="limit.reached"': 1 });
});

test('the log line of a request says how long it took, and Infobip’s and the store’s share of it', async () => {
  await simulator.fault('send', { kind: 'delay', ms: 200 });
  const { durationMs, upstreamMs, storeMs } = await app.logLineOf(await app.send(newNumber()));
  expect(upstreamMs).toBeGreaterThanOrEqual(195);
  expect(durationMs).toBeGreaterThanOrEqual(Number(upstreamMs));
  expect(storeMs).toBeLessThan(Number(upstreamMs));
});

test('every event has a sample from the start, so that its first increase is visible', async () => {
  const events = await samples('security_events_total');
  expect(Object.keys(events).sort()).toEqual(
    Object.keys(EVENTS)
      .map((event) => `event="${event}"`)
      .sort(),
  );
});

test('requests count under the route’s own name, however a client spells it', async () => {
  const [requests = {}] = await increases(['request_duration_seconds_count'], async () => {
    await fetch(`${app.url}/api/send%2Dotp`, { method: 'POST' });
    await fetch(`${app.url}/api/health?anything=1`);
    await fetch(`${app.url}/api/health`, { method: 'PROPFIND' });
  });
  const routes = Object.keys(requests);
  expect(routes).toContain('route="/api/health",method="other",status="405"');
  expect(routes.filter((labels) => !/^route="\/api\/(health|send-otp|metrics)",/.test(labels))).toEqual([]);
});

test('a request without the right token gets no metrics, and causes an event in the log', async () => {
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

test('without a METRICS_TOKEN there are no metrics', async () => {
  await withApp({}, async (bare) => {
    for (const token of ['', 'undefined']) {
      const reply = await bare.get('/api/metrics', { authorization: `Bearer ${token}` });
      expect([reply.status, reply.body.code]).toEqual([404, 'NOT_FOUND']);
    }
    expect((await fetch(`${bare.url}/api/metrics`, { method: 'POST' })).status).toBe(404);
  });
});

test('the metrics contain no number, address or code', async () => {
  const number = newNumber();
  const { body } = await app.send(number);
  const pin = await simulator.pinFor(number);
  await app.verify(body.pinId, pin);
  const { text } = await app.metrics(TOKEN);
  const ours = text
    .split('\n')
    .filter((line) => line.startsWith('phone_verification_'))
    .join('\n');
  const { phone } = await app.logLineOf(await app.send(number));
  for (const secret of [number.slice(1), '127.0.0.1', body.pinId, String(phone), TOKEN])
    expect(text).not.toContain(secret);
  expect(ours.match(/="[^"]*"/g)?.filter((label) => label.includes(pin))).toEqual([]);
});

test('the log line of a refused attempt has the pseudonym of the number', async () => {
  const number = newNumber();
  const { body } = await app.send(number);
  const wrong = wrongPin(await simulator.pinFor(number));
  const replies: Reply[] = [];
  for (let tried = 0; tried < 6; tried += 1) {
    replies.push(await app.verify(body.pinId, wrong));
    await simulator.advance(1000);
  }
  const lines = await Promise.all(replies.slice(-2).map((reply) => app.logLineOf(reply)));
  expect(lines[1]).toMatchObject({ event: 'verification.exhausted', country: 'US', phone: lines[0]?.phone });
});
