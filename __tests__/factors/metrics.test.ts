import { ApiKey } from '@/__tests__/keys/api-key';
import { newNumber } from '@/__tests__/support/numbers';
import { describeInMemory } from '@/__tests__/support/set-ups';
import { Clock, expectStatus, newDataDir, outcomeOf, withApp } from './owner';

const DAY_MS = 24 * 60 * 60_000;
const TOKEN = 'a-token-of-the-metrics-in-this-test';

describeInMemory('the metrics', (setUp) => {
  const key = new ApiKey('shop');
  const deployment = setUp.deploy({
    DATA_DIR: newDataDir(),
    METRICS_TOKEN: TOKEN,
    API_CLIENTS: JSON.stringify([key.row()]),
    API_ACCESS: 'open',
  });
  const clock = new Clock(deployment);

  /** Samples of a metric by their labels, without those that are 0. */
  async function samples(name: string): Promise<Record<string, number>> {
    const text = (await deployment.apps[0]?.metrics(TOKEN))?.text ?? '';
    const lines = text.matchAll(new RegExp(`^phone_verification_${name}(?:\\{(.*)\\})? (\\d+)$`, 'gm'));
    const values = [...lines].map(([, labels = '', value]) => [labels, Number(value)] as const);
    return Object.fromEntries(values.filter(([, value]) => value > 0));
  }

  test('count verifications by factor and outcome, and the messages that these saved', async () => {
    const { owner, app, recoveryCodes } = await withApp(deployment, clock, newNumber());
    expectStatus(200, await owner.elsewhere().verifyByApp(await app.next()));
    expectStatus(200, await owner.elsewhere().verifyByRecoveryCode(recoveryCodes[0]));
    expect(outcomeOf(await owner.elsewhere().verifyByApp(app.wrong()))).toBe('400 WRONG_CODE');
    // Here the person had entered a code by phone, so no message was saved.
    const steppingUp = owner.elsewhere();
    expectStatus(200, await steppingUp.verifyByPhone());
    expectStatus(200, await steppingUp.verifyByApp(await app.next()));
    const number = { phoneNumber: owner.number, code: await app.next() };
    const headers = { ...key.headers(), 'x-forwarded-for': '203.0.113.4' };
    expectStatus(200, await deployment.ask((one) => one.post('/api/totp/verify', number, headers)));
    await clock.pass(45 * DAY_MS + 1000);
    expect(outcomeOf(await owner.elsewhere().verifyByApp(await app.next()))).toBe('409 NUMBER_STALE');

    expect(await samples('factor_verifications_total')).toEqual({
      'factor="totp",outcome="verified"': 3,
      'factor="totp",outcome="WRONG_CODE"': 1,
      'factor="totp",outcome="NUMBER_STALE"': 1,
      'factor="recovery-code",outcome="verified"': 1,
    });
    expect(await samples('messages_saved_total')).toEqual({ '': 3 });
    expect(await samples('client_requests_total')).toEqual({
      'client="shop",operation="verify",outcome="verified"': 1,
    });
    expect(await samples('security_events_total')).toMatchObject({
      'event="factor.added"': 1,
      'event="factor.used"': 4,
      'event="recovery_code.used"': 1,
      'event="recovery_codes.replaced"': 1,
    });
  });
});
