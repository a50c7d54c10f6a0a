import { cookieOf, type Reply, TestApp } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { wrongPin } from '@/__tests__/support/simulator';
import { useApp } from '@/__tests__/support/use-app';
import type { PageProblem } from '@/lib/contract';
import { ERRORS } from '@/lib/errors';

const SEND = '/api/send-otp';
const RESEND = '/api/resend-otp';
const VERIFY = '/api/verify-otp';
const SAME_SITE = { 'sec-fetch-site': 'same-origin' };
const FORM_TYPE = { 'Content-Type': 'application/x-www-form-urlencoded' };

const { app, simulator } = useApp();

/**
 * Reads a form's answer for a browser: always a redirect to the page, and a cookie with the problem if there is one.
 */
function problemOf(reply: Reply): PageProblem | undefined {
  expect([reply.status, reply.body, reply.headers.get('content-length')]).toEqual([303, {}, '0']);
  expect([reply.headers.get('cache-control'), reply.headers.get('vary')]).toEqual(['no-store', null]);
  expect(reply.headers.get('content-type')).toBeNull();
  expect(reply.headers.get('location')).toBe('/');
  const cookie = cookieOf(reply, 'problem');
  if (cookie === '') return undefined;
  const line = reply.headers.getSetCookie().find((one) => one.startsWith('problem='));
  expect(line).toMatch(/^problem=[\w-]+\.[\w-]{43}; Path=\/; Max-Age=60; HttpOnly; SameSite=Lax$/);
  const [, text = ''] = /=(.*)\./.exec(cookie) ?? [];
  return (JSON.parse(Buffer.from(text, 'base64url').toString()) as { problem: PageProblem }).problem;
}

async function pending(number = newNumber()) {
  const sent = await app.form(SEND, { phoneNumber: number });
  expect(problemOf(sent)).toBeUndefined();
  return { number, headers: { ...SAME_SITE, cookie: cookieOf(sent) } };
}

test('forms and cookies alone verify a number', async () => {
  const { number, headers } = await pending();
  expect(headers.cookie).toMatch(/^verification=.{43}$/);
  expect(problemOf(await app.form(RESEND, { channel: 'voice' }, headers))).toBeUndefined();
  expect((await simulator.messages(number)).map(({ channel }) => channel)).toEqual(['sms', 'voice']);

  const verified = await app.form(VERIFY, { pin: await simulator.pinFor(number) }, headers);
  expect(problemOf(verified)).toBeUndefined();
  expect(verified.headers.getSetCookie()[0]).toMatch(/^verification=; Path=\/; Max-Age=0/);
  const session = await app.get('/api/session', { ...SAME_SITE, cookie: cookieOf(verified, 'phone-session') });
  expect(session.body.phoneNumber).toBe(number);
});

test.each([
  { origin: 'self' },
  { 'sec-fetch-site': 'same-origin', 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=UTF-8' },
] as Record<string, string>[])('the server accepts a form from the browser that sends %o', async (given) => {
  const headers = given.origin ? { origin: app.url } : given;
  expect(problemOf(await app.form(SEND, { phoneNumber: newNumber() }, headers))).toBeUndefined();
});

test('an optional field may be empty', async () => {
  const number = newNumber();
  const fields = { phoneNumber: number.slice(2), country: 'US', channel: '', language: '' };
  expect(problemOf(await app.form(SEND, fields))).toBeUndefined();
  expect(await simulator.messages(number)).toMatchObject([{ channel: 'sms' }]);
});

describe('a problem travels in a cookie:', () => {
  test.each<[string, string, PageProblem]>([
    [SEND, 'phoneNumber=', { code: 'INVALID_PHONE_NUMBER', at: 'phone' }],
    [SEND, 'phoneNumber=4155552671', { code: 'INVALID_PHONE_NUMBER', at: 'phone' }],
    [SEND, 'phoneNumber=%2B19002345678', { code: 'PHONE_NUMBER_NOT_SUPPORTED', at: 'phone' }],
    [SEND, 'phoneNumber=%2B442079460958', { code: 'PHONE_NUMBER_NOT_SUPPORTED', at: 'phone', reason: 'landline' }],
    [SEND, 'phoneNumber=%2B14155550101', { code: 'NOT_DELIVERED', at: 'phone' }],
    [SEND, 'phoneNumber=%2B14155550105', { code: 'RATE_LIMITED', at: 'phone', retryAfterSeconds: 60 }],
    [SEND, 'phoneNumber=%2B14155550106', { code: 'UPSTREAM_UNAVAILABLE', at: 'phone' }],
    [SEND, 'phoneNumber=%2B14155550108', { code: 'UPSTREAM_REJECTED_US', at: 'phone' }],
    [SEND, '', { code: 'INVALID_REQUEST', at: 'phone' }],
    [SEND, 'phoneNumber=%2B14155552671&to=1', { code: 'INVALID_REQUEST', at: 'phone' }],
    [SEND, 'phoneNumber=%2B14155552671&phoneNumber=%2B14155552672', { code: 'INVALID_REQUEST', at: 'phone' }],
    [SEND, 'phoneNumber=%2B14155552671&channel=&channel=sms', { code: 'INVALID_REQUEST', at: 'phone' }],
    [SEND, 'phoneNumber=%2B14155552671&channel=pigeon', { code: 'INVALID_REQUEST', at: 'phone' }],
    [SEND, 'phoneNumber=%2B14155552671&__proto__=', { code: 'INVALID_REQUEST', at: 'phone' }],
    [SEND, 'phoneNumber=%2B14155552671&constructor=1', { code: 'INVALID_REQUEST', at: 'phone' }],
    [SEND, 'phoneNumber[]=%2B14155552671', { code: 'INVALID_REQUEST', at: 'phone' }],
    [SEND, '{"phoneNumber":"+14155552671"}', { code: 'INVALID_REQUEST', at: 'phone' }],
    [RESEND, '', { code: 'MISSING_PIN_ID', at: 'resend' }],
    [RESEND, `pinId=${'B'.repeat(43)}`, { code: 'PIN_NOT_FOUND', at: 'resend' }],
    [RESEND, 'pinId=short', { code: 'INVALID_REQUEST', at: 'resend' }],
    [VERIFY, 'pin=123456', { code: 'MISSING_PIN_ID', at: 'code' }],
    [VERIFY, 'pin=', { code: 'INVALID_PIN_FORMAT', at: 'code' }],
    [VERIFY, 'pin=12', { code: 'INVALID_PIN_FORMAT', at: 'code' }],
    [VERIFY, `pin=${'1'.repeat(5000)}`, { code: 'BODY_TOO_LARGE', at: 'code' }],
  ])('%s with %p: %j', async (path, body, problem) => {
    const reply = await app.form(path, body);
    expect(problemOf(reply)).toEqual(problem);
    expect(reply.headers.get('retry-after')).toBe(problem.retryAfterSeconds?.toString() ?? null);
  });

  test('bytes that are not text', async () => {
    const headers = { ...SAME_SITE, ...FORM_TYPE };
    const reply = await app.request(SEND, { method: 'POST', headers, body: Buffer.from([0xff, 0xfe]) });
    expect(problemOf(reply)).toEqual({ code: 'INVALID_REQUEST', at: 'phone' });
  });

  test('a wrong code, with the attempts left, until there are none', async () => {
    const { number, headers } = await pending();
    const wrong = wrongPin(await simulator.pinFor(number));
    for (const tries of [4, 3, 2, 1, 0]) {
      const reply = await app.form(VERIFY, { pin: wrong }, headers);
      expect(problemOf(reply)).toEqual({ code: 'WRONG_PIN', at: 'code', attemptsRemaining: tries });
      await simulator.advance(1000);
    }
    expect(problemOf(await app.form(VERIFY, { pin: wrong }, headers))).toEqual({
      code: 'TOO_MANY_ATTEMPTS',
      at: 'code',
    });
  });

  test('a lock, with its wait', async () => {
    const { number, headers } = await pending();
    for (let round = 0; round < 2; round += 1) {
      const wrong = wrongPin(await simulator.pinFor(number));
      for (let i = 0; i < 5; i += 1) {
        await app.form(VERIFY, { pin: wrong }, headers);
        await simulator.advance(1000);
      }
      if (round === 0) await app.form(RESEND, '', headers);
    }
    const locked = problemOf(await app.form(RESEND, '', headers));
    expect(locked).toEqual({ code: 'NUMBER_LOCKED', at: 'resend', retryAfterSeconds: expect.any(Number) });
    expect(locked?.retryAfterSeconds).toBeGreaterThan(3500);
  });

  test('the wait after a message, also as Retry-After', async () => {
    const cooling = await TestApp.start(simulator.url, { RESEND_COOLDOWN_SECONDS: '30' });
    const phoneNumber = newNumber();
    const startedAt = Date.now();
    await cooling.form(SEND, { phoneNumber });
    const reply = await cooling.form(SEND, { phoneNumber });
    const waits = Number(reply.headers.get('retry-after'));
    expect(problemOf(reply)).toEqual({ code: 'RATE_LIMITED', at: 'phone', retryAfterSeconds: waits });
    expect(waits).toBeGreaterThanOrEqual(Math.floor(30 - (Date.now() - startedAt) / 1000));
    expect(waits).toBeLessThanOrEqual(30);
    await cooling.stop();
  });

  test('a store that does not answer', async () => {
    const storeless = await TestApp.start(simulator.url, { REDIS_URL: 'redis://127.0.0.1:9', REDIS_TIMEOUT_MS: '250' });
    expect(problemOf(await storeless.form(SEND, { phoneNumber: newNumber() }))).toEqual({
      code: 'STORE_UNAVAILABLE',
      at: 'phone',
    });
    await storeless.stop();
  });
});

test.each([SEND, RESEND, VERIFY])('the reply of %s repeats nothing that the person typed', async (path) => {
  const nasty = ['x\r\nSet-Cookie: a=b', '//evil.example', '&problem=NO_SESSION', '"><script>', '\0', '+14155552671'];
  for (const value of nasty) {
    for (const name of ['phoneNumber', 'pin', 'pinId', 'channel', 'at', 'problem', value]) {
      const cookie = `verification=${'A'.repeat(43)}`;
      const problem = problemOf(await app.form(path, { [name]: value }, { ...SAME_SITE, cookie }));
      if (value === '+14155552671' && name === 'phoneNumber' && path === SEND) continue;
      const { code = '', at, attemptsRemaining: _tries, retryAfterSeconds: _wait, ...rest } = problem ?? {};
      expect(rest).toEqual({});
      expect(ERRORS).toHaveProperty(code);
      expect(at).toMatch(/^(phone|code|resend)$/);
    }
  }
});

test('after an error the page has the number in its field again, and the cookie holds it encrypted', async () => {
  const reply = await app.form(SEND, { phoneNumber: '+1 555', country: 'CA' });
  const cookie = cookieOf(reply, 'problem');
  expect(Buffer.from(cookie.split(/[=.]/)[1] ?? '', 'base64url').toString()).not.toMatch(/555|CA/);
  const html = await (await fetch(app.url, { headers: { cookie } })).text();
  expect(html).toContain('value="+1 555"');
  expect(html).toMatch(/<option value="CA" selected="">/);
});

test('a number too long for its field is not kept', async () => {
  const cookie = cookieOf(await app.form(SEND, { phoneNumber: '1'.repeat(3000) }), 'problem');
  expect(cookie.length).toBeLessThan(500);
});

test('a success clears a problem that the page has not shown yet', async () => {
  const cookie = cookieOf(await app.form(SEND, { phoneNumber: '1' }), 'problem');
  const reply = await app.form(SEND, { phoneNumber: newNumber() }, { ...SAME_SITE, cookie });
  expect(reply.headers.getSetCookie()).toContainEqual(expect.stringMatching(/^problem=; Path=\/; Max-Age=0/));
});

test('over https the problem’s cookie is bound to the host', async () => {
  const secure = await TestApp.start(simulator.url, { APP_ORIGIN: 'https://verify.example.com' });
  const [cookie] = (await secure.form(SEND, { phoneNumber: '1' })).headers.getSetCookie();
  expect(cookie).toMatch(/^__Host-problem=[\w.-]+; Path=\/; Max-Age=60; HttpOnly; SameSite=Lax; Secure$/);
  await secure.stop();
});

describe('anything but a form of our page', () => {
  const body = 'phoneNumber=%2B14155552671&pin=123456';

  test.each([SEND, RESEND, VERIFY])('from a program to %s gets a refusal that asks for JSON', async (path) => {
    const reply = await app.request(path, { method: 'POST', headers: FORM_TYPE, body });
    expect([reply.status, reply.body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  test.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'http://localhost' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ] as Record<string, string>[])(
    'with %o gets a refusal as another site, and no redirect to our page',
    async (headers) => {
      const reply = await app.form(SEND, body, headers);
      expect([reply.status, reply.body.code, reply.headers.get('location')]).toEqual([403, 'FORBIDDEN_ORIGIN', null]);
      expect(await simulator.calls()).toEqual([]);
    },
  );

  test.each([
    { 'Content-Type': 'text/plain' },
    { 'Content-Type': 'multipart/form-data; boundary=x' },
    { 'Content-Encoding': 'gzip' },
  ])('a browser that sends %o gets its refusal in JSON', async (more) => {
    const headers = { ...SAME_SITE, ...FORM_TYPE, ...more } as Record<string, string>;
    const reply = await app.request(SEND, { method: 'POST', headers, body });
    expect([reply.status, reply.body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  test('the page’s script gets JSON, for success and failure', async () => {
    const sent = await app.send(newNumber(), {}, SAME_SITE);
    expect([sent.status, sent.body.channel, sent.headers.get('location')]).toEqual([200, 'sms', null]);
    expect((await app.send('1', {}, SAME_SITE)).status).toBe(400);
    expect((await app.send(newNumber(), { channel: '' }, SAME_SITE)).body.code).toBe('INVALID_REQUEST');
  });

  test('routes without a form accept none', async () => {
    expect((await app.form('/api/session', '')).status).toBe(405);
  });
});
