import { setTimeout as sleep } from 'node:timers/promises';
import { AuthenticatorApp, Clock, newDataDir, Owner, withApp } from '@/__tests__/factors/owner';
import type { TestApp } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { describeInMemory } from '@/__tests__/support/set-ups';
import { useSimulator } from '@/__tests__/support/use-app';

const PAGES = ['/ways', '/sign-in', '/connect/sign-in/abc'];

describe('without other factors', () => {
  const { startApp } = useSimulator();

  test('the pages for them do not exist', async () => {
    const app = await startApp();
    for (const path of PAGES) {
      expect([path, (await fetch(app.url + path)).status]).toEqual([path, 404]);
      const headers = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' };
      const posted = await fetch(app.url + path, { method: 'POST', headers, body: 'action=app' });
      expect([path, posted.status]).toEqual([path, 404]);
    }
    await app.stop();
  });
});

describeInMemory('the pages for other factors', (setUp) => {
  const deployment = setUp.deploy({ DATA_DIR: newDataDir() });
  const clock = new Clock(deployment);
  const visitor = (number = newNumber()) => new Owner(deployment, number);
  const byCode = async () => {
    const owner = visitor();
    await owner.verifyByPhone();
    return owner;
  };

  test('may not be cached, and run only their own scripts', async () => {
    for (const path of ['/ways', '/sign-in']) {
      const { status, headers } = await visitor().page(path);
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; script-src 'self' 'nonce-[^']{24}';/,
      );
    }
  });

  test('the main page names the unused factors of the number, and the state for pages of other apps names none', async () => {
    const unused = async (owner: Owner) => (await owner.page('/')).state.factors;
    expect(await unused(visitor())).toEqual({ unused: null });
    expect(await unused(await byCode())).toEqual({ unused: [] });
    const { owner } = await withApp(deployment, clock, newNumber());
    const elsewhere = owner.elsewhere();
    await elsewhere.verifyByPhone();
    expect(await unused(elsewhere)).toEqual({ unused: ['totp'] });
    expect((await elsewhere.get('/api/page-state')).body.factors).toBeNull();
  });

  test('a person adds an app by forms, and gets recovery codes on one page only', async () => {
    const owner = await byCode();
    expect((await owner.page('/ways')).state).toMatchObject({ view: { kind: 'list', ways: [] }, problem: null });
    const { state: begun, html } = await owner.page('/ways', { action: 'app' });
    expect(begun.view).toMatchObject({ kind: 'app', secret: expect.stringMatching(/^[A-Z2-7]{32}$/) });
    // The policy would refuse styles and scripts in the QR code.
    expect(html).toMatch(/<div [^>]*role="img"[^>]*><svg (?:(?!style|script|on\w+=).)*<\/svg>/);
    for (const app of deployment.apps) app.keepOutOfLogs(begun.view.secret);

    const wrong = await owner.page('/ways', { action: 'confirm-app', code: '000000', name: 'Tablet' });
    expect([wrong.status, wrong.state.problem]).toEqual([400, { code: 'WRONG_CODE', at: 'factors' }]);
    expect(wrong.state.view).toEqual({ ...begun.view, name: 'Tablet' });

    const app = new AuthenticatorApp(begun.view.secret, clock);
    const confirm = { action: 'confirm-app', code: await app.next(), name: 'Tablet' };
    const added = await owner.page('/ways', confirm);
    const { codes } = added.state.view;
    expect([added.status, codes.length]).toEqual([200, 10]);
    for (const one of deployment.apps) one.keepOutOfLogs(...codes);

    const listed = await owner.page('/ways');
    expect(listed.state.view).toMatchObject({ ways: [{ type: 'totp', name: 'Tablet' }], recoveryCodesLeft: 10 });
    expect(listed.html).not.toContain(codes[0]);
    expect(listed.html).not.toContain(begun.view.secret);
    // Send the same form again. Its enrollment is already used up.
    const again = await owner.page('/ways', confirm);
    expect([again.status, again.state.problem.code, again.state.view.kind]).toEqual([
      400,
      'CEREMONY_NOT_FOUND',
      'list',
    ]);
    expect((await owner.verifyByRecoveryCode(codes[0])).status).toBe(200);
  });

  test('the second app brings no recovery codes, so the form leads to the list', async () => {
    const { owner } = await withApp(deployment, clock, newNumber());
    const { state } = await owner.page('/ways', { action: 'app' });
    const code = await new AuthenticatorApp(state.view.secret, clock).next();
    const reply = await owner.page('/ways', { action: 'confirm-app', code, name: '' });
    expect([reply.status, reply.headers.get('location')]).toEqual([303, '/ways']);
    expect((await owner.page('/ways')).state.view.ways).toHaveLength(2);
  });

  test('the names of new apps are in the language of the page', async () => {
    const owner = await byCode();
    await owner.page('/ways?lang=de');
    const { state } = await owner.page('/ways', { action: 'app' });
    const code = await new AuthenticatorApp(state.view.secret, clock).next();
    await owner.page('/ways', { action: 'confirm-app', code });
    expect((await owner.page('/ways')).state.view.ways).toMatchObject([{ name: 'Authenticator-App' }]);
  });

  test('a code by phone alone shows and changes nothing of an account', async () => {
    const { owner, id } = await withApp(deployment, clock, newNumber());
    const elsewhere = owner.elsewhere();
    await elsewhere.verifyByPhone();
    const step = { kind: 'step-up', methods: ['totp', 'recovery-code'], mayReset: true, resetAt: null };
    expect((await elsewhere.page('/ways')).state.view).toEqual(step);
    expect((await elsewhere.page('/ways')).html).not.toContain(id);
    expect((await elsewhere.page(`/ways?remove=${id}`)).state.view).toEqual(step);
    for (const action of ['app', 'recovery-codes', 'confirm-app']) {
      const { status, state } = await elsewhere.page('/ways', { action });
      expect([action, status, state.view]).toEqual([action, 403, step]);
    }
    await elsewhere.form('/api/factors/reset');
    expect((await elsewhere.page('/ways')).state.view.resetAt).toMatch(/ UTC$/);
  });

  test('a person without a session is asked to verify a number first', async () => {
    for (const fields of [undefined, { action: 'app' }, { action: 'recovery-codes' }]) {
      const { state } = await visitor().page('/ways', fields);
      expect(state).toMatchObject({ view: { kind: 'no-session' }, problem: null, number: null });
    }
  });

  test('the question whether to remove a factor appears only for factors of the account', async () => {
    const { owner, id } = await withApp(deployment, clock, newNumber());
    const stranger = await withApp(deployment, clock, newNumber());
    expect((await owner.page(`/ways?remove=${id}`)).state.view).toMatchObject({ kind: 'removal', isLast: true });
    for (const other of [stranger.id, 'nonsense', `${id}&remove=${id}`])
      expect((await owner.page(`/ways?remove=${other}`)).state.view.kind).toBe('list');
  });

  test.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403, 'FORBIDDEN_ORIGIN'],
    [{ 'sec-fetch-site': 'same-origin' }, 400, 'INVALID_REQUEST'],
  ])('a form of another site, or an unknown one, changes nothing: %o', async (given, status, code) => {
    const [app] = deployment.apps;
    const reply = await fetch(`${app?.url}/ways`, {
      method: 'POST',
      headers: { ...given, 'content-type': 'application/x-www-form-urlencoded' } as Record<string, string>,
      body: code === 'INVALID_REQUEST' ? 'action=everything' : 'action=app',
    });
    expect([reply.status, reply.headers.getSetCookie()]).toEqual([status, []]);
    expect(await reply.text()).toContain(`"problem":{"code":"${code}","at":"factors"}`);
  });

  test('the log has what a form did, without secrets', async () => {
    const { owner } = await withApp(deployment, clock, newNumber());
    const [app] = deployment.apps as [TestApp];
    const before = app.output.length;
    const { state } = await owner.page('/ways', { action: 'recovery-codes' });
    app.keepOutOfLogs(...state.view.codes);
    while (!app.output.slice(before).includes('"event":"recovery_codes.replaced"')) await sleep(10);
  });

  describe('the form for a code', () => {
    test('shows the problem of a form, and the number, once', async () => {
      const owner = visitor();
      await owner.form('/api/recovery-codes/verify', { phoneNumber: owner.number, country: '', code: 'x' });
      const shown = await owner.page('/sign-in');
      expect(shown.state).toMatchObject({
        method: 'recovery-code',
        problem: { code: 'WRONG_CODE', at: 'recovery-code' },
        typed: { number: owner.number },
      });
      expect((await owner.page('/sign-in')).state).toMatchObject({ method: 'totp', problem: null, typed: null });
    });

    test.each([
      [{ with: 'recovery-code' }, '/sign-in?with=recovery-code', 'recovery-code', 'en'],
      [{ lang: 'hr' }, '/sign-in', 'totp', 'hr'],
    ])('keeps the number when a button changes the form: %o', async (pressed, location, method, language) => {
      const owner = visitor();
      const fields = { phoneNumber: '0151 23456789', country: 'DE', code: '123', ...(pressed as object) };
      const reply = await owner.page('/sign-in', fields);
      expect([reply.status, reply.headers.get('location')]).toEqual([303, location]);
      expect((await owner.page(location)).state).toMatchObject({
        method,
        language,
        typed: { number: '0151 23456789', country: 'DE' },
      });
    });

    test('refuses a form submitted from another site', async () => {
      const [app] = deployment.apps;
      const headers = { 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' };
      const reply = await fetch(`${app?.url}/sign-in`, { method: 'POST', headers, body: 'lang=hr' });
      expect([reply.status, reply.headers.getSetCookie()]).toEqual([403, []]);
    });
  });
});
