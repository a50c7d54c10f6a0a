import { cookieOf, TestApp } from '@/__tests__/support/app';
import { TestSimulator, wrongPin } from '@/__tests__/support/simulator';
import { SEED } from '@/simulator/seed';

const NUMBER = '+14155552671';

let simulator: TestSimulator;
let app: TestApp;

beforeAll(async () => {
  simulator = await TestSimulator.start();
  app = await TestApp.start(simulator.url, { RESEND_COOLDOWN_SECONDS: '0' });
});
afterAll(async () => {
  await app.stop();
  await simulator.close();
});
beforeEach(() => simulator.reset());

test('sends the same code again, under the same pinId', async () => {
  const { body } = await app.send(NUMBER);
  const reply = await app.resend(body.pinId);
  expect(reply.status).toBe(200);
  expect(reply.body).toMatchObject({ newPin: false, pinId: body.pinId, channel: 'sms', to: '+1 •••••••671' });
  expect(reply.body.expiresInSeconds).toBeLessThanOrEqual(300);
  const [first, second] = await simulator.messages(NUMBER);
  expect([second?.pin, second?.pinId]).toEqual([first?.pin, first?.pinId]);
  expect((await app.verify(body.pinId, first?.pin ?? '')).status).toBe(200);
});

test('works by the cookie alone, and hands a browser no handle', async () => {
  const headers = { cookie: cookieOf(await app.send(NUMBER)), 'sec-fetch-site': 'same-origin' };
  const reply = await app.resend(undefined, {}, headers);
  expect(reply.status).toBe(200);
  expect(reply.body).not.toHaveProperty('pinId');
  // The cookie is given anew, since the verification may live longer now.
  expect(cookieOf(reply)).toBe(headers.cookie);
});

test('repeats the same code by a call where one template serves both', async () => {
  const { body } = await app.send(NUMBER);
  expect((await app.resend(body.pinId, { channel: 'voice' })).body).toMatchObject({ newPin: false, channel: 'voice' });
  const [sms, call] = await simulator.messages(NUMBER);
  expect([call?.channel, call?.pin]).toEqual(['voice', sms?.pin]);
});

test('makes a new code where the template for calls differs, and only that one counts', async () => {
  const other = await TestApp.start(simulator.url, {
    RESEND_COOLDOWN_SECONDS: '0',
    INFOBIP_2FA_VOICE_MESSAGE_ID: SEED.voiceMessageId,
  });
  const { body } = await other.send(NUMBER);
  const reply = await other.resend(body.pinId, { channel: 'voice' });
  expect(reply.body).toMatchObject({ newPin: true, channel: 'voice', pinId: body.pinId, expiresInSeconds: 300 });
  const [sms, call] = await simulator.messages(NUMBER);
  if (sms?.pin !== call?.pin) expect((await other.verify(body.pinId, sms?.pin ?? '')).body.code).toBe('WRONG_PIN');
  expect((await other.verify(body.pinId, call?.pin ?? '')).status).toBe(200);
  await other.stop();
});

test('makes a new code after the last attempt, with fresh attempts', async () => {
  const { body } = await app.send(NUMBER);
  const pin = await simulator.pinFor(NUMBER);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await app.verify(body.pinId, wrongPin(pin));
    await simulator.advance(1000);
  }
  expect((await app.resend(body.pinId)).body.newPin).toBe(true);
  expect((await app.verify(body.pinId, await simulator.pinFor(NUMBER))).status).toBe(200);
});

test('makes a new code with less than a minute left', async () => {
  const brief = await TestApp.start(simulator.url, { PIN_TTL_SECONDS: '59', RESEND_COOLDOWN_SECONDS: '0' });
  const { body } = await brief.send(NUMBER);
  expect((await brief.resend(body.pinId)).body).toMatchObject({ newPin: true, expiresInSeconds: 59 });
  await brief.stop();
});

test('makes a new code where Infobip no longer knows the old one', async () => {
  const { body } = await app.send(NUMBER);
  await simulator.fault('resend', {
    kind: 'status',
    status: 404,
    body: { requestError: { serviceException: { messageId: 'PIN_NOT_FOUND', text: 'Pin not found' } } },
  });
  expect((await app.resend(body.pinId)).body.newPin).toBe(true);
  expect((await app.verify(body.pinId, await simulator.pinFor(NUMBER))).status).toBe(200);
});

test('sends no text message to a landline', async () => {
  const { body } = await app.send('+442079460958', { channel: 'voice' });
  expect((await app.resend(body.pinId, { channel: 'sms' })).body.code).toBe('PHONE_NUMBER_NOT_SUPPORTED');
});

test.each([
  ['nothing to resend', undefined, 400, 'MISSING_PIN_ID'],
  ['a malformed handle', 'short', 400, 'INVALID_REQUEST'],
  ['an unknown handle', 'B'.repeat(43), 404, 'PIN_NOT_FOUND'],
] as const)('%s is refused', async (_name, pinId, status, code) => {
  const reply = await app.resend(pinId);
  expect([reply.status, reply.body.code]).toEqual([status, code]);
  expect(await simulator.calls()).toEqual([]);
});

test('a verified number is resent nothing', async () => {
  const { body } = await app.send(NUMBER);
  await app.verify(body.pinId, await simulator.pinFor(NUMBER));
  expect((await app.resend(body.pinId)).body.code).toBe('PIN_NOT_FOUND');
  expect(await simulator.messages(NUMBER)).toHaveLength(1);
});
