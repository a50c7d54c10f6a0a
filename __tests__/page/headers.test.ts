import { readdirSync } from 'node:fs';
import path from 'node:path';
import { useApp } from '@/__tests__/support/use-app';

const { app } = useApp();

const get = (path: string, init: RequestInit = {}) => fetch(app.url + path, init);
const policyOf = (reply: Response) => reply.headers.get('content-security-policy');
/** The nonce in a policy; the policy is returned with NONCE in its place. */
function nonceOf(reply: Response): { nonce: string; policy: string } {
  const policy = policyOf(reply) ?? '';
  const nonce = /'nonce-([^']*)'/.exec(policy)?.[1] ?? '';
  return { nonce, policy: policy.replace(nonce, 'NONCE') };
}

const STATIC_POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; object-src 'none'; " +
  "frame-ancestors 'none'";

/** Compares whole values, because a header sent twice would read `value, value`. */
const SECURITY_HEADERS = {
  'strict-transport-security': 'max-age=63072000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'permissions-policy': 'otp-credentials=(self), camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'/),
};

test.each([
  ['/', 200],
  ['/nope', 404],
  ['/favicon.svg', 200],
  ['/.well-known/jwks.json', 200],
  ['/api/nope', 404],
  // There is no such route, because the path is in another case.
  ['/API/health', 404],
  ['/api/Health', 404],
])('%s tells the browser what it may do', async (path, status) => {
  const reply = await get(path);
  expect(reply.status).toBe(status);
  expect(Object.fromEntries(reply.headers)).toMatchObject(SECURITY_HEADERS);
  expect(reply.headers.has('x-powered-by')).toBe(false);
});

// Next's rule leaves API routes out, so each route has to set the headers itself.
test.each(readdirSync('pages/api').map((file) => [file === 'openid' ? 'openid/token' : path.parse(file).name]))(
  'the API route %s tells the browser what it may do, whatever it answers',
  async (name) => {
    for (const method of ['GET', 'POST', 'PUT']) {
      const reply = await get(`/api/${name}`, { method });
      expect(Object.fromEntries(reply.headers)).toMatchObject(SECURITY_HEADERS);
    }
  },
);

describe('the page', () => {
  test('may run only its own scripts, and inline ones only with the nonce', async () => {
    expect(nonceOf(await get('/')).policy).toBe(
      "default-src 'none'; script-src 'self' 'nonce-NONCE'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
        "worker-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
    );
  });

  test('has a new nonce of 128 bits each time, and may not be cached', async () => {
    const replies = await Promise.all(Array.from({ length: 5 }, () => get('/')));
    const nonces = replies.map((reply) => nonceOf(reply).nonce);
    expect(new Set(nonces).size).toBe(5);
    for (const nonce of nonces) expect(Buffer.from(nonce, 'base64')).toHaveLength(16);
    for (const reply of replies) expect(reply.headers.get('cache-control')).toBe('no-store');
  });

  test('has the nonce on every script, and nothing else that the policy would refuse', async () => {
    const reply = await get('/');
    const { nonce } = nonceOf(reply);
    const html = await reply.text();
    const scripts = html.match(/<script[^>]*>/g) ?? [];
    expect(scripts.filter((script) => !script.includes(' src='))).not.toHaveLength(0);
    expect(scripts.filter((script) => !script.includes(` nonce="${nonce}"`))).toEqual([]);
    expectNothingInline(html);
  });

  test('has a worker that may load its own scripts, and nothing else', async () => {
    const [, script = ''] = /<script[^>]* src="([^"]*\/chunks\/[^"]*)"/.exec(await (await get('/')).text()) ?? [];
    expect(policyOf(await get(script))).toBe("default-src 'none'; script-src 'self'");
  });

  test('ignores a nonce in the request', async () => {
    const reply = await get('/', { headers: { 'Content-Security-Policy': "script-src 'nonce-Zm9yZ2Vk'" } });
    expect(policyOf(reply)).not.toContain('Zm9yZ2Vk');
    expect(await reply.text()).not.toContain('Zm9yZ2Vk');
  });
});

describe.each([
  ['an unknown address', '/nope', {}, 404, 'Page not found'],
  ['an unknown address under /api', '/api/nope', {}, 404, 'Page not found'],
  ['anything else that is wrong', '/favicon.svg', { Range: 'bytes=9999999-' }, 416, 'Something went wrong'],
])('the page for %s', (_what, path, headers, status, title) => {
  test('runs and needs no script', async () => {
    const reply = await get(path, { headers });
    expect([reply.status, policyOf(reply)]).toEqual([status, STATIC_POLICY]);
    const html = await reply.text();
    expect(html).toMatch(new RegExp(`<h1[^>]*>${title}</h1>`));
    expect(html).not.toContain('<script');
    expectNothingInline(html);
  });
});

test.each([
  ['GET', '/api/health', 200],
  ['GET', '/api/send-otp', 405],
  ['POST', '/api/send-otp', 415],
])('the reply to %s %s may do nothing at all', async (method, path, status) => {
  const reply = await get(path, { method });
  expect([reply.status, policyOf(reply)]).toEqual([status, "default-src 'none'; frame-ancestors 'none'"]);
});

function expectNothingInline(html: string): void {
  expect(html).not.toMatch(/<style|<[^>]*\s(style|on\w+)=|javascript:/i);
}
