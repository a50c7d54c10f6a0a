import { setTimeout as sleep } from 'node:timers/promises';
import { cookieOf } from '@/__tests__/support/app';
import { inParallel } from '@/__tests__/support/in-parallel';
import { wrongPin } from '@/__tests__/support/simulator';
import { useApp } from '@/__tests__/support/use-app';
import { until } from '@/__tests__/webhooks/receiver';

const NUMBER = '+14155552671';
const UNKNOWN_ID = 'A'.repeat(43);

const { app, simulator, withApp } = useApp();

async function sent(): Promise<{ pinId: string; pin: string; cookie: string }> {
  const reply = await app.send(NUMBER);
  return { pinId: reply.body.pinId, pin: await simulator.pinFor(NUMBER), cookie: cookieOf(reply) };
}

test('the correct code verifies the number, once', async () => {
  const { pinId, pin } = await sent();
  const reply = await app.verify(pinId, pin);
  expect(reply.status).toBe(200);
  const { proof, ...rest } = reply.body;
  expect(rest).toEqual({ verified: true, message: 'OTP verified successfully.', phoneNumber: NUMBER });
  expect(proof).toEqual(expect.any(String));
  const again = await app.verify(pinId, pin);
  expect([again.status, again.body.code, again.body.verified]).toEqual([404, 'PIN_NOT_FOUND', false]);
  expect(await simulator.calls('verify')).toHaveLength(1);
});

test('the cookie serves as the token, and the success clears it', async () => {
  const { pin, cookie } = await sent();
  const reply = await app.verify(undefined, pin, { cookie, 'sec-fetch-site': 'same-origin' });
  expect(reply.status).toBe(200);
  expect(reply.headers.get('set-cookie')).toMatch(/^verification=; Path=\/; Max-Age=0;/);
});

test('a token in the body wins over the cookie', async () => {
  const first = await sent();
  const second = await sent();
  expect((await app.verify(second.pinId, second.pin, { cookie: first.cookie })).status).toBe(200);
  expect((await app.verify(first.pinId, first.pin)).status).toBe(200);
});

test.each(['123 456', ' 123-456 ', '1 2 3 4 5 6', '123\u00a0456', '123–456'])(
  'a verify accepts spaces and dashes: %p',
  async (shape) => {
    const { pinId, pin } = await sent();
    const digits = [...pin];
    const typed = shape.replace(/\d/g, () => digits.shift() ?? '');
    expect((await app.verify(pinId, typed)).status).toBe(200);
  },
);

test.each([0x0660, 0xff10])('digits of another script (from %p on) are a code like any other', async (zero) => {
  const { pinId, pin } = await sent();
  const typed = [...pin].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');
  expect((await app.verify(pinId, typed)).status).toBe(200);
});

test('a code for one verification does not pass another', async () => {
  const first = await sent();
  const second = await sent();
  if (first.pin !== second.pin) {
    expect((await app.verify(second.pinId, first.pin)).body.code).toBe('WRONG_PIN');
  }
});

test('wrong codes count down the attempts, and after the last one only a new code helps', async () => {
  const { pinId, pin } = await sent();
  for (const attemptsRemaining of [4, 3, 2, 1, 0]) {
    const reply = await app.verify(pinId, wrongPin(pin));
    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({ verified: false, code: 'WRONG_PIN', attemptsRemaining });
    await simulator.advance(1000);
  }
  const reply = await app.verify(pinId, pin);
  expect([reply.status, reply.body.code, reply.headers.get('retry-after')]).toEqual([429, 'TOO_MANY_ATTEMPTS', null]);
  expect(await simulator.calls('verify')).toHaveLength(5);
});

test.each(['12345', '1234567', '12345a', '١٢٣٤٥', '123456\0', '', '123,456'])(
  'the code %p has the wrong form, and nothing goes upstream',
  async (typed) => {
    const { pinId } = await sent();
    const reply = await app.verify(pinId, typed);
    expect([reply.status, reply.body.code, reply.body.verified]).toEqual([400, 'INVALID_PIN_FORMAT', false]);
    expect(await simulator.calls('verify')).toEqual([]);
  },
);

test.each([
  ['no handle at all', undefined, {}, 400, 'MISSING_PIN_ID'],
  ['a cookie of another form', undefined, { cookie: 'verification=x' }, 400, 'MISSING_PIN_ID'],
  ['a malformed handle', '../applications/X', {}, 400, 'INVALID_REQUEST'],
  ['an empty handle', '', {}, 400, 'INVALID_REQUEST'],
  ['an unknown handle', UNKNOWN_ID, {}, 404, 'PIN_NOT_FOUND'],
] as const)('%s is refused', async (_name, pinId, headers, status, code) => {
  const reply = await app.verify(pinId, '123456', headers);
  expect([reply.status, reply.body.code, reply.body.verified]).toEqual([status, code, false]);
  expect(await simulator.calls()).toEqual([]);
});

test.each([
  [{ pin: 123456 }],
  [{ pin: ['123456'] }],
  [{ pin: { $ne: '' } }],
  [{}],
  [{ pin: '123456', verified: true }],
])('the body %j is refused', async (body) => {
  const reply = await app.post('/api/verify-otp', body);
  expect([reply.status, reply.body.code, reply.body.verified]).toEqual([400, 'INVALID_REQUEST', false]);
});

test('a code that Infobip reports as expired is 410, then gone', async () => {
  const { pinId, pin } = await sent();
  await simulator.advance(301_000);
  const reply = await app.verify(pinId, pin);
  expect([reply.status, reply.body.code]).toEqual([410, 'PIN_EXPIRED']);
  expect((await app.verify(pinId, pin)).body.code).toBe('PIN_NOT_FOUND');
});

test('a code that expired here is gone, and the server does not ask Infobip', async () => {
  await withApp({ PIN_TTL_SECONDS: '1' }, async (brief) => {
    const { body } = await brief.send(NUMBER);
    await sleep(1100);
    const reply = await brief.verify(body.pinId, await simulator.pinFor(NUMBER));
    expect([reply.status, reply.body.code]).toEqual([404, 'PIN_NOT_FOUND']);
    expect(await simulator.calls('verify')).toEqual([]);
  });
});

test('Infobip’s throttling is reported as such and costs no attempt', async () => {
  const { pinId, pin } = await sent();
  await simulator.fault('verify', { kind: 'status', status: 429, headers: { 'Retry-After': '7' } });
  const reply = await app.verify(pinId, wrongPin(pin));
  expect([reply.status, reply.body.code, reply.headers.get('retry-after')]).toEqual([429, 'RATE_LIMITED', '7']);
  expect((await app.verify(pinId, wrongPin(pin))).body.attemptsRemaining).toBe(4);
});

test('parallel correct codes make one call and one success', async () => {
  const { pinId, pin } = await sent();
  await simulator.fault('verify', { kind: 'delay', ms: 200 });
  const replies = await inParallel(() => app.verify(pinId, pin));
  expect(replies.filter(({ body: { verified } }) => verified)).toHaveLength(1);
  expect(await simulator.calls('verify')).toHaveLength(1);
});

test('parallel wrong codes make no more calls than there are attempts', async () => {
  const { pinId, pin } = await sent();
  for (let round = 0; round < 8; round += 1) {
    const replies = await inParallel(() => app.verify(pinId, wrongPin(pin)));
    expect(replies.some(({ body: { verified } }) => verified)).toBe(false);
    await simulator.advance(1000);
  }
  expect(await simulator.calls('verify')).toHaveLength(5);
});

test('a code verified while it is being resent stays verified, once', async () => {
  const { pinId, pin } = await sent();
  await simulator.fault('resend', { kind: 'delay', ms: 2000 });
  const resending = app.resend(pinId);
  await until(async () => (await simulator.calls('resend')).length === 1);
  expect((await app.verify(pinId, pin)).status).toBe(200);
  expect((await resending).body.code).toBe('PIN_NOT_FOUND');
  expect((await app.verify(pinId, pin)).status).toBe(404);
});
