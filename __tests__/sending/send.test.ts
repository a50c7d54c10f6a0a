import { cookieOf } from '@/__tests__/support/app';
import { inParallel } from '@/__tests__/support/in-parallel';
import { useApp } from '@/__tests__/support/use-app';
import { SEED } from '@/simulator/seed';

const NUMBER = '+14155552671';

const { app, simulator, withApp } = useApp();

test('a send returns the masked number and the times that matter', async () => {
  const reply = await app.send(NUMBER);
  expect(reply.status).toBe(200);
  expect(reply.body).toEqual({
    message: 'OTP sent successfully.',
    to: '+1 •••••••671',
    channel: 'sms',
    pinLength: 6,
    expiresInSeconds: 300,
    resendInSeconds: 0,
    callOffered: false,
    pinId: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
  });
  expect(reply.headers.get('cache-control')).toBe('no-store');
});

test('the cookie holds the same token, out of reach of scripts, and Infobip’s pinId appears nowhere', async () => {
  const reply = await app.send(NUMBER);
  const cookie = reply.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(
    new RegExp(`^verification=${reply.body.pinId}; Path=/; Max-Age=\\d+; HttpOnly; SameSite=Lax$`),
  );
  const [message] = await simulator.messages(NUMBER);
  expect(JSON.stringify(reply.body) + cookie).not.toContain(message?.pinId);
  app.keepOutOfLogs(message?.pinId ?? '', message?.pin ?? '');
});

test('Node’s own fetch is not a browser, although it sends Sec-Fetch-Mode', async () => {
  expect((await app.send(NUMBER, {}, { 'sec-fetch-mode': 'cors' })).body.pinId).toMatch(/^.{43}$/);
});

test.each([{ origin: 'self' }, { 'sec-fetch-site': 'same-origin' }])(
  'a browser (%o) gets the token only as a cookie',
  async (headers) => {
    const sent = 'origin' in headers ? { origin: app.url } : (headers as Record<string, string>);
    const reply = await app.send(NUMBER, {}, sent);
    expect(reply.status).toBe(200);
    expect(reply.body).not.toHaveProperty('pinId');
    expect(cookieOf(reply)).toMatch(/^verification=.{43}$/);
  },
);

test('a national number is understood with its country, in upper or lower case', async () => {
  expect((await app.send('(415) 555-2671', { country: 'us' })).body.to).toBe('+1 •••••••671');
  expect((await simulator.calls('send'))[0]?.body).toMatchObject({ to: '14155552671' });
});

test('a call goes out by voice', async () => {
  expect((await app.send(NUMBER, { channel: 'voice' })).body.channel).toBe('voice');
  expect((await simulator.messages(NUMBER))[0]?.channel).toBe('voice');
});

test.each([
  ['4155552671', 400, 'INVALID_PHONE_NUMBER'],
  ['hello', 400, 'INVALID_PHONE_NUMBER'],
  ['', 400, 'INVALID_PHONE_NUMBER'],
  [`+1${'4'.repeat(40)}`, 400, 'INVALID_PHONE_NUMBER'],
  ['+448081570192', 422, 'PHONE_NUMBER_NOT_SUPPORTED'],
  ['+442079460958', 422, 'PHONE_NUMBER_NOT_SUPPORTED'],
])('the number %p is %i %s, and nothing goes upstream', async (phoneNumber, status, code) => {
  const reply = await app.send(phoneNumber);
  expect([reply.status, reply.body.code]).toEqual([status, code]);
  expect(await simulator.calls()).toEqual([]);
});

test('a landline can get a call', async () => {
  expect((await app.send('+442079460958', { channel: 'voice' })).status).toBe(200);
});

test.each([
  [{}, 'The field phoneNumber is required and must be text.'],
  [{ phoneNumber: 14155552671 }, 'The field phoneNumber is required and must be text.'],
  [{ phoneNumber: ['+14155552671'] }, 'The field phoneNumber is required and must be text.'],
  [{ phoneNumber: NUMBER, country: 'XX' }, 'The field country must be a two-letter country code (ISO 3166-1 alpha-2).'],
  [{ phoneNumber: NUMBER, channel: 'email' }, 'The field channel must be "sms" or "voice".'],
  [{ phoneNumber: NUMBER, to: NUMBER }, 'The field to is unknown.'],
  [{ phoneNumber: NUMBER, pinId: 'x' }, 'The field pinId is unknown.'],
])('the refusal of the body %j names the field', async (body, message) => {
  const reply = await app.post('/api/send-otp', body);
  expect(reply.status).toBe(400);
  expect(reply.body).toEqual({ code: 'INVALID_REQUEST', message });
  expect(await simulator.calls()).toEqual([]);
});

test('a second send from the same browser ends its first verification', async () => {
  const first = await app.send(NUMBER);
  const pin = await simulator.pinFor(NUMBER);
  await app.send('+14155552672', {}, { cookie: cookieOf(first) });
  expect((await app.verify(first.body.pinId, pin)).body.code).toBe('PIN_NOT_FOUND');
});

test('a second send by somebody else leaves the first verification alone', async () => {
  const first = await app.send(NUMBER);
  const pin = await simulator.pinFor(NUMBER);
  await app.send(NUMBER);
  expect((await app.verify(first.body.pinId, pin)).status).toBe(200);
});

test('optional settings reach Infobip under the names of its document', async () => {
  const environment = {
    INFOBIP_SENDER_ID: 'Acme',
    INFOBIP_PLACEHOLDERS: '{"firstName":"friend"}',
    INFOBIP_NUMBER_LOOKUP: 'true',
  };
  await withApp(environment, async (tuned) => {
    const { body } = await tuned.send(NUMBER);
    await tuned.resend(body.pinId);
  });
  const [send, resend] = await simulator.calls();
  expect(send).toMatchObject({
    path: '/2fa/2/pin',
    query: { ncNeeded: 'true' },
    body: { from: 'Acme', placeholders: { firstName: 'friend' } },
  });
  expect(resend?.body).toEqual({ placeholders: { firstName: 'friend' } });
});

test('a number gets its code from the sender of its country, and otherwise from that of all countries', async () => {
  const environment = {
    INFOBIP_SENDER_IDS: 'US:18335550100,GB:Example',
    INFOBIP_SENDER_ID: 'Acme',
    INFOBIP_2FA_MESSAGE_ID_DE: SEED.voiceMessageId,
  };
  await withApp(environment, async (tuned) => {
    const { body } = await tuned.send(NUMBER);
    for (const number of ['+447400123456', '+4915123456789']) expect((await tuned.send(number)).status).toBe(200);
    // Another template means a new code.
    expect((await tuned.resend(body.pinId, { language: 'de' })).body.newPin).toBe(true);
    // A call cannot come from a sender with letters.
    for (const number of [NUMBER, '+447400123456']) await tuned.send(number, { channel: 'voice' });
  });
  const senders = (await simulator.calls()).map(({ operation, body }) => [operation, body.from]);
  expect(senders).toEqual([
    ['send', '18335550100'],
    ['send', 'Example'],
    ['send', 'Acme'],
    ['send', '18335550100'],
    ['voice', '18335550100'],
    ['voice', 'Acme'],
  ]);
});

test('parallel sends to one number, in many spellings, send one SMS', async () => {
  await simulator.fault('send', { kind: 'delay', ms: 2000 });
  const spellings = [NUMBER, '+1 415 555 2671', '+1 (415) 555-2671', '+1.415.555.2671'];
  const replies = await inParallel((i) => app.send(spellings[i % spellings.length] ?? NUMBER));
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(replies.filter(({ body }) => body.code === 'RATE_LIMITED')).toHaveLength(replies.length - 1);
  expect(await simulator.calls('send')).toHaveLength(1);
});
