import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { freePort, type Reply, TestApp } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { wrongPin } from '@/__tests__/support/simulator';
import { useApp } from '@/__tests__/support/use-app';
import { startSimulator } from '@/simulator/simulator';

const NUMBER = '+14155552671';
const DEADLINE_MS = 700;
const COOLDOWN_SECONDS = 30;

/** Each test has a number of its own, so that cooldowns do not meet. */
let number = NUMBER;

const { app, simulator } = useApp({
  INFOBIP_TIMEOUT_MS: String(DEADLINE_MS),
  RESEND_COOLDOWN_SECONDS: String(COOLDOWN_SECONDS),
});
beforeEach(() => {
  number = newNumber();
});

const envelope = (messageId: string) => ({
  requestError: { serviceException: { messageId, text: 'Upstream text 4711' } },
});
const status = (code: number, messageId?: string, headers?: object) => ({
  kind: 'status',
  status: code,
  ...(messageId && { body: envelope(messageId) }),
  ...headers,
});
const reply200 = (body: unknown) => ({ kind: 'reply', body });
/** The log lines of an event, so far. */
const eventsIn = ({ output }: TestApp, event: string): Record<string, unknown>[] =>
  output
    .split('\n')
    .filter((line) => line.includes(`"event":"${event}"`))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const PIN_ID = '9C817C6F8AF3D48F9FE553282AFA2B67';

/** Fault, our status and code, and whether the number is held since a message may have left. */
const FAULTS: [name: string, fault: object, status: number, code: string, held: boolean][] = [
  ['401', status(401, 'UNAUTHORIZED'), 503, 'UPSTREAM_REJECTED_US', false],
  ['403', status(403, 'FORBIDDEN'), 503, 'UPSTREAM_REJECTED_US', false],
  ['400', status(400, 'BAD_REQUEST'), 502, 'UPSTREAM_BAD_REPLY', false],
  ['500', status(500, 'GENERAL_ERROR'), 503, 'UPSTREAM_UNAVAILABLE', false],
  ['503 with HTML', { ...status(503), body: '<html>busy</html>' }, 503, 'UPSTREAM_UNAVAILABLE', true],
  ['502 of a gateway', status(502), 503, 'UPSTREAM_UNAVAILABLE', true],
  ['504 of a gateway', status(504), 503, 'UPSTREAM_UNAVAILABLE', true],
  ['hang', { kind: 'hang' }, 504, 'UPSTREAM_TIMEOUT', true],
  ['trickle', { kind: 'trickle' }, 504, 'UPSTREAM_TIMEOUT', true],
  ['reset', { kind: 'reset' }, 502, 'UPSTREAM_BAD_REPLY', true],
  ['cut', { kind: 'cut' }, 502, 'UPSTREAM_BAD_REPLY', true],
  ['truncated JSON', { kind: 'truncated' }, 502, 'UPSTREAM_BAD_REPLY', true],
  ['HTML', { kind: 'html' }, 502, 'UPSTREAM_BAD_REPLY', true],
  ['empty', { kind: 'empty' }, 502, 'UPSTREAM_BAD_REPLY', true],
  ['huge', { kind: 'huge' }, 502, 'UPSTREAM_BAD_REPLY', true],
  ['redirect', { kind: 'redirect' }, 502, 'UPSTREAM_BAD_REPLY', false],
  ['null', reply200(null), 502, 'UPSTREAM_BAD_REPLY', true],
  ['list', reply200([]), 502, 'UPSTREAM_BAD_REPLY', true],
];

const SEND_FAULTS: typeof FAULTS = [
  ['404', status(404, 'NOT_FOUND'), 503, 'UPSTREAM_REJECTED_US', false],
  ['no pinId', { kind: 'patch', fields: { pinId: null } }, 502, 'UPSTREAM_BAD_REPLY', true],
  ['hostile pinId', { kind: 'patch', fields: { pinId: '../applications/X' } }, 502, 'UPSTREAM_BAD_REPLY', true],
  ['numeric pinId', { kind: 'patch', fields: { pinId: 1234567890123456 } }, 502, 'UPSTREAM_BAD_REPLY', true],
  ['no smsStatus', { kind: 'patch', fields: { smsStatus: null } }, 502, 'UPSTREAM_BAD_REPLY', true],
  ['strange smsStatus', { kind: 'patch', fields: { smsStatus: 'MESSAGE_MAYBE' } }, 502, 'UPSTREAM_BAD_REPLY', true],
  ['not sent', { kind: 'patch', fields: { smsStatus: 'MESSAGE_NOT_SENT' } }, 422, 'NOT_DELIVERED', false],
  [
    'not reachable',
    { kind: 'patch', fields: { ncStatus: 'NC_DESTINATION_NOT_REACHABLE' } },
    422,
    'NOT_DELIVERED',
    false,
  ],
  ['throttled', status(429, 'TOO_MANY_REQUESTS'), 429, 'RATE_LIMITED', false],
];

function expectNoUpstreamText(reply: Reply): void {
  expect(JSON.stringify(reply.body)).not.toMatch(/4711|serviceException|html|ECONN/i);
}

describe.each([...FAULTS, ...SEND_FAULTS])('a send answered by %s', (_name, fault, expected, code, held) => {
  test(`is ${expected} ${code}, is not repeated, and ${held ? 'holds' : 'frees'} the number`, async () => {
    await simulator.fault('send', fault, { processed: true });
    const reply = await app.send(number);
    expect([reply.status, reply.body.code]).toEqual([expected, code]);
    expectNoUpstreamText(reply);
    expect(reply.body).not.toHaveProperty('pinId');
    expect(reply.headers.get('set-cookie')).toBeNull();
    expect(await simulator.calls('send')).toHaveLength(1);
    if (held) expect(reply.headers.get('retry-after')).toBe(String(COOLDOWN_SECONDS));

    const again = await app.send(number);
    expect(again.status).toBe(held ? 429 : 200);
    // Whatever came before, others go on; and the breaker sees a success.
    expect((await app.send(newNumber())).status).toBe(200);
  });
});

describe.each(FAULTS)('a verify answered by %s', (_name, fault, expected, code) => {
  test(`is ${expected} ${code}, never a yes, is not repeated, and the person can go on`, async () => {
    const { body } = await app.send(number);
    const pin = await simulator.pinFor(number);
    await simulator.fault('verify', fault);
    const reply = await app.verify(body.pinId, pin);
    expect([reply.status, reply.body.code, reply.body.verified]).toEqual([expected, code, false]);
    expectNoUpstreamText(reply);
    expect(await simulator.calls('verify')).toHaveLength(1);
    expect((await app.verify(body.pinId, pin)).status).toBe(200);
  });
});

const VERIFY_REPLIES: [name: string, fault: object, status: number, code: string][] = [
  [
    'verified for another pinId',
    { kind: 'patch', fields: { verified: true, pinId: PIN_ID } },
    502,
    'UPSTREAM_BAD_REPLY',
  ],
  ['verified for another number', { kind: 'patch', fields: { msisdn: '41793026727' } }, 502, 'UPSTREAM_BAD_REPLY'],
  ['verified for no number', { kind: 'patch', fields: { msisdn: null } }, 502, 'UPSTREAM_BAD_REPLY'],
  ['verified as text', { kind: 'patch', fields: { verified: 'true' } }, 502, 'UPSTREAM_BAD_REPLY'],
  ['verified as a number', { kind: 'patch', fields: { verified: 1 } }, 502, 'UPSTREAM_BAD_REPLY'],
  ['verified is missing', { kind: 'patch', fields: { verified: null } }, 502, 'UPSTREAM_BAD_REPLY'],
  ['verified with an error', { kind: 'patch', fields: { pinError: 'WRONG_PIN' } }, 502, 'UPSTREAM_BAD_REPLY'],
  ['only attempts', reply200({ attemptsRemaining: 3 }), 502, 'UPSTREAM_BAD_REPLY'],
  ['not verified, no error', { kind: 'patch', fields: { verified: false, pinError: 'NO_ERROR' } }, 400, 'WRONG_PIN'],
  ['TTL_EXPIRED', { kind: 'patch', fields: { verified: false, pinError: 'TTL_EXPIRED' } }, 410, 'PIN_EXPIRED'],
  ['PIN_EXPIRED', { kind: 'patch', fields: { verified: false, pinError: 'PIN_EXPIRED' } }, 410, 'PIN_EXPIRED'],
  [
    'NO_MORE_PIN_ATTEMPTS',
    { kind: 'patch', fields: { verified: false, pinError: 'NO_MORE_PIN_ATTEMPTS' } },
    429,
    'TOO_MANY_ATTEMPTS',
  ],
  ['envelope WRONG_PIN', status(400, 'WRONG_PIN'), 400, 'WRONG_PIN'],
  ['envelope PIN_NOT_FOUND', status(400, 'PIN_NOT_FOUND'), 404, 'PIN_NOT_FOUND'],
  ['envelope NOT_FOUND', status(404, 'NOT_FOUND'), 404, 'PIN_NOT_FOUND'],
  ['envelope MAX_ATTEMPTS_EXCEEDED', status(403, 'MAX_ATTEMPTS_EXCEEDED'), 429, 'TOO_MANY_ATTEMPTS'],
  ['envelope NO_MORE_PIN_ATTEMPTS', status(400, 'NO_MORE_PIN_ATTEMPTS'), 429, 'TOO_MANY_ATTEMPTS'],
  ['envelope TOO_MANY_REQUESTS under another status', status(403, 'TOO_MANY_REQUESTS'), 429, 'RATE_LIMITED'],
];

test.each(VERIFY_REPLIES)('a verify answered by %s is %s', async (_name, fault, expected, code) => {
  const { body } = await app.send(number);
  await simulator.fault('verify', fault);
  const reply = await app.verify(body.pinId, await simulator.pinFor(number));
  expect([reply.status, reply.body.code, reply.body.verified]).toEqual([expected, code, false]);
  expect(reply.headers.has('retry-after')).toBe(code === 'RATE_LIMITED');
});

test('a verify whose reply was lost after it succeeded is not repeated, and is never a second yes', async () => {
  const { body } = await app.send(number);
  const pin = await simulator.pinFor(number);
  await simulator.fault('verify', { kind: 'reset' }, { processed: true });
  expect((await app.verify(body.pinId, pin)).status).toBe(502);
  expect((await app.verify(body.pinId, pin)).body.verified).toBe(false);
});

test.each([
  ['7', 7],
  ['0', 1],
  ['999999', 3600],
  ['-5', 3],
  ['soon', 3],
  [new Date(Date.now() + 7_200_000).toUTCString(), 3600],
])('Infobip’s Retry-After %p becomes %i seconds', async (value, seconds) => {
  const { body } = await app.send(number);
  await simulator.fault('verify', status(429, 'TOO_MANY_REQUESTS', { headers: { 'Retry-After': value } }));
  const reply = await app.verify(body.pinId, '000000');
  expect([reply.body.retryAfterSeconds, reply.headers.get('retry-after')]).toEqual([seconds, String(seconds)]);
});

test('a hang costs no longer than the deadline', async () => {
  await simulator.fault('send', { kind: 'trickle' });
  const startedAt = Date.now();
  expect((await app.send(number)).status).toBe(504);
  expect(Date.now() - startedAt).toBeLessThan(DEADLINE_MS + 500);
});

test('rejected credentials are logged for somebody to be woken up', async () => {
  await simulator.fault('send', status(401, 'UNAUTHORIZED'));
  expect(await app.logLineOf(await app.send(number))).toMatchObject({
    level: 60,
    code: 'UPSTREAM_REJECTED_US',
    cause: { status: 401, messageId: 'UNAUTHORIZED' },
  });
});

test.each([
  ['an application', { INFOBIP_2FA_APP_ID: 'F'.repeat(32) }],
  ['a template', { INFOBIP_2FA_MESSAGE_ID: 'F'.repeat(32) }],
])('%s that Infobip does not know wakes somebody up, with the remedy, and leaves the number free', async (_, wrong) => {
  const strange = await TestApp.start(simulator.url, wrong);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const reply = await strange.send(number);
    expect([reply.status, reply.body.code, reply.body.retryAfterSeconds]).toEqual([
      503,
      'UPSTREAM_REJECTED_US',
      undefined,
    ]);
    expect(await strange.logLineOf(reply)).toMatchObject({
      level: 60,
      event: 'upstream.application_missing',
      remedy: expect.stringMatching(/INFOBIP_2FA_APP_ID.*npm run doctor/),
      cause: { status: 404, messageId: 'NOT_FOUND' },
    });
  }
  await strange.stop();
});

test.each([
  ['nobody listening', async () => `http://127.0.0.1:${await freePort()}`, 'refused'],
  ['a server that speaks no TLS', async () => simulator.url.replace('http://127.0.0.1', 'https://127.0.0.1'), 'tls'],
  ['a host that does not exist', async () => 'https://infobip.invalid', 'dns'],
])('%s makes a send 503, and leaves the number free', async (_name, baseUrl, fault) => {
  const lost = await TestApp.start(await baseUrl(), { INFOBIP_TIMEOUT_MS: '5000' });
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const reply = await lost.send(number);
    expect([reply.status, reply.body.code]).toEqual([503, 'UPSTREAM_UNAVAILABLE']);
    expect(reply.headers.get('retry-after')).toBeNull();
    expect(await lost.logLineOf(reply)).toMatchObject({ cause: { fault } });
  }
  await lost.stop();
});

describe('the circuit breaker', () => {
  const gateway = (code: number) => status(code, undefined, { body: '<html>Bad gateway</html>' });
  const NUMBERS = ['+14155553001', '+14155553002', '+14155553003'] as const;
  const numberOf = (call: number) => NUMBERS[call % 3] ?? NUMBERS[0];
  /** Nobody is told to wait but by the breaker. */
  const startApp = (infobipUrl = simulator.url, environment: Record<string, string> = {}) =>
    TestApp.start(infobipUrl, {
      RESEND_COOLDOWN_SECONDS: '0',
      INFOBIP_TIMEOUT_MS: String(DEADLINE_MS),
      ...environment,
    });
  const sendTo = async (to: TestApp, calls: number) => {
    for (let call = 0; call < calls; call += 1) await to.send(numberOf(call));
  };
  const missing = async (of: TestApp) => (await of.get('/api/ready')).body.missing ?? [];

  test('leaves Infobip alone after five faults in a row, lets one call ask after ten seconds, and all is well', async () => {
    const fresh = await startApp();
    await simulator.fault('send', gateway(504), { times: 0 });
    for (let call = 0; call < 5; call += 1) expect((await fresh.send(numberOf(call))).status).toBe(503);
    const refused = await fresh.send(number);
    expect([refused.status, refused.body.code]).toEqual([503, 'UPSTREAM_UNAVAILABLE']);
    expect(refused.body.retryAfterSeconds).toBeGreaterThan(0);
    expect(refused.body.retryAfterSeconds).toBeLessThanOrEqual(10);
    expect(refused.headers.get('retry-after')).toBe(String(refused.body.retryAfterSeconds));
    expect(await simulator.calls('send')).toHaveLength(5);

    await simulator.clearFaults();
    await new Promise((resolve) => setTimeout(resolve, refused.body.retryAfterSeconds * 1000));
    expect((await fresh.send(number)).status).toBe(200);
    await fresh.stop();
  });

  test('tells others at once while one call asks', async () => {
    const fresh = await startApp(simulator.url, { INFOBIP_TIMEOUT_MS: '5000' });
    await simulator.fault('send', gateway(504), { times: 5 });
    await sendTo(fresh, 5);
    await simulator.fault('send', { kind: 'delay', ms: 3000 });
    await new Promise((resolve) => setTimeout(resolve, 10_050));
    const probe = fresh.send(number);
    while ((await simulator.calls('send')).length < 6) await new Promise((resolve) => setTimeout(resolve, 25));
    const startedAt = Date.now();
    const other = await fresh.send('+14155559999');
    expect([other.status, other.body.code]).toEqual([503, 'UPSTREAM_UNAVAILABLE']);
    expect(Date.now() - startedAt).toBeLessThan(2000);
    expect(await missing(fresh)).toEqual(['breaker']);
    expect((await probe).status).toBe(200);
    // Its line comes after that of the event.
    await fresh.logLineOf(await probe);
    expect(fresh.output.match(/upstream\.breaker_\w+/g)).toEqual([
      'upstream.breaker_opened',
      'upstream.breaker_closed',
    ]);
    await fresh.stop();
  });

  const opened = (of: TestApp) => eventsIn(of, 'upstream.breaker_opened');

  test.each([
    ['502 of a gateway', gateway(502), { fault: 'refusal', status: 502 }],
    ['503 of a gateway', gateway(503), { fault: 'refusal', status: 503 }],
    ['504 of a gateway', gateway(504), { fault: 'refusal', status: 504 }],
    ['a connection that breaks', { kind: 'reset' }, { fault: 'reset' }],
    ['no answer in time', { kind: 'hang' }, { fault: 'deadline' }],
  ])('opens by %s, and tells the cause', async (_name, fault, cause) => {
    const fresh = await startApp();
    await simulator.fault('send', fault, { times: 0 });
    await sendTo(fresh, 4);
    expect(await missing(fresh)).toEqual([]);
    await sendTo(fresh, 1);
    expect(await missing(fresh)).toEqual(['breaker']);
    expect(opened(fresh)).toEqual([expect.objectContaining({ cause: expect.objectContaining(cause) })]);
    await fresh.stop();
  });

  test('opens where nobody listens, and tells the cause', async () => {
    const fresh = await startApp(`http://127.0.0.1:${await freePort()}`, { INFOBIP_TIMEOUT_MS: '5000' });
    await sendTo(fresh, 5);
    expect(await missing(fresh)).toEqual(['breaker']);
    expect(opened(fresh)).toMatchObject([{ cause: { fault: 'refused', errno: 'ECONNREFUSED' } }]);
    await fresh.stop();
  });

  test.each([
    ['400 in Infobip’s own words', status(400, 'BAD_REQUEST')],
    ['500 in Infobip’s own words', status(500, 'GENERAL_ERROR')],
    ['502 in Infobip’s own words', status(502, 'GENERAL_ERROR')],
    ['504 in an envelope of another kind', status(504, undefined, { body: { requestError: { policyException: {} } } })],
    ['500 in anybody’s words', gateway(500)],
    ['HTML', { kind: 'html' }],
    ['no delivery', { kind: 'patch', fields: { smsStatus: 'MESSAGE_NOT_SENT' } }],
  ])('stays closed after %s, however often and for however many numbers', async (_name, fault) => {
    const fresh = await startApp();
    await simulator.fault('send', fault, { times: 9 });
    await sendTo(fresh, 9);
    expect(await simulator.calls('send')).toHaveLength(9);
    expect((await fresh.send(number)).status).toBe(200);
    await fresh.stop();
  });

  test('stays closed for everybody else while every call for one number, or for two, fails', async () => {
    const fresh = await startApp();
    await simulator.fault('send', gateway(504), { times: 12 });
    for (let call = 0; call < 6; call += 1) await fresh.send(NUMBERS[0]);
    expect(await missing(fresh)).toEqual([]);
    for (let call = 0; call < 6; call += 1) await fresh.send(NUMBERS[1]);
    expect(await missing(fresh)).toEqual([]);
    expect((await fresh.send(number)).status).toBe(200);
    await fresh.stop();
  });

  test('knows whose number a resend and a verify are for', async () => {
    const fresh = await startApp();
    const pinIds: string[] = [];
    for (const to of NUMBERS) pinIds.push((await fresh.send(to)).body.pinId);
    const [first, second, third] = pinIds;
    await simulator.fault('resend', gateway(504), { times: 0 });
    await simulator.fault('verify', gateway(504), { times: 0 });
    for (let call = 0; call < 5; call += 1) await fresh.resend(first);
    await fresh.verify(first, '000000');
    await fresh.verify(second, '000000');
    expect(await missing(fresh)).toEqual([]);
    await fresh.resend(third);
    expect(await missing(fresh)).toEqual(['breaker']);
    await fresh.stop();
  });

  test('begins to count again after a success for any number, and not after an error about one', async () => {
    const fresh = await startApp();
    await simulator.fault('send', gateway(504), { times: 4 });
    await sendTo(fresh, 4);
    expect((await fresh.send(number)).status).toBe(200);

    await simulator.fault('send', gateway(504), { times: 4 });
    await sendTo(fresh, 4);
    await simulator.fault('send', status(500, 'GENERAL_ERROR'));
    await fresh.send(number);
    expect(await missing(fresh)).toEqual([]);
    await simulator.fault('send', gateway(504));
    await sendTo(fresh, 1);
    expect(await missing(fresh)).toEqual(['breaker']);
    await fresh.stop();
  });

  test('is not kept open by somebody whose own number always fails at Infobip', async () => {
    const fresh = await startApp();
    await simulator.fault('send', gateway(504), { times: 5 });
    await sendTo(fresh, 5);
    await simulator.fault('send', status(500, 'GENERAL_ERROR'));
    await new Promise((resolve) => setTimeout(resolve, 10_050));
    expect((await fresh.send(NUMBERS[0])).body.code).toBe('UPSTREAM_UNAVAILABLE');
    expect(await missing(fresh)).toEqual([]);
    expect((await fresh.send(number)).status).toBe(200);
    await fresh.stop();
  });
});

test('wrong codes in between do not make a lost attempt a free one', async () => {
  const { body } = await app.send(number);
  const pin = await simulator.pinFor(number);
  await simulator.fault('verify', { kind: 'hang' }, { processed: true });
  expect((await app.verify(body.pinId, wrongPin(pin))).status).toBe(504);
  expect((await app.verify(body.pinId, wrongPin(pin))).body.attemptsRemaining).toBe(3);
});

test('a server that comes up late is reached: a connection that was never made is tried again', async () => {
  const port = await freePort();
  const late = await TestApp.start(`http://127.0.0.1:${port}`);
  const sending = late.send(number);
  const upstream = await startSimulator({ port });
  expect((await sending).status).toBe(200);
  await late.stop();
  await upstream.close();
});

test('a connection that hangs in its TLS handshake ends at the deadline, and the number is free', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const waiting = await TestApp.start(`https://127.0.0.1:${port}`, { INFOBIP_TIMEOUT_MS: '1500' });
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const startedAt = Date.now();
    const reply = await waiting.send(number);
    expect([reply.status, reply.body.code, reply.headers.get('retry-after')]).toEqual([504, 'UPSTREAM_TIMEOUT', null]);
    expect(Date.now() - startedAt).toBeLessThan(1950);
  }
  await waiting.stop();
  silent.close();
});

test('a resend answered for another pinId is no success', async () => {
  const fresh = await TestApp.start(simulator.url, { RESEND_COOLDOWN_SECONDS: '0' });
  const { body } = await fresh.send(number);
  await simulator.fault('resend', { kind: 'patch', fields: { pinId: PIN_ID } });
  expect((await fresh.resend(body.pinId)).body.code).toBe('UPSTREAM_BAD_REPLY');
  expect((await fresh.verify(body.pinId, await simulator.pinFor(number))).status).toBe(200);
  await fresh.stop();
});

test.each([404, 400])('a resend of a PIN that Infobip answers with %i', async (code) => {
  const fresh = await TestApp.start(simulator.url, { RESEND_COOLDOWN_SECONDS: '0' });
  const { body } = await fresh.send(number);
  await simulator.fault('resend', { kind: 'status', status: code, body: 'gone' });
  const reply = await fresh.resend(body.pinId);
  expect(reply.status).toBe(code === 404 ? 200 : 502);
  expect(reply.body.newPin).toBe(code === 404 ? true : undefined);
  await fresh.stop();
});
