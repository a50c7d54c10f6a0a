import { newNumber } from '@/__tests__/support/numbers';
import { newAddress } from '@/__tests__/support/person';
import { describeInMemory } from '@/__tests__/support/set-ups';
import { expectDocumentedEvent } from '@/__tests__/support/shared';
import { useShared } from '@/__tests__/support/use-app';
import { ORIGIN, Program } from '@/__tests__/support/visitor';
import { SECRET, TestReceiver, until } from '@/__tests__/webhooks/receiver';
import { Clock, expectStatus, newDataDir, outcomeOf, withApp } from './owner';

const DAY_MS = 24 * 60 * 60_000;
const RESET = '/api/factors/reset';

describeInMemory('the application hears by webhook', (setUp) => {
  const deployment = setUp.deploy();
  const clock = new Clock(deployment);
  const directory = newDataDir();
  const receiver = useShared(
    () => TestReceiver.start(),
    (started) => started.stop(),
  );
  // The receiver has an address only once it runs.
  beforeAll(async () => {
    await deployment.stop();
    await deployment.start({
      DATA_DIR: directory,
      APP_ORIGIN: ORIGIN,
      WEBHOOK_URL: receiver.url,
      WEBHOOK_SECRET: SECRET,
    });
  });
  afterEach(() => {
    for (const { type, timestamp, data } of receiver.received) expectDocumentedEvent({ type, timestamp, data });
    expect(receiver.forged).toEqual([]);
    receiver.reset();
  });

  const eventsOf = (number: string) =>
    receiver
      .about(number)
      .map(({ type, data }) => ({ type, data }))
      .filter(({ type }) => !type.startsWith('verification.'));

  test('of each factor that was added or removed, without its name or id', async () => {
    const { owner, id } = await withApp(deployment, clock, newNumber());
    const { account } = (await owner.session()).body;
    const { id: second } = await owner.addApp(clock);
    expectStatus(204, await owner.remove(second));
    expect(outcomeOf(await owner.remove(second))).toBe('404 FACTOR_NOT_FOUND');
    await until(() => eventsOf(owner.number).length === 3);
    const data = { phoneNumber: owner.number, country: 'US', account, type: 'totp' };
    // Webhooks may arrive in any order.
    const sorted = eventsOf(owner.number).sort((a, b) => a.type.localeCompare(b.type));
    expect(sorted).toEqual([
      { type: 'factor.added', data },
      { type: 'factor.added', data },
      { type: 'factor.removed', data },
    ]);
    for (const { body } of receiver.received) for (const secret of [id, second]) expect(body).not.toContain(secret);
  });

  test('of an added passkey', async () => {
    const [app] = deployment.apps;
    if (!app) throw new Error('There is no app.');
    const number = newNumber();
    const headers = { 'x-forwarded-for': newAddress() };
    await new Program({ app, simulator: deployment.simulator }, undefined, headers).becomeOwner(number);
    await until(() => eventsOf(number).length === 1);
    const data = { phoneNumber: number, country: 'US', account: expect.any(String), type: 'passkey' };
    expect(eventsOf(number)).toEqual([{ type: 'factor.added', data }]);
  });

  test('of each new request for a reset, but not of a repeated one', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    const { account } = (await owner.session()).body;
    const person = owner.elsewhere();
    expectStatus(200, await person.verifyByPhone());
    const { effectiveAt } = expectStatus(202, await person.post(RESET)).body;
    expect((await person.post(RESET)).body.effectiveAt).toBe(effectiveAt);

    const resets = () => eventsOf(owner.number).filter(({ type }) => type === 'account.reset_requested');
    const about = { phoneNumber: owner.number, country: 'US', account };
    await until(() => resets().length === 1);
    expect(resets()).toEqual([{ type: 'account.reset_requested', data: { ...about, effectiveAt } }]);

    // The owner cancels the reset, so the next request asks for a new one.
    expectStatus(200, await owner.verifyByApp(await app.next()));
    await clock.pass(DAY_MS);
    expectStatus(200, await person.verifyByPhone());
    const later = expectStatus(202, await person.post(RESET)).body.effectiveAt;
    await until(() => resets().length === 2);
    expect(resets().map(({ data }) => data.effectiveAt)).toEqual([effectiveAt, later]);
  });
});
