import { claimsOf } from '@/__tests__/openid/relying-party';
import type { TestApp } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { describeInMemory } from '@/__tests__/support/set-ups';
import { outcome, PageVisitor, type Place, Program, withFactors } from '@/__tests__/support/visitor';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

describeInMemory('time', ({ deploy }) => {
  const deployment = deploy(withFactors());
  const place: Place = {
    get app() {
      return deployment.apps[0] as TestApp;
    },
    get simulator() {
      return deployment.simulator;
    },
  };
  const after = (ms: number) => deployment.moveClock(ms);

  describe('a challenge', () => {
    test('is valid for 5 minutes if it is for a verification', async () => {
      const owner = await new Program(place).becomeOwner(newNumber());
      const begun = [await owner.verifyOptions(), await owner.verifyOptions()];
      const [inTime, late] = begun.map(({ body }) => ({
        credential: owner.authenticator.get(body.publicKey),
        ceremony: body.ceremony,
      }));
      await after(4 * MINUTE_MS);
      expect(outcome(await place.app.post('/api/passkeys/verify', inTime ?? {}))).toBe('200');
      await after(MINUTE_MS);
      expect(outcome(await place.app.post('/api/passkeys/verify', late ?? {}))).toBe('400 CEREMONY_NOT_FOUND');
    });

    test('is also valid for 5 minutes if it is for an enrollment', async () => {
      const owner = new Program(place);
      await owner.verifyByCode(newNumber());
      const { body } = await owner.enrollOptions();
      const credential = owner.authenticator.create(body.publicKey);
      await after(5 * MINUTE_MS);
      expect(outcome(await owner.endEnrollment(credential))).toBe('400 CEREMONY_NOT_FOUND');
      expect(outcome(await owner.enroll())).toBe('201');
    });

    test('ends with its session if it is for an enrollment', async () => {
      const owner = new Program(place);
      await owner.verifyByCode(newNumber());
      await after(13 * MINUTE_MS);
      const { body } = await owner.enrollOptions();
      await after(3 * MINUTE_MS);
      const late = await owner.endEnrollment(owner.authenticator.create(body.publicKey));
      expect(outcome(late)).toBe('401 NO_SESSION');
    });
  });

  test('a passkey that is added in a session does not prolong it', async () => {
    const owner = new Program(place);
    await owner.verifyByCode(newNumber());
    await after(10 * MINUTE_MS);
    expect(outcome(await owner.enroll())).toBe('201');
    await after(6 * MINUTE_MS);
    expect(outcome(await owner.enrollOptions())).toBe('401 NO_SESSION');
  });

  describe('a number that no code has confirmed for 45 days', () => {
    const phoneVerifiedAt = (proof: string) => Number(claimsOf(proof).phone_verified_at);

    test('is confirmed by a code after the passkey', async () => {
      const number = newNumber();
      const owner = await new Program(place).becomeOwner(number);
      await after(44 * DAY_MS);
      expect(outcome(await new Program(place, owner.authenticator).verifyByPasskey())).toBe('200');
      await after(2 * DAY_MS);
      const later = new Program(place, owner.authenticator);
      const stale = await later.verifyByPasskey();
      expect([outcome(stale), Object.keys(stale.body)]).toEqual(['409 NUMBER_STALE', ['code', 'message', 'ceremony']]);
      const { status, body } = await later.verifyByCode(number);
      expect([status, body.factors]).toEqual([200, []]);
      const claims = claimsOf(body.proof);
      expect(claims).toMatchObject({
        acr: 'phr',
        amr: ['pop', 'user', 'mfa', 'otp', 'sms'],
        acct: expect.any(String),
      });
      expect(phoneVerifiedAt(body.proof)).toBe(claims.iat);
      expect(claims.stronger).toBeUndefined();
      const again = await new Program(place, owner.authenticator).verifyByPasskey();
      expect([outcome(again), phoneVerifiedAt(again.body.proof)]).toEqual(['200', phoneVerifiedAt(body.proof)]);
    });

    test('is confirmed by a code before the passkey, in the same session', async () => {
      const number = newNumber();
      const owner = await new Program(place).becomeOwner(number);
      await after(46 * DAY_MS);
      const later = new Program(place, owner.authenticator);
      const byCode = claimsOf((await later.verifyByCode(number)).body.proof);
      const { status, body } = await later.verifyByPasskey();
      expect(status).toBe(200);
      expect(claimsOf(body.proof)).toMatchObject({ acr: 'phr', phone_verified_at: byCode.auth_time });
      expect(outcome(await new Program(place, owner.authenticator).verifyByPasskey())).toBe('200');
    });

    test('is not confirmed by codes alone: they may be those of the next owner of the number', async () => {
      const number = newNumber();
      const owner = await new Program(place).becomeOwner(number);
      await after(40 * DAY_MS);
      const next = new Program(place);
      await next.verifyByCode(number);
      await next.verifyByCode(number);
      await after(6 * DAY_MS);
      const stale = await new Program(place, owner.authenticator).verifyByPasskey();
      expect(outcome(stale)).toBe('409 NUMBER_STALE');
      await next.verifyByCode(number);
      expect(outcome(await new Program(place, owner.authenticator).verifyByPasskey())).toBe('409 NUMBER_STALE');
      expect(outcome(await next.enrollOptions())).toBe('403 STEP_UP_REQUIRED');
    });

    test('is confirmed in a browser with a cookie, which its script does not see', async () => {
      const number = newNumber();
      const { authenticator } = await new Program(place).becomeOwner(number);
      await after(46 * DAY_MS);
      const page = new PageVisitor(place, authenticator);
      const stale = await page.verifyByPasskey();
      expect([outcome(stale), Object.keys(stale.body)]).toEqual(['409 NUMBER_STALE', ['code', 'message']]);
      expect(page.cookies.has('__Host-factor-used')).toBe(true);
      expect(page.cookies.has('__Host-phone-session')).toBe(false);
      expect(outcome(await page.verifyByCode(number))).toBe('200');
      expect((await page.get('/api/session')).body).toMatchObject({ acr: 'phr', account: expect.any(String) });
      expect(page.cookies.has('__Host-factor-used')).toBe(false);
    });

    test('is confirmed by a code only if a passkey of its own account was used before', async () => {
      const [number, foreign] = [newNumber(), newNumber()];
      const owner = await new Program(place).becomeOwner(number);
      const other = await new Program(place).becomeOwner(foreign);
      await after(46 * DAY_MS);
      const mallory = new Program(place, other.authenticator);
      expect(outcome(await mallory.verifyByPasskey())).toBe('409 NUMBER_STALE');
      const { body } = await mallory.verifyByCode(number);
      expect(claimsOf(body.proof)).toMatchObject({ acr: 'restricted', stronger: ['passkey'] });
      expect(outcome(await new Program(place, owner.authenticator).verifyByPasskey())).toBe('409 NUMBER_STALE');
    });

    test('is not confirmed by a code that comes 10 minutes after the passkey', async () => {
      const number = newNumber();
      const owner = await new Program(place).becomeOwner(number);
      await after(46 * DAY_MS);
      const later = new Program(place, owner.authenticator);
      await later.verifyByPasskey();
      await after(10 * MINUTE_MS);
      const { body } = await later.verifyByCode(number);
      expect(claimsOf(body.proof)).toMatchObject({ acr: 'restricted', stronger: ['passkey'] });
    });
  });
});
