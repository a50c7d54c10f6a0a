import { setTimeout as sleep } from 'node:timers/promises';
import { envelope, NUMBER, useSimulator } from './simulator-client';

const simulator = useSimulator();

/** Long enough to look at the simulator meanwhile, even on a busy machine. */
const DELAY_MS = 2000;

/** The exact bytes of a reply. */
async function rawSend(signal?: AbortSignal): Promise<{ response: Response; text: string }> {
  const response = await fetch(`${simulator.url()}/2fa/2/pin`, {
    method: 'POST',
    headers: { authorization: 'App simulator-key-for-local-use-only', 'content-type': 'application/json' },
    body: JSON.stringify(simulator.sendRequest()),
    redirect: 'manual',
    ...(signal && { signal }),
  });
  return { response, text: await response.text() };
}

/** Waits for something that will happen soon; the test's own timeout ends it. */
async function until(happened: () => Promise<boolean>): Promise<void> {
  while (!(await happened())) await sleep(5);
}

test('status: the envelope that goes with it', async () => {
  await simulator.planFault({ kind: 'status', status: 503 });
  const answer = await simulator.send();
  expect(answer.status).toBe(503);
  expect(answer.body).toEqual(envelope('GENERAL_ERROR'));
});

test('status: with headers and a body of its own', async () => {
  await simulator.planFault({
    kind: 'status',
    status: 502,
    body: '<h1>Bad gateway</h1>',
    headers: { 'Content-Type': 'text/html', 'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT' },
  });
  const { response, text } = await rawSend();
  expect([response.status, text]).toEqual([502, '<h1>Bad gateway</h1>']);
  expect(response.headers.get('content-type')).toBe('text/html');
  expect(response.headers.get('retry-after')).toBe('Wed, 21 Oct 2026 07:28:00 GMT');
});

test('raw: exactly this text', async () => {
  await simulator.planFault({ kind: 'raw', body: '{"pinId":"A', contentType: 'application/json' });
  const { response, text } = await rawSend();
  expect([response.status, text]).toEqual([200, '{"pinId":"A']);
});

test('reply: this JSON', async () => {
  await simulator.planFault({ kind: 'reply', body: { verified: true } });
  expect(await simulator.send()).toMatchObject({ status: 200, body: { verified: true } });
});

test('hang: no answer', async () => {
  await simulator.planFault({ kind: 'hang' });
  await expect(rawSend(AbortSignal.timeout(150))).rejects.toThrow(/timeout/i);
});

test('trickle: headers at once, then a byte a second', async () => {
  await simulator.planFault({ kind: 'trickle' });
  const controller = new AbortController();
  const response = await fetch(`${simulator.url()}/2fa/2/pin`, { method: 'POST', signal: controller.signal });
  expect(response.status).toBe(200);
  const first = await response.body?.getReader().read();
  expect(Buffer.from(first?.value ?? []).toString()).toBe('{');
  controller.abort();
});

test('reset: the connection ends without a reply', async () => {
  await simulator.planFault({ kind: 'reset' });
  await expect(rawSend()).rejects.toThrow('fetch failed');
  expect(await simulator.requests()).toMatchObject([{ operation: 'send', status: null }]);
});

test('truncated: JSON that stops halfway, with an honest length', async () => {
  await simulator.planFault({ kind: 'truncated' });
  const { response, text } = await rawSend();
  expect(response.status).toBe(200);
  expect(response.headers.get('content-length')).toBe(String(text.length));
  expect(() => JSON.parse(text)).toThrow();
});

test('cut: the reply is shorter than its length', async () => {
  await simulator.planFault({ kind: 'cut' });
  await expect(rawSend()).rejects.toThrow('terminated');
});

test('html: a page instead of JSON', async () => {
  await simulator.planFault({ kind: 'html' });
  const { response, text } = await rawSend();
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/html/);
  expect(text).toMatch(/^<!doctype html>/);
});

test('empty: 200 and nothing', async () => {
  await simulator.planFault({ kind: 'empty' });
  const { response, text } = await rawSend();
  expect([response.status, text]).toEqual([200, '']);
});

test('huge: 2 MB of JSON', async () => {
  await simulator.planFault({ kind: 'huge' });
  const { text } = await rawSend();
  expect(text.length).toBeGreaterThan(2 * 1024 * 1024);
  expect(JSON.parse(text)).toHaveProperty('pinId');
});

test.each([
  [{}, 307, '/2fa/2/redirected'],
  [{ location: 'http://127.0.0.1:9/elsewhere', status: 308 }, 308, 'http://127.0.0.1:9/elsewhere'],
])('redirect: %j', async (fields, status, location) => {
  await simulator.planFault({ kind: 'redirect', ...fields });
  const { response } = await rawSend();
  expect(response.status).toBe(status);
  expect(response.headers.get('location')).toBe(location);
});

test('delay: the normal reply, later', async () => {
  await simulator.planFault({ kind: 'delay', ms: DELAY_MS });
  const started = Date.now();
  const sending = simulator.send();
  await until(async () => (await simulator.requests()).length === 1);
  expect(await simulator.messages()).toEqual([]);
  expect((await sending).body.smsStatus).toBe('MESSAGE_SENT');
  expect(Date.now() - started).toBeGreaterThanOrEqual(DELAY_MS - 10);
});

test('delay: the request can be processed before the wait', async () => {
  await simulator.planFault({ kind: 'delay', ms: DELAY_MS }, { processed: true });
  const sending = simulator.send();
  await until(async () => (await simulator.messages()).length === 1);
  expect(await simulator.requests()).toMatchObject([{ status: null }]);
  expect((await sending).status).toBe(200);
});

test('patch: the normal reply with fields changed and fields gone', async () => {
  await simulator.planFault({ kind: 'patch', fields: { smsStatus: 'MESSAGE_NOT_SENT', ncStatus: null, extra: [1] } });
  const { status, body } = await simulator.send();
  expect(status).toBe(200);
  expect(body).toEqual({
    pinId: expect.any(String),
    to: NUMBER,
    smsStatus: 'MESSAGE_NOT_SENT',
    extra: [1],
  });
});

test('a faulty reply means that the request was not carried out, unless the fault says so', async () => {
  await simulator.planFault({ kind: 'status', status: 500 });
  await simulator.send();
  expect(await simulator.messages()).toHaveLength(0);
  await simulator.planFault({ kind: 'reset' }, { processed: true });
  await expect(rawSend()).rejects.toThrow('fetch failed');
  expect(await simulator.messages()).toHaveLength(1);
});

test('a successful verification can get a faulty reply', async () => {
  const { pinId, pin } = await simulator.sendPin();
  await simulator.planFault({ kind: 'truncated' }, { operation: 'verify', processed: true });
  const response = await fetch(`${simulator.url()}/2fa/2/pin/${pinId}/verify`, {
    method: 'POST',
    headers: { authorization: 'App simulator-key-for-local-use-only', 'content-type': 'application/json' },
    body: JSON.stringify({ pin }),
  });
  expect(await response.text()).toMatch(/^\{"pinId":"[0-9A-F]{32}/);
  expect((await simulator.verify(pinId, pin)).body.pinError).toBe('NO_MORE_PIN_ATTEMPTS');
});

test('a fault hits only its own operation', async () => {
  await simulator.planFault({ kind: 'status', status: 500 }, { operation: 'verify' });
  const { pinId, pin } = await simulator.sendPin();
  expect((await simulator.verify(pinId, pin)).status).toBe(500);
  expect((await simulator.verify(pinId, pin)).body.verified).toBe(true);
});

test('faults come in the planned order, as many times as planned', async () => {
  await simulator.planFault({ kind: 'status', status: 500 }, { operation: 'send', times: 2 });
  await simulator.planFault({ kind: 'status', status: 502 }, { operation: 'send' });
  const statuses = [];
  for (let i = 0; i < 4; i += 1) statuses.push((await simulator.send()).status);
  expect(statuses).toEqual([500, 500, 502, 200]);
});

test('a fault with 0 times lasts until a reset', async () => {
  await simulator.planFault({ kind: 'status', status: 500 }, { times: 0 });
  for (let i = 0; i < 5; i += 1) expect((await simulator.send()).status).toBe(500);
  expect((await simulator.call('/control/faults', { method: 'DELETE' })).status).toBe(204);
  expect((await simulator.send()).status).toBe(200);
});
