import { newNumber } from '@/__tests__/support/numbers';
import { describeInMemory } from '@/__tests__/support/set-ups';
import { AuthenticatorApp, Clock, expectStatus, newDataDir, Owner, outcomeOf, withApp } from './owner';

const DAY_MS = 24 * 60 * 60_000;
const RESET = '/api/factors/reset';

describeInMemory('a reset for somebody who has lost all factors', (setUp) => {
  const deployment = setUp.deploy({ DATA_DIR: newDataDir() });
  const clock = new Clock(deployment);
  const eventOf = async (reply: Parameters<typeof outcomeOf>[0]) => (await deployment.apps[0]?.logLineOf(reply))?.event;

  /** Somebody who gets the messages to the number: its owner, who has lost all factors, or a thief. */
  async function byPhone(number: string): Promise<Owner> {
    const person = new Owner(deployment, number);
    expectStatus(200, await person.verifyByPhone());
    return person;
  }

  async function requested(number: string): Promise<number> {
    const { body } = expectStatus(202, await (await byPhone(number)).post(RESET));
    return Date.parse(body.effectiveAt);
  }

  test('takes effect after seven days, and then a first factor replaces the account', async () => {
    const { owner, app, recoveryCodes } = await withApp(deployment, clock, newNumber());
    const { account } = (await owner.session()).body;
    const person = await byPhone(owner.number);
    const reply = expectStatus(202, await person.post(RESET));
    expect(await eventOf(reply)).toBe('account.reset_requested');
    expect(Math.abs(Date.parse(reply.body.effectiveAt) - clock.now - 7 * DAY_MS)).toBeLessThan(60_000);
    expect(outcomeOf(await person.post('/api/totp/enrol'))).toBe('403 STEP_UP_REQUIRED');

    await clock.pass(7 * DAY_MS - 120_000);
    const early = await byPhone(owner.number);
    expect(outcomeOf(await early.post('/api/totp/enrol'))).toBe('403 STEP_UP_REQUIRED');
    await clock.pass(120_000);
    const late = await byPhone(owner.number);
    // The reply shows nothing of the account, and the session can change nothing of it.
    expect((await late.factors()).body).toEqual({
      factors: [],
      recoveryCodesLeft: 0,
      resetAt: reply.body.effectiveAt,
    });
    expect(outcomeOf(await late.post('/api/recovery-codes'))).toBe('404 FACTOR_NOT_FOUND');
    const replacement = await late.addApp(clock);
    expect(replacement.recoveryCodes).toHaveLength(10);

    const session = (await late.session()).body;
    expect(session.account).not.toBe(account);
    expect((await late.factors()).body).toMatchObject({ factors: [{ id: replacement.id }], resetAt: null });
    expect(outcomeOf(await owner.elsewhere().verifyByApp(await app.next()))).toBe('400 WRONG_CODE');
    expect(outcomeOf(await owner.elsewhere().verifyByRecoveryCode(recoveryCodes[0]))).toBe('400 WRONG_CODE');
    expectStatus(200, await owner.elsewhere().verifyByApp(await replacement.app.next()));
  });

  test('is not moved by further requests', async () => {
    const { owner } = await withApp(deployment, clock, newNumber());
    const first = await requested(owner.number);
    await clock.pass(3 * DAY_MS);
    const again = await (await byPhone(owner.number)).post(RESET);
    expect([again.status, Date.parse(again.body.effectiveAt)]).toEqual([202, first]);
    expect(await eventOf(again)).toBeUndefined();
  });

  test('is shown to the owner, and every use of a factor cancels it', async () => {
    const { owner, app, recoveryCodes } = await withApp(deployment, clock, newNumber());
    const uses = [
      async (one: Owner) => one.verifyByApp(await app.next()),
      (one: Owner) => one.verifyByRecoveryCode(recoveryCodes[0]),
    ];
    for (const use of uses) {
      const at = await requested(owner.number);
      const known = owner.elsewhere();
      const canceled = expectStatus(200, await use(known));
      expect(await eventOf(canceled)).toMatch(/^(account\.reset_canceled|recovery_code\.used)$/);
      expect((await known.factors()).body.resetAt).toBeNull();
      await clock.pass(7 * DAY_MS + 1000);
      expect(clock.now).toBeGreaterThan(at);
      expect(outcomeOf(await (await byPhone(owner.number)).post('/api/totp/enrol'))).toBe('403 STEP_UP_REQUIRED');
    }
    // A session that began before the request shows the time of the reset.
    const known = owner.elsewhere();
    expectStatus(200, await known.verifyByApp(await app.next()));
    const at = await requested(owner.number);
    expect(Date.parse((await known.factors()).body.resetAt)).toBe(at);
  });

  test('is canceled by any change that the owner makes in a session from before the request', async () => {
    const { owner, id } = await withApp(deployment, clock, newNumber());
    const changes = [
      async () => expectStatus(201, await owner.post('/api/recovery-codes')),
      async () => {
        const { body } = expectStatus(200, await owner.post('/api/totp/enrol'));
        return expectStatus(
          201,
          await owner.post('/api/totp/confirm', { code: await new AuthenticatorApp(body.secret, clock).next() }),
        );
      },
      async () => expectStatus(204, await owner.remove(id)),
    ];
    for (const change of changes) {
      await requested(owner.number);
      expect((await owner.factors()).body.resetAt).not.toBeNull();
      expect(await eventOf(await change())).toBe('account.reset_canceled');
      expect((await owner.factors()).body.resetAt).toBeNull();
    }
  });

  test('is canceled by the use of a factor even after it took effect, while a thief adds an app', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    await requested(owner.number);
    await clock.pass(8 * DAY_MS);
    const thief = await byPhone(owner.number);
    expectStatus(200, await thief.post('/api/totp/enrol'));
    // The owner uses the app just before the thief confirms.
    expectStatus(200, await owner.elsewhere().verifyByApp(await app.next()));
    expect(outcomeOf(await thief.post('/api/totp/confirm', { code: '000000' }))).toBe('403 STEP_UP_REQUIRED');
  });

  test('is void after another seven days, and the next request starts another seven days', async () => {
    const { owner } = await withApp(deployment, clock, newNumber());
    const first = await requested(owner.number);
    await clock.pass(14 * DAY_MS + 60_000);
    const person = await byPhone(owner.number);
    expect(outcomeOf(await person.post('/api/totp/enrol'))).toBe('403 STEP_UP_REQUIRED');
    const again = expectStatus(202, await person.post(RESET));
    expect(Date.parse(again.body.effectiveAt)).toBeGreaterThan(first + 14 * DAY_MS);
    expect(await eventOf(again)).toBe('account.reset_requested');
    expect(outcomeOf(await person.post('/api/totp/enrol'))).toBe('403 STEP_UP_REQUIRED');
  });

  test('needs a code by phone, and an account', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    const byApp = owner.elsewhere();
    expect(outcomeOf(await byApp.post(RESET))).toBe('401 NO_SESSION');
    expectStatus(200, await byApp.verifyByApp(await app.next()));
    expect(outcomeOf(await byApp.post(RESET))).toBe('401 NO_SESSION');
    expect(outcomeOf(await (await byPhone(newNumber())).post(RESET))).toBe('404 FACTOR_NOT_FOUND');
  });
});
