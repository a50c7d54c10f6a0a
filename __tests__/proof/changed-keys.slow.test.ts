import { decodeProtectedHeader } from 'jose';
import { cookieOf, type TestApp } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { describeWithRedis } from '@/__tests__/support/redis';
import { wrongPin } from '@/__tests__/support/simulator';
import { useAnotherApp, useRedis, useSimulator } from '@/__tests__/support/use-app';
import { makePrivacyKey, makeProofKey } from '@/lib/config/keys';
import { createPrivacy } from '@/lib/privacy';
import { AUDIENCE, check, ISSUER, keysOf, verifiedProof } from './check';

describeWithRedis('keys that operators change while people verify', () => {
  const redis = useRedis();
  const { simulator, startApp } = useSimulator();

  const oldProofKey = { ...makeProofKey(), kid: 'old' };
  const newProofKey = { ...makeProofKey(), kid: 'new' };
  const oldKey = makePrivacyKey();
  const newKey = makePrivacyKey();
  const startWith = (privacyKeys: string[], proofKeys: object[], more: Record<string, string> = {}) =>
    startApp({
      REDIS_URL: redis.url,
      PRIVACY_KEY: privacyKeys.join(','),
      PROOF_PRIVATE_JWK: JSON.stringify(proofKeys),
      PROOF_ISSUER: ISSUER,
      PROOF_AUDIENCE: AUDIENCE,
      LIMIT_SEND_PER_NUMBER: '3/1d',
      ...more,
    });

  // The apps, in the order in which an operator changes keys. All run at once, as during a rolling restart.
  const before = useAnotherApp(() => startWith([oldKey], [oldProofKey]));
  const knowsNew = useAnotherApp(() => startWith([oldKey, newKey], [oldProofKey]));
  const prefersNew = useAnotherApp(() => startWith([newKey, oldKey], [newProofKey, oldProofKey]));
  const after = useAnotherApp(() => startWith([newKey], [newProofKey]));

  const verifiedSession = async (app: TestApp) => {
    const number = newNumber();
    const { body } = await app.send(number);
    const reply = await app.verify(body.pinId, await simulator.pinFor(number));
    return { number, cookie: cookieOf(reply, 'phone-session') };
  };

  test('lose no verification, no session and no proof while the old keys are in the list', async () => {
    const [first, second] = [newNumber(), newNumber()];
    const oldProof = await verifiedProof(before, simulator, first);
    const sent = await before.send(second);
    const session = await verifiedSession(before);

    const keys = await keysOf(prefersNew);
    expect((await check(oldProof, keys)).sub).toBe(first);
    const { body } = await prefersNew.get('/api/session', { cookie: session.cookie });
    expect(body.phoneNumber).toBe(session.number);
    const verified = await prefersNew.verify(sent.body.pinId, await simulator.pinFor(second));
    expect(decodeProtectedHeader(verified.body.proof).kid).toBe('new');
    expect((await check(verified.body.proof, keys)).sub).toBe(second);
  });

  test('lose no wait, no limit and no lock', async () => {
    const [limited, waiting, locked] = [newNumber(), newNumber(), newNumber()];
    for (let sent = 0; sent < 2; sent += 1) await before.send(limited);
    const patient = await startWith([oldKey], [oldProofKey], { RESEND_COOLDOWN_SECONDS: '60' });
    await patient.send(waiting);
    await patient.stop();
    for (let code = 0; code < 2; code += 1) {
      const { body } = await before.send(locked);
      const wrong = wrongPin(await simulator.pinFor(locked));
      for (let i = 0; i < 5; i += 1) expect((await before.verify(body.pinId, wrong)).body.code).toBe('WRONG_PIN');
      // Infobip throttles attempts for a number.
      await simulator.advance(2000);
    }

    expect((await prefersNew.send(locked)).body.code).toBe('NUMBER_LOCKED');
    expect((await prefersNew.send(waiting)).body.code).toBe('RATE_LIMITED');
    expect((await prefersNew.send(limited)).status).toBe(200);
    expect((await prefersNew.send(limited)).body.code).toBe('RATE_LIMITED');
    // The lock has moved to the pseudonym of the new key, so the old key is no longer needed.
    expect((await after.send(locked)).body.code).toBe('NUMBER_LOCKED');
    expect((await after.send(limited)).body.code).toBe('RATE_LIMITED');
  });

  test('lose nothing when instances list them in another order', async () => {
    const number = newNumber();
    const { body } = await knowsNew.send(number);
    expect((await prefersNew.resend(body.pinId)).status).toBe(200);
    expect((await knowsNew.resend(body.pinId)).status).toBe(200);
    for (const app of [knowsNew, prefersNew]) expect((await app.resend(body.pinId)).body.code).toBe('RATE_LIMITED');
    const pin = await simulator.pinFor(number);
    expect((await prefersNew.verify(body.pinId, wrongPin(pin))).body.attemptsRemaining).toBe(4);
    expect((await knowsNew.verify(body.pinId, wrongPin(pin))).body.attemptsRemaining).toBe(3);
    expect((await prefersNew.verify(body.pinId, pin)).status).toBe(200);
  });

  test('never move a lock to a pseudonym that the caller does not know', async () => {
    const number = newNumber();
    const { body } = await knowsNew.send(number);
    const hidden = createPrivacy([newKey]).pseudonym('number', number);
    await redis.command('HSET', `phone-verification:n:{${hidden}}:s`, 'w', 100, 'l', 10, 'u', -1);
    expect((await after.verify(body.pinId, '000000')).body.code).toBe('PIN_NOT_FOUND');
    await after.get('/api/verification', { cookie: `verification=${body.pinId}` });
    expect((await after.resend(body.pinId)).body.code).toBe('PIN_NOT_FOUND');
    expect((await after.send(number)).body.code).toBe('NUMBER_LOCKED');
  });

  test('end a session whose proof nobody can check anymore', async () => {
    const { cookie } = await verifiedSession(before);
    const other = await startWith([oldKey], [newProofKey]);
    expect((await other.get('/api/session', { cookie })).body.code).toBe('NO_SESSION');
    await other.stop();
  });

  test('leave nothing readable under a key that is gone, and verify nobody with it', async () => {
    const number = newNumber();
    const sent = await before.send(number);
    const pin = await simulator.pinFor(number);
    const upstream = (await simulator.calls()).length;
    const cookie = cookieOf(sent);
    expect((await after.verify(sent.body.pinId, pin)).body.code).toBe('PIN_NOT_FOUND');
    expect((await after.resend(sent.body.pinId)).body.code).toBe('PIN_NOT_FOUND');
    expect((await after.get('/api/verification', { cookie })).body.code).toBe('NO_VERIFICATION');
    expect(await simulator.calls()).toHaveLength(upstream);
    expect((await after.send(number)).status).toBe(200);
  });
});
