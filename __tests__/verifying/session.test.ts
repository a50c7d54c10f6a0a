import { cookieOf, type Reply } from '@/__tests__/support/app';
import { useApp } from '@/__tests__/support/use-app';

const NUMBER = '+14155552671';
const OTHER = '+14155552672';
const BROWSER = { 'sec-fetch-site': 'same-origin' };

const { app, simulator, withApp } = useApp();

/** Verifies a number like a browser. */
async function verified(number = NUMBER, cookies = ''): Promise<Reply> {
  const cookie = [cookieOf(await app.send(number, {}, BROWSER)), cookies].filter(Boolean).join('; ');
  return app.verify(undefined, await simulator.pinFor(number), { cookie, ...BROWSER });
}

const session = (cookie: string) => app.get('/api/session', { cookie, ...BROWSER });
const sessionOf = (reply: Reply) => cookieOf(reply, 'phone-session');

test('a browser that verified a number holds a session, out of reach of scripts, and no proof', async () => {
  const reply = await verified();
  expect(reply.body).toEqual({ verified: true, message: 'OTP verified successfully.', phoneNumber: NUMBER });
  const cookies = reply.headers.getSetCookie();
  expect(cookies).toContainEqual(
    expect.stringMatching(/^phone-session=[\w-]{43}; Path=\/; Max-Age=900; HttpOnly; SameSite=Lax$/),
  );
  expect(cookies).toContainEqual(expect.stringMatching(/^verification=; Path=\/; Max-Age=0;/));
});

test('a session gives the number, the times and the proof', async () => {
  const startedAt = Date.now();
  const reply = await session(sessionOf(await verified()));
  expect([reply.status, reply.body]).toEqual([
    200,
    {
      phoneNumber: NUMBER,
      channel: 'sms',
      acr: 'restricted',
      verifiedAt: expect.any(String),
      expiresAt: expect.any(String),
      proof: expect.any(String),
    },
  ]);
  const [at, until] = [Date.parse(reply.body.verifiedAt), Date.parse(reply.body.expiresAt)];
  expect(until - at).toBe(15 * 60_000);
  // The time is in whole seconds.
  expect(at).toBeGreaterThan(startedAt - 1000);
  expect(at).toBeLessThanOrEqual(Date.now());
});

test("no token, an unknown one and a verification's token have no session", async () => {
  const reply = await app.send(NUMBER, {}, BROWSER);
  const handle = cookieOf(reply).split('=')[1];
  for (const cookie of ['', `phone-session=${'A'.repeat(43)}`, 'phone-session=', `phone-session=${handle}`]) {
    const { status, body } = await session(cookie);
    expect([status, body.code]).toEqual([401, 'NO_SESSION']);
  }
});

test('deleting a session ends it on the server, and clears the cookie', async () => {
  const cookie = sessionOf(await verified());
  const ended = await app.request('/api/session', { method: 'DELETE', headers: { cookie, ...BROWSER } });
  expect([ended.status, ended.body]).toEqual([204, {}]);
  expect(ended.headers.get('set-cookie')).toMatch(/^phone-session=; Path=\/; Max-Age=0;/);
  expect((await session(cookie)).status).toBe(401);
  expect((await app.request('/api/session', { method: 'DELETE', headers: { cookie } })).status).toBe(204);
});

test('another site can neither read nor end a session', async () => {
  const cookie = sessionOf(await verified());
  const headers = { cookie, 'sec-fetch-site': 'cross-site' };
  for (const method of ['GET', 'DELETE']) {
    expect((await app.request('/api/session', { method, headers })).body.code).toBe('FORBIDDEN_ORIGIN');
  }
  expect((await session(cookie)).status).toBe(200);
});

test('verifying another number opens a new session, and ends the previous one', async () => {
  const first = sessionOf(await verified());
  const second = sessionOf(await verified(OTHER, first));
  expect(second).not.toBe(first);
  expect((await session(first)).status).toBe(401);
  expect((await session(second)).body.phoneNumber).toBe(OTHER);
});

test('over https the cookies are bound to the host', async () => {
  await withApp({ APP_ORIGIN: 'https://verify.example' }, async (secure) => {
    const sent = await secure.send(NUMBER, {}, BROWSER);
    for (const [i, name] of ['verification', 'started-here'].entries()) {
      expect(sent.headers.getSetCookie()[i]).toMatch(
        new RegExp(`^__Host-${name}=.{43}; Path=/; Max-Age=1200; HttpOnly; SameSite=Lax; Secure$`),
      );
    }
    const cookie = cookieOf(sent, '__Host-verification');
    const reply = await secure.verify(undefined, await simulator.pinFor(NUMBER), { cookie, ...BROWSER });
    const set = reply.headers.getSetCookie().find((value) => value.startsWith('__Host-phone-session='));
    expect(set).toMatch(/; Path=\/; Max-Age=900; HttpOnly; SameSite=Lax; Secure$/);
  });
});

test('other methods are refused, and the reply names the allowed ones', async () => {
  const reply = await app.post('/api/session', {});
  expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'GET, HEAD, DELETE']);
});
