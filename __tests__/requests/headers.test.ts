import { readdirSync, readFileSync } from 'node:fs';
import { type Reply, TestApp } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { documentedRequest, jsonPost, outcomeOf, rawRequest } from '@/__tests__/support/raw-http';
import { useApp } from '@/__tests__/support/use-app';

const NUMBER = '+14155552671';
const HANDLE = 'A'.repeat(43);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const { app, simulator } = useApp(
  { APP_ORIGIN: 'https://verify.example.com', TRUSTED_PROXY_HOPS: '0', RESEND_COOLDOWN_SECONDS: '30' },
  { resetEach: false },
);
let host: string;
beforeAll(() => {
  host = new URL(app.url).host;
});

describe('methods', () => {
  afterAll(async () => expect(await simulator.calls()).toEqual([]));

  const OTHERS = ['PUT', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH', 'PURGE', 'COPY', 'M-SEARCH', 'SUBSCRIBE'];
  const ROUTES: [string, string, string[]][] = [
    ['/api/send-otp', 'POST', ['GET', 'HEAD', 'DELETE']],
    ['/api/resend-otp', 'POST', ['GET', 'HEAD', 'DELETE']],
    ['/api/verify-otp', 'POST', ['GET', 'HEAD', 'DELETE']],
    ['/api/session', 'GET, HEAD, DELETE', ['POST']],
    ['/api/verification', 'GET, HEAD', ['POST', 'DELETE']],
    ['/api/jwks', 'GET, HEAD', ['POST', 'DELETE']],
    ['/api/health', 'GET, HEAD', ['POST', 'DELETE']],
    ['/api/ready', 'GET, HEAD', ['POST', 'DELETE']],
  ];
  const cases = ROUTES.flatMap(([path, allow, more]) =>
    [...OTHERS, ...more].map((method) => [path, method, allow] as const),
  );
  test.each(cases)('%s refuses %s', async (target, method, allow) => {
    const request = { ...jsonPost(target, { phoneNumber: NUMBER, pinId: HANDLE, pin: '123456' }), method };
    const reply = await rawRequest(app, request);
    expect([reply?.status, reply?.headers.get('allow')]).toEqual([405, allow]);
    if (method !== 'HEAD') expect(reply?.body.code).toBe('METHOD_NOT_ALLOWED');
  });

  test.each(['get', 'post', 'Post', 'POSTS', 'X', 'POST\t', 'POST POST'])('do not include %p', async (method) => {
    expect((await rawRequest(app, { ...jsonPost('/api/send-otp', { phoneNumber: NUMBER }), method }))?.status).toBe(
      400,
    );
  });

  const STATIC = readdirSync('.next/static', { recursive: true }).find((name) => String(name).endsWith('.js'));
  const PAGES = [
    '/',
    '/?x=/api/',
    '/about',
    '/404',
    '/nope',
    '/api',
    '/api/../about',
    '/api/%2e%2E/about',
    '/api/x/../../',
    '/api/..\\about',
    '/favicon.svg',
    `/_next/static/${STATIC}`,
    `/_next/data/${readFileSync('.next/BUILD_ID', 'utf8').trim()}/index.json`,
    '/.well-known/jwks.json',
  ];
  test.each(PAGES.flatMap((target) => [...OTHERS, 'POST', 'DELETE'].map((method) => [target, method] as const)))(
    '%s is read-only, and refuses %s',
    async (target, method) => {
      const reply = await rawRequest(app, { method, target, headers: ['Content-Type: text/plain'], body: 'a=b' });
      expect([...outcomeOf(reply), reply?.headers.get('allow')]).toEqual([405, 'METHOD_NOT_ALLOWED', 'GET, HEAD']);
      expect(reply?.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    },
  );

  test.each(['/', '/about', '/favicon.svg', `/_next/static/${STATIC}`])('GET and HEAD read %s', async (target) => {
    for (const method of ['GET', 'HEAD']) expect((await rawRequest(app, { method, target }))?.status).toBe(200);
  });

  test.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', '_method'])(
    '%s does not change the method of a request',
    async (name) => {
      const body = { phoneNumber: NUMBER };
      const asGet = { ...jsonPost('/api/send-otp?_method=POST', body, [`${name}: POST`]), method: 'GET' };
      expect(outcomeOf(await rawRequest(app, asGet))).toEqual([405, 'METHOD_NOT_ALLOWED']);
      const asPost = jsonPost('/api/session?_method=DELETE', body, [`${name}: DELETE`]);
      expect(outcomeOf(await rawRequest(app, asPost))).toEqual([405, 'METHOD_NOT_ALLOWED']);
    },
  );
});

describe('the origin of a request', () => {
  afterAll(async () => expect(await simulator.calls()).toEqual([]));

  const post = (headers: readonly string[]) => documentedRequest(app, jsonPost('/api/send-otp', '{', headers));

  test.each([
    ['https://verify.example.com/'],
    ['https://verify.example.com:443'],
    ['https://verify.example.com:8443'],
    ['https://verify.example.com.'],
    ['HTTPS://VERIFY.EXAMPLE.COM'],
    ['http://verify.example.com'],
    ['https://sub.verify.example.com'],
    ['https://verify.example.com.evil.example'],
    ['https://verify.example.com@evil.example'],
    ['https://evil.example#https://verify.example.com'],
    ['https://verify.example.com https://evil.example'],
    ['https://evil.example, https://verify.example.com'],
    ['null'],
    [''],
    ['*'],
    ['file://'],
    ['verify.example.com'],
    ['//verify.example.com'],
    ['chrome-extension://abcdefghijklmnop'],
  ])('Origin %p is refused', async (origin) => {
    expect(outcomeOf(await post([`Origin: ${origin}`]))).toEqual([403, 'FORBIDDEN_ORIGIN']);
  });

  test.each([
    ['evil.example', 'http://evil.example'],
    ['evil.example', 'https://evil.example'],
    ['evil.example:8080', 'http://evil.example:8080'],
    ['HOST', 'http://HOST'],
    ['verify.example.com', 'http://verify.example.com'],
  ])('with APP_ORIGIN the Host %p does not admit the Origin %p', async (own, origin) => {
    const headers = [`Host: ${own.replace('HOST', host)}`, `Origin: ${origin.replace('HOST', host)}`];
    expect(outcomeOf(await post(headers))).toEqual([403, 'FORBIDDEN_ORIGIN']);
  });

  test.each([
    ['Sec-Fetch-Site: cross-site'],
    ['Sec-Fetch-Site: same-site'],
    ['Sec-Fetch-Site:'],
    ['Sec-Fetch-Site: SAME-ORIGIN'],
    ['Sec-Fetch-Site: same-origin;'],
    ['Sec-Fetch-Site: same-origin, none'],
    ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: cross-site'],
    ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Site: same-origin'],
    ['Sec-Fetch-Site: cross-site', 'Origin: https://verify.example.com'],
    ['Origin: https://verify.example.com', 'Origin: https://evil.example'],
    ['Origin: https://evil.example', 'Origin: https://verify.example.com'],
    ['Origin: https://evil.example', 'X-Forwarded-Host: evil.example'],
    ['Origin: https://evil.example', 'X-Original-Host: evil.example'],
    ['Origin: https://evil.example', 'Forwarded: host=evil.example'],
    ['Origin: https://evil.example', 'Referer: https://verify.example.com/'],
    ['Origin: https://evil.example', 'Access-Control-Request-Method: POST'],
    ['Host: verify.example.com', 'Host: evil.example', 'Origin: https://evil.example'],
    ['Host: verify.example.com, evil.example', 'Origin: https://evil.example'],
    ['Host: evil.example:80@verify.example.com', 'Origin: https://evil.example'],
  ])('%p %p %p is refused', async (...headers) => {
    const reply = await post(headers.filter((line) => typeof line === 'string'));
    expect(outcomeOf(reply)).toEqual([403, 'FORBIDDEN_ORIGIN']);
    expect([...reply.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test.each([
    ['Sec-Fetch-Site: same-origin'],
    ['Sec-Fetch-Site: \t none \t'],
    ['Origin: https://verify.example.com'],
    ['Origin: https://verify.example.com', 'Host: evil.example'],
  ])('%p %p gets through', async (...headers) => {
    const reply = await post(headers.filter((line) => typeof line === 'string'));
    expect(outcomeOf(reply)).toEqual([400, 'INVALID_REQUEST']);
  });

  describe('without APP_ORIGIN', () => {
    let unnamed: TestApp;
    let own: string;
    beforeAll(async () => {
      unnamed = await TestApp.start(simulator.url);
      own = new URL(unnamed.url).host;
    });
    afterAll(() => unnamed.stop());

    const outcome = async (origin: string) => {
      const request = jsonPost('/api/send-otp', '{', [`Origin: ${origin.replace('HOST', own)}`]);
      return outcomeOf(await documentedRequest(unnamed, request));
    };

    test.each([
      'https://verify.example.com',
      'http://HOST/',
      'http://HOST/path',
      'http://HOST?query',
      'http://HOST#fragment',
      'http://evil.example@HOST',
      'HTTP://HOST',
      'http:HOST',
      'http://HOST.evil.example',
      'javascript://HOST',
      'blob:http://HOST',
    ])('Origin %p is refused', async (origin) => {
      expect(await outcome(origin)).toEqual([403, 'FORBIDDEN_ORIGIN']);
    });

    test('the request’s own host gets through', async () => {
      expect(await outcome('http://HOST')).toEqual([400, 'INVALID_REQUEST']);
    });
  });

  test.each(['/api/session', '/api/verification', '/api/health', '/api/ready'])(
    '%s tells other sites nothing',
    async (target) => {
      const reply = await rawRequest(app, { target, headers: ['Origin: https://evil.example'] });
      expect(outcomeOf(reply)).toEqual([403, 'FORBIDDEN_ORIGIN']);
    },
  );

  test.each(['/api/jwks', '/.well-known/jwks.json'])('%s shows everybody the public keys', async (target) => {
    const reply = await rawRequest(app, { target, headers: ['Origin: https://shop.example'] });
    expect(outcomeOf(reply)).toEqual([200, undefined]);
    expect(reply?.headers.get('access-control-allow-origin')).toBe('*');
  });

  test.each(['/', '/api/send-otp/', '//api/send-otp', '/nope'])(
    'a reply to %s never repeats a foreign Host',
    async (target) => {
      const headers = ['Host: evil.example', 'X-Forwarded-Host: evil.example', 'X-Forwarded-Proto: javascript'];
      const reply = await rawRequest(app, { target, headers });
      expect(JSON.stringify([reply?.body, [...(reply?.headers ?? [])]])).not.toContain('evil.example');
    },
  );
});

describe('request ids', () => {
  const MARK = 'forged';
  test.each([
    [`${MARK}"}{"level":60,"msg":"x`],
    [`${MARK}\\n{"level":60}`],
    [`${MARK} {"level":60}`],
    [`${MARK}1`],
    [`${MARK}${'a'.repeat(59)}`],
    [`${MARK}${'a'.repeat(8000)}`],
    [`${MARK}_underscore`],
    [`${MARK}\u00e9\u00fc\u00f1`],
    [`${MARK}\u0085next-line`],
    [`${MARK}<script>alert(1)</script>`],
    [`$\{jndi:ldap://${MARK}.example/a}`],
    [`${MARK}-4155552671%0d%0aSet-Cookie: a=b`],
    [`${MARK}\tabcdefgh`],
    ['4155552671'],
    ['0041-415-555-2671'],
  ])('%p is replaced', async (id) => {
    const reply = await documentedRequest(app, jsonPost('/api/send-otp', '{', [`X-Request-Id: ${id}`]));
    expect(reply.headers.get('x-request-id')).toMatch(UUID);
    expect(JSON.stringify([...reply.headers])).not.toContain(MARK);
    expect((await app.logLineOf(reply)).code).toBe('INVALID_REQUEST');
  });

  test('are replaced when there are two', async () => {
    const headers = [`X-Request-Id: ${MARK}-0001`, `X-Request-Id: ${MARK}-0002`];
    const reply = await documentedRequest(app, jsonPost('/api/send-otp', '{', headers));
    expect(reply.headers.get('x-request-id')).toMatch(UUID);
  });

  test('never appear in the log once they are replaced, and every log line is JSON', async () => {
    app.keepOutOfLogs(MARK);
    const lines = app.output.split('\n').filter((line) => line.includes('level'));
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number) });
  });
});

describe('headers that frameworks and proxies obey', () => {
  let once: Reply;
  beforeAll(async () => {
    await simulator.reset();
    once = await app.send(NUMBER);
  });
  afterAll(async () => expect(await simulator.calls()).toHaveLength(1));

  test.each([
    ['x-middleware-subrequest: middleware'],
    ['x-middleware-subrequest: src/middleware:src/middleware:src/middleware:src/middleware:src/middleware'],
    ['x-middleware-subrequest: pages/_middleware'],
    ['x-middleware-rewrite: /api/health'],
    ['x-middleware-redirect: /api/health'],
    ['x-middleware-next: 1'],
    ['x-middleware-prefetch: 1'],
    ['x-middleware-invoke: 1'],
    ['x-middleware-override-headers: origin', 'x-middleware-request-origin: x'],
    ['x-middleware-set-cookie: phone-session=x'],
    ['x-nextjs-data: 1'],
    ['x-matched-path: /api/health'],
    ['x-now-route-matches: 1=health'],
    ['x-invoke-path: /api/health', 'x-invoke-output: /api/health'],
    ['x-invoke-status: 500'],
    ['x-invoke-error: {}'],
    ['x-prerender-revalidate: x'],
    ['x-vercel-protection-bypass: x'],
    ['x-original-url: /api/health'],
    ['x-rewrite-url: /api/health'],
    ['x-forwarded-host: evil.example'],
    ['x-forwarded-host: ['],
    ['x-forwarded-proto: javascript'],
    ['x-forwarded-port: 99999999'],
    ['x-forwarded-prefix: //evil.example'],
    ['forwarded: for=198.51.100.1;host=evil.example;proto=https'],
    ['rsc: 1', 'next-router-state-tree: %'],
    ['next-action: 0000'],
    ['next-resume: 1'],
    ['range: bytes=0-1'],
    ['if-none-match: *'],
    ['expect: 100-continue'],
    ['connection: close, x-request-id, host'],
    ['accept: text/html'],
    ['accept-encoding: gzip, br'],
    ['authorization: Basic x', 'proxy-authorization: App x'],
    ['cookie: __prerender_bypass=x; __next_preview_data=x'],
  ])('%p %p does not bypass the wait between messages', async (...headers) => {
    const lines = headers.filter((line) => typeof line === 'string');
    const reply = await documentedRequest(app, jsonPost('/api/send-otp', { phoneNumber: NUMBER }, lines));
    expect(outcomeOf(reply)).toEqual([429, 'RATE_LIMITED']);
    expect(reply.headers.get('cache-control')).toBe('no-store');
  });

  test.each([
    ['x-middleware-subrequest: middleware'],
    ['x-nextjs-data: 1'],
    ['x-matched-path: /404'],
    ['x-middleware-rewrite: /404'],
    ['Content-Security-Policy: default-src *'],
  ])('the page keeps its policy with %p', async (line) => {
    const reply = await rawRequest(app, { target: '/', headers: [line] });
    expect(reply?.status).toBe(200);
    expect(reply?.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self' 'nonce-/);
  });

  test.each(['/api/session', '/api/verification'])('a preview cookie grants no access at %s', async (target) => {
    const headers = ['Cookie: __prerender_bypass=x; __next_preview_data=x', 'x-prerender-revalidate: x'];
    expect((await documentedRequest(app, { target, headers })).status).toBe(target === '/api/session' ? 401 : 404);
    expect(once.status).toBe(200);
  });
});

describe('malformed headers, or too many', () => {
  const send = (headers: readonly string[]) =>
    rawRequest(app, jsonPost('/api/send-otp', { phoneNumber: NUMBER }, headers));

  test.each([
    ['a space in a name', ['Bad Name: x']],
    ['a space before the colon', ['Name : x']],
    ['a line that is folded', ['X-A: a\r\n b']],
    ['a NUL', ['X-A: a\0b']],
    ['a bare carriage return', ['X-A: a\rX-B: b']],
    ['a name alone', ['X-A']],
    ['no name', [': x']],
    ['a length twice', ['Content-Length: 1', 'Content-Length: 26']],
    ['a length below zero', ['Content-Length: -1']],
    ['a length in hex', ['Content-Length: 0x1a']],
    ['a length with a plus', ['Content-Length: +26']],
    ['a length beyond all bounds', ['Content-Length: 99999999999999999999999']],
    ['an empty length', ['Content-Length:']],
  ])('the server does not accept %s as a request', async (_name, headers) => {
    expect((await send(headers))?.status).toBe(400);
  });

  test.each([
    ['17 kB in one', ['Cookie: '.padEnd(17_000, 'x')]],
    ['17 kB in many', Array.from({ length: 170 }, (_, i) => `X-${i}: `.padEnd(100, 'x'))],
  ])('the server refuses %s', async (_name, headers) => {
    expect((await send(headers))?.status).toBe(431);
  });
});

describe('the client’s address', () => {
  const SPOOFED: string[][] = [
    ['X-Forwarded-For: 198.51.100.1'],
    ['X-Forwarded-For: 127.0.0.1'],
    ['X-Forwarded-For: ::1, 198.51.100.2'],
    ['X-Forwarded-For: 198.51.100.3', 'X-Forwarded-For: 198.51.100.4'],
    ['X_Forwarded_For: 198.51.100.5'],
    ['X-Real-IP: 198.51.100.6'],
    ['X-Client-IP: 198.51.100.7'],
    ['X-Cluster-Client-IP: 198.51.100.8'],
    ['X-Originating-IP: 198.51.100.9'],
    ['X-Remote-Addr: 198.51.100.10'],
    ['X-Remote-IP: 198.51.100.11'],
    ['True-Client-IP: 198.51.100.12'],
    ['CF-Connecting-IP: 198.51.100.13'],
    ['Fastly-Client-IP: 198.51.100.14'],
    ['X-Vercel-Forwarded-For: 198.51.100.15'],
    ['X-Azure-ClientIP: 198.51.100.16'],
    ['X-ProxyUser-Ip: 198.51.100.17'],
    ['Forwarded: for=198.51.100.18'],
    ['Via: 1.1 198.51.100.19'],
    ['Client-IP: 198.51.100.20'],
  ];
  const ONE = { LIMIT_SEND_PER_ADDRESS: '1/1h', LIMIT_VERIFY_PER_ADDRESS: '1/1h', RESEND_COOLDOWN_SECONDS: '0' };

  async function expectLimited(limited: TestApp, headers: readonly string[]): Promise<void> {
    const send = jsonPost('/api/send-otp', { phoneNumber: newNumber() }, headers);
    expect(outcomeOf(await documentedRequest(limited, send))).toEqual([429, 'RATE_LIMITED']);
    const verify = jsonPost('/api/verify-otp', { pinId: HANDLE, pin: '123456' }, headers);
    expect(outcomeOf(await documentedRequest(limited, verify))).toEqual([429, 'RATE_LIMITED']);
  }

  /** Uses up the limits of one address. */
  async function useUp(limited: TestApp, headers: readonly string[]): Promise<void> {
    const send = jsonPost('/api/send-otp', { phoneNumber: newNumber() }, headers);
    expect((await documentedRequest(limited, send)).status).toBe(200);
    const verify = jsonPost('/api/verify-otp', { pinId: HANDLE, pin: '123456' }, headers);
    expect(outcomeOf(await documentedRequest(limited, verify))).toEqual([404, 'PIN_NOT_FOUND']);
  }

  describe('without proxies', () => {
    let limited: TestApp;
    beforeAll(async () => {
      limited = await TestApp.start(simulator.url, ONE);
      await useUp(limited, []);
    });
    afterAll(() => limited.stop());

    test.each(SPOOFED)('is the connection’s, whatever %p %p says', (...headers) =>
      expectLimited(
        limited,
        headers.filter((line) => typeof line === 'string'),
      ),
    );
  });

  describe('of a client that bypasses the listed proxies', () => {
    let limited: TestApp;
    beforeAll(async () => {
      limited = await TestApp.start(simulator.url, {
        ...ONE,
        TRUSTED_PROXIES: '10.0.0.0/8,2001:db8::/32',
        TRUSTED_PROXY_HOPS: '1',
      });
      await useUp(limited, []);
    });
    afterAll(() => limited.stop());

    test.each([...SPOOFED, ['X-Forwarded-For: 198.51.100.1, 10.0.0.1'], ['X-Forwarded-For: 10.0.0.1']])(
      'is the connection’s, whatever %p %p says',
      (...headers) =>
        expectLimited(
          limited,
          headers.filter((line) => typeof line === 'string'),
        ),
    );

    test('causes one warning if X-Forwarded-For arrives nevertheless', async () => {
      const ready = await documentedRequest(limited, { target: '/api/ready' });
      expect(ready.body.warnings).toEqual(['TRUSTED_PROXIES']);
      expect(limited.output.match(/config.unexpected_forwarded_for/g)).toHaveLength(1);
    });
  });

  describe('behind listed proxies', () => {
    let limited: TestApp;
    beforeAll(async () => {
      limited = await TestApp.start(simulator.url, { ...ONE, TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8' });
      await useUp(limited, ['X-Forwarded-For: 203.0.113.1']);
    });
    afterAll(() => limited.stop());

    test.each(SPOOFED)(
      'is the address that connected to the first of these proxies, whatever %p %p says',
      async (...headers) => {
        const lines = headers.filter((line) => typeof line === 'string');
        await expectLimited(limited, [...lines, 'X-Forwarded-For: 203.0.113.1']);
        await expectLimited(limited, [...lines, 'X-Forwarded-For: 203.0.113.1, 10.0.0.9, 10.255.0.1']);
      },
    );

    test('differs for another client', () => useUp(limited, ['X-Forwarded-For: 203.0.113.2, 10.0.0.9']));

    test('causes no warning, and cookies are Secure', async () => {
      const headers = ['X-Forwarded-For: 203.0.113.3'];
      const sent = await documentedRequest(limited, jsonPost('/api/send-otp', { phoneNumber: newNumber() }, headers));
      expect(sent.headers.get('set-cookie')).toMatch(/^__Host-verification=.*; Secure$/);
      expect((await documentedRequest(limited, { target: '/api/ready' })).body.warnings).toEqual([]);
    });
  });

  describe('behind one proxy', () => {
    let limited: TestApp;
    beforeAll(async () => {
      limited = await TestApp.start(simulator.url, { ...ONE, TRUSTED_PROXY_HOPS: '1' });
      await useUp(limited, ['X-Forwarded-For: 203.0.113.1']);
      await useUp(limited, ['X-Forwarded-For: 2001:db8:1:2::1']);
      await useUp(limited, ['X-Forwarded-For: unknown']);
    });
    afterAll(() => limited.stop());

    // A proxy appends the address to the same line or as another line.
    test.each(SPOOFED)('is what the proxy appended, whatever %p %p says', async (...headers) => {
      const [first = '', second] = headers;
      const lines = [first, second].filter((line) => line !== undefined);
      await expectLimited(limited, [...lines, 'X-Forwarded-For: 203.0.113.1']);
      if (first.startsWith('X-Forwarded-For')) await expectLimited(limited, [`${first}, 203.0.113.1`]);
    });

    test.each([
      '203.0.113.1:5555',
      ' 203.0.113.1 ',
      '::ffff:203.0.113.1',
      '[::ffff:203.0.113.1]:443',
      '::FFFF:CB00:7101',
      '198.51.100.1,203.0.113.1',
      ',,,203.0.113.1',
      '2001:db8:1:2::1',
      '2001:0DB8:0001:0002:ffff:ffff:ffff:ffff',
      '[2001:db8:1:2::9]:1234',
      '198.51.100.1, 2001:db8:1:2:a:b:c:d',
    ])("is the same client's for %p", (value) => expectLimited(limited, [`X-Forwarded-For: ${value}`]));

    test.each([
      '',
      ',',
      '198.51.100.1,',
      'localhost',
      '203.0.113.1.evil.example',
      '203.0.113.256',
      '203.0.113.1/32',
      '"203.0.113.1"',
      'for=203.0.113.1',
      '<script>',
      '203.0.113.1;198.51.100.1',
      '203.0.113.1 198.51.100.1',
      '\u0662\u0660',
      '__proto__',
      'x'.repeat(8000),
    ])('is unreadable in %.30p, and shares its limits with all unreadable ones', (value) =>
      expectLimited(limited, [`X-Forwarded-For: ${Buffer.from(value).toString('latin1')}`]),
    );

    test('is not hidden by more headers than Node.js keeps', async () => {
      const many = ['X-Forwarded-For: 198.51.100.77', ...Array.from({ length: 1100 }, () => 'a:')];
      const send = jsonPost('/api/send-otp', { phoneNumber: newNumber() }, [...many, 'X-Forwarded-For: 203.0.113.1']);
      const reply = await rawRequest(limited, send);
      // Newer versions of Node.js refuse so many headers. Older ones drop those at the end.
      expect([429, 431]).toContain(reply?.status);
    });
  });
});
