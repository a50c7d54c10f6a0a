import { TestApp } from '@/__tests__/support/app';
import { TestSimulator } from '@/__tests__/support/simulator';
import { SEED } from '@/simulator/seed';

const NUMBER = '+14155552671';

/** Makes a template at the simulator; its text is its name and the code. */
async function createTemplate(simulator: TestSimulator, name: string, language: string): Promise<string> {
  const reply = await fetch(`${simulator.url}/2fa/2/applications/${SEED.applicationId}/messages`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `App ${SEED.apiKey}` },
    body: JSON.stringify({ pinType: 'NUMERIC', pinLength: 6, messageText: `${name} {{pin}}`, language }),
  });
  return ((await reply.json()) as { messageId: string }).messageId;
}

let simulator: TestSimulator;
let app: TestApp;

beforeAll(async () => {
  simulator = await TestSimulator.start();
  app = await TestApp.start(simulator.url, {
    RESEND_COOLDOWN_SECONDS: '0',
    INFOBIP_2FA_MESSAGE_ID: await createTemplate(simulator, 'sms', 'en'),
    INFOBIP_2FA_MESSAGE_ID_DE: await createTemplate(simulator, 'sms de', 'de'),
    INFOBIP_2FA_VOICE_MESSAGE_ID: await createTemplate(simulator, 'call', 'en'),
    INFOBIP_2FA_VOICE_MESSAGE_ID_DE: await createTemplate(simulator, 'call de', 'de'),
  });
});
afterAll(async () => {
  await app.stop();
  await simulator.close();
});

/** The template of the newest message, by its text. */
async function newest(): Promise<string> {
  const message = (await simulator.messages(NUMBER)).at(-1);
  return message?.text.replace(` ${message.pin}`, '') ?? '';
}

test.each([
  [{}, 'sms'],
  [{ language: 'en' }, 'sms'],
  [{ language: 'de' }, 'sms de'],
  [{ language: 'hr' }, 'sms'],
  [{ language: 'de', channel: 'voice' }, 'call de'],
  [{ language: 'ar', channel: 'voice' }, 'call'],
])('a send with %j is made from the template %p', async (more, template) => {
  expect((await app.send(NUMBER, more)).status).toBe(200);
  expect(await newest()).toBe(template);
});

test('a resend keeps the language, and with the same template the code', async () => {
  const { body } = await app.send(NUMBER, { language: 'de' });
  expect((await app.resend(body.pinId)).body.newPin).toBe(false);
  expect((await app.resend(body.pinId, { language: 'de' })).body.newPin).toBe(false);
  expect(await newest()).toBe('sms de');
  expect((await app.resend(body.pinId, { channel: 'voice' })).body.newPin).toBe(true);
  expect(await newest()).toBe('call de');
});

test('a resend in another language brings a new code, the only one that counts', async () => {
  const { body } = await app.send(NUMBER);
  expect((await app.resend(body.pinId, { language: 'de' })).body.newPin).toBe(true);
  expect(await newest()).toBe('sms de');
  expect((await app.resend(body.pinId)).body.newPin).toBe(false);
  expect((await app.verify(body.pinId, await simulator.pinFor(NUMBER))).status).toBe(200);
});

test.each(['EN', 'it', '', 'constructor', 5])('the language %p is refused by name', async (language) => {
  const reply = await app.send(NUMBER, { language });
  expect(reply.body).toEqual({
    code: 'INVALID_REQUEST',
    message: 'The field language must be one of "en", "de", "es", "fr", "ar", "hr".',
  });
});
