import { AuthType, Infobip } from '@infobip-api/sdk';
import { SEED, SEED_APPLICATION } from '@/simulator/seed';
import { NUMBER, useSimulator, wrong } from './simulator-client';

const simulator = useSimulator();

/** The official SDK, as an application sets it up. Its service is not typed. */
const twoFactor = (apiKey: string = SEED.apiKey) =>
  new Infobip({ baseUrl: simulator.url(), apiKey, authType: AuthType.ApiKey }).service.twoFA;

test('the SDK sends, resends and verifies', async () => {
  const sdk = twoFactor();
  const sent = await sdk.sendPINCodeSMS(simulator.sendRequest(), false);
  expect(sent).toMatchObject({ status: 200, data: { to: NUMBER, smsStatus: 'MESSAGE_SENT' } });
  const { pinId } = sent.data;

  expect((await sdk.resendPINCodeSMS(pinId, {})).data).toMatchObject({ pinId, smsStatus: 'MESSAGE_SENT' });
  expect((await sdk.resendPINCodeVoice(pinId, {})).data).toMatchObject({ pinId, callStatus: 'PENDING_ACCEPTED' });
  const messages = await simulator.messages();
  expect(new Set(messages.map((message) => message.pin)).size).toBe(1);

  const { pin } = await simulator.lastMessage();
  expect((await sdk.verifyPhoneNumber(pinId, { pin: wrong(pin) })).data).toMatchObject({
    verified: false,
    pinError: 'WRONG_PIN',
  });
  expect((await sdk.verifyPhoneNumber(pinId, { pin })).data).toMatchObject({ verified: true, msisdn: NUMBER, pinId });
  expect((await sdk.getVerificationStatus(SEED.applicationId, { msisdn: NUMBER })).data.verifications).toMatchObject([
    { msisdn: NUMBER, verified: true },
  ]);
});

test('the SDK makes calls', async () => {
  const sent = await twoFactor().sendPINCodeVoice(simulator.sendRequest({ messageId: SEED.voiceMessageId }));
  expect(sent.data).toMatchObject({ to: NUMBER, callStatus: 'PENDING_ACCEPTED' });
});

test('the SDK reads and creates applications and templates', async () => {
  const sdk = twoFactor();
  expect((await sdk.getApplications()).data).toEqual([SEED_APPLICATION]);
  const { applicationId } = (await sdk.createApplication({ name: 'Made' })).data;
  const made = await sdk.createMessageTemplate(applicationId, { messageText: '{{pin}}', pinType: 'NUMERIC' });
  expect((await sdk.getMessageTemplates(applicationId)).data).toEqual([made.data]);
});

test('the SDK fails with a wrong key, and without the required lookup field', async () => {
  expect(await twoFactor('wrong').sendPINCodeSMS(simulator.sendRequest(), false)).toMatchObject({
    response: { status: 401 },
  });
  expect(await twoFactor().sendPINCodeSMS(simulator.sendRequest())).toMatchObject({ response: { status: 400 } });
});
