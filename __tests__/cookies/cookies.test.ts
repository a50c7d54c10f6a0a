import { cookieOf, type Reply, TestApp } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { documentedRequest, jsonPost, outcomeOf, RawConnection } from '@/__tests__/support/raw-http';
import { wrongPin } from '@/__tests__/support/simulator';
import { useApp } from '@/__tests__/support/use-app';
import type { PageState } from '@/lib/contract';

const BROWSER = { 'sec-fetch-site': 'same-origin' };

const { app, simulator } = useApp();

const cookiesOf = (reply: Reply): Record<string, string> =>
  Object.fromEntries(
    reply.headers.getSetCookie().map((line) => (line.split(';')[0] ?? '').split('=') as [string, string]),
  );

/** A verification in progress in a browser. */
async function started(headers: Record<string, string> = {}) {
  const number = newNumber();
  const reply = await app.send(number, {}, { ...BROWSER, ...headers });
  expect(reply.status).toBe(200);
  const handle = cookiesOf(reply).verification ?? '';
  app.keepOutOfLogs(handle);
  return { number, reply, handle, cookie: cookieOf(reply), pin: await simulator.pinFor(number) };
}

/** A session in a browser. */
async function verified(headers: Record<string, string> = {}) {
  const { number, cookie, handle, pin } = await started();
  const cookies = [cookie, headers.cookie].filter((one) => one !== undefined).join('; ');
  const reply = await app.verify(undefined, pin, { ...BROWSER, cookie: cookies });
  expect(reply.status).toBe(200);
  const session = cookiesOf(reply)['phone-session'] ?? '';
  app.keepOutOfLogs(session);
  return { number, handle, session, reply };
}

const get = (path: string, cookie: string) => app.request(path, { method: 'GET', headers: { cookie } });
const endSession = (cookie: string) => app.request('/api/session', { method: 'DELETE', headers: { cookie } });
const flip = (sign: string | undefined) => (sign === 'A' ? 'B' : 'A');

/** Changes to a cookie's token; none of the results is the original or another valid token. */
const TAMPERED: [string, (handle: string) => string][] = [
  ['its first character changed', (handle) => flip(handle[0]) + handle.slice(1)],
  ['a character in the middle changed', (handle) => handle.slice(0, 20) + flip(handle[20]) + handle.slice(21)],
  ['its first bits changed', (handle) => handle.slice(1) + handle[0]],
  ['a character too few', (handle) => handle.slice(1)],
  ['a character too many', (handle) => `${handle}A`],
  ['nothing', () => ''],
  ['upper case', (handle) => `${handle.toUpperCase().slice(0, 42)}_`],
  ['reversed', (handle) => [...handle].reverse().join('')],
  ['padding', (handle) => `${handle}=`],
  ['a value after a dot', (handle) => `${handle}.${handle}`],
  ['a comma and another one', (handle) => `${handle},${'A'.repeat(43)}`],
  ['a NUL, encoded', (handle) => `${handle}%00`],
  ['a line break, encoded', (handle) => `${handle}%0A`],
  ['broken encoding', (handle) => `${handle}%`],
  ['encoded twice', (handle) => `%25${handle.charCodeAt(0).toString(16)}${handle.slice(1)}`],
  ['j: before it', (handle) => `j:"${handle}"`],
  ['s: before it, as if signed', (handle) => `s:${handle}.x`],
  ['a list', (handle) => `["${handle}"]`],
  ['8 kB', (handle) => handle.padEnd(8000, 'A')],
  ['a path', () => '../../../../../../../../../../../../../etc/pw'],
  ['__proto__', () => '__proto__'],
  ['a key of the store', () => 'phone-verification:v:00000000000000000000000'],
  ['a JWT', () => 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIrMTQxNTU1NTI2NzEifQ.'],
];

describe('a cookie with a changed token', () => {
  test.each(TAMPERED)('(%s) names no verification', async (_name, tamper) => {
    const { handle, pin } = await started();
    const cookie = `verification=${tamper(handle)}`;
    const calls = (await simulator.calls()).length;
    for (const reply of [
      await app.verify(undefined, pin, { ...BROWSER, cookie }),
      await app.resend(undefined, {}, { ...BROWSER, cookie }),
    ]) {
      expect([
        [400, 'MISSING_PIN_ID'],
        [404, 'PIN_NOT_FOUND'],
      ]).toContainEqual(outcomeOf(reply));
    }
    expect(outcomeOf(await get('/api/verification', cookie))).toEqual([404, 'NO_VERIFICATION']);
    expect(await simulator.calls()).toHaveLength(calls);
    expect((await app.verify(undefined, pin, { ...BROWSER, cookie: `verification=${handle}` })).status).toBe(200);
  });

  test.each(TAMPERED)('(%s) names no session, and ends none', async (_name, tamper) => {
    const { session } = await verified();
    const cookie = `phone-session=${tamper(session)}`;
    expect(outcomeOf(await get('/api/session', cookie))).toEqual([401, 'NO_SESSION']);
    expect((await endSession(cookie)).status).toBe(204);
    expect((await get('/api/session', `phone-session=${session}`)).status).toBe(200);
  });
});

describe('a cookie with another name', () => {
  const NAMES = [
    '__Host-verification',
    '__Secure-verification',
    '__Host-phone-session',
    'Verification',
    'VERIFICATION',
    'verification2',
    'verificatio%6e',
    '"verification"',
    '$verification',
    'pinId',
    'x=1,verification',
    '__proto__',
  ];
  test.each(NAMES)('(%s) names no verification', async (name) => {
    const { handle, pin } = await started();
    const headers = { ...BROWSER, cookie: `${name}=${handle}` };
    expect(outcomeOf(await app.verify(undefined, pin, headers))).toEqual([400, 'MISSING_PIN_ID']);
    expect(await simulator.calls('verify')).toEqual([]);
  });

  test('counts for nothing without its prefix if the page is on https', async () => {
    const secure = await TestApp.start(simulator.url, { APP_ORIGIN: 'https://verify.example.com' });
    const number = newNumber();
    const reply = await secure.send(number, {}, BROWSER);
    const handle = cookiesOf(reply)['__Host-verification'] ?? '';
    expect(handle).toHaveLength(43);
    const pin = await simulator.pinFor(number);
    for (const name of ['verification', '__Secure-verification', '__host-verification']) {
      const bare = await secure.verify(undefined, pin, { ...BROWSER, cookie: `${name}=${handle}` });
      expect(outcomeOf(bare)).toEqual([400, 'MISSING_PIN_ID']);
    }
    const cookie = `verification=${'A'.repeat(43)}; __Host-verification=${handle}`;
    expect((await secure.verify(undefined, pin, { ...BROWSER, cookie })).status).toBe(200);
    secure.keepOutOfLogs(handle);
    await secure.stop();
  });
});

describe('a browser with a look-alike beside the real cookie', () => {
  const OTHER = 'A'.repeat(43);
  const LOOK_ALIKES: [string, (own: string, name: string) => string[]][] = [
    ['a name with 0xA0 before it', (own, name) => [`Cookie: \xa0${name}=${OTHER}; ${name}=${own}`]],
    ['a name with 0xA0 after it', (own, name) => [`Cookie: ${name}\xa0=${OTHER}; ${name}=${own}`]],
    ['a name with U+0085', (own, name) => [`Cookie: \x85${name}=${OTHER}; ${name}=${own}`]],
    ['a name with UTF-8 for U+FEFF', (own, name) => [`Cookie: \xef\xbb\xbf${name}=${OTHER}; ${name}=${own}`]],
    ['a name with quotes', (own, name) => [`Cookie: "${name}"=${OTHER}; ${name}=${own}`]],
    ['an empty one', (own, name) => [`Cookie: ${name}=; ${name}=${own}`]],
    ['a name alone', (own, name) => [`Cookie: ${name}; ${name}=${own}`]],
    ['a malformed value', (own, name) => [`Cookie: ${name}=${OTHER}=; ${name}=${own}`]],
    ['a value in quotes', (own, name) => [`Cookie: ${name}="${OTHER}"; ${name}=${own}`]],
    ['a value with 0xA0 after it', (own, name) => [`Cookie: ${name}=${OTHER}\xa0; ${name}=${own}`]],
    ['one in a header of its own', (own, name) => [`Cookie: \xa0${name}=${OTHER}`, `Cookie: ${name}=${own}`]],
    ['one after it', (own, name) => [`Cookie: ${name}=${own}; \xa0${name}=${OTHER}; ${name}`]],
    ['many spaces and tabs', (own, name) => [`Cookie:   \xa0${name}=${OTHER};\t${name}\t = ${own} ;x`]],
  ];

  test.each(LOOK_ALIKES)('(%s) continues its verification', async (_name, lines) => {
    const { handle, number, pin } = await started();
    const headers = ['Sec-Fetch-Site: same-origin', ...lines(handle, 'verification')];
    expect((await documentedRequest(app, { target: '/api/verification', headers })).status).toBe(200);
    const reply = await documentedRequest(app, jsonPost('/api/verify-otp', { pin }, headers));
    expect([reply.status, reply.body.phoneNumber]).toEqual([200, number]);
  });

  test.each(LOOK_ALIKES)('(%s) keeps its session, and can end it', async (_name, lines) => {
    const { session, number } = await verified();
    const headers = lines(session, 'phone-session');
    const shown = await documentedRequest(app, { target: '/api/session', headers });
    expect([shown.status, shown.body.phoneNumber]).toEqual([200, number]);
    await documentedRequest(app, { method: 'DELETE', target: '/api/session', headers });
    expect(outcomeOf(await get('/api/session', `phone-session=${session}`))).toEqual([401, 'NO_SESSION']);
  });

  test.each(['ours first', 'ours twice'])('over plain http, the first cookie of a name counts: %s', async (which) => {
    const { handle } = await started();
    const second = which === 'ours first' ? OTHER : handle;
    expect((await get('/api/verification', `verification=${handle}; verification=${second}`)).status).toBe(200);
    expect((await get('/api/verification', `verification=${OTHER}; verification=${handle}`)).status).toBe(404);
  });
});

describe('over https, a sibling domain plants a cookie', () => {
  let secure: TestApp;
  beforeAll(async () => {
    secure = await TestApp.start(simulator.url, {
      APP_ORIGIN: 'https://verify.example.com',
      RESEND_COOLDOWN_SECONDS: '0',
    });
  });
  afterAll(() => secure.stop());

  /** The state of the page for a browser that sends these cookies, as bytes of Latin-1. */
  async function pageWith(cookie: string) {
    const connection = await RawConnection.open(secure);
    const { host } = new URL(secure.url);
    connection.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nCookie: ${cookie}\r\n\r\n`);
    const reply = await connection.reply('GET');
    const [, data = ''] = /<script id="__NEXT_DATA__"[^>]*>([^<]*)<\/script>/.exec(String(reply?.body)) ?? [];
    return (JSON.parse(data) as { props: { pageProps: PageState } }).props.pageProps;
  }

  const sessionWith = (cookie: string) =>
    documentedRequest(secure, { target: '/api/session', headers: [`Cookie: ${cookie}`] });

  async function sessionOf(number: string): Promise<string> {
    const { body } = await secure.send(number);
    const reply = await secure.verify(body.pinId, await simulator.pinFor(number));
    const session = cookiesOf(reply)['__Host-phone-session'] ?? '';
    secure.keepOutOfLogs(session, body.pinId);
    return session;
  }

  test.each(['\xa0', '\x85', '\xc2\xa0', '\xef\xbb\xbf'])(
    'with %j before the name, page and API do not accept it as a session',
    async (sign) => {
      const attackers = `${sign}__Host-phone-session=${await sessionOf(newNumber())}`;
      expect(outcomeOf(await sessionWith(attackers))).toEqual([401, 'NO_SESSION']);
      expect(await pageWith(attackers)).toMatchObject({ step: 'phone', verifiedNumber: null });
    },
  );

  test.each(['\xa0', '\x85', '\xc2\xa0', '\xef\xbb\xbf'])(
    'with %j before the name, page and API still know the real session',
    async (sign) => {
      const number = newNumber();
      const real = `__Host-phone-session=${await sessionOf(number)}`;
      const attackers = `${sign}__Host-phone-session=${await sessionOf(newNumber())}`;
      for (const cookie of [`${attackers}; ${real}`, `${real}; ${attackers}`]) {
        expect((await sessionWith(cookie)).body.phoneNumber).toBe(number);
        expect(await pageWith(cookie)).toMatchObject({ step: 'verified', verifiedNumber: number });
      }
    },
  );
});

test('spaces around a token are not part of it', async () => {
  const { handle } = await started();
  expect((await get('/api/verification', `verification=  ${handle}  `)).status).toBe(200);
});

test.each([
  ['quotes', (handle: string) => `"${handle}"`],
  ['a percent-encoded character', (handle: string) => `%${handle.charCodeAt(0).toString(16)}${handle.slice(1)}`],
])('a token with %s is a different one, because the server decodes nothing', async (_name, spell) => {
  const { handle } = await started();
  expect((await get('/api/verification', `verification=${spell(handle)}`)).status).toBe(404);
});

describe('a replayed cookie', () => {
  test('neither verifies nor resends after a success', async () => {
    const { cookie, pin } = await started();
    expect((await app.verify(undefined, pin, { ...BROWSER, cookie })).status).toBe(200);
    for (const headers of [{ cookie }, { ...BROWSER, cookie }]) {
      expect(outcomeOf(await app.verify(undefined, pin, headers))).toEqual([404, 'PIN_NOT_FOUND']);
      expect(outcomeOf(await app.resend(undefined, {}, headers))).toEqual([404, 'PIN_NOT_FOUND']);
    }
    expect(outcomeOf(await get('/api/verification', cookie))).toEqual([404, 'NO_VERIFICATION']);
    expect(await simulator.calls('verify')).toHaveLength(1);
  });

  test('does not pass with the correct code after the last attempt', async () => {
    const { cookie, handle, pin } = await started();
    for (let tried = 0; tried < 5; tried += 1) {
      expect((await app.verify(undefined, wrongPin(pin), { ...BROWSER, cookie })).body.code).toBe('WRONG_PIN');
      await simulator.advance(1000);
    }
    expect(outcomeOf(await app.verify(undefined, pin, { ...BROWSER, cookie }))).toEqual([429, 'TOO_MANY_ATTEMPTS']);
    expect(outcomeOf(await app.verify(handle, pin))).toEqual([429, 'TOO_MANY_ATTEMPTS']);
    expect(await simulator.calls('verify')).toHaveLength(5);
  });

  test('stops working after another send in the same browser', async () => {
    const first = await started();
    const second = await started({ cookie: first.cookie });
    expect(second.handle).not.toBe(first.handle);
    expect(outcomeOf(await app.verify(undefined, first.pin, { ...BROWSER, cookie: first.cookie }))).toEqual([
      404,
      'PIN_NOT_FOUND',
    ]);
    expect(outcomeOf(await app.verify(first.handle, first.pin))).toEqual([404, 'PIN_NOT_FOUND']);
  });

  test('does not pass with the correct code after the number is locked', async () => {
    const { number, cookie, pin } = await started();
    for (let tried = 0; tried < 10; tried += 1) {
      const other = await app.send(number);
      expect((await app.verify(other.body.pinId, wrongPin(await simulator.pinFor(number)))).body.code).toBe(
        'WRONG_PIN',
      );
      await simulator.advance(10_000);
    }
    expect(outcomeOf(await app.verify(undefined, pin, { ...BROWSER, cookie }))).toEqual([429, 'NUMBER_LOCKED']);
    expect(await simulator.calls('verify')).toHaveLength(10);
  });
});

describe('tokens and codes in the wrong place', () => {
  test('a code does not pass with the cookie or the pinId of another verification', async () => {
    const mine = await started();
    const theirs = await started();
    if (mine.pin === theirs.pin) return;
    const crossed = await app.verify(undefined, theirs.pin, { ...BROWSER, cookie: mine.cookie });
    expect(outcomeOf(crossed)).toEqual([400, 'WRONG_PIN']);
    expect(outcomeOf(await app.verify(theirs.handle, mine.pin, { cookie: mine.cookie }))).toEqual([400, 'WRONG_PIN']);
  });

  test("a session's token names no verification, and a verification's token no session", async () => {
    const { session } = await verified();
    const { handle, pin, cookie } = await started();
    expect(outcomeOf(await app.verify(session, pin))).toEqual([404, 'PIN_NOT_FOUND']);
    expect(outcomeOf(await app.resend(session))).toEqual([404, 'PIN_NOT_FOUND']);
    expect(outcomeOf(await get('/api/verification', `verification=${session}`))).toEqual([404, 'NO_VERIFICATION']);
    expect(outcomeOf(await get('/api/session', `phone-session=${handle}`))).toEqual([401, 'NO_SESSION']);
    await endSession(`phone-session=${handle}`);
    expect((await get('/api/verification', cookie)).status).toBe(200);
    expect((await app.send(newNumber(), {}, { cookie: `verification=${session}` })).status).toBe(200);
    expect((await get('/api/session', `phone-session=${session}`)).status).toBe(200);
  });

  test('Infobip’s own pinId is not a token', async () => {
    const { number, pin } = await started();
    const [message] = await simulator.messages(number);
    expect(outcomeOf(await app.verify(message?.pinId, pin))).toEqual([400, 'INVALID_REQUEST']);
    expect(outcomeOf(await app.verify(message?.pinId.padEnd(43, 'A'), pin))).toEqual([404, 'PIN_NOT_FOUND']);
    expect(await simulator.calls('verify')).toEqual([]);
  });
});

describe('cookies that an attacker plants in a browser', () => {
  test("with the attacker's verification, a send gives the browser another token, and the attacker learns nothing", async () => {
    const attacker = await started();
    const victim = await started({ cookie: attacker.cookie });
    expect(victim.handle).not.toBe(attacker.handle);
    expect(outcomeOf(await app.verify(undefined, victim.pin, { cookie: attacker.cookie }))).toEqual([
      404,
      'PIN_NOT_FOUND',
    ]);
    expect(outcomeOf(await get('/api/verification', attacker.cookie))).toEqual([404, 'NO_VERIFICATION']);
    const success = await app.verify(undefined, victim.pin, { ...BROWSER, cookie: victim.cookie });
    expect(success.body.phoneNumber).toBe(victim.number);
    expect(outcomeOf(await get('/api/session', `phone-session=${attacker.handle}`))).toEqual([401, 'NO_SESSION']);
    expect(outcomeOf(await get('/api/session', `phone-session=${victim.handle}`))).toEqual([401, 'NO_SESSION']);
  });

  test("a token of the attacker's own making never becomes valid", async () => {
    const planted = 'P'.repeat(43);
    const cookie = `verification=${planted}; phone-session=${planted}`;
    const victim = await started({ cookie });
    expect(victim.handle).not.toBe(planted);
    const headers = { ...BROWSER, cookie: `${victim.cookie}; phone-session=${planted}` };
    const success = await app.verify(undefined, victim.pin, headers);
    const after = cookiesOf(success);
    expect(after.verification).toBe('');
    expect([planted, victim.handle]).not.toContain(after['phone-session']);
    expect(outcomeOf(await get('/api/session', cookie))).toEqual([401, 'NO_SESSION']);
    expect(outcomeOf(await get('/api/verification', cookie))).toEqual([404, 'NO_VERIFICATION']);
  });

  test("with the attacker's session, a success ends that session and opens another one", async () => {
    const attacker = await verified();
    const victim = await verified({ cookie: `phone-session=${attacker.session}` });
    expect(victim.session).not.toBe(attacker.session);
    expect(outcomeOf(await get('/api/session', `phone-session=${attacker.session}`))).toEqual([401, 'NO_SESSION']);
    expect((await get('/api/session', `phone-session=${victim.session}`)).body.phoneNumber).toBe(victim.number);
  });
});

describe('sessions', () => {
  test('end with DELETE, for every copy of the cookie', async () => {
    const { session } = await verified();
    const cookie = `phone-session=${session}`;
    const ended = await endSession(cookie);
    expect([ended.status, cookiesOf(ended)['phone-session']]).toEqual([204, '']);
    expect(outcomeOf(await get('/api/session', cookie))).toEqual([401, 'NO_SESSION']);
    expect((await endSession(cookie)).status).toBe(204);
  });

  test('do not end on a request from another page', async () => {
    const { session } = await verified();
    const cookie = `phone-session=${session}`;
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }] as Record<
      string,
      string
    >[]) {
      const reply = await app.request('/api/session', { method: 'DELETE', headers: { cookie, ...headers } });
      expect(outcomeOf(reply)).toEqual([403, 'FORBIDDEN_ORIGIN']);
    }
    expect((await get('/api/session', cookie)).status).toBe(200);
  });

  test('a wrong code neither opens nor ends a session', async () => {
    const { session } = await verified();
    const { cookie, pin } = await started();
    const reply = await app.verify(undefined, wrongPin(pin), {
      ...BROWSER,
      cookie: `${cookie}; phone-session=${session}`,
    });
    expect([reply.body.code, reply.headers.get('set-cookie')]).toEqual(['WRONG_PIN', null]);
    expect((await get('/api/session', `phone-session=${session}`)).status).toBe(200);
  });
});

test.each([
  [{ 'sec-fetch-site': 'same-origin' }],
  [{ 'sec-fetch-site': 'none' }],
  [{ origin: 'self' }],
  [{ origin: 'self', 'sec-fetch-site': 'same-origin' }],
] as [Record<string, string>][])('a browser that sends %o gets neither token nor proof in a body', async (given) => {
  const headers = given.origin === 'self' ? { ...given, origin: app.url } : given;
  const number = newNumber();
  const sent = await app.send(number, {}, headers);
  const cookie = cookieOf(sent);
  const again = await app.resend(undefined, {}, { ...headers, cookie });
  const pin = await simulator.pinFor(number);
  const wrong = await app.verify(undefined, wrongPin(pin), { ...headers, cookie });
  await simulator.advance(3000);
  const right = await app.verify(undefined, pin, { ...headers, cookie });
  expect([sent, again, wrong, right].map(({ status }) => status)).toEqual([200, 200, 400, 200]);
  const [message] = await simulator.messages(number);
  const secrets = [cookie.split('=')[1] ?? '', message?.pinId ?? '', cookiesOf(right)['phone-session'] ?? '', 'eyJ'];
  for (const { body } of [sent, again, wrong, right]) {
    expect(body).not.toHaveProperty('pinId');
    expect(body).not.toHaveProperty('proof');
    for (const secret of secrets) expect(JSON.stringify(body)).not.toContain(secret);
  }
});
