import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';
import type { NextApiRequest, NextApiResponse } from 'next';
import { testEnvironment } from '@/__tests__/support/app';
import { useSimulator } from '@/__tests__/support/use-app';
import { markAccount } from '@/examples/on-verified';
import { AppError } from '@/lib/errors';
import type { Services } from '@/lib/http/route';
import { writePinState } from '@/lib/methods/phone/pin';
import type { Logger } from '@/lib/observability/logger';
import type { OnVerified, Verified } from '@/lib/on-verified';
import { getServices } from '@/lib/services';
import { createToken, keyOf } from '@/lib/verification/token';
import verifyOtp from '@/pages/api/verify-otp';

const NUMBER = '+14155552671';
const shared = globalThis as { [key: symbol]: Services | undefined };
const SERVICES = Symbol.for('phone-verification.services');

const { simulator, withApp } = useSimulator();

let server: Server;
beforeAll(async () => {
  Object.assign(process.env, testEnvironment(simulator.url), { LOG_LEVEL: 'silent' });
  server = createServer((request, response) => {
    const cookies = Object.fromEntries((request.headers.cookie ?? '').split('; ').map((pair) => pair.split('=')));
    void verifyOtp(
      Object.assign(request, { cookies, query: {} }) as unknown as NextApiRequest,
      response as NextApiResponse,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
});

const JSON_TYPE = 'application/json';

/** The webhooks of the last verification. */
let told: [string, object][] = [];

/** The route with another `onVerified`, and a sent code; returns the reply to verifying it, and what was logged. */
async function verifyWith(
  act: OnVerified,
  headers: Record<string, string> = {},
): Promise<{ reply: Response; again: () => Promise<Response>; logged: readonly object[] }> {
  delete shared[SERVICES];
  const logged: object[] = [];
  const logger = {
    ...getServices().logger,
    error: (line: object) => logged.push(line),
    child: () => logger,
  } as unknown as Logger;
  told = [];
  const webhooks = {
    send: (type: string, data: object) => void told.push([type, data]),
    waiting: () => ({}),
    stop: async () => undefined,
  };
  const services = { ...getServices(), logger, onVerified: act, webhooks };
  shared[SERVICES] = services;
  const sent = await services.twoFactor.send('sms', services.config.infobip.messageIds.sms.en, {
    msisdn: NUMBER.slice(1),
    country: 'US',
  });
  if (sent.kind !== 'sent') throw new Error(sent.kind);
  const handle = createToken();
  const methodState = writePinState({ messageId: 'TEMPLATE', infobipPinId: sent.pinId });
  const challenge = { method: 'sms', methodState, challenge: 'ONE', ttlMs: 60_000 };
  await services.verifications.create(keyOf(handle), { subject: NUMBER, scope: 'strangers', ...challenge });
  const fields = { pinId: handle, pin: await simulator.pinFor(NUMBER) };
  const { 'Content-Type': type = JSON_TYPE } = headers;
  const body = type === JSON_TYPE ? JSON.stringify(fields) : String(new URLSearchParams(fields));
  const { port } = server.address() as AddressInfo;
  const verify = () =>
    fetch(`http://127.0.0.1:${port}/api/verify-otp`, {
      method: 'POST',
      redirect: 'manual',
      headers: { ...headers, 'Content-Type': type },
      body,
    });
  return { reply: await verify(), again: verify, logged };
}

test('onVerified gets every verified number, once, before the client’s reply', async () => {
  const seen: Verified[] = [];
  const { reply, again } = await verifyWith(async (verified, { response }) => {
    seen.push(verified);
    response.appendHeader('Set-Cookie', 'login=1; HttpOnly');
  });
  expect(reply.status).toBe(200);
  expect(seen).toEqual([
    {
      phoneNumber: NUMBER,
      phone: expect.stringMatching(/^[\w-]{22}$/),
      country: 'US',
      method: 'sms',
      channel: 'sms',
      account: undefined,
      proofId: expect.any(String),
    },
  ]);
  expect(reply.headers.getSetCookie()).toContain('login=1; HttpOnly');
  expect((await again()).status).toBe(404);
  expect(seen).toHaveLength(1);
  const { proofId } = seen[0] ?? {};
  expect(told).toEqual([
    ['verification.succeeded', { phoneNumber: NUMBER, country: 'US', method: 'sms', channel: 'sms', proofId }],
  ]);
});

test.each([
  ['an error of its own', new AppError('PHONE_NUMBER_NOT_SUPPORTED'), 422, 'PHONE_NUMBER_NOT_SUPPORTED'],
  ['anything else', new Error('database is down'), 500, 'INTERNAL_ERROR'],
])(
  'if it fails with %s, the client gets that, no cookie, no proof, no session and no webhook',
  async (_, error, status, code) => {
    const ended = jest.fn();
    const { reply, again } = await verifyWith(async (_verified, { response }) => {
      response.appendHeader('Set-Cookie', 'login=1');
      const { sessions } = getServices();
      jest.spyOn(sessions, 'end').mockImplementation(async (key) => ended(key));
      throw error;
    });
    expect(ended).toHaveBeenCalledTimes(1);
    expect([reply.status, await reply.json()]).toEqual([status, expect.objectContaining({ verified: false, code })]);
    expect(reply.headers.getSetCookie()).toEqual([]);
    expect(told).toEqual([]);
    expect((await again()).status).toBe(404);
  },
);

test('onVerified may send its own response', async () => {
  const { reply } = await verifyWith(async (_, { response }) => {
    response.statusCode = 303;
    response.setHeader('Location', '/welcome');
    response.end();
  });
  expect([reply.status, reply.headers.get('location')]).toEqual([303, '/welcome']);
  expect(reply.headers.getSetCookie()).toContainEqual(expect.stringMatching(/^phone-session=./));
});

describe('onVerified may send the person on', () => {
  const OTHER = 'https://shop.example.com';
  const FORM = { 'Content-Type': 'application/x-www-form-urlencoded', 'Sec-Fetch-Site': 'same-origin' };

  beforeAll(() => {
    const origins = { APP_ORIGIN: 'https://verify.example.com', CONTINUE_URL: 'https://www.example.com/account' };
    Object.assign(process.env, { ...origins, REDIRECT_ORIGINS: `https://a.example.com, ${OTHER}` });
  });
  afterAll(() => {
    for (const name of ['APP_ORIGIN', 'CONTINUE_URL', 'REDIRECT_ORIGINS']) delete process.env[name];
  });

  test.each([
    ['/welcome?from=phone#top', '/welcome?from=phone#top'],
    ['/willkommen/grüezi mitenand', '/willkommen/gr%C3%BCezi%20mitenand'],
    ['https://verify.example.com/welcome', 'https://verify.example.com/welcome'],
    ['https://www.example.com/elsewhere', 'https://www.example.com/elsewhere'],
    ['https://SHOP.example.com:443/cart?code=1', `${OTHER}/cart?code=1`],
  ])('to %s, which the reply names', async (redirectTo, named) => {
    const { reply } = await verifyWith(async () => ({ redirectTo }));
    expect([reply.status, await reply.json()]).toEqual([200, expect.objectContaining({ redirectTo: named })]);
  });

  test.each([`${OTHER}/?a="<b>'&c=;url=//evil.example`, '/welcome'])(
    'a form gets to %s with a page that leads on, and no redirect',
    async (redirectTo) => {
      const { reply } = await verifyWith(async () => ({ redirectTo }), FORM);
      const url = new URL(redirectTo, 'https://here.invalid');
      const to = redirectTo.startsWith('/') ? url.pathname : url.href;
      expect([reply.status, reply.headers.get('location'), reply.headers.get('refresh')]).toEqual([
        200,
        null,
        `0; url=${to}`,
      ]);
      expect(reply.headers.getSetCookie()).toContainEqual(expect.stringMatching(/^__Host-phone-session=./));
      expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(reply.headers.get('content-security-policy')).toContain("default-src 'none'");
      const html = await reply.text();
      expect(html).toContain(`<a href="${to.replaceAll('&', '&amp;')}">Continue</a>`);
      expect(html).not.toMatch(/<script|<b>/);
    },
  );

  test.each([
    [
      'https://evil.example/?secret=1',
      /has an origin that is not allowed: https:\/\/evil\.example\. See REDIRECT_ORIGINS/,
    ],
    ['https://shop.example.com.evil.example/', /not allowed/],
    ['https://shop.example.com@evil.example/', /not allowed/],
    ['http://shop.example.com/', /not allowed/],
    ['https://shop.example.com:8443/', /not allowed/],
    ['https://name:secret@shop.example.com/', /has a name or a password/],
    ['//evil.example', /begins with two slashes/],
    ['///evil.example', /begins with two slashes/],
    ['/.//evil.example', /another host once its dots are resolved/],
    ['/x/..//evil.example', /another host once its dots are resolved/],
    ['/\\evil.example', /a control character or a backslash/],
    ['/\t/evil.example', /a control character or a backslash/],
    ['/welcome\r\nSet-Cookie: a=b', /a control character or a backslash/],
    ['javascript:alert(1)', /not allowed: javascript:/],
    ['data:text/html,hello', /not allowed: data:/],
    ['blob:https://www.example.com/6b8d1f0e', /not allowed: blob:/],
    ['welcome', /neither a path/],
    ['', /neither a path/],
  ])('but not to %j: that is an error, and the log says why', async (redirectTo, why) => {
    for (const headers of [{}, FORM]) {
      const { reply, again, logged } = await verifyWith(async () => ({ redirectTo }), headers);
      if (headers === FORM) expect([reply.status, reply.headers.get('location')]).toEqual([303, '/']);
      else
        expect([reply.status, await reply.json()]).toEqual([500, expect.objectContaining({ code: 'INTERNAL_ERROR' })]);
      expect(reply.headers.get('refresh')).toBeNull();
      expect(String(reply.headers.getSetCookie())).not.toMatch(/session|device/);
      const cause = { name: 'RedirectRefused', message: expect.stringMatching(why) };
      expect(logged).toEqual([expect.objectContaining({ event: 'internal.error', cause })]);
      expect(JSON.stringify(logged)).not.toMatch(/secret/);
      expect((await again()).status).toBe(headers === FORM ? 303 : 404);
    }
  });
});

describe('examples/on-verified.ts', () => {
  const kept: object[] = [];
  const example = markAccount({
    ownerOf: async (cookie) => (cookie === 'hers' ? 'Ann' : undefined),
    setPhoneNumber: async (account, { phoneNumber, proofId }, signal) =>
      void kept.push({ account, phoneNumber, proofId, hasDeadline: !signal.aborted }),
  });

  test('gives the number to the account that is logged in', async () => {
    const { reply } = await verifyWith(example, { Cookie: 'login=hers' });
    const { jti } = decodeJwt(((await reply.json()) as { proof: string }).proof);
    expect(kept).toEqual([{ account: 'Ann', phoneNumber: NUMBER, proofId: jti, hasDeadline: true }]);
  });

  test.each([{}, { Cookie: 'login=forged' }])('gives it to nobody if nobody is logged in: %j', async (headers) => {
    const before = kept.length;
    expect((await verifyWith(example, headers)).reply.status).toBe(200);
    expect(kept).toHaveLength(before);
  });
});

test('by default the log line has the event, with the number’s pseudonym', async () => {
  await withApp({}, async (app) => {
    const { body } = await app.send(NUMBER);
    const reply = await app.verify(body.pinId, await simulator.pinFor(NUMBER));
    const { phone } = await app.logLineOf(reply);
    const event = app.output.split('\n').find((line) => line.includes('number.verified'));
    expect(JSON.parse(event ?? '')).toMatchObject({ phone, country: 'US', channel: 'sms' });
  });
});
