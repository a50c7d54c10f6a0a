import { SEED } from '@/simulator/seed';
import { envelope, NUMBER, useSimulator, wrong } from './simulator-client';

const simulator = useSimulator();

const verifications = (query: string) =>
  simulator.call(`/2fa/2/applications/${SEED.applicationId}/verifications?${query}`);

test('the simulator says yes to the correct PIN', async () => {
  const { pinId, pin } = await simulator.sendPin();
  const answer = await simulator.verify(pinId, pin);
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ pinId, msisdn: NUMBER, verified: true, attemptsRemaining: 4 });
});

test('the simulator answers a wrong PIN with 200, and counts the attempts down to none', async () => {
  const { pinId, pin } = await simulator.sendPin();
  for (const attemptsRemaining of [4, 3, 2, 1, 0]) {
    const answer = await simulator.verify(pinId, wrong(pin));
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ pinId, msisdn: NUMBER, verified: false, attemptsRemaining, pinError: 'WRONG_PIN' });
  }
  await simulator.advance(1_000);
  expect((await simulator.verify(pinId, pin)).body).toEqual({
    pinId,
    msisdn: NUMBER,
    verified: false,
    attemptsRemaining: 0,
    pinError: 'NO_MORE_PIN_ATTEMPTS',
  });
});

test('the simulator accepts the correct PIN on the last attempt', async () => {
  const { pinId, pin } = await simulator.sendPin();
  for (let i = 0; i < 4; i += 1) await simulator.verify(pinId, wrong(pin));
  expect((await simulator.verify(pinId, pin)).body).toMatchObject({ verified: true, attemptsRemaining: 0 });
});

test('the simulator lets a PIN live as long as the application says, and no longer', async () => {
  const { pinId, pin } = await simulator.sendPin();
  await simulator.advance(5 * 60_000 - 5_000);
  expect((await simulator.verify(pinId, wrong(pin))).body.pinError).toBe('WRONG_PIN');
  await simulator.advance(5_000);
  const { status, body } = await simulator.verify(pinId, pin);
  expect(status).toBe(200);
  expect(body).toEqual({ pinId, msisdn: NUMBER, verified: false, attemptsRemaining: 4, pinError: 'TTL_EXPIRED' });
});

test('the simulator does not say yes to the same PIN twice', async () => {
  const { pinId, pin } = await simulator.sendPin();
  await simulator.verify(pinId, pin);
  expect((await simulator.verify(pinId, pin)).body).toMatchObject({
    verified: false,
    attemptsRemaining: 0,
    pinError: 'NO_MORE_PIN_ATTEMPTS',
  });
});

test('the simulator says yes to the same PIN twice if the application allows it', async () => {
  await simulator.configure({ allowMultiplePinVerifications: true });
  const { pinId, pin } = await simulator.sendPin();
  await simulator.verify(pinId, pin);
  expect((await simulator.verify(pinId, pin)).body).toMatchObject({ verified: true, attemptsRemaining: 3 });
});

test('the simulator says yes only once to many parallel requests', async () => {
  await simulator.configure({ verifyPinLimit: '100/1s', pinAttempts: 100 });
  const { pinId, pin } = await simulator.sendPin();
  const answers = await Promise.all(Array.from({ length: 20 }, () => simulator.verify(pinId, pin)));
  expect(answers.filter(({ body }) => body.verified)).toHaveLength(1);
});

test.each(['verify', 'resend', 'resend/voice'])('the simulator does not find an unknown PIN to %s', async (action) => {
  const body = action === 'verify' ? { pin: '1598' } : {};
  const answer = await simulator.call(`/2fa/2/pin/9C817C6F8AF3D48F9FE553282AFA2B67/${action}`, { body });
  expect(answer.status).toBe(404);
  expect(answer.body).toEqual(envelope('NOT_FOUND'));
});

test('the simulator lists which numbers are verified, and filters them', async () => {
  const { pinId, pin } = await simulator.sendPin();
  await simulator.verify(pinId, pin);
  await simulator.send();
  const done = { msisdn: NUMBER, verified: true, verifiedAt: expect.any(Number), sentAt: expect.any(Number) };
  const open = { msisdn: NUMBER, verified: false, sentAt: expect.any(Number) };
  expect((await verifications(`msisdn=${NUMBER}`)).body).toEqual({ verifications: [done, open] });
  expect((await verifications(`msisdn=${NUMBER}&verified=true`)).body).toEqual({ verifications: [done] });
  expect((await verifications(`msisdn=${NUMBER}&verified=false&sent=true`)).body).toEqual({ verifications: [open] });
  expect((await verifications(`msisdn=${NUMBER}&sent=false`)).body).toEqual({ verifications: [] });
  expect((await verifications('msisdn=41793026727')).body).toEqual({ verifications: [] });
});
