import type { TestSimulator } from '@/__tests__/support/simulator';
import { useApp } from '@/__tests__/support/use-app';
import { SEED } from '@/simulator/seed';

const NUMBER = '+14155552671';

/** Creates a template at the simulator, whose text is its name and the code. */
async function createTemplate(simulator: TestSimulator, name: string, language: string): Promise<string> {
  const reply = await fetch(`${simulator.url}/2fa/2/applications/${SEED.applicationId}/messages`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `App ${SEED.apiKey}` },
    body: JSON.stringify({ pinType: 'NUMERIC', pinLength: 6, messageText: `${name} {{pin}}`, language }),
  });
  return ((await reply.json()) as { messageId: string }).messageId;
}

const { app, simulator } = useApp(
  async (started) => ({
    INFOBIP_2FA_MESSAGE_ID: await createTemplate(started, 'sms', 'en'),
    INFOBIP_2FA_MESSAGE_ID_DE: await createTemplate(started, 'sms de', 'de'),
    INFOBIP_2FA_VOICE_MESSAGE_ID: await createTemplate(started, 'call', 'en'),
    INFOBIP_2FA_VOICE_MESSAGE_ID_DE: await createTemplate(started, 'call de', 'de'),
  }),
  { resetEach: false },
);

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
])('a send with %j uses the template %p', async (more, template) => {
  expect((await app.send(NUMBER, more)).status).toBe(200);
  expect(await newest()).toBe(template);
});

test('a resend keeps the language and, with the same template, the code', async () => {
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

test.each(['EN', 'it', '', 'constructor', 5])('the refusal of the language %p names the field', async (language) => {
  const reply = await app.send(NUMBER, { language });
  expect(reply.body).toEqual({
    code: 'INVALID_REQUEST',
    message: 'The field language must be one of "en", "de", "es", "fr", "ar", "hr".',
  });
});
