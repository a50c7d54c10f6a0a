import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestApp, testEnvironment } from '@/__tests__/support/app';
import { spawnApp } from '@/__tests__/support/app-process';
import { freePort } from '@/__tests__/support/free-port';
import { newNumber } from '@/__tests__/support/numbers';
import { bytesOf, jsonPost, outcomeOf, RawConnection, type RawRequest, rawRequest } from '@/__tests__/support/raw-http';
import { useApp } from '@/__tests__/support/use-app';
import { until } from '@/__tests__/webhooks/receiver';

const HANDLE = 'A'.repeat(43);
/** How long the server waits for a body. */
const BODY_WITHIN_MS = 10_000;
const MARGIN_MS = 8000;

const { app, simulator } = useApp({ RESEND_COOLDOWN_SECONDS: '30' });

const isServing = async () => (await app.request('/api/health', { method: 'GET' })).status === 200;

/** Sends the given bytes and, right behind them, a request for a message. */
async function withNext(first: Buffer | string): Promise<{ connection: RawConnection; number: string }> {
  const number = newNumber();
  const connection = await RawConnection.open(app);
  const next = bytesOf(app, jsonPost('/api/send-otp', { phoneNumber: number }));
  connection.write(Buffer.concat([Buffer.from(first), next]));
  return { connection, number };
}

const head = (lines: string[], start = 'POST /api/send-otp HTTP/1.1') =>
  `${[start, `Host: ${new URL(app.url).host}`, 'Content-Type: application/json', ...lines].join('\r\n')}\r\n\r\n`;

/** A request inside a body: the server must never treat it as one. */
const INNER =
  'POST /api/send-otp HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n{"phoneNumber":"+14155550198"}';

test('after 10 seconds, the server gives up on a body that never ends, even of a refused request, and serves others meanwhile', async () => {
  const CHUNKED = 'Transfer-Encoding: chunked';
  const cases: [string, number][] = [
    [`${head(['Content-Length: 100'])}{"pin"`, 408],
    [head(['Content-Length: 100']), 408],
    [`${head([CHUNKED])}5\r\n{"pin\r\n`, 408],
    [head([CHUNKED]), 408],
    [head(['Content-Length: 100'], 'POST /api/resend-otp HTTP/1.1'), 408],
    [head(['Content-Length: 100'], 'POST /api/verify-otp HTTP/1.1'), 408],
    [head([CHUNKED, 'Content-Encoding: gzip']), 415],
    [head([CHUNKED, 'Origin: https://evil.example']), 403],
    [head([CHUNKED], 'PUT /api/send-otp HTTP/1.1'), 405],
    [head([CHUNKED], 'GET /api/health HTTP/1.1'), 200],
    [head([CHUNKED], 'DELETE /api/session HTTP/1.1'), 204],
  ];
  const startedAt = performance.now();
  const outcomes = Promise.all(
    cases.map(async ([bytes, status]) => {
      const connection = await RawConnection.open(app);
      // A byte now and then, as on a slow connection.
      const drip = setInterval(() => connection.write(bytes.includes('chunked') ? '1\r\nx\r\n' : ' '), 1000);
      try {
        const reply = await connection.write(bytes).reply('POST', BODY_WITHIN_MS + MARGIN_MS);
        const repliedAfter = performance.now() - startedAt;
        await connection.closed(BODY_WITHIN_MS + MARGIN_MS);
        expect(reply?.status).toBe(status);
        if (status === 408)
          expect([reply?.body.code, reply?.headers.get('connection')]).toEqual(['REQUEST_TIMEOUT', 'close']);
        return { late: status === 408, repliedAfter, closedAfter: performance.now() - startedAt };
      } finally {
        clearInterval(drip);
        connection.destroy();
      }
    }),
  );
  await sleep(500);
  expect(await isServing()).toBe(true);
  expect((await app.send(newNumber())).status).toBe(200);
  for (const { late, repliedAfter, closedAfter } of await outcomes) {
    if (late) expect(repliedAfter).toBeGreaterThan(BODY_WITHIN_MS - 100);
    else expect(repliedAfter).toBeLessThan(MARGIN_MS);
    expect(closedAfter).toBeGreaterThan(BODY_WITHIN_MS - 100);
    expect(closedAfter).toBeLessThan(BODY_WITHIN_MS + MARGIN_MS);
  }
  expect(await simulator.calls()).toHaveLength(1);
});

test('the server serves a request that arrives byte by byte', async () => {
  const number = newNumber();
  const connection = await RawConnection.open(app);
  for (const byte of bytesOf(app, jsonPost('/api/send-otp', { phoneNumber: number }))) {
    connection.write(Buffer.from([byte]));
    await sleep(1);
  }
  expect((await connection.reply())?.status).toBe(200);
  expect(await simulator.messages(number)).toHaveLength(1);
  connection.destroy();
});

describe('several requests in a row on one connection', () => {
  test('are answered in their order', async () => {
    const connection = await RawConnection.open(app);
    const number = newNumber();
    const requests = [
      jsonPost('/api/send-otp', '{'),
      { target: '/api/health' },
      jsonPost('/api/send-otp', { phoneNumber: number }),
      jsonPost('/api/verify-otp', { pinId: HANDLE, pin: '123456' }),
      { method: 'PUT', target: '/api/send-otp', body: INNER },
      jsonPost('/api/resend-otp', {}),
      { target: '/api/session' },
      { method: 'DELETE', target: '/api/session' },
      { target: '/api/jwks' },
    ];
    connection.write(Buffer.concat(requests.map((request) => bytesOf(app, request))));
    const statuses: (number | undefined)[] = [];
    for (const { method } of requests as { method?: string }[]) statuses.push((await connection.reply(method))?.status);
    expect(statuses).toEqual([400, 200, 200, 404, 405, 400, 401, 204, 200]);
    expect(await simulator.calls()).toHaveLength(1);
    connection.destroy();
  });

  test('send one message if they are for one number', async () => {
    const number = newNumber();
    const connection = await RawConnection.open(app);
    const one = bytesOf(app, jsonPost('/api/send-otp', { phoneNumber: number }));
    connection.write(Buffer.concat(Array.from({ length: 20 }, () => one)));
    const statuses: (number | undefined)[] = [];
    for (let i = 0; i < 20; i += 1) statuses.push((await connection.reply())?.status);
    expect(statuses.sort()).toEqual([200, ...Array.from({ length: 19 }, () => 429)]);
    expect(await simulator.calls()).toHaveLength(1);
    connection.destroy();
  });

  const REFUSED: [string, number, () => Buffer][] = [
    ['wrong method', 405, () => bytesOf(app, { method: 'PUT', target: '/api/send-otp', body: INNER })],
    ['wrong media type', 415, () => bytesOf(app, { method: 'POST', target: '/api/send-otp', body: INNER })],
    ['wrong origin', 403, () => bytesOf(app, jsonPost('/api/send-otp', INNER, ['Origin: https://evil.example']))],
    ['broken JSON', 400, () => bytesOf(app, jsonPost('/api/send-otp', INNER))],
    ['unknown path', 404, () => bytesOf(app, jsonPost('/api/nope', INNER))],
    ['slash at the end of the path', 308, () => bytesOf(app, jsonPost('/api/send-otp/', INNER))],
    ['GET with a body', 200, () => bytesOf(app, { target: '/api/health', body: INNER })],
  ];
  test.each(REFUSED)('the server reads no request from the body of another one: %s', async (_name, status, first) => {
    const { connection, number } = await withNext(first());
    expect((await connection.reply())?.status).toBe(status);
    expect((await connection.reply())?.status).toBe(200);
    expect((await simulator.calls()).map(({ body }) => body.to)).toEqual([number.slice(1)]);
    connection.destroy();
  });

  test('the server reads no request from a body that is too large', async () => {
    const connection = await RawConnection.open(app);
    const body = INNER.padEnd(200) + INNER.repeat(100);
    const reply = await connection.write(bytesOf(app, jsonPost('/api/send-otp', body))).reply();
    expect([...outcomeOf(reply), reply?.headers.get('connection')]).toEqual([413, 'BODY_TOO_LARGE', 'close']);
    await connection.closed();
    expect(await simulator.calls()).toEqual([]);
  });
});

describe('a request whose end can be read in two ways', () => {
  const BODY = '{"phoneNumber":"+14155550197"}';
  const CHUNKS = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
  const TWO_WAYS: [string, string[], string][] = [
    ['a length and chunks', ['Content-Length: 30', 'Transfer-Encoding: chunked'], CHUNKS],
    ['chunks and a length', ['Transfer-Encoding: chunked', 'Content-Length: 5'], CHUNKS],
    ['a length in a trailer', ['Transfer-Encoding: chunked'], CHUNKS.replace(/\r\n$/, 'Content-Length: 5\r\n\r\n')],
    ['two lengths', ['Content-Length: 30', 'Content-Length: 5'], BODY],
    ['the same length twice', ['Content-Length: 30', 'Content-Length: 30'], BODY],
    ['two lengths in one', ['Content-Length: 30, 5'], BODY],
    ['a length with a sign', ['Content-Length: +30'], BODY],
    ['a length with a space inside', ['Content-Length: 3 0'], BODY],
    ['a name with a space', ['Transfer-Encoding : chunked'], CHUNKS],
    ['a folded name', ['Transfer-Encoding:', ' chunked'], CHUNKS],
    ['a folded header', ['X-A: b\r\n Transfer-Encoding: chunked', 'Content-Length: 30'], BODY],
    ['chunks that are not last', ['Transfer-Encoding: chunked, identity'], CHUNKS],
    ['another coding alone', ['Transfer-Encoding: identity'], BODY],
    ['an unknown coding', ['Transfer-Encoding: xchunked'], CHUNKS],
    ['a coding in quotes', ['Transfer-Encoding: "chunked"'], CHUNKS],
    ['a vertical tab before the coding', ['Transfer-Encoding: \x0bchunked'], CHUNKS],
    ['a bare line feed in a header', ['X-A: b\nTransfer-Encoding: chunked', 'Content-Length: 30'], BODY],
    ['a chunk’s size with a sign', ['Transfer-Encoding: chunked'], `+${CHUNKS}`],
    ['a chunk’s size in 0x', ['Transfer-Encoding: chunked'], `0x${CHUNKS}`],
    ['a chunk’s size below zero', ['Transfer-Encoding: chunked'], '-1\r\n\r\n0\r\n\r\n'],
    ['a chunk’s size beyond all bounds', ['Transfer-Encoding: chunked'], `fffffffffffffffff\r\n${BODY}\r\n0\r\n\r\n`],
    ['a chunk longer than its size', ['Transfer-Encoding: chunked'], `5\r\n${BODY}\r\n0\r\n\r\n`],
    ['a chunk with a bare line feed', ['Transfer-Encoding: chunked'], CHUNKS.replace('\r\n', '\n')],
    [
      '16 kB of a chunk’s extensions',
      ['Transfer-Encoding: chunked'],
      CHUNKS.replace('\r\n', `;${'a'.repeat(20_000)}\r\n`),
    ],
  ];
  test.each(TWO_WAYS)('%s: the server serves neither the request nor what follows it', async (_name, lines, body) => {
    const { connection } = await withNext(head(lines) + body);
    const reply = await connection.reply();
    expect([undefined, 400, 413]).toContain(reply?.status);
    await connection.closed();
    expect(await simulator.calls()).toEqual([]);
    expect(await isServing()).toBe(true);
  });

  test('the server ignores short extensions and trailers of chunks', async () => {
    const number = newNumber();
    const body = JSON.stringify({ phoneNumber: number });
    const chunks = `${body.length.toString(16)};a=b\r\n${body}\r\n0\r\nOrigin: https://evil.example\r\n\r\n`;
    const { connection, number: next } = await withNext(head(['Transfer-Encoding: chunked']) + chunks);
    expect([(await connection.reply())?.status, (await connection.reply())?.status]).toEqual([200, 200]);
    expect((await simulator.calls()).map((call) => call.body.to)).toEqual([number.slice(1), next.slice(1)]);
    connection.destroy();
  });
});

test.each([
  ['nothing but line breaks', '\r\n\r\n\r\n\r\n', undefined],
  ['random bytes', Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 197) % 256)), 400],
  ['a TLS greeting', Buffer.from('16030100f0010000ec0303', 'hex'), 400],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['HTTP/0.9', 'GET /api/health\r\n\r\n', 200],
  ['HTTP/9.9', 'GET /api/health HTTP/9.9\r\nHost: x\r\n\r\n', 400],
  ['a request without a host', 'GET /api/health HTTP/1.1\r\n\r\n', 400],
  ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n', 400],
  ['a proxy’s greeting', 'PROXY TCP4 198.51.100.1 203.0.113.1 1 2\r\nGET /api/health HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['a first line without an end', `GET /${'a'.repeat(40_000)}`, 431],
  ['a header without an end', `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(40_000)}`, 431],
])('%s: nobody else notices', async (_name, bytes, status) => {
  const connection = await RawConnection.open(app);
  connection.write(bytes);
  if (status !== undefined) {
    expect((await connection.reply())?.status).toBe(status);
    await connection.closed();
  }
  expect(await isServing()).toBe(true);
  connection.destroy();
});

describe('a request to change the protocol', () => {
  const WEBSOCKET = [
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Version: 13',
  ];
  const H2C = ['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABk'];
  const CHANGES: [string, RawRequest, number][] = [
    ...[
      '/',
      '/about',
      '/nope',
      '/favicon.svg',
      '/_next/hmr',
      '/_next/webpack-hmr',
      '/api/health',
      '/api/nope',
      '//',
    ].flatMap((target): [string, RawRequest, number][] => [
      [`WebSocket at ${target}`, { target, headers: WEBSOCKET }, 400],
      [`h2c at ${target}`, { target, headers: H2C }, 400],
    ]),
    ['another protocol', { target: '/', headers: ['Upgrade: x', 'Connection: upgrade'] }, 400],
    ['WebSocket by POST', { ...jsonPost('/api/send-otp', { phoneNumber: '+14155550196' }, WEBSOCKET) }, 400],
    ['h2c by POST', { ...jsonPost('/api/send-otp', { phoneNumber: '+14155550196' }, H2C) }, 400],
    ['WebSocket at another host', { target: 'http://evil.example/', headers: WEBSOCKET }, 400],
    ['a tunnel', { method: 'CONNECT', target: 'evil.example:443' }, 405],
    ['a tunnel to a path', { method: 'CONNECT', target: '/api/health' }, 405],
  ];
  test.each(CHANGES)('(%s) gets a refusal, and its connection ends at once', async (_name, request, status) => {
    const connection = await RawConnection.open(app);
    const startedAt = performance.now();
    const reply = await connection.write(bytesOf(app, request)).reply(request.method);
    expect([reply?.status, reply?.headers.get('connection')]).toEqual([status, 'close']);
    await connection.closed();
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(await simulator.calls()).toEqual([]);
  });

  test('leaves no open socket on the server, even if the client keeps its side open and reads nothing', async () => {
    const { hostname, port } = new URL(app.url);
    const sockets = Array.from({ length: 50 }, (_, i) => {
      const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
      socket.on('error', () => undefined).write(bytesOf(app, { target: '/nope', headers: i % 2 ? WEBSOCKET : H2C }));
      return socket;
    });
    await sleep(2000);
    const open = () => sockets.filter((socket) => !socket.destroyed);
    // The first write to a socket that the server closed may succeed, but a later one fails.
    for (let attempt = 0; attempt < 10 && open().length > 0; attempt += 1) {
      for (const socket of open()) socket.write('x');
      await sleep(300);
    }
    expect(open()).toHaveLength(0);
    for (const socket of sockets) socket.destroy();
  });

  test('is refused even as the first request of a server', async () => {
    const port = await freePort();
    const child = spawnApp(port, testEnvironment(simulator.url));
    try {
      // The server is listening, and nobody has asked it anything yet.
      while (child.stdout && !String((await once(child.stdout, 'data'))[0]).includes('Ready in'));
      await sleep(2000);
      const fresh = { url: `http://127.0.0.1:${port}` };
      expect((await rawRequest(fresh, { target: '/nope', headers: WEBSOCKET }))?.status).toBe(400);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

test('within 20 seconds, the server ends sockets on which no request arrives, or one too slowly', async () => {
  const get = (target: string, ...lines: string[]) => bytesOf(app, { target, headers: lines });
  const SILENT: [string, Buffer | string, string | undefined][] = [
    ['nothing', '', undefined],
    ['half a line', 'GET / HT', undefined],
    ['line breaks', '', '\r\n'],
    ['a slow head', 'GET / HTTP/1.1\r\nHost: x\r\nX-A: ', 'a'],
    ['nothing after a reply', get('/api/health'), undefined],
    ['line breaks after a reply', get('/api/health'), '\r\n'],
    ['line breaks after a page', get('/'), '\r\n'],
    ['a slow head after a reply', Buffer.concat([get('/api/health'), Buffer.from('GET / HTTP/1.1\r\nX-A: ')]), 'a'],
    ['a body for a page', get('/', 'Content-Length: 1000'), 'a'],
    ['a body for a file', get('/favicon.svg', 'Transfer-Encoding: chunked'), '1\r\na\r\n'],
    ['a body for an unknown address', get('/nope', 'Content-Length: 1000'), 'a'],
    ['a body for a refused method', bytesOf(app, { method: 'PUT', target: '/', headers: ['Content-Length: 99'] }), 'a'],
  ];
  const late = await Promise.all(
    SILENT.map(async ([name, first, drip]) => {
      const connection = await RawConnection.open(app);
      connection.write(first);
      const timer = setInterval(() => drip && connection.write(drip), 500);
      const isEnded = await connection.closed(20_000).then(
        () => true,
        () => false,
      );
      clearInterval(timer);
      connection.destroy();
      return isEnded ? [] : [name];
    }),
  );
  expect(late.flat()).toEqual([]);
});

test('the server waits for Infobip for longer than a silent socket may stay open', async () => {
  const slow = await TestApp.start(simulator.url, { INFOBIP_TIMEOUT_MS: '30000' });
  await simulator.fault('send', { kind: 'delay', ms: 17_000 }, { times: 1 });
  expect((await slow.send(newNumber())).status).toBe(200);
  await slow.stop();
});

describe('a client that goes away', () => {
  const whole = (number: string) => bytesOf(app, jsonPost('/api/send-otp', { phoneNumber: number }));

  test.each([
    ['in the first line', 0.05],
    ['in its headers', 0.4],
    ['in its body', 0.9],
  ])('sends no message if it goes away %s', async (_name, share) => {
    const number = newNumber();
    for (let i = 0; i < 10; i += 1) {
      const connection = await RawConnection.open(app);
      const bytes = whole(number);
      connection.write(bytes.subarray(0, Math.floor(bytes.length * share)));
      await sleep(5);
      connection.destroy();
    }
    await sleep(50);
    expect(await simulator.calls()).toEqual([]);
    expect((await app.send(number)).status).toBe(200);
  });

  test('gets one message if it goes away during the send, and must wait like others for the next one', async () => {
    const number = newNumber();
    await simulator.fault('send', { kind: 'delay', ms: 1000 }, { times: 1 });
    const connection = await RawConnection.open(app);
    connection.write(whole(number));
    await until(async () => (await simulator.calls('send')).length > 0);
    connection.destroy();
    await until(async () => (await simulator.messages(number)).length > 0);
    expect(outcomeOf(await app.send(number))).toEqual([429, 'RATE_LIMITED']);
    expect(await simulator.calls('send')).toHaveLength(1);
  });

  test('leaves the server running if it goes away before it reads its reply', async () => {
    const number = newNumber();
    for (let i = 0; i < 20; i += 1) {
      const connection = await RawConnection.open(app);
      connection.write(whole(number));
      connection.destroy();
    }
    await sleep(200);
    // The server got the others before this request, so they are over when it replies.
    expect([200, 429]).toContain((await app.send(number)).status);
    expect((await simulator.calls()).length).toBeLessThanOrEqual(1);
    expect(await isServing()).toBe(true);
    expect(app.output).not.toContain('INTERNAL_ERROR');
  });
});

test('hundreds of silent or half-finished connections do not stop the server from serving others', async () => {
  const idle = await Promise.all(
    Array.from({ length: 400 }, async (_, i) => {
      const connection = await RawConnection.open(app);
      if (i % 2 === 0) connection.write(`POST /api/send-otp HTTP/1.1\r\nHost: x\r\nX-Slow-${i}: `);
      return connection;
    }),
  );
  const startedAt = performance.now();
  expect((await app.send(newNumber())).status).toBe(200);
  expect(await isServing()).toBe(true);
  expect(performance.now() - startedAt).toBeLessThan(5000);
  for (const connection of idle) connection.destroy();
  expect(await simulator.calls()).toHaveLength(1);
});
