import { TestSimulator } from '@/__tests__/support/simulator';
import { type Account, type AccountResult, createAccount } from '@/lib/infobip/account';
import { SEED, SEED_APPLICATION } from '@/simulator/seed';

/** Longer than a busy machine takes to answer. */
const TIMEOUT_MS = 20_000;
/** For calls that hang. */
const SHORT_MS = 400;
const SETTINGS = {
  pinAttempts: 5,
  allowMultiplePinVerifications: false,
  pinTimeToLive: '5m',
  verifyPinLimit: '1/1s',
  sendPinPerApplicationLimit: '10000/1d',
  sendPinPerPhoneNumberLimit: '5/1d',
};
const TEXT = { messageText: 'Your code is {{pin}}.', pinType: 'NUMERIC', pinLength: 6 } as const;
const CALL = { ...TEXT, language: 'de', repeatDTMF: '1#', speechRate: 0.8 } as const;

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await TestSimulator.start();
});
afterAll(() => simulator.close());
beforeEach(() => simulator.reset());

const open = (apiKey: string = SEED.apiKey, baseUrl = simulator.url, timeoutMs = TIMEOUT_MS): Account =>
  createAccount({ baseUrl, apiKey, timeoutMs });

function reply<T>(result: AccountResult<T>): T {
  if (result.kind === 'failed') throw new Error(JSON.stringify(result));
  return result.value;
}

describe('an account', () => {
  test('lists applications, creates one and changes it', async () => {
    const account = open();
    expect(reply(await account.listApplications())).toEqual([SEED_APPLICATION]);
    const made = reply(await account.createApplication('Mine', SETTINGS));
    expect(made).toMatchObject({ name: 'Mine', enabled: true, configuration: SETTINGS });
    const changed = { ...SETTINGS, pinAttempts: 3 };
    await account.updateApplication(made.applicationId, 'Mine', true, changed);
    expect(reply(await account.getApplication(made.applicationId)).configuration).toEqual(changed);
    expect(reply(await account.listApplications())).toHaveLength(2);
  });

  test('creates templates for messages and for calls, and changes them', async () => {
    const account = open();
    const text = reply(await account.createTemplate(SEED.applicationId, TEXT));
    const call = reply(await account.createTemplate(SEED.applicationId, CALL));
    expect([text, call]).toEqual([expect.objectContaining(TEXT), expect.objectContaining(CALL)]);
    expect(text.language).toBeUndefined();
    await account.updateTemplate(SEED.applicationId, text.messageId, { ...TEXT, messageText: 'New: {{pin}}' });
    expect(reply(await account.getTemplate(SEED.applicationId, text.messageId)).messageText).toBe('New: {{pin}}');
    const ids = reply(await account.listTemplates(SEED.applicationId)).map(({ messageId }) => messageId);
    expect(ids).toEqual([SEED.smsMessageId, SEED.voiceMessageId, text.messageId, call.messageId]);
  });

  test('leaves out templates for e-mail, and anything else that is not a message template', async () => {
    const email = { messageId: 'EMAIL0000000000000', emailTemplateId: 1, from: 'a@example.com', pinLength: 6 };
    const sms = { messageId: 'SMS00000000000000', messageText: '{{pin}}' };
    await simulator.fault('templates', { kind: 'reply', body: [email, sms, null, { messageId: '../x' }] });
    expect(reply(await open().listTemplates(SEED.applicationId))).toEqual([sms]);
  });

  test("reports Infobip's clock", async () => {
    const { date } = await open().listApplications();
    expect(Math.abs((date ?? 0) - Date.now())).toBeLessThan(5000);
  });

  test('puts only ids into a path', async () => {
    const account = open();
    for (const id of ['../applications', 'a/b', '%2e%2e', '', 'a'.repeat(65)]) {
      await expect(account.getApplication(id)).rejects.toThrow('Not an Infobip id');
      await expect(account.listTemplates(id)).rejects.toThrow('Not an Infobip id');
      await expect(account.createTemplate(id, TEXT)).rejects.toThrow('Not an Infobip id');
      await expect(account.updateApplication(id, 'x', true, SETTINGS)).rejects.toThrow('Not an Infobip id');
      await expect(account.getTemplate(SEED.applicationId, id)).rejects.toThrow('Not an Infobip id');
      await expect(account.updateTemplate(SEED.applicationId, id, TEXT)).rejects.toThrow('Not an Infobip id');
    }
    expect(await simulator.calls()).toEqual([]);
  });
});

describe('probing the key', () => {
  test.each([SEED.apiKey, SEED.sendOnlyApiKey])('says yes to %s, and sends no message', async (key) => {
    expect(await open(key).probeKey()).toMatchObject({ kind: 'ok', value: true });
    const [call] = await simulator.calls();
    expect(call).toMatchObject({ operation: 'verify', status: 404 });
    expect(call?.path).toMatch(/^\/2fa\/2\/pin\/[0-9A-F]{32}\/verify$/);
    expect(await simulator.messages()).toEqual([]);
  });

  test('asks about another PIN each time', async () => {
    const account = open();
    await account.probeKey();
    await account.probeKey();
    expect(new Set((await simulator.calls()).map(({ path }) => path)).size).toBe(2);
  });

  test('says yes if Infobip replies with 400, and no to 401, 403, 429 and 500', async () => {
    for (const status of [400, 401, 403, 429, 500]) {
      await simulator.fault('verify', { kind: 'status', status });
      const { kind } = await open().probeKey();
      expect([status, kind]).toEqual([status, status === 400 ? 'ok' : 'failed']);
    }
  });

  test.each([
    ['a page', { kind: 'html' }],
    ['a 404 that is a page', { kind: 'status', status: 404, body: '<h1>Not found</h1>' }],
    ['a 400 of something else', { kind: 'status', status: 400, body: { error: 'no' } }],
    ['nothing', { kind: 'empty' }],
  ])('says no to %s, which does not come from Infobip', async (_name, fault) => {
    await simulator.fault('verify', fault);
    expect((await open().probeKey()).kind).toBe('failed');
  });

  test('says no to an unknown key', async () => {
    expect(await open('no-key').probeKey()).toMatchObject({ kind: 'failed', fault: 'refusal', status: 401 });
  });
});

/** The result for a faulty reply to a create. */
const FAULTS: [name: string, fault: object, failure: object][] = [
  ['400', { kind: 'status', status: 400 }, { fault: 'refusal', status: 400, maybeDone: false }],
  ['401', { kind: 'status', status: 401 }, { fault: 'refusal', status: 401, maybeDone: false }],
  ['404', { kind: 'status', status: 404 }, { fault: 'refusal', status: 404, maybeDone: false }],
  ['429', { kind: 'status', status: 429 }, { fault: 'refusal', status: 429, maybeDone: false }],
  ['500', { kind: 'status', status: 500 }, { fault: 'refusal', status: 500, maybeDone: true }],
  ['503 in HTML', { kind: 'status', status: 503, body: '<p>busy' }, { fault: 'refusal', status: 503, maybeDone: true }],
  ['hang', { kind: 'hang' }, { fault: 'deadline', maybeDone: true }],
  ['trickle', { kind: 'trickle' }, { fault: 'deadline', maybeDone: true }],
  ['reset', { kind: 'reset' }, { fault: 'reset', maybeDone: true }],
  ['HTML', { kind: 'html' }, { fault: 'bad-reply', status: 200, maybeDone: true }],
  ['empty', { kind: 'empty' }, { fault: 'bad-reply', status: 200, maybeDone: true }],
  ['truncated', { kind: 'truncated' }, { fault: 'bad-reply', status: 200, maybeDone: true }],
  ['too large', { kind: 'huge' }, { fault: 'too-large', maybeDone: true }],
  ['redirect', { kind: 'redirect' }, { fault: 'bad-reply', status: 307, maybeDone: false }],
  ['hostile id', { kind: 'patch', fields: { applicationId: '../x' } }, { fault: 'bad-reply', maybeDone: true }],
  ['no id', { kind: 'patch', fields: { applicationId: null } }, { fault: 'bad-reply', maybeDone: true }],
];

describe('a failure', () => {
  test.each(FAULTS)('returns a value: %s', async (_name, fault, failure) => {
    await simulator.fault('applications', fault);
    const timeoutMs = 'fault' in failure && failure.fault === 'deadline' ? SHORT_MS : TIMEOUT_MS;
    const result = await open(SEED.apiKey, simulator.url, timeoutMs).createApplication('Mine', SETTINGS);
    expect(result).toMatchObject({ kind: 'failed', ...failure });
  });

  test('recognizes a send-only key by 403, whatever the request', async () => {
    const account = open(SEED.sendOnlyApiKey);
    const results = await Promise.all([
      account.listApplications(),
      account.getApplication(SEED.applicationId),
      account.createApplication('Mine', SETTINGS),
      account.updateApplication(SEED.applicationId, 'Mine', true, SETTINGS),
      account.listTemplates(SEED.applicationId),
      account.getTemplate(SEED.applicationId, SEED.smsMessageId),
      account.createTemplate(SEED.applicationId, TEXT),
      account.updateTemplate(SEED.applicationId, SEED.smsMessageId, TEXT),
    ]);
    for (const result of results) expect(result).toMatchObject({ kind: 'failed', status: 403, maybeDone: false });
  });

  test('recognizes what is missing by 404', async () => {
    const account = open();
    expect(await account.getApplication('NONE')).toMatchObject({ status: 404 });
    expect(await account.getTemplate(SEED.applicationId, 'NONE')).toMatchObject({ status: 404 });
  });

  test('says that nothing was sent if no server listens', async () => {
    const closed = await TestSimulator.start();
    await closed.close();
    const result = await open(SEED.apiKey, closed.url).listApplications();
    // Only tests that run a process check which fault it was, because Jest gives errors of the system another class.
    expect(result).toEqual({ kind: 'failed', fault: expect.any(String), maybeDone: false });
  });

  test("contains Infobip's own words, on one line, of bounded length, and without the key", async () => {
    const text = `The key ${SEED.apiKey}\n\u001b[31mis wrong${'!'.repeat(1000)}`;
    const serviceException = { messageId: 'BAD_REQUEST', text, validationErrors: { name: [SEED.apiKey] } };
    const fault = { kind: 'status', status: 400, body: { requestError: { serviceException } } };
    await simulator.fault('applications', fault, { times: 2 });
    const result = await open().createApplication('Mine', SETTINGS);
    if (result.kind !== 'failed') throw new Error('It did not fail.');
    expect(JSON.stringify(result)).not.toContain(SEED.apiKey);
    expect(result.detail).toMatch(/^BAD_REQUEST: The key … \[31mis wrong!+$/);
    expect(result.detail?.length).toBe(300);
  });
});
