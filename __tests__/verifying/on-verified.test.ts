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
    void verifyOtp(Object.assign(request, { cookies }) as unknown as NextApiRequest, response as NextApiResponse);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
});

/** The route with another `onVerified`, and a sent code; returns the reply to verifying it. */
async function verifyWith(
  act: OnVerified,
  headers: Record<string, string> = {},
): Promise<{ reply: Response; again: () => Promise<Response> }> {
  delete shared[SERVICES];
  const services = { ...getServices(), onVerified: act };
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
  const body = JSON.stringify({ pinId: handle, pin: await simulator.pinFor(NUMBER) });
  const { port } = server.address() as AddressInfo;
  const verify = () =>
    fetch(`http://127.0.0.1:${port}/api/verify-otp`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'Content-Type': 'application/json', ...headers },
      body,
    });
  return { reply: await verify(), again: verify };
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
      channel: 'sms',
      proofId: expect.any(String),
    },
  ]);
  expect(reply.headers.getSetCookie()).toContain('login=1; HttpOnly');
  expect((await again()).status).toBe(404);
  expect(seen).toHaveLength(1);
});

test.each([
  ['an error of its own', new AppError('PHONE_NUMBER_NOT_SUPPORTED'), 422, 'PHONE_NUMBER_NOT_SUPPORTED'],
  ['anything else', new Error('database is down'), 500, 'INTERNAL_ERROR'],
])('if it fails with %s, the client gets that, no cookie, no proof and no session', async (_, error, status, code) => {
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
  expect((await again()).status).toBe(404);
});

test('onVerified may send its own response', async () => {
  const { reply } = await verifyWith(async (_, { response }) => {
    response.statusCode = 303;
    response.setHeader('Location', '/welcome');
    response.end();
  });
  expect([reply.status, reply.headers.get('location')]).toEqual([303, '/welcome']);
  expect(reply.headers.getSetCookie()).toContainEqual(expect.stringMatching(/^phone-session=./));
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
