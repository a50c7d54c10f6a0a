import { TestSimulator } from '@/__tests__/support/simulator';
import { SEED } from '@/simulator/seed';
import {
  configure,
  type Expected,
  examine,
  expectFindings,
  goodEnvironment,
  makeGood,
  put,
  SMS_TEMPLATE,
  troublesIn,
  VOICE_TEMPLATE,
} from './set-up';

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await TestSimulator.start();
});
afterAll(() => simulator.close());
beforeEach(() => makeGood(simulator));

/** Findings that always appear here: there is no Redis, and the simulator's key may do everything. */
const USUAL = ['api-key warn', 'redis warn'];

const look = (more: Record<string, string> = {}) => examine({ ...goodEnvironment(simulator), ...more });

test('the doctor approves a matching account, and sends no message', async () => {
  const findings = await look();
  expect(troublesIn(findings)).toEqual(USUAL);
  expectFindings(findings, [
    ['api-key', 'warn', 'INFOBIP_API_KEY', 'manage applications'],
    ['application', 'ok', 'Phone verification (simulated)'],
    ['application-settings', 'ok'],
    ['templates', 'ok', 'INFOBIP_2FA_MESSAGE_ID', 'INFOBIP_2FA_VOICE_MESSAGE_ID'],
    ['sender', 'ok', 'Verify'],
  ]);
  expect(await simulator.messages()).toEqual([]);
});

test('the doctor approves a key that may only send, skips what the key cannot read, and sends no message', async () => {
  const findings = await look({ INFOBIP_API_KEY: SEED.sendOnlyApiKey });
  expect(troublesIn(findings)).toEqual(['redis warn']);
  expectFindings(findings, [
    ['api-key', 'ok', 'INFOBIP_API_KEY'],
    ['application', 'skipped', 'INFOBIP_API_KEY'],
    ['application-settings', 'skipped'],
    ['templates', 'skipped', 'INFOBIP_API_KEY'],
    ['sender', 'skipped', 'INFOBIP_SENDER_ID'],
  ]);
  const { remedy } = findings.find(({ check }) => check === 'application') ?? {};
  expect(remedy).toMatch(/2fa:manage.*--env-file/);
  expect(await simulator.messages()).toEqual([]);
  expect((await simulator.calls()).map(({ operation }) => operation)).not.toContain('send');
});

const HTML = { 'content-type': 'text/html' };

test.each<[string, object, string]>([
  ['by a web page', { kind: 'status', status: 200, body: '<h1>Hi</h1>', headers: HTML }, '200'],
  ["by a web server's own 404", { kind: 'status', status: 404, body: '<h1>Hi</h1>', headers: HTML }, '404'],
  ['by an error', { kind: 'status', status: 500 }, '500'],
  ['by nothing', { kind: 'reset' }, 'reset'],
])('the doctor does not claim that a key may do no more if the answer comes %s', async (_, fault, word) => {
  await simulator.fault('applications', fault, { times: 0 });
  for (const more of [{}, { INFOBIP_2FA_APP_ID: '' }]) {
    const findings = await look(more);
    expectFindings(findings, [['api-key', 'skipped', 'INFOBIP_API_KEY may send', 'could not find out', `(${word}`]]);
    expect(findings.filter(({ check }) => check === 'api-key')).toHaveLength(1);
  }
});

test("the doctor reports Infobip's defaults of a new application field by field", async () => {
  await configure(simulator, {
    pinAttempts: 10,
    allowMultiplePinVerifications: true,
    pinTimeToLive: '15m',
    verifyPinLimit: '1/3s',
    sendPinPerApplicationLimit: '10000000/1d',
    sendPinPerPhoneNumberLimit: '3/1d',
  });
  const findings = await look();
  expectFindings(findings, [
    ['application-settings', 'fail', 'pinAttempts', 'MAX_PIN_ATTEMPTS'],
    ['application-settings', 'fail', 'allowMultiplePinVerifications'],
    ['application-settings', 'fail', 'pinTimeToLive', '15m', 'PIN_TTL_SECONDS'],
    ['application-settings', 'warn', 'verifyPinLimit'],
    ['application-settings', 'warn', 'sendPinPerApplicationLimit'],
    ['application-settings', 'warn', 'sendPinPerPhoneNumberLimit', 'LIMIT_SEND_PER_NUMBER'],
  ]);
  expect(troublesIn(findings)).toHaveLength(USUAL.length + 6);
});

test.each(['300s', '300000ms', '5m'])('a lifetime of %s is five minutes', async (pinTimeToLive) => {
  await configure(simulator, { pinTimeToLive });
  expect(troublesIn(await look())).toEqual(USUAL);
});

test('the doctor reports a shorter lifetime than ours', async () => {
  await configure(simulator, { pinTimeToLive: '4m' });
  expectFindings(await look(), [['application-settings', 'fail', 'pinTimeToLive', 'PIN_TTL_SECONDS']]);
});

test.each([
  ['5/1d', 'the same', 0],
  ['10/1h', 'more, in a shorter time', 0],
  ['1/30s', 'one in each first wait', 0],
  ['3/1h', 'fewer in an hour than our waits leave room for', 1],
  ['10/7d', 'fewer in a week', 1],
  ['1/1m', 'fewer than the first wait allows', 1],
])('the doctor compares the limit by number %s (%s) with ours', async (sendPinPerPhoneNumberLimit, _, warnings) => {
  await configure(simulator, { sendPinPerPhoneNumberLimit });
  const found = troublesIn(await look()).filter((one) => one === 'application-settings warn');
  expect(found).toHaveLength(warnings);
});

test('settings that Infobip does not report count as its defaults', async () => {
  const application = { applicationId: SEED.applicationId, name: 'Bare', configuration: {} };
  await simulator.fault('applications', { kind: 'reply', body: application });
  expectFindings(await look(), [
    ['application-settings', 'fail', 'pinAttempts'],
    ['application-settings', 'fail', 'allowMultiplePinVerifications'],
    ['application-settings', 'fail', 'pinTimeToLive'],
    ['application-settings', 'warn', 'sendPinPerApplicationLimit is not set'],
  ]);
});

test('the doctor reports a disabled application', async () => {
  await configure(simulator, {}, false);
  expectFindings(await look(), [['application', 'fail', 'INFOBIP_2FA_APP_ID', 'disabled']]);
});

test('the doctor reports a missing application, and names the existing ones', async () => {
  const findings = await look({ INFOBIP_2FA_APP_ID: 'NOT0THERE' });
  expectFindings(findings, [
    ['application', 'fail', 'INFOBIP_2FA_APP_ID', '404'],
    ['application-settings', 'skipped'],
    ['templates', 'skipped'],
  ]);
  expect(findings.find(({ check }) => check === 'application')?.remedy).toContain(SEED.applicationId);
});

test('the doctor reports a missing application even with a key that may only send, and sends no message', async () => {
  const gone = { INFOBIP_API_KEY: SEED.sendOnlyApiKey, INFOBIP_2FA_APP_ID: 'NOT0THERE' };
  expectFindings(await look(gone), [
    ['api-key', 'ok'],
    ['application', 'fail', 'INFOBIP_2FA_APP_ID', '404'],
  ]);
  await simulator.fault('verifications', { kind: 'status', status: 404, body: '<h1>Hi</h1>', headers: HTML });
  expectFindings(await look(gone), [['application', 'skipped', 'INFOBIP_API_KEY']]);
  expect(await simulator.messages()).toEqual([]);
});

test('the doctor reports a missing template once, with every variable that names it', async () => {
  const gone = { INFOBIP_2FA_MESSAGE_ID_DE: 'GONE', INFOBIP_2FA_MESSAGE_ID_FR: 'GONE' };
  const findings = await look(gone);
  expectFindings(findings, [
    ['templates', 'fail', 'INFOBIP_2FA_MESSAGE_ID_DE', 'INFOBIP_2FA_MESSAGE_ID_FR', '404'],
    ['languages', 'warn', 'INFOBIP_2FA_MESSAGE_ID_DE', 'INFOBIP_2FA_VOICE_MESSAGE_ID_DE'],
    ['languages', 'warn', 'INFOBIP_2FA_MESSAGE_ID_DE', 'INFOBIP_2FA_MESSAGE_ID_FR', 'same template'],
  ]);
  expect(findings.filter(({ check, status }) => check === 'templates' && status === 'fail')).toHaveLength(1);
});

const LONG = `{{pin}} ${'Sehr lange Nachricht. '.repeat(8)}`;

test.each<[string, string, object, Record<string, string>, Expected]>([
  [
    'of another length',
    SMS_TEMPLATE,
    { pinLength: 4 },
    {},
    ['templates', 'fail', 'INFOBIP_2FA_MESSAGE_ID', 'pinLength', 'PIN_LENGTH'],
  ],
  [
    'of letters',
    SMS_TEMPLATE,
    { pinType: 'ALPHANUMERIC' },
    {},
    ['templates', 'fail', 'INFOBIP_2FA_MESSAGE_ID', 'pinType'],
  ],
  [
    'with a placeholder without a value',
    SMS_TEMPLATE,
    { messageText: 'Hi {{name}}: {{pin}}\n@localhost #{{pin}}' },
    {},
    ['templates', 'fail', 'INFOBIP_PLACEHOLDERS', '{{name}}'],
  ],
  ['of two segments', SMS_TEMPLATE, { messageText: LONG }, {}, ['templates', 'warn', 'messageText', '2 messages']],
  [
    'of two segments, since it has letters outside GSM-7',
    SMS_TEMPLATE,
    { messageText: `{{pin}} ${'č'.repeat(66)}` },
    {},
    ['templates', 'warn', 'messageText', 'UCS-2'],
  ],
  [
    'bound to another host',
    SMS_TEMPLATE,
    { messageText: '{{pin}}\n@evil.example #{{pin}}' },
    {},
    ['templates', 'fail', 'evil.example', 'APP_ORIGIN'],
  ],
  [
    'bound to no host',
    SMS_TEMPLATE,
    { messageText: '{{pin}} is your code.' },
    {},
    ['templates', 'warn', 'messageText'],
  ],
  [
    'for calls, bound to a host',
    VOICE_TEMPLATE,
    { messageText: '{{pin}}\n@localhost #{{pin}}' },
    {},
    ['templates', 'warn', 'INFOBIP_2FA_VOICE_MESSAGE_ID', 'aloud'],
  ],
  [
    'for text messages that calls use',
    SMS_TEMPLATE,
    {},
    { INFOBIP_2FA_VOICE_MESSAGE_ID: '' },
    ['templates', 'warn', 'INFOBIP_2FA_MESSAGE_ID', 'aloud'],
  ],
  [
    'for calls in another language',
    VOICE_TEMPLATE,
    {},
    { INFOBIP_2FA_VOICE_MESSAGE_ID_DE: SEED.voiceMessageId },
    ['templates', 'warn', 'INFOBIP_2FA_VOICE_MESSAGE_ID_DE', 'language'],
  ],
  [
    'for calls in Arabic',
    VOICE_TEMPLATE,
    {},
    { INFOBIP_2FA_VOICE_MESSAGE_ID_AR: SEED.voiceMessageId },
    ['templates', 'warn', 'INFOBIP_2FA_VOICE_MESSAGE_ID_AR', 'Arabic'],
  ],
])('the doctor reports a template %s', async (_, path, fields, environment, expected) => {
  await put(simulator, path, fields);
  expectFindings(await look(environment), [expected]);
});

test('the doctor reports a template without {{pin}}', async () => {
  await simulator.fault('templates', { kind: 'patch', fields: { messageText: 'Hello\n@localhost #{{pin}' } });
  expectFindings(await look(), [['templates', 'fail', 'INFOBIP_2FA_MESSAGE_ID', '{{pin}}']]);
});

test('a placeholder with a value is fine', async () => {
  await put(simulator, SMS_TEMPLATE, { messageText: 'Hi {{name}}: {{pin}}\n@localhost #{{pin}}' });
  expect(troublesIn(await look({ INFOBIP_PLACEHOLDERS: '{"name":"friend"}' }))).toEqual(USUAL);
});

test('a bound text is fine for every public origin, and the doctor reports one without an origin', async () => {
  expectFindings(await look({ APP_ORIGIN: '' }), [['templates', 'warn', 'APP_ORIGIN']]);
  const findings = await look({ APP_ORIGIN: 'http://127.0.0.1:3000,http://localhost' });
  expect(troublesIn(findings)).toEqual(USUAL);
});

test.each<[string, object, Record<string, string>, Expected]>([
  [
    'none, neither in the template nor here',
    { senderId: null },
    {},
    ['sender', 'warn', 'senderId', 'INFOBIP_SENDER_ID'],
  ],
  ['too long', {}, { INFOBIP_SENDER_ID: 'Verification' }, ['sender', 'fail', 'INFOBIP_SENDER_ID']],
  ['with an invalid character', {}, { INFOBIP_SENDER_ID: 'Ver!fy' }, ['sender', 'fail', 'INFOBIP_SENDER_ID']],
  ['of too many digits', {}, { INFOBIP_SENDER_ID: '1234567890123456' }, ['sender', 'fail', 'INFOBIP_SENDER_ID']],
  [
    'too long, in the template',
    { senderId: 'Verification' },
    {},
    ['sender', 'fail', 'senderId', 'INFOBIP_2FA_MESSAGE_ID'],
  ],
  [
    'of letters, in the United States',
    {},
    { ALLOWED_COUNTRIES: 'US,GB' },
    ['sender', 'warn', 'ALLOWED_COUNTRIES', 'US'],
  ],
  [
    'a number for the United States',
    {},
    { ALLOWED_COUNTRIES: 'US,DE', INFOBIP_SENDER_IDS: 'US:18335550100' },
    ['sender', 'ok', 'Verify', '18335550100 (to US)'],
  ],
  [
    'of letters, for the United States alone',
    {},
    { ALLOWED_COUNTRIES: 'US,DE', INFOBIP_SENDER_IDS: 'US:Example' },
    ['sender', 'fail', 'INFOBIP_SENDER_IDS', 'US'],
  ],
  [
    'for a country that gets no codes',
    {},
    { INFOBIP_SENDER_IDS: 'FR:Example' },
    ['sender', 'warn', 'INFOBIP_SENDER_IDS', 'FR', 'ALLOWED_COUNTRIES'],
  ],
  ['by country, misspelled', {}, { INFOBIP_SENDER_IDS: 'FR=Example' }, ['sender', 'skipped', 'INFOBIP_SENDER_IDS']],
  ['of letters, for calls, too', {}, { INFOBIP_SENDER_ID: 'Verify' }, ['sender', 'warn', 'INFOBIP_SENDER_ID', 'calls']],
  ['a number', {}, { INFOBIP_SENDER_ID: '447491163443', ALLOWED_COUNTRIES: 'US' }, ['sender', 'ok', '447491163443']],
])('the doctor reports a sender: %s', async (_, fields, environment, expected) => {
  if (Object.keys(fields).length > 0) await simulator.fault('templates', { kind: 'patch', fields });
  expectFindings(await look(environment), [expected]);
});

test('the doctor reports once that templates stop arriving, and does not wait for the others', async () => {
  await simulator.fault('templates', { kind: 'reset' }, { times: 0 });
  const findings = await look({ INFOBIP_2FA_MESSAGE_ID_DE: 'X1', INFOBIP_2FA_MESSAGE_ID_HR: 'X2' });
  expect(findings.filter(({ check, status }) => check === 'templates' && status === 'fail')).toHaveLength(1);
  expect((await simulator.calls('templates')).filter(({ method }) => method === 'GET')).toHaveLength(1);
});
