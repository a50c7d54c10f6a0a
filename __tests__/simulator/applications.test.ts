import { SEED, SEED_APPLICATION, SEED_TEMPLATES } from '@/simulator/seed';
import { envelope, useSimulator } from './simulator-client';

const simulator = useSimulator();

const ID = expect.stringMatching(/^[0-9A-F]{32}$/);
const MESSAGES = `/2fa/2/applications/${SEED.applicationId}/messages`;

const CONFIGURATION = {
  pinAttempts: 5,
  allowMultiplePinVerifications: true,
  pinTimeToLive: '10m',
  verifyPinLimit: '2/4s',
  sendPinPerApplicationLimit: '5000/12h',
  sendPinPerPhoneNumberLimit: '2/1d',
};

const TEMPLATE = {
  pinType: 'NUMERIC',
  messageText: 'Your pin is {{pin}}',
  pinLength: 4,
  language: 'en',
  voiceName: 'Joanna',
  senderId: 'Infobip 2FA',
  repeatDTMF: '1#',
  speechRate: 1.0,
  regional: {
    indiaDlt: {
      contentTemplateId: 'your-template-id',
      principalEntityId: 'your-entity-id',
      teleMarketerId: 'your-tele-marketer-id',
    },
  },
};

test('the simulator starts with one application and its two templates', async () => {
  expect((await simulator.call('/2fa/2/applications')).body).toEqual([SEED_APPLICATION]);
  expect((await simulator.call(`/2fa/2/applications/${SEED.applicationId}`)).body).toEqual(SEED_APPLICATION);
  expect((await simulator.call(MESSAGES)).body).toEqual(SEED_TEMPLATES);
  expect((await simulator.call(`${MESSAGES}/${SEED.voiceMessageId}`)).body).toEqual(SEED_TEMPLATES[1]);
});

test("the simulator creates the document's example of an application", async () => {
  const request = { name: '2fa application name', enabled: true, configuration: CONFIGURATION };
  const { status, body } = await simulator.call('/2fa/2/applications', { body: request });
  expect(status).toBe(201);
  expect(body).toEqual({ applicationId: ID, ...request });
  expect((await simulator.call(`/2fa/2/applications/${body.applicationId}`)).body).toEqual(body);
});

test("the simulator uses the document's defaults for fields that an application omits", async () => {
  const { body } = await simulator.call('/2fa/2/applications', {
    body: { name: 'Plain', configuration: { pinAttempts: 3 } },
  });
  expect(body).toEqual({
    applicationId: ID,
    name: 'Plain',
    enabled: true,
    configuration: {
      pinAttempts: 3,
      allowMultiplePinVerifications: true,
      pinTimeToLive: '15m',
      verifyPinLimit: '1/3s',
      sendPinPerApplicationLimit: '10000/1d',
      sendPinPerPhoneNumberLimit: '3/1d',
    },
  });
});

test('the simulator updates an application, and keeps omitted fields', async () => {
  const { status, body } = await simulator.configure({ pinAttempts: 7 });
  expect(status).toBe(200);
  expect(body).toEqual({
    ...SEED_APPLICATION,
    name: 'Seeded',
    configuration: { ...SEED_APPLICATION.configuration, pinAttempts: 7 },
  });
});

test.each([
  ['pinTimeToLive', '5'],
  ['pinTimeToLive', '5 m'],
  ['pinTimeToLive', '0m'],
  ['pinTimeToLive', '366d'],
  ['pinTimeToLive', 300],
  ['verifyPinLimit', '3s'],
  ['verifyPinLimit', '0/3s'],
  ['verifyPinLimit', '1/3'],
  ['verifyPinLimit', '1/2d'],
  ['sendPinPerPhoneNumberLimit', '3/1w'],
  ['sendPinPerApplicationLimit', '10000/366d'],
  ['pinAttempts', 0],
  ['pinAttempts', 1.5],
  ['allowMultiplePinVerifications', 'false'],
  ['pinLifetime', '5m'],
])('the simulator refuses the configuration %s: %j', async (field, value) => {
  const { status, body } = await simulator.configure({ [field]: value });
  expect(status).toBe(400);
  expect(body.requestError.serviceException.validationErrors).toHaveProperty([`configuration.${field}`]);
});

test.each(['s', '1s', '90s', '500ms', 'd'])('the simulator understands the duration %s', async (pinTimeToLive) => {
  expect((await simulator.configure({ pinTimeToLive })).status).toBe(200);
});

test("the simulator creates the document's example of a template", async () => {
  const { status, body } = await simulator.call(MESSAGES, { body: TEMPLATE });
  expect(status).toBe(200);
  expect(body).toEqual({
    ...TEMPLATE,
    messageId: ID,
    applicationId: SEED.applicationId,
    pinPlaceholder: '{{pin}}',
  });
  expect((await simulator.call(`${MESSAGES}/${body.messageId}`)).body).toEqual(body);
});

test('the simulator updates a template, and keeps omitted fields', async () => {
  const path = `${MESSAGES}/${SEED.smsMessageId}`;
  const { status, body } = await simulator.call(path, { method: 'PUT', body: { pinType: 'ALPHANUMERIC' } });
  expect(status).toBe(200);
  expect(body).toEqual({ ...SEED_TEMPLATES[0], pinType: 'ALPHANUMERIC' });
});

test.each([
  ['no text', { messageText: undefined }],
  ['no PIN in its text', { messageText: 'Hello' }],
  ['no type', { pinType: undefined }],
  ['an unknown type', { pinType: 'EMOJI' }],
  ['an unknown language', { language: 'ar' }],
  ['too fast a voice', { speechRate: 2.5 }],
  ['a length that is not a number', { pinLength: '4' }],
  ['an unknown field', { pinPlaceholder: '{{pin}}' }],
  ['an unknown region', { regional: { europe: {} } }],
  ['India without its entity', { regional: { indiaDlt: { contentTemplateId: 'x' } } }],
])('the simulator refuses a template with %s', async (_name, fields) => {
  const { status, body } = await simulator.call(MESSAGES, { body: { ...TEMPLATE, ...fields } });
  expect(status).toBe(400);
  expect(body).toEqual(envelope('BAD_REQUEST'));
});

test.each([
  '/2fa/2/applications/UNKNOWN',
  '/2fa/2/applications/UNKNOWN/messages',
  '/2fa/2/applications/UNKNOWN/verifications?msisdn=41793026727',
  `${MESSAGES}/UNKNOWN`,
])('the simulator does not find %s', async (path) => {
  const { status, body } = await simulator.call(path);
  expect(status).toBe(404);
  expect(body).toEqual(envelope('NOT_FOUND'));
});
