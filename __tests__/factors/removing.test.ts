import { decodeJwt } from 'jose';
import { inParallel } from '@/__tests__/support/in-parallel';
import { newNumber } from '@/__tests__/support/numbers';
import { describeEverySetUp, describeInMemory } from '@/__tests__/support/set-ups';
import { Clock, expectStatus, newDataDir, type Owner, outcomeOf, withApp } from './owner';

describeEverySetUp('a removal', (setUp) => {
  const deployment = setUp.deploy({ DATA_DIR: newDataDir() });
  const clock = new Clock(deployment);

  test('leaves the other factors, renews its own session, and lets no other session manage them', async () => {
    const { owner, app, id } = await withApp(deployment, clock, newNumber());
    const other = owner.elsewhere();
    expectStatus(200, await other.verifyByApp(await app.next()));
    const second = await owner.addApp(clock);
    const before = owner.inAnotherTab();
    const removed = await owner.remove(id);
    expect([removed.status, removed.body]).toEqual([204, {}]);
    expect(removed.headers.get('phone-session')).toBeNull();

    expect((await owner.factors()).body.factors.map((factor: { id: string }) => factor.id)).toEqual([second.id]);
    expectStatus(201, await owner.post('/api/recovery-codes'));
    expect(outcomeOf(await before.session())).toBe('401 NO_SESSION');
    // The other session still exists, but cannot manage factors.
    expectStatus(200, await other.session());
    for (const reply of [
      await other.factors(),
      await other.post('/api/totp/enrol'),
      await other.post('/api/recovery-codes'),
      await other.remove(second.id),
    ])
      expect(outcomeOf(reply)).toBe('403 STEP_UP_REQUIRED');
    expect(outcomeOf(await owner.elsewhere().verifyByApp(app.at(app.step + 1)))).toBe('400 WRONG_CODE');
    expectStatus(200, await other.verifyByApp(await second.app.next()));
    expectStatus(200, await other.factors());
  });

  test('of the last factor ends the account and its recovery codes, and a code by phone may then start a new account', async () => {
    const { owner, app, id, recoveryCodes } = await withApp(deployment, clock, newNumber());
    const { account } = (await owner.session()).body;
    expectStatus(204, await owner.remove(id));
    const session = expectStatus(200, await owner.session()).body;
    expect(session).not.toHaveProperty('account');
    expect(decodeJwt(session.proof)).not.toHaveProperty('acct');
    expect((await owner.factors()).body).toEqual({ factors: [], recoveryCodesLeft: 0, resetAt: null });
    expect(outcomeOf(await owner.post('/api/recovery-codes'))).toBe('404 FACTOR_NOT_FOUND');
    expect(outcomeOf(await owner.elsewhere().verifyByRecoveryCode(recoveryCodes[0]))).toBe('400 WRONG_CODE');
    expect(outcomeOf(await owner.elsewhere().verifyByApp(await app.next()))).toBe('400 WRONG_CODE');

    const again = owner.elsewhere();
    expectStatus(200, await again.verifyByPhone());
    await again.addApp(clock);
    expect((await again.session()).body.account).not.toBe(account);
  });

  test('does not let a session without a code by phone begin a new account', async () => {
    const { owner, app, id } = await withApp(deployment, clock, newNumber());
    const byApp = owner.elsewhere();
    expectStatus(200, await byApp.verifyByApp(await app.next()));
    expectStatus(204, await owner.remove(id));
    expect(outcomeOf(await byApp.post('/api/totp/enrol'))).toBe('401 NO_SESSION');
    expectStatus(200, await byApp.verifyByPhone());
    expectStatus(200, await byApp.post('/api/totp/enrol'));
  });

  test('does not find the factor of another account, or one that does not exist', async () => {
    const { owner, id } = await withApp(deployment, clock, newNumber());
    const other = await withApp(deployment, clock, newNumber());
    for (const foreign of [id, 'nonsense', '%27', '00000000-0000-4000-8000-000000000000'])
      expect(outcomeOf(await other.owner.remove(foreign))).toBe('404 FACTOR_NOT_FOUND');
    expect((await owner.factors()).body.factors).toHaveLength(1);
  });

  test('succeeds for only one of twenty simultaneous requests', async () => {
    const { owner } = await withApp(deployment, clock, newNumber());
    const { id } = await owner.addApp(clock);
    const tabs = Array.from({ length: 20 }, () => owner.inAnotherTab());
    const replies = await inParallel((i) => (tabs[i] as Owner).remove(id));
    expect(replies.filter(({ status }) => status === 204)).toHaveLength(1);
    const others = replies.filter(({ status }) => status !== 204).map(outcomeOf);
    expect(others.filter((outcome) => !/NO_SESSION|FACTOR_NOT_FOUND|STEP_UP_REQUIRED/.test(outcome))).toEqual([]);
  });
});

describeInMemory('a removal by a program', (setUp) => {
  const deployment = setUp.deploy({ DATA_DIR: newDataDir() });
  const clock = new Clock(deployment);

  test('takes the session in a header, and returns the next one there', async () => {
    const { owner, app, id } = await withApp(deployment, clock, newNumber());
    const headers = { 'x-forwarded-for': owner.address };
    const verified = await deployment.ask(async (one) =>
      one.post('/api/totp/verify', { phoneNumber: owner.number, code: await app.next() }, headers),
    );
    const { session } = expectStatus(200, verified).body;
    const remove = (token: string, factor: string) =>
      deployment.ask((one) =>
        one.request(`/api/factors/${factor}`, { method: 'DELETE', headers: { ...headers, 'phone-session': token } }),
      );
    expect(outcomeOf(await remove('short', id))).toBe('401 NO_SESSION');
    const removed = expectStatus(204, await remove(session, id));
    const next = removed.headers.get('phone-session') ?? '';
    expect(next).toMatch(/^[\w-]{43}$/);
    const list = (token: string) =>
      deployment.ask((one) => one.get('/api/factors', { ...headers, 'phone-session': token }));
    expect(outcomeOf(await list(session))).toBe('401 NO_SESSION');
    expect((await list(next)).body.factors).toEqual([]);
  });

  test('appears in the log as an event', async () => {
    const { owner, id } = await withApp(deployment, clock, newNumber());
    const line = await deployment.apps[0]?.logLineOf(await owner.remove(id));
    expect(line).toMatchObject({ event: 'factor.removed', route: '/api/factors/[id]', level: 30 });
  });

  test('is refused from another site, by another method, and as JSON', async () => {
    const { owner, id } = await withApp(deployment, clock, newNumber());
    const request = (init: RequestInit) => deployment.ask((one) => one.request(`/api/factors/${id}`, init));
    const foreign = { ...owner.headers, 'sec-fetch-site': 'cross-site' };
    expect(outcomeOf(await request({ method: 'DELETE', headers: foreign }))).toBe('403 FORBIDDEN_ORIGIN');
    const json = { ...owner.headers, 'content-type': 'application/json' };
    const posted = await request({ method: 'POST', headers: json, body: '{"action":"remove"}' });
    expect([outcomeOf(posted), posted.headers.get('allow')]).toEqual(['405 METHOD_NOT_ALLOWED', 'DELETE']);
    expect(outcomeOf(await request({ method: 'PUT', headers: json }))).toBe('405 METHOD_NOT_ALLOWED');
    expect((await owner.factors()).body.factors).toHaveLength(1);
  });
});
