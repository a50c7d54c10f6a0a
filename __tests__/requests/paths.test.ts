import { readFileSync } from 'node:fs';
import { bytesOf, jsonPost, outcomeOf, RawConnection, rawRequest } from '@/__tests__/support/raw-http';
import { useApp } from '@/__tests__/support/use-app';

const NUMBER = '+14155552671';
const HANDLE = 'A'.repeat(43);
const BUILD = readFileSync('.next/BUILD_ID', 'utf8').trim();

const { app, simulator } = useApp(
  { LIMIT_VERIFY_PER_ADDRESS: '1/1h', RESEND_COOLDOWN_SECONDS: '30' },
  { resetEach: false },
);
beforeAll(async () => {
  // These requests use up the limits, so from here on, the routes themselves answer RATE_LIMITED.
  expect((await app.send(NUMBER)).status).toBe(200);
  expect(outcomeOf(await app.verify(HANDLE, '123456'))).toEqual([404, 'PIN_NOT_FOUND']);
  await simulator.reset();
});

const ROUTES = [
  ['send-otp', { phoneNumber: NUMBER }],
  ['verify-otp', { pinId: HANDLE, pin: '123456' }],
] as const;

/** Spellings of a route's address that reach the route, and so count like it. */
const LEADING: [string, (name: string) => string][] = [
  ['as it is', (name) => `/api/${name}`],
  ['an empty query', (name) => `/api/${name}?`],
  ['a query', (name) => `/api/${name}?x=1&x=2&x[]=3`],
  ['fields in the query', (name) => `/api/${name}?phoneNumber=%2B14155550199&pinId=${'B'.repeat(43)}`],
  ['a broken query', (name) => `/api/${name}?%&=&%ff`],
  ['__proto__ in the query', (name) => `/api/${name}?__proto__[admin]=1&constructor=2`],
  ['Next’s own names in the query', (name) => `/api/${name}?__nextLocale=en&__nextDataReq=1&nxtPpath=x&_rsc=1`],
  ['a long query', (name) => `/api/${name}?${'a'.repeat(8000)}`],
  ['a fragment', (name) => `/api/${name}#x`],
  ['a dot for a folder', (name) => `/api/./${name}`],
  ['a step up', (name) => `/api/x/../${name}`],
  ['an encoded dot', (name) => `/api/%2e/${name}`],
  ['an encoded step up', (name) => `/api/x/%2E%2e/${name}`],
];

/** Spellings that lead elsewhere, and the answer. */
const ELSEWHERE: [string, number, (name: string) => string][] = [
  ['a slash at the end', 308, (name) => `/api/${name}/`],
  ['slashes at the end', 308, (name) => `/api/${name}//`],
  ['a doubled slash at the start', 405, (name) => `//api/${name}`],
  ['a doubled slash inside', 308, (name) => `/api//${name}`],
  ['a backslash', 405, (name) => `/api\\${name}`],
  ['a slash and a query', 308, (name) => `/api/${name}/?x=1`],
  ['upper case', 404, (name) => `/api/${name.toUpperCase()}`],
  ['an upper case folder', 405, (name) => `/API/${name}`],
  ['one letter in upper case', 404, (name) => `/api/${name.replace('o', 'O')}`],
  ['an encoded dash', 404, (name) => `/api/${name.replace('-', '%2D')}`],
  ['an encoded letter', 405, (name) => `/%61pi/${name}`],
  ['an encoded slash', 405, (name) => `/api%2F${name}`],
  ['a slash encoded twice', 405, (name) => `/api%252F${name}`],
  ['an encoded backslash', 405, (name) => `/api%5C${name}`],
  ['an encoded NUL', 404, (name) => `/api/${name}%00`],
  ['an encoded NUL and .json', 404, (name) => `/api/${name}%00.json`],
  ['an encoded space', 404, (name) => `/api/${name}%20`],
  ['an encoded line break', 404, (name) => `/api/${name}%0d%0aX-A:%20b`],
  ['an encoded question mark', 404, (name) => `/api/${name}%3Fx=1`],
  ['half an encoding', 404, (name) => `/api/${name}%`],
  ['a byte that is not UTF-8', 404, (name) => `/api/${name}%ff`],
  ['an overlong slash', 405, (name) => `/api%c0%af${name}`],
  ['a parameter', 404, (name) => `/api/${name};x=1`],
  ['.json', 404, (name) => `/api/${name}.json`],
  ['.js', 404, (name) => `/api/${name}.js`],
  ['/index', 404, (name) => `/api/${name}/index`],
  ['a dot at the end', 404, (name) => `/api/${name}.`],
  ['a language', 405, (name) => `/en/api/${name}`],
  ['the folder of the source', 405, (name) => `/pages/api/${name}`],
  ['the page’s data', 405, (name) => `/_next/data/${BUILD}/api/${name}.json`],
  ['the page’s data of another build', 405, (name) => `/_next/data/x/api/${name}.json`],
  ['the server’s files', 405, (name) => `/_next/server/pages/api/${name}.js`],
  ['an image made of it', 405, (name) => `/_next/image?url=%2Fapi%2F${name}&w=64&q=75`],
  ['a step up from Next’s files', 405, (name) => `/_next/static/../../api/${name}`],
  ['a step up past the root', 405, (name) => `/../../../api/${name}`],
  ['a step up from a rewrite', 405, (name) => `/.well-known/../api/${name}`],
  ['no slash at the start', 400, (name) => `api/${name}`],
  ['a backslash at the start', 400, (name) => `\\api\\${name}`],
  ['a space', 400, (name) => `/api/${name} x`],
  ['9000 letters', 404, (name) => `/api/${name}/${'a'.repeat(9000)}`],
];

describe.each(ROUTES)('%s', (name, body) => {
  test.each(LEADING)('%s: counts like the route', async (_name, spell) => {
    expect(outcomeOf(await rawRequest(app, jsonPost(spell(name), body)))).toEqual([429, 'RATE_LIMITED']);
  });

  test.each(ELSEWHERE)('%s: %i, and does nothing', async (_name, status, spell) => {
    const reply = await rawRequest(app, jsonPost(spell(name), body));
    expect(reply?.status).toBe(status);
    if (status === 308) expect(reply?.headers.get('location')).toMatch(/^\/[^/\\]/);
  });

  test.each(['http://HOST', 'http://evil.example', 'https://user:password@evil.example'])(
    'its absolute URL at %s does nothing',
    async (origin) => {
      const target = `${origin.replace('HOST', new URL(app.url).host)}/api/${name}`;
      expect(outcomeOf(await rawRequest(app, jsonPost(target, body)))).toEqual([400, 'INVALID_REQUEST']);
    },
  );
});

test.each(['/api/session', '/api/verification', '/api/send-otp'])('the server makes no image of %s', async (path) => {
  const target = `/_next/image?url=${encodeURIComponent(path)}&w=64&q=75`;
  for (const [method, status] of [
    ['GET', 404],
    ['POST', 405],
    ['DELETE', 405],
  ] as const) {
    expect((await rawRequest(app, { method, target }))?.status).toBe(status);
  }
});

test.each([
  ['of somebody else', 'https://evil.example/a.png'],
  ['of this machine', 'http://127.0.0.1:22/'],
  ['of a cloud’s own service', 'http://169.254.169.254/latest/meta-data/'],
  ['of a file', 'file:///etc/passwd'],
  ['of another host, without a scheme', '//evil.example/a.png'],
  ['that forges a line of the log', '/x\n{"level":60,"msg":"forged"} +14155552671'],
])('the server fetches no image from an address %s', async (_name, url) => {
  app.keepOutOfLogs('forged', '14155552671', 'evil.example');
  expect((await rawRequest(app, { target: `/_next/image?url=${encodeURIComponent(url)}&w=64&q=75` }))?.status).toBe(
    404,
  );
});

test.each([
  '//evil.example/',
  '///evil.example//',
  '/\\evil.example/',
  '/\\\\evil.example',
  '/%5cevil.example/',
  '/%2f%2fevil.example/',
  '/.//evil.example/',
  '/./\\evil.example/',
  '/x/..//evil.example/',
  '//evil.example/%2e%2e/',
  '/;@evil.example/',
  '/@evil.example/',
  '/%09/evil.example/',
  '/%0d%0aLocation:%20https://evil.example/',
  '/?next=https://evil.example',
])('%s leads to no other host', async (target) => {
  const reply = await rawRequest(app, { target });
  expect([200, 308, 400, 404]).toContain(reply?.status);
  expect(reply?.headers.get('location') ?? '/').toMatch(/^\/(?![/\\])/);
});

const FOREIGN = [
  'Host: evil.example',
  'X-Forwarded-Host: evil.example',
  'X-Forwarded-Proto: https',
  'Forwarded: host=evil.example',
];
const HOSTS: [string, string[]][] = [
  ['its own host', []],
  ['another host in every header', FOREIGN],
  ['a host that is a path', ['Host: evil.example/x', 'X-Forwarded-Host: //evil.example']],
  ['no host that can be read', ['Host: @evil.example:99999999\\', 'X-Forwarded-Host: [']],
];

describe.each(HOSTS)('asked with %s', (_name, headers) => {
  test.each([
    '/about/',
    '/nope/',
    '/api/send-otp/',
    '//about',
    '/about//',
    '/a\\b',
    '//evil.example//',
    '/\\/evil.example/',
  ])('the server corrects %s with a path, without a host', async (target) => {
    const reply = await rawRequest(app, { target, headers });
    expect([reply?.status, reply?.headers.get('location')]).toEqual([308, expect.stringMatching(/^\/(?![/\\])/)]);
    expect(reply?.headers.get('refresh')).toBe(`0;url=${reply?.headers.get('location')}`);
    expect(JSON.stringify([...(reply?.headers ?? [])])).not.toMatch(/\/\/evil/);
  });

  test.each([
    'http://evil.example',
    'http://evil.example/',
    'http://evil.example//foo/',
    'http://evil.example/about',
    'http://evil.example/about/',
    'http://evil.example/api/health/',
    'HTTPS://evil.example//',
    'http://user@evil.example//foo',
    'ftp://evil.example//',
    'http:/evil.example//',
    'http:evil.example//',
    '*',
    '?//evil.example//',
  ])('%s is not a path, and leads nowhere', async (target) => {
    const reply = await rawRequest(app, { target, headers });
    expect(reply?.status).toBe(400);
    expect(JSON.stringify([reply?.body, [...(reply?.headers ?? [])]])).not.toContain('evil.example');
  });
});

test.each([
  '/.env',
  '/.env.local',
  '/.git/config',
  '/package.json',
  '/next.config.js',
  '/.next/BUILD_ID',
  '/.next/server/pages-manifest.json',
  '/../package.json',
  '/..%2fpackage.json',
  '/..%5cpackage.json',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/....//....//etc/passwd',
  '/%c0%ae%c0%ae/package.json',
  '/_next/../package.json',
  '/_next/static/../../../package.json',
  '/_next/static/..%2f..%2f..%2fpackage.json',
  '/_next/static/%2e%2e%2f%2e%2e%2fserver/pages-manifest.json',
  '/_next/static/..%5c..%5cBUILD_ID',
  '/_next/static/%00',
  '/_next/static/%',
  '/_next/data/%',
  '/_next/data/',
  `/_next/data/${BUILD}/../../../package.json`,
  '/_next/webpack-hmr',
  '/__nextjs_original-stack-frame',
  '/favicon.svg%00',
  '/favicon.svg/../../package.json',
  '/_error',
  '/_app',
  '/_document',
  '/500',
  '/instrumentation',
])('the server has nothing at %s', async (target) => {
  const reply = await rawRequest(app, { target });
  expect([308, 404]).toContain(reply?.status);
  expect(JSON.stringify(reply?.body)).not.toMatch(/dependencies|phone-verification|root:|INFOBIP/);
});

test('the page’s data says what the page says, and must not be stored', async () => {
  const reply = await rawRequest(app, { target: `/_next/data/${BUILD}/index.json` });
  const state = { step: 'phone', pending: null, verifiedNumber: null, problem: null, inboxUrl: null };
  expect([reply?.status, reply?.body]).toEqual([200, { pageProps: expect.objectContaining(state), __N_SSP: true }]);
  expect(reply?.headers.get('cache-control')).toBe('no-store');
  expect(reply?.headers.get('cross-origin-resource-policy')).toBe('same-origin');
});

test.each(['*', 'http://[/', 'http://a:99999999/', 'http://%/'])(
  'the invalid address %p does not stop the server',
  async (target) => {
    const connection = await RawConnection.open(app);
    connection.write(bytesOf(app, jsonPost(target, { phoneNumber: NUMBER })));
    expect((await connection.reply())?.status).toBeGreaterThanOrEqual(300);
    connection.destroy();
    expect((await app.request('/api/health', { method: 'GET' })).status).toBe(200);
  },
);

test('none of these requests reached Infobip', async () => {
  expect(await simulator.calls()).toEqual([]);
});
