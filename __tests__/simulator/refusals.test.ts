import { SEED } from '@/simulator/seed';
import { envelope, useSimulator } from './simulator-client';

const simulator = useSimulator();

const KEYS = [
  ['none', undefined],
  ['a wrong one', 'App wrong'],
  ['the key alone', SEED.apiKey],
  ['another scheme', `Bearer ${SEED.apiKey}`],
] as const;

test.each(KEYS)('the simulator demands the API key: with %s it replies 401', async (_name, authorization) => {
  const response = await fetch(`${simulator.url()}/2fa/2/pin`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
    body: JSON.stringify(simulator.sendRequest()),
  });
  expect(response.status).toBe(401);
  expect(await response.json()).toEqual({
    requestError: { serviceException: { messageId: 'UNAUTHORIZED', text: 'Unauthorized' } },
  });
  expect(await simulator.messages()).toEqual([]);
});

describe('a key for sending only', () => {
  const headers = { authorization: `App ${SEED.sendOnlyApiKey}` };
  const application = `/2fa/2/applications/${SEED.applicationId}`;

  test('may send, verify and ask for verifications', async () => {
    const sent = await simulator.call('/2fa/2/pin', { body: simulator.sendRequest(), headers });
    expect(sent.status).toBe(200);
    const verified = await simulator.call(`/2fa/2/pin/${sent.body.pinId}/verify`, { body: { pin: '1598' }, headers });
    expect(verified.status).toBe(200);
    const verifications = await simulator.call(`${application}/verifications?msisdn=14155552671`, { headers });
    expect(verifications.status).toBe(200);
  });

  test.each([
    ['GET', '/2fa/2/applications'],
    ['POST', '/2fa/2/applications'],
    ['GET', application],
    ['PUT', application],
    ['GET', `${application}/messages`],
    ['POST', `${application}/messages`],
    ['GET', `${application}/messages/${SEED.smsMessageId}`],
    ['PUT', `${application}/messages/${SEED.smsMessageId}`],
  ])('may not %s %s', async (method, path) => {
    const answer = await simulator.call(path, { method, headers });
    expect(answer.status).toBe(403);
    expect(answer.body).toEqual(envelope('FORBIDDEN'));
  });
});

test.each<[string, Record<string, unknown>, string]>([
  ['a plus before the number', { to: '+14155552671' }, 'to'],
  ['a number too short', { to: '1415' }, 'to'],
  ['a number too long', { to: '1234567890123456' }, 'to'],
  ['a number without its country code', { to: '0415555267' }, 'to'],
  ['a number that is not a string', { to: 14155552671 }, 'to'],
  ['no number', { to: undefined }, 'to'],
  ['no application', { applicationId: undefined }, 'applicationId'],
  ['no template', { messageId: undefined }, 'messageId'],
  ['an unknown field', { sender: 'Me' }, 'sender'],
  ['an empty sender', { from: '' }, 'from'],
  ['delivery tracking that is not a boolean', { trackDelivery: 'true' }, 'trackDelivery'],
  ['placeholders that are not an object', { placeholders: ['John'] }, 'placeholders'],
  ['a placeholder that is not a string', { placeholders: { age: 7 } }, 'placeholders.age'],
  ['a placeholder for the PIN', { placeholders: { pin: '123456' } }, 'placeholders'],
  ['a placeholder in curly brackets', { placeholders: { '{{firstName}}': 'John' } }, 'placeholders'],
])('the simulator refuses a send with %s', async (_name, fields, field) => {
  const answer = await simulator.send(fields);
  expect(answer.status).toBe(400);
  expect(answer.body).toEqual(envelope('BAD_REQUEST'));
  expect(answer.body.requestError.serviceException.validationErrors).toEqual({ [field]: [expect.any(String)] });
  expect(await simulator.messages()).toEqual([]);
});

test.each(['?ncNeeded=undefined', '?ncNeeded=', '?ncNeeded=TRUE', '?ncNeeded=true&ncNeeded=true', '?dryRun=true'])(
  'the simulator refuses a send with the query %s',
  async (query) => {
    const answer = await simulator.call(`/2fa/2/pin${query}`, { body: simulator.sendRequest() });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual(envelope('BAD_REQUEST'));
  },
);

test('the simulator refuses the number lookup with a call, which the document lacks', async () => {
  const { status } = await simulator.call('/2fa/2/pin/voice?ncNeeded=false', { body: simulator.sendRequest() });
  expect(status).toBe(400);
});

test.each([
  ['broken JSON', '{"to":'],
  ['no object', '[]'],
  ['nothing', ''],
])('the simulator refuses a body that is %s', async (_name, body) => {
  const answer = await simulator.call('/2fa/2/pin', { body });
  expect(answer.status).toBe(400);
  expect(answer.body).toEqual(envelope('BAD_REQUEST'));
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])(
  'the simulator refuses the content type %s',
  async (type) => {
    const headers = { 'content-type': type };
    const answer = await simulator.call('/2fa/2/pin', { body: simulator.sendRequest(), headers });
    expect(answer.status).toBe(415);
    expect(answer.body).toEqual(envelope('BAD_REQUEST'));
  },
);

test('the simulator refuses a body over 64 kB', async () => {
  const answer = await simulator.send({ from: 'x'.repeat(64 * 1024) });
  expect(answer.status).toBe(413);
  expect(answer.body).toEqual(envelope('BAD_REQUEST'));
});

test.each([[{}], [{ pin: 123456 }], [{ pin: '' }], [{ pin: '1598', pinId: 'x' }]])(
  'the simulator refuses to verify with the body %j, and uses up no attempt',
  async (body) => {
    const { pinId, pin } = await simulator.sendPin();
    expect((await simulator.call(`/2fa/2/pin/${pinId}/verify`, { body })).status).toBe(400);
    expect((await simulator.verify(pinId, pin)).body.attemptsRemaining).toBe(4);
  },
);

test('the simulator refuses a resend with the fields of a send', async () => {
  const { pinId } = await simulator.sendPin();
  expect((await simulator.call(`/2fa/2/pin/${pinId}/resend`, { body: { from: 'Me' } })).status).toBe(400);
});

test.each([
  ['application', { applicationId: 'UNKNOWN' }],
  ['template', { messageId: 'UNKNOWN' }],
])('the simulator does not find an unknown %s', async (_name, fields) => {
  const answer = await simulator.send(fields);
  expect(answer.status).toBe(404);
  expect(answer.body).toEqual(envelope('NOT_FOUND'));
});

test("the simulator does not find another application's template", async () => {
  const { body } = await simulator.call('/2fa/2/applications', { body: { name: 'Other' } });
  expect((await simulator.send({ applicationId: body.applicationId })).status).toBe(404);
});

test('the simulator refuses all requests for a disabled application', async () => {
  const { pinId, pin } = await simulator.sendPin();
  const path = `/2fa/2/applications/${SEED.applicationId}`;
  await simulator.call(path, { method: 'PUT', body: { name: 'Off', enabled: false } });
  expect((await simulator.send()).body).toEqual(envelope('BAD_REQUEST'));
  expect((await simulator.verify(pinId, pin)).status).toBe(400);
  expect((await simulator.call(`/2fa/2/pin/${pinId}/resend`, { body: {} })).status).toBe(400);
});

test.each([
  ['POST', '/2fa/2/pin/email'],
  ['POST', '/2fa/2/pin//'],
  ['POST', '/2fa/1/pin'],
  ['GET', '/nowhere'],
])('the simulator does not know %s %s', async (method, path) => {
  const answer = await simulator.call(path, { method });
  expect(answer.status).toBe(404);
  expect(answer.body).toEqual(envelope('NOT_FOUND'));
});

test.each([
  ['GET', '/2fa/2/pin', 'POST'],
  ['DELETE', `/2fa/2/applications/${SEED.applicationId}`, 'GET, PUT'],
])('the simulator does not allow %s %s', async (method, path, allow) => {
  const answer = await simulator.call(path, { method });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe(allow);
  expect(answer.body).toEqual(envelope('BAD_REQUEST'));
});

test('the simulator refuses a path with a broken escape', async () => {
  expect((await simulator.call('/2fa/2/pin/%ff/verify', { body: { pin: '1598' } })).status).toBe(400);
});
