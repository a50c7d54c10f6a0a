import { SEED } from '@/simulator/seed';
import { NUMBER, useSimulator } from './simulator-client';

const simulator = useSimulator();

const PIN_ID = expect.stringMatching(/^[0-9A-F]{32}$/);

test("the simulator accepts the document's example of a send, and answers in its form", async () => {
  const body = simulator.sendRequest({ from: 'Sender 1', placeholders: { firstName: 'John' }, trackDelivery: false });
  const answer = await simulator.call('/2fa/2/pin?ncNeeded=true', { body });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  expect(answer.body).toEqual({
    pinId: PIN_ID,
    to: NUMBER,
    ncStatus: 'NC_DESTINATION_REACHABLE',
    smsStatus: 'MESSAGE_SENT',
  });
});

test('the simulator answers with an external message id when delivery is tracked', async () => {
  const { body } = await simulator.send({ trackDelivery: true });
  expect(body.externalMessageId).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
});

test.each([
  ['?ncNeeded=true', 'NC_DESTINATION_REACHABLE'],
  ['?ncNeeded=false', 'NC_NOT_CONFIGURED'],
  ['', 'NC_DESTINATION_REACHABLE'],
])('the simulator looks up the number as requested: with "%s" it is %s', async (query, ncStatus) => {
  const { body } = await simulator.call(`/2fa/2/pin${query}`, { body: simulator.sendRequest() });
  expect(body.ncStatus).toBe(ncStatus);
});

test("the simulator accepts the official SDK's trailing slash", async () => {
  const { status } = await simulator.call('/2fa/2/pin/?ncNeeded=false', { body: simulator.sendRequest() });
  expect(status).toBe(200);
});

test('the simulator sends the template with the PIN filled in, from its sender', async () => {
  const { pinId, pin } = await simulator.sendPin();
  expect(pin).toMatch(/^\d{6}$/);
  expect(await simulator.messages()).toEqual([
    {
      id: expect.any(Number),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      to: NUMBER,
      number: '+1 415 555 2671',
      channel: 'sms',
      from: 'Verify',
      text: `${pin} is your verification code. It expires in 5 minutes. Share it with no one.`,
      pin,
      pinId,
    },
  ]);
});

test('the simulator lets a send name another sender, and keeps it for the resend', async () => {
  const { pinId } = await simulator.sendPin({ from: 'Sender 1' });
  await simulator.call(`/2fa/2/pin/${pinId}/resend`, { body: {} });
  const messages = await simulator.messages();
  expect(messages.map(({ from }) => from)).toEqual(['Sender 1', 'Sender 1']);
});

test('the simulator calls with the voice template, without an SMS status', async () => {
  const body = simulator.sendRequest({ messageId: SEED.voiceMessageId });
  const answer = await simulator.call('/2fa/2/pin/voice', { body });
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ pinId: PIN_ID, to: NUMBER, callStatus: 'PENDING_ACCEPTED' });
  const message = await simulator.lastMessage();
  expect(message).toMatchObject({
    channel: 'voice',
    text: `Your verification code is ${message.pin}.`,
    repeatDTMF: '1#',
  });
});

test('the simulator makes a new PIN under a new id with every send', async () => {
  const first = await simulator.sendPin();
  const second = await simulator.sendPin();
  expect(second.pinId).not.toBe(first.pinId);
  expect((await simulator.verify(first.pinId, first.pin)).body.verified).toBe(true);
  expect((await simulator.verify(second.pinId, second.pin)).body.verified).toBe(true);
});

test.each([
  ['NUMERIC', /^\d{8}$/],
  ['ALPHA', /^[A-Z]{8}$/],
  ['HEX', /^[0-9A-F]{8}$/],
  ['ALPHANUMERIC', /^[0-9A-Z]{8}$/],
])('the simulator makes PINs of type %s', async (pinType, form) => {
  const { body: template } = await simulator.call(`/2fa/2/applications/${SEED.applicationId}/messages`, {
    body: { messageText: 'Your pin is {{pin}}', pinType, pinLength: 8 },
  });
  expect((await simulator.sendPin({ messageId: template.messageId })).pin).toMatch(form);
});

test('the simulator fills in placeholders, and leaves those without a value visible', async () => {
  const { body: template } = await simulator.call(`/2fa/2/applications/${SEED.applicationId}/messages`, {
    body: { messageText: 'Hello {{firstName}} {{lastName}}, your pin is {{pin}}', pinType: 'NUMERIC', pinLength: 4 },
  });
  const { pin } = await simulator.sendPin({ messageId: template.messageId, placeholders: { firstName: '$& {{pin}}' } });
  const { text } = await simulator.lastMessage();
  expect(text).toBe(`Hello $& {{pin}} {{lastName}}, your pin is ${pin}`);
});

describe('a resend', () => {
  test.each([
    ['resend', 'sms', { ncStatus: 'NC_DESTINATION_REACHABLE', smsStatus: 'MESSAGE_SENT' }],
    ['resend/voice', 'voice', { callStatus: 'PENDING_ACCEPTED' }],
  ])('by %s repeats the same PIN under the same id', async (path, channel, status) => {
    const { pinId, pin } = await simulator.sendPin();
    const answer = await simulator.call(`/2fa/2/pin/${pinId}/${path}`, {
      body: { placeholders: { firstName: 'John' }, trackDelivery: false },
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ pinId, to: NUMBER, ...status });
    expect(await simulator.messages()).toMatchObject([{ channel: 'sms' }, { channel, pin, pinId, to: NUMBER }]);
  });

  test('needs no body', async () => {
    const { pinId } = await simulator.sendPin();
    expect((await simulator.call(`/2fa/2/pin/${pinId}/resend`, { method: 'POST' })).status).toBe(200);
  });

  test("does not extend the PIN's lifetime", async () => {
    const { pinId, pin } = await simulator.sendPin();
    await simulator.advance(4 * 60_000);
    await simulator.call(`/2fa/2/pin/${pinId}/resend`, { body: {} });
    await simulator.advance(60_000);
    expect((await simulator.verify(pinId, pin)).body).toMatchObject({ verified: false, pinError: 'TTL_EXPIRED' });
  });

  test('does not restore attempts', async () => {
    const { pinId, pin } = await simulator.sendPin();
    await simulator.verify(pinId, 'wrong!');
    await simulator.call(`/2fa/2/pin/${pinId}/resend`, { body: {} });
    expect((await simulator.verify(pinId, pin)).body.attemptsRemaining).toBe(3);
  });
});
