import { cookieOf } from '@/__tests__/support/app';
import { inParallel } from '@/__tests__/support/in-parallel';
import { wrongPin } from '@/__tests__/support/simulator';
import { useApp } from '@/__tests__/support/use-app';
import { SEED } from '@/simulator/seed';

const NUMBER = '+14155552671';

const { app, simulator, withApp } = useApp();

test('a resend sends the same code again, under the same pinId', async () => {
  const { body } = await app.send(NUMBER);
  const reply = await app.resend(body.pinId);
  expect(reply.status).toBe(200);
  expect(reply.body).toMatchObject({ newPin: false, pinId: body.pinId, channel: 'sms', to: '+1 •••••••671' });
  expect(reply.body.expiresInSeconds).toBeLessThanOrEqual(300);
  const [first, second] = await simulator.messages(NUMBER);
  expect([second?.pin, second?.pinId]).toEqual([first?.pin, first?.pinId]);
  expect((await app.verify(body.pinId, first?.pin ?? '')).status).toBe(200);
});

test('a resend needs only the cookie, and gives a browser no token', async () => {
  const headers = { cookie: cookieOf(await app.send(NUMBER)), 'sec-fetch-site': 'same-origin' };
  const reply = await app.resend(undefined, {}, headers);
  expect(reply.status).toBe(200);
  expect(reply.body).not.toHaveProperty('pinId');
  // The server sets the cookie again, because the verification may now live longer.
  expect(cookieOf(reply)).toBe(headers.cookie);
});

test('a call repeats the same code if one template serves both channels', async () => {
  const { body } = await app.send(NUMBER);
  expect((await app.resend(body.pinId, { channel: 'voice' })).body).toMatchObject({ newPin: false, channel: 'voice' });
  const [sms, call] = await simulator.messages(NUMBER);
  expect([call?.channel, call?.pin]).toEqual(['voice', sms?.pin]);
});

test('a call brings a new code if it has its own template, and only that code counts', async () => {
  await withApp({ INFOBIP_2FA_VOICE_MESSAGE_ID: SEED.voiceMessageId }, async (other) => {
    const { body } = await other.send(NUMBER);
    const reply = await other.resend(body.pinId, { channel: 'voice' });
    expect(reply.body).toMatchObject({ newPin: true, channel: 'voice', pinId: body.pinId, expiresInSeconds: 300 });
    const [sms, call] = await simulator.messages(NUMBER);
    if (sms?.pin !== call?.pin) expect((await other.verify(body.pinId, sms?.pin ?? '')).body.code).toBe('WRONG_PIN');
    expect((await other.verify(body.pinId, call?.pin ?? '')).status).toBe(200);
  });
});

test('a resend after the last attempt brings a new code, with fresh attempts', async () => {
  const { body } = await app.send(NUMBER);
  const pin = await simulator.pinFor(NUMBER);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await app.verify(body.pinId, wrongPin(pin));
    await simulator.advance(1000);
  }
  expect((await app.resend(body.pinId)).body.newPin).toBe(true);
  expect((await app.verify(body.pinId, await simulator.pinFor(NUMBER))).status).toBe(200);
});

test('a resend with less than a minute left brings a new code', async () => {
  await withApp({ PIN_TTL_SECONDS: '59' }, async (brief) => {
    const { body } = await brief.send(NUMBER);
    expect((await brief.resend(body.pinId)).body).toMatchObject({ newPin: true, expiresInSeconds: 59 });
  });
});

test('a resend brings a new code if Infobip no longer knows the old one', async () => {
  const { body } = await app.send(NUMBER);
  await simulator.fault('resend', {
    kind: 'status',
    status: 404,
    body: { requestError: { serviceException: { messageId: 'PIN_NOT_FOUND', text: 'Pin not found' } } },
  });
  expect((await app.resend(body.pinId)).body.newPin).toBe(true);
  expect((await app.verify(body.pinId, await simulator.pinFor(NUMBER))).status).toBe(200);
});

test('a resend sends no text message to a landline', async () => {
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

test('a resend after the success sends nothing', async () => {
  const { body } = await app.send(NUMBER);
  await app.verify(body.pinId, await simulator.pinFor(NUMBER));
  expect((await app.resend(body.pinId)).body.code).toBe('PIN_NOT_FOUND');
  expect(await simulator.messages(NUMBER)).toHaveLength(1);
});

test('parallel resends send one message', async () => {
  const { body } = await app.send(NUMBER);
  await simulator.fault('resend', { kind: 'delay', ms: 2000 });
  const replies = await inParallel(() => app.resend(body.pinId));
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(await simulator.messages(NUMBER)).toHaveLength(2);
});
