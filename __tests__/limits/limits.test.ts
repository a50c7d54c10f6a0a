import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { wrongPin } from '@/__tests__/support/simulator';
import { useApp } from '@/__tests__/support/use-app';

/** Longer than a busy machine takes for three messages. */
const WINDOW_SECONDS = 8;

const { app, simulator, withApp } = useApp({
  LIMIT_SEND_PER_NUMBER: '2/1d',
  LIMIT_VOICE_PER_NUMBER: '1/1d',
  LIMIT_VERIFY_PER_ADDRESS: '2/1h',
});

function expectLimited(reply: Reply, withinSeconds: number): void {
  expect([reply.status, reply.body.code]).toEqual([429, 'RATE_LIMITED']);
  expect(reply.body.retryAfterSeconds).toBeGreaterThan(0);
  expect(reply.body.retryAfterSeconds).toBeLessThanOrEqual(withinSeconds);
  expect(reply.headers.get('retry-after')).toBe(String(reply.body.retryAfterSeconds));
}

test('an address sends no more messages than its limit, to any number, and may send again after the announced wait', async () => {
  await withApp({ LIMIT_SEND_PER_ADDRESS: `2/${WINDOW_SECONDS}s` }, async (app) => {
    await app.send(newNumber());
    await app.send(newNumber());
    const refused = await app.send(newNumber());
    expectLimited(refused, WINDOW_SECONDS);
    expect(await simulator.calls('send')).toHaveLength(2);
    await sleep(refused.body.retryAfterSeconds * 1000);
    expect((await app.send(newNumber())).status).toBe(200);
  });
});

test('a number gets no more messages than its limit, including resends', async () => {
  const number = newNumber();
  const { body } = await app.send(number);
  expect((await app.resend(body.pinId)).status).toBe(200);
  expectLimited(await app.send(number), 86_400);
  expectLimited(await app.resend(body.pinId), 86_400);
  expect((await app.send(newNumber())).status).toBe(200);
});

test('a number’s calls have a limit of their own', async () => {
  const number = newNumber();
  const { body } = await app.send(number, { channel: 'voice' });
  expectLimited(await app.send(number, { channel: 'voice' }), 86_400);
  expectLimited(await app.resend(body.pinId), 86_400);
  expect((await app.resend(body.pinId, { channel: 'sms' })).status).toBe(200);
});

test('no more messages go out than the global limit allows', async () => {
  await withApp({ LIMIT_SEND_GLOBAL: '2/1m' }, async (app) => {
    await app.send(newNumber());
    await app.send(newNumber());
    expectLimited(await app.send(newNumber()), 60);
  });
});

test('an address makes no more attempts than its limit, over all verifications', async () => {
  const number = newNumber();
  const { body } = await app.send(number);
  const pin = await simulator.pinFor(number);
  await app.verify('A'.repeat(43), '123456');
  await app.verify(body.pinId, wrongPin(pin));
  expectLimited(await app.verify(body.pinId, pin), 3600);
  expect(await simulator.calls('verify')).toHaveLength(1);
});

test('a request that one limit refuses uses up nothing of another', async () => {
  const environment = { LIMIT_SEND_PER_ADDRESS: '3/1h', LIMIT_SEND_PER_NUMBER: '1/1d', TRUSTED_PROXY_HOPS: '1' };
  await withApp(environment, async (app) => {
    const number = newNumber();
    const from = (address: string) => ({ 'x-forwarded-for': address });
    await app.send(number, {}, from('203.0.113.1'));
    for (let i = 0; i < 10; i += 1) expectLimited(await app.send(number, {}, from('203.0.113.1')), 86_400);
    expect((await app.send(newNumber(), {}, from('203.0.113.1'))).status).toBe(200);
    expect((await app.send(newNumber(), {}, from('203.0.113.1'))).status).toBe(200);

    const other = newNumber();
    expectLimited(await app.send(other, {}, from('203.0.113.1')), 3600);
    expect((await app.send(other, {}, from('203.0.113.2'))).status).toBe(200);
  });
});

test('parallel requests that one limit refuses leave another limit untouched', async () => {
  await withApp({ LIMIT_SEND_PER_ADDRESS: '10/1h', RESEND_COOLDOWN_SECONDS: '30' }, async (app) => {
    const number = newNumber();
    await app.send(number);
    const refused = await Promise.all(Array.from({ length: 40 }, () => app.send(number)));
    expect(refused.every(({ status }) => status === 429)).toBe(true);
    for (let i = 0; i < 9; i += 1) expect((await app.send(newNumber())).status).toBe(200);
    expect((await app.send(newNumber())).status).toBe(429);
  });
});

test('a message that Infobip did not accept does not count against the number', async () => {
  const number = newNumber();
  await simulator.fault('send', { kind: 'status', status: 400 });
  expect((await app.send(number)).status).toBe(502);
  for (let sent = 0; sent < 2; sent += 1) expect((await app.send(number)).status).toBe(200);
  expectLimited(await app.send(number), 86_400);
});

test('forged headers, cookies and queries do not get around a limit', async () => {
  await withApp({ LIMIT_SEND_PER_ADDRESS: '1/1h' }, async (app) => {
    await app.send(newNumber());
    const forged: Record<string, string>[] = [
      { 'x-forwarded-for': '198.51.100.1' },
      { forwarded: 'for=198.51.100.1' },
      { 'x-real-ip': '198.51.100.1' },
      { cookie: `verification=${'C'.repeat(43)}` },
    ];
    for (const headers of forged) expectLimited(await app.send(newNumber(), {}, headers), 3600);
    expectLimited(await app.post('/api/send-otp?x=1', { phoneNumber: newNumber() }), 3600);
  });
});

test('the log reports an unexpected X-Forwarded-For once, and readiness reports it too', async () => {
  const ready = () => app.request('/api/ready', { method: 'GET' });
  expect((await ready()).body).toEqual({ status: 'ready', warnings: [] });
  for (let i = 0; i < 3; i += 1) await app.send(newNumber(), {}, { 'x-forwarded-for': '203.0.113.1' });
  expect((await ready()).body.warnings).toEqual(['TRUSTED_PROXY_HOPS']);
  expect(app.output.match(/config.unexpected_forwarded_for/g)).toHaveLength(1);
  expect(app.output).toMatch(/config.unexpected_forwarded_for.*"remedy":"[^"]+TRUSTED_PROX/);
});
