import { once } from 'node:events';
import { connect } from 'node:net';
import { useApp } from '@/__tests__/support/use-app';
import { until } from '@/__tests__/webhooks/receiver';

const ROUTES = ['/api/send-otp', '/api/resend-otp', '/api/verify-otp'];
const JSON_TYPE = { 'Content-Type': 'application/json' };

const { app, simulator } = useApp(
  { APP_ORIGIN: 'https://verify.example.com, http://localhost:3000' },
  { resetEach: false },
);

describe.each(ROUTES)('%s', (path) => {
  test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('refuses %s with Allow', async (method) => {
    const reply = await app.request(path, { method, headers: { 'X-HTTP-Method-Override': 'POST' } });
    expect([reply.status, reply.body.code, reply.headers.get('allow')]).toEqual([405, 'METHOD_NOT_ALLOWED', 'POST']);
  });

  test.each([
    'application/x-www-form-urlencoded',
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    '',
  ])('refuses the media type %p', async (type) => {
    const headers: Record<string, string> = type === '' ? {} : { 'Content-Type': type };
    const reply = await app.request(path, { method: 'POST', headers, body: 'phoneNumber=%2B14155552671&pin=123456' });
    expect([reply.status, reply.body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  test('refuses a compressed body', async () => {
    const headers = { ...JSON_TYPE, 'Content-Encoding': 'gzip' };
    expect((await app.request(path, { method: 'POST', headers, body: '{}' })).status).toBe(415);
  });

  test.each([
    '',
    '{',
    'null',
    '[]',
    '"text"',
    '1',
    '{"a":1',
    "{'a':1}",
    '{"__proto__":{"verified":true}}',
    '{"constructor":1}',
  ])('refuses the body %p', async (body) => {
    const reply = await app.request(path, { method: 'POST', headers: JSON_TYPE, body });
    expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_REQUEST']);
  });

  test('accepts application/json with parameters, in upper or lower case', async () => {
    const headers = { 'Content-Type': 'Application/JSON; charset=UTF-8' };
    const reply = await app.request(path, { method: 'POST', headers, body: '{"unknown":1}' });
    expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_REQUEST']);
  });

  test('refuses more than 4 kB, with and without a Content-Length', async () => {
    const body = JSON.stringify({ pin: 'x'.repeat(5000) });
    const reply = await app.request(path, { method: 'POST', headers: JSON_TYPE, body });
    expect([reply.status, reply.body.code]).toEqual([413, 'BODY_TOO_LARGE']);
    // The server must not take the rest of the body for the next request.
    expect(reply.headers.get('connection')).toBe('close');
    expect(await chunked(path, body)).toMatch(/^HTTP\/1.1 413 /);
  });

  test.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    { origin: 'https://evil.example' },
    { origin: 'https://verify.example.com.evil.example' },
    { origin: 'https://evil.example', host: 'evil.example' },
    { origin: 'null' },
  ] as Record<string, string>[])('refuses a page of another site: %o', async (headers) => {
    const reply = await app.request(path, { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: '{}' });
    expect([reply.status, reply.body.code]).toEqual([403, 'FORBIDDEN_ORIGIN']);
  });

  test.each([
    {},
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'same-origin', origin: 'https://behind-a-proxy.example' },
    { origin: 'https://verify.example.com' },
    { origin: 'http://localhost:3000' },
  ] as Record<string, string>[])('accepts a request with %o', async (headers) => {
    const reply = await app.request(path, { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: '{' });
    expect(reply.body.code).toBe('INVALID_REQUEST');
  });

  test('logs a client that leaves in the middle of its body, but not as an internal error', async () => {
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    const id = `gone-${path.slice(5)}`;
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: ${hostname}\r\nX-Request-Id: ${id}\r\nContent-Type: application/json\r\n`,
    );
    socket.write('Content-Length: 100\r\n\r\n{"pin"', () => setTimeout(() => socket.destroy(), 50));
    await once(socket, 'close');
    await until(() => app.output.includes(id));
    expect(app.output).not.toContain('INTERNAL_ERROR');
  });

  test('replaces a request id that could be a phone number', async () => {
    const headers = { ...JSON_TYPE, 'X-Request-Id': '14155552671' };
    const reply = await app.request(path, { method: 'POST', headers, body: '{}' });
    expect(reply.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('forbids caching of its replies, and repeats a well-formed request id', async () => {
    const headers = { ...JSON_TYPE, 'X-Request-Id': 'trace-0123456789' };
    const reply = await app.request(path, { method: 'POST', headers, body: '{}' });
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.headers.get('x-request-id')).toBe('trace-0123456789');
    expect(reply.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('replaces a request id that could forge log lines', async () => {
    const headers = { ...JSON_TYPE, 'X-Request-Id': 'a"}{"level":60' };
    const reply = await app.request(path, { method: 'POST', headers, body: '{}' });
    expect(reply.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

test('health answers GET and HEAD only', async () => {
  expect((await app.request('/api/health', { method: 'GET' })).body).toEqual({ status: 'ok' });
  expect((await app.request('/api/health', { method: 'POST' })).headers.get('allow')).toBe('GET, HEAD');
});

test('none of these requests reached Infobip', async () => {
  expect(await simulator.calls()).toEqual([]);
});

/** Sends a body without announcing its length. @returns the reply */
async function chunked(path: string, body: string): Promise<string> {
  const { hostname, port } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  socket.write(`${body.length.toString(16)}\r\n${body}\r\n`);
  const [reply] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return reply.toString();
}
