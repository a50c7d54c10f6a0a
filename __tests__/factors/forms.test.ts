import type { Reply } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { describeInMemory } from '@/__tests__/support/set-ups';
import type { PageProblem } from '@/lib/contract';
import { Clock, expectStatus, newDataDir, withApp } from './owner';

const DAY_MS = 24 * 60 * 60_000;

/** Where a form leads, and the problem that the page there shows. */
function ledTo(reply: Reply): [string | null, PageProblem | undefined] {
  expect([reply.status, reply.body, reply.headers.get('content-length')]).toEqual([303, {}, '0']);
  const cookie = reply.headers.getSetCookie().find((line) => /^__Host-problem=[^;]/.test(line)) ?? '';
  const [, text = ''] = /=([\w-]+)\./.exec(cookie) ?? [];
  const kept = text === '' ? undefined : (JSON.parse(Buffer.from(text, 'base64url').toString()) as object);
  return [reply.headers.get('location'), (kept as { problem?: PageProblem } | undefined)?.problem];
}

describeInMemory('forms without script', (setUp) => {
  const deployment = setUp.deploy({ DATA_DIR: newDataDir() });
  const clock = new Clock(deployment);

  test.each(['totp', 'recovery-codes'])('verify a number by %s, and lead to the main page', async (way) => {
    const { owner, app, recoveryCodes } = await withApp(deployment, clock, newNumber());
    const elsewhere = owner.elsewhere();
    const code = way === 'totp' ? await app.next() : (recoveryCodes[0] ?? '');
    const fields = { phoneNumber: owner.number.slice(2), country: 'US', code };
    expect(ledTo(await elsewhere.form(`/api/${way}/verify`, fields))).toEqual(['/', undefined]);
    expect((await elsewhere.session()).body).toMatchObject({ phoneNumber: owner.number, acr: 'otp' });
  });

  test.each([
    ['totp', 'totp'],
    ['recovery-codes', 'recovery-code'],
  ])('lead back to the sign-in page after a wrong code (%s), and only there show the problem', async (way, at) => {
    const { owner } = await withApp(deployment, clock, newNumber());
    const elsewhere = owner.elsewhere();
    const fields = { phoneNumber: owner.number, country: '', code: '0000-0000-0000-0000' };
    expect(ledTo(await elsewhere.form(`/api/${way}/verify`, fields))).toEqual(['/sign-in', { code: 'WRONG_CODE', at }]);
    const typed = await elsewhere.form(`/api/${way}/verify`, { phoneNumber: 'nonsense', code: '' });
    expect(ledTo(typed)).toEqual(['/sign-in', { code: 'INVALID_PHONE_NUMBER', at }]);
    // The main page shows no problem of another page.
    const [app] = deployment.apps;
    const html = await (await fetch(app?.url ?? '', { headers: elsewhere.headers })).text();
    expect(html.includes('"problem":null')).toBe(true);
  });

  test('lead to the main page, with the number, if a code by phone must confirm the number again', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    await clock.pass(45 * DAY_MS + 1000);
    const elsewhere = owner.elsewhere();
    const reply = await elsewhere.form('/api/totp/verify', { phoneNumber: owner.number, code: await app.next() });
    expect(ledTo(reply)).toEqual(['/', { code: 'NUMBER_STALE', at: 'phone' }]);
    expect(elsewhere.cookie('factor-used')).toBeDefined();
    const [server] = deployment.apps;
    const html = await (await fetch(server?.url ?? '', { headers: elsewhere.headers })).text();
    expect(html.includes(`value="${owner.number}"`)).toBe(true);
  });

  test('remove a factor, and lead back to the page of factors', async () => {
    const { owner, id } = await withApp(deployment, clock, newNumber());
    const foreign = `/api/factors/${crypto.randomUUID()}`;
    expect(ledTo(await owner.form(foreign, { action: 'remove' }))).toEqual([
      '/ways',
      { code: 'FACTOR_NOT_FOUND', at: 'factors' },
    ]);
    for (const fields of [{}, { action: 'keep' }])
      expect(ledTo(await owner.form(`/api/factors/${id}`, fields as Record<string, string>))).toEqual([
        '/ways',
        { code: 'INVALID_REQUEST', at: 'factors' },
      ]);
    const before = owner.cookie('phone-session');
    expect(ledTo(await owner.form(`/api/factors/${id}`, { action: 'remove' }))).toEqual(['/ways', undefined]);
    expect(owner.cookie('phone-session')).not.toBe(before);
    expect((await owner.factors()).body.factors).toEqual([]);
  });

  test('request a reset, and lead back to the page of factors', async () => {
    const { owner } = await withApp(deployment, clock, newNumber());
    const person = owner.elsewhere();
    expect(ledTo(await person.form('/api/factors/reset'))).toEqual(['/ways', { code: 'NO_SESSION', at: 'factors' }]);
    expectStatus(200, await person.verifyByPhone());
    expect(ledTo(await person.form('/api/factors/reset'))).toEqual(['/ways', undefined]);
    expect((await owner.factors()).body.resetAt).toEqual(expect.any(String));
  });

  test.each(['/api/totp/enrol', '/api/totp/confirm', '/api/recovery-codes'])(
    'get no secrets in a redirect: %s takes only JSON',
    async (route) => {
      const { owner } = await withApp(deployment, clock, newNumber());
      expect((await owner.form(route, { code: '123456' })).status).toBe(415);
    },
  );

  test.each(['/api/totp/verify', '/api/recovery-codes/verify', '/api/factors/reset', '/api/factors/one'])(
    'get a refusal from %s, and no redirect, if they come from another site',
    async (route) => {
      const headers = { 'sec-fetch-site': 'cross-site' };
      const reply = await deployment.ask((app) => app.form(route, { action: 'remove' }, headers));
      expect([reply.status, reply.body.code, reply.headers.get('location')]).toEqual([403, 'FORBIDDEN_ORIGIN', null]);
    },
  );
});
