import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type Reply, TestApp } from '@/__tests__/support/app';
import { freePort } from '@/__tests__/support/free-port';
import { newNumber } from '@/__tests__/support/numbers';
import { startSimulator } from '@/__tests__/support/shared';
import { wrongPin } from '@/__tests__/support/simulator';
import { useAnotherApp, useApp } from '@/__tests__/support/use-app';

const NUMBER = '+14155552671';
/** The timeout of calls that hang. Other calls have the default one, which is long enough for a busy machine. */
const DEADLINE_MS = 2000;
const COOLDOWN_SECONDS = 30;
/** The timeout of one call: so long that, on a busy machine, one timeout does not look like two. */
const HANDSHAKE_MS = 3000;

/** Each test has its own number, so that cooldowns do not overlap. */
let number = NUMBER;

const COOLDOWN = { RESEND_COOLDOWN_SECONDS: String(COOLDOWN_SECONDS) };
const { app, simulator, startApp } = useApp(COOLDOWN);
const hasty = useAnotherApp(() => startApp({ ...COOLDOWN, INFOBIP_TIMEOUT_MS: String(DEADLINE_MS) }));
const HANGS: readonly string[] = ['hang', 'trickle'];
/** The app for a fault. The one for hangs has the short timeout. */
const appFor = (name: string): TestApp => (HANGS.includes(name) ? hasty : app);
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
const PIN_ID = '9C817C6F8AF3D48F9FE553282AFA2B67';

/** Fault, our status and code, and whether the number is on hold because a message may have left. */
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

/** The wait began at the reservation, so a part of it has passed, but no more than since the test's request. */
function expectHeld(reply: Reply, startedAt: number): void {
  const seconds = Number(reply.headers.get('retry-after'));
  expect(seconds).toBeGreaterThanOrEqual(Math.floor(COOLDOWN_SECONDS - (Date.now() - startedAt) / 1000));
  expect(seconds).toBeLessThanOrEqual(COOLDOWN_SECONDS);
}

describe.each([...FAULTS, ...SEND_FAULTS])('a send answered by %s', (name, fault, expected, code, held) => {
  test(`is ${expected} ${code}, is not repeated, and ${held ? 'holds' : 'frees'} the number`, async () => {
    const on = appFor(name);
    await simulator.fault('send', fault, { processed: true });
    const startedAt = Date.now();
    const reply = await on.send(number);
    expect([reply.status, reply.body.code]).toEqual([expected, code]);
    expectNoUpstreamText(reply);
    expect(reply.body).not.toHaveProperty('pinId');
    expect(reply.headers.get('set-cookie')).toBeNull();
    expect(await simulator.calls('send')).toHaveLength(1);
    if (held) expectHeld(reply, startedAt);

    const again = await on.send(number);
    expect(again.status).toBe(held ? 429 : 200);
    // Whatever came before, others can continue, and the breaker sees a success.
    expect((await on.send(newNumber())).status).toBe(200);
  });
});

describe.each(FAULTS)('a verify answered by %s', (name, fault, expected, code) => {
  test(`is ${expected} ${code}, never a yes, is not repeated, and the person can continue`, async () => {
    const on = appFor(name);
    const { body } = await on.send(number);
    const pin = await simulator.pinFor(number);
    await simulator.fault('verify', fault);
    const reply = await on.verify(body.pinId, pin);
    expect([reply.status, reply.body.code, reply.body.verified]).toEqual([expected, code, false]);
    expectNoUpstreamText(reply);
    expect(await simulator.calls('verify')).toHaveLength(1);
    expect((await on.verify(body.pinId, pin)).status).toBe(200);
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

test('a reply that trickles in without end fails with a timeout', async () => {
  await simulator.fault('send', { kind: 'trickle' });
  const startedAt = Date.now();
  expect((await hasty.send(number)).status).toBe(504);
  expect(Date.now() - startedAt).toBeLessThan(DEADLINE_MS * 5);
});

test('rejected credentials make a log line that wakes somebody up', async () => {
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

test('an attempt whose reply was lost counts like a wrong code', async () => {
  const { body } = await hasty.send(number);
  const pin = await simulator.pinFor(number);
  await simulator.fault('verify', { kind: 'hang' }, { processed: true });
  expect((await hasty.verify(body.pinId, wrongPin(pin))).status).toBe(504);
  expect((await hasty.verify(body.pinId, wrongPin(pin))).body.attemptsRemaining).toBe(3);
});

test('the app tries a refused connection again, and so reaches a server that starts late', async () => {
  const port = await freePort();
  const late = await TestApp.start(`http://127.0.0.1:${port}`);
  const sending = late.send(number);
  const upstream = await startSimulator({ port });
  expect((await sending).status).toBe(200);
  await late.stop();
  await upstream.close();
});

test('a connection that hangs in its TLS handshake ends at the timeout, and leaves the number free', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const waiting = await TestApp.start(`https://127.0.0.1:${port}`, { INFOBIP_TIMEOUT_MS: String(HANDSHAKE_MS) });
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const startedAt = Date.now();
    const reply = await waiting.send(number);
    expect([reply.status, reply.body.code, reply.headers.get('retry-after')]).toEqual([504, 'UPSTREAM_TIMEOUT', null]);
    expect(Date.now() - startedAt).toBeLessThan(2 * HANDSHAKE_MS);
  }
  await waiting.stop();
  silent.close();
});

describe('without a wait between messages', () => {
  const impatient = useAnotherApp(() => TestApp.start(simulator.url, { RESEND_COOLDOWN_SECONDS: '0' }));

  test('a resend answered for another pinId is not a success', async () => {
    const { body } = await impatient.send(number);
    await simulator.fault('resend', { kind: 'patch', fields: { pinId: PIN_ID } });
    expect((await impatient.resend(body.pinId)).body.code).toBe('UPSTREAM_BAD_REPLY');
    expect((await impatient.verify(body.pinId, await simulator.pinFor(number))).status).toBe(200);
  });

  test.each([404, 400])('a resend that Infobip answers with %i leads to a new code only after 404', async (code) => {
    const { body } = await impatient.send(number);
    await simulator.fault('resend', { kind: 'status', status: code, body: 'gone' });
    const reply = await impatient.resend(body.pinId);
    expect(reply.status).toBe(code === 404 ? 200 : 502);
    expect(reply.body.newPin).toBe(code === 404 ? true : undefined);
  });
});
