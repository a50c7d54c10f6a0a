import { type Reply, TestApp } from '@/__tests__/support/app';
import { describeWithRedis, TestRedis } from '@/__tests__/support/redis';
import { TestSimulator, wrongPin } from '@/__tests__/support/simulator';

let simulator: TestSimulator;
let count = 0;
/** A number that no other test has used. */
const newNumber = () => {
  count += 1;
  return `+1415555${3000 + count}`;
};

beforeAll(async () => {
  simulator = await TestSimulator.start();
});
afterAll(() => simulator.close());
beforeEach(() => simulator.reset());

async function withLimits(environment: Record<string, string>, use: (app: TestApp) => Promise<void>): Promise<void> {
  const app = await TestApp.start(simulator.url, { RESEND_COOLDOWN_SECONDS: '0', ...environment });
  await use(app);
  await app.stop();
}

function expectLimited(reply: Reply, withinSeconds: number): void {
  expect([reply.status, reply.body.code]).toEqual([429, 'RATE_LIMITED']);
  expect(reply.body.retryAfterSeconds).toBeGreaterThan(0);
  expect(reply.body.retryAfterSeconds).toBeLessThanOrEqual(withinSeconds);
  expect(reply.headers.get('retry-after')).toBe(String(reply.body.retryAfterSeconds));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('messages by client address: refused past the limit, for any number, and the wait told is true', async () => {
  await withLimits({ LIMIT_SEND_PER_ADDRESS: '2/2s' }, async (app) => {
    await app.send(newNumber());
    await app.send(newNumber());
    const refused = await app.send(newNumber());
    expectLimited(refused, 2);
    expect(await simulator.calls('send')).toHaveLength(2);
    await pause(refused.body.retryAfterSeconds * 1000);
    expect((await app.send(newNumber())).status).toBe(200);
  });
});

test('messages by number: from any client, resends included', async () => {
  await withLimits({ LIMIT_SEND_PER_NUMBER: '2/1d' }, async (app) => {
    const number = newNumber();
    const { body } = await app.send(number);
    expect((await app.resend(body.pinId)).status).toBe(200);
    expectLimited(await app.send(number), 86_400);
    expectLimited(await app.resend(body.pinId), 86_400);
    expect((await app.send(newNumber())).status).toBe(200);
  });
});

test('calls by number have a row of their own', async () => {
  await withLimits({ LIMIT_VOICE_PER_NUMBER: '1/1d' }, async (app) => {
    const number = newNumber();
    const { body } = await app.send(number, { channel: 'voice' });
    expectLimited(await app.send(number, { channel: 'voice' }), 86_400);
    expectLimited(await app.resend(body.pinId), 86_400);
    expect((await app.resend(body.pinId, { channel: 'sms' })).status).toBe(200);
  });
});

test('messages for everyone together', async () => {
  await withLimits({ LIMIT_SEND_GLOBAL: '2/1m' }, async (app) => {
    await app.send(newNumber());
    await app.send(newNumber());
    expectLimited(await app.send(newNumber()), 60);
  });
});

test('tries by client address, over all verifications', async () => {
  await withLimits({ LIMIT_VERIFY_PER_ADDRESS: '2/1h' }, async (app) => {
    const number = newNumber();
    const { body } = await app.send(number);
    const pin = await simulator.pinFor(number);
    await app.verify('A'.repeat(43), '123456');
    await app.verify(body.pinId, wrongPin(pin));
    expectLimited(await app.verify(body.pinId, pin), 3600);
    expect(await simulator.calls('verify')).toHaveLength(1);
  });
});

test('what one limit refuses uses up nothing of another', async () => {
  const environment = { LIMIT_SEND_PER_ADDRESS: '3/1h', LIMIT_SEND_PER_NUMBER: '1/1d', TRUSTED_PROXY_HOPS: '1' };
  await withLimits(environment, async (app) => {
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

test('many parallel requests that one limit refuses leave another as it was', async () => {
  await withLimits({ LIMIT_SEND_PER_ADDRESS: '10/1h', RESEND_COOLDOWN_SECONDS: '30' }, async (app) => {
    const number = newNumber();
    await app.send(number);
    const refused = await Promise.all(Array.from({ length: 40 }, () => app.send(number)));
    expect(refused.every(({ status }) => status === 429)).toBe(true);
    for (let i = 0; i < 9; i += 1) expect((await app.send(newNumber())).status).toBe(200);
    expect((await app.send(newNumber())).status).toBe(429);
  });
});

test('a message that Infobip did not take is not counted against the number', async () => {
  await withLimits({ LIMIT_SEND_PER_NUMBER: '1/1d' }, async (app) => {
    const number = newNumber();
    await simulator.fault('send', { kind: 'status', status: 400 });
    expect((await app.send(number)).status).toBe(502);
    expect((await app.send(number)).status).toBe(200);
  });
});

test('limits are not passed by forged headers, cookies or the query', async () => {
  await withLimits({ LIMIT_SEND_PER_ADDRESS: '1/1h' }, async (app) => {
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

test('calls go to the allowed countries only', async () => {
  await withLimits({ VOICE_COUNTRIES: 'GB' }, async (app) => {
    const reply = await app.send(newNumber(), { channel: 'voice' });
    expect([reply.status, reply.body.code, reply.body.reason]).toEqual([422, 'PHONE_NUMBER_NOT_SUPPORTED', 'no-calls']);
    expect((await app.send('+447400123456', { channel: 'voice' })).status).toBe(200);
    const { body } = await app.send(newNumber());
    expect((await app.resend(body.pinId, { channel: 'voice' })).body.code).toBe('PHONE_NUMBER_NOT_SUPPORTED');
    expect((await app.resend(body.pinId)).status).toBe(200);
  });
});

test('codes go to the allowed countries only', async () => {
  await withLimits({ ALLOWED_COUNTRIES: 'GB, CA' }, async (app) => {
    const reply = await app.send('+14155552671');
    expect([reply.status, reply.body]).toEqual([
      422,
      {
        code: 'PHONE_NUMBER_NOT_SUPPORTED',
        reason: 'country',
        message: 'Codes are not sent to numbers of this country.',
      },
    ]);
    expect((await app.send('+15062345678')).status).toBe(200);
    expect((await app.send('+447400123456')).status).toBe(200);
  });
});

describeWithRedis('a country that is no longer allowed', () => {
  test('gets no resends either', async () => {
    const redis = await TestRedis.start();
    const before = await TestApp.start(simulator.url, { RESEND_COOLDOWN_SECONDS: '0', REDIS_URL: redis.url });
    const { body } = await before.send(newNumber());
    await withLimits({ ALLOWED_COUNTRIES: 'GB', REDIS_URL: redis.url }, async (app) => {
      const reply = await app.resend(body.pinId);
      expect([reply.status, reply.body.code, reply.body.reason]).toEqual([
        422,
        'PHONE_NUMBER_NOT_SUPPORTED',
        'country',
      ]);
    });
    expect(await simulator.calls('resend')).toEqual([]);
    await before.stop();
    await redis.kill();
  });
});

test('X-Forwarded-For that nobody expects is told once, in the log and by readiness', async () => {
  await withLimits({}, async (app) => {
    const ready = () => app.request('/api/ready', { method: 'GET' });
    expect((await ready()).body).toEqual({ status: 'ready', warnings: [] });
    for (let i = 0; i < 3; i += 1) await app.send(newNumber(), {}, { 'x-forwarded-for': '203.0.113.1' });
    expect((await ready()).body.warnings).toEqual(['TRUSTED_PROXY_HOPS']);
    expect(app.output.match(/config.unexpected_forwarded_for/g)).toHaveLength(1);
  });
});

describe('a number that wrong codes are tried for', () => {
  test('is locked after ten in a row, over codes and clients, for sends, resends and verifies', async () => {
    await withLimits({}, async (app) => {
      const number = newNumber();
      let pinId = '';
      for (let tried = 0; tried < 10; tried += 1) {
        if (tried % 4 === 0) pinId = (await app.send(number)).body.pinId;
        expect((await app.verify(pinId, wrongPin(await simulator.pinFor(number)))).body.code).toBe('WRONG_PIN');
        await simulator.advance(1000);
      }
      const pin = await simulator.pinFor(number);
      for (const reply of [await app.verify(pinId, pin), await app.send(number), await app.resend(pinId)]) {
        expect([reply.status, reply.body.code]).toEqual([429, 'NUMBER_LOCKED']);
        expect(reply.body.retryAfterSeconds).toBeGreaterThan(3590);
        expect(reply.body.retryAfterSeconds).toBeLessThanOrEqual(3600);
        expect(reply.headers.get('retry-after')).toBe(String(reply.body.retryAfterSeconds));
      }
      expect(await simulator.calls('verify')).toHaveLength(10);
      expect((await app.send(newNumber())).status).toBe(200);
    });
  });

  test('starts anew after a success', async () => {
    await withLimits({}, async (app) => {
      const number = newNumber();
      for (let round = 0; round < 4; round += 1) {
        const { body } = await app.send(number);
        const pin = await simulator.pinFor(number);
        for (let tried = 0; tried < 4; tried += 1) {
          expect((await app.verify(body.pinId, wrongPin(pin))).body.code).toBe('WRONG_PIN');
          await simulator.advance(1000);
        }
        expect((await app.verify(body.pinId, pin)).status).toBe(200);
      }
    });
  });

  test('is not locked by parallel tries over many verifications past the ten', async () => {
    await withLimits({}, async (app) => {
      const number = newNumber();
      const ids: string[] = [];
      for (let i = 0; i < 15; i += 1) ids.push((await app.send(number)).body.pinId);
      const pins = (await simulator.messages(number)).map(({ pin }) => pin);
      const wrong = ['000000', '111111', '222222'].find((pin) => !pins.includes(pin)) ?? '';
      await simulator.advance(1000);
      await Promise.all(ids.map((id) => app.verify(id, wrong)));
      // Those that Infobip throttles try nothing, and are given back.
      const tried = (await simulator.calls('verify')).filter(({ status }) => status === 200);
      expect(tried.length).toBeLessThanOrEqual(10);
    });
  });
});
