import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { keysOf } from '@/__tests__/proof/check';
import type { Reply } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { madeUpHandle, newAddress } from '@/__tests__/support/person';
import { useAnotherApp, useApp } from '@/__tests__/support/use-app';
import { ApiKey } from './api-key';

const SHOP = new ApiKey('shop');
const BANK = new ApiKey('bank');
const AUDIENCES = ['https://shop.example', 'https://pay.shop.example'];
const API_CLIENTS = JSON.stringify([SHOP.row({ audiences: AUDIENCES }), BANK.row()]);
const { app, simulator, startApp } = useApp({ API_CLIENTS, PROOF_AUDIENCE: 'https://page.example' });

const PAGE = { 'sec-fetch-site': 'same-origin' };

async function proofFor(key: ApiKey, more: object = {}): Promise<string> {
  const number = newNumber();
  const { body } = await app.send(number, more, key.headers());
  return (await app.verify(body.pinId, await simulator.pinFor(number), key.headers())).body.proof;
}
const claimsOf = async (proof: string, audience: string) =>
  (await jwtVerify(proof, createLocalJWKSet(await keysOf(app)), { audience, typ: 'phone-proof+jwt' })).payload;

describe('the proof', () => {
  test('is for the first audience of the client, unless the request names another one', async () => {
    await claimsOf(await proofFor(SHOP), 'https://shop.example');
    await claimsOf(await proofFor(SHOP, { audience: 'https://pay.shop.example' }), 'https://pay.shop.example');
  });

  test("is for the client's id if no audience is configured", async () => {
    await claimsOf(await proofFor(BANK), 'bank');
  });

  test('does not pass at the service of another client, or at that of the page', async () => {
    const proof = await proofFor(SHOP);
    for (const audience of ['bank', 'https://page.example', 'https://pay.shop.example'])
      await expect(claimsOf(proof, audience)).rejects.toThrow(/aud/);
  });

  test('returns the nonce and the purpose', async () => {
    const proof = await proofFor(SHOP, { nonce: 'order-1042', purpose: 'confirm' });
    expect(await claimsOf(proof, 'https://shop.example')).toMatchObject({ nonce: 'order-1042', purpose: 'confirm' });
    expect(decodeProtectedHeader(proof)).toMatchObject({ alg: 'ES256', typ: 'phone-proof+jwt' });
  });

  test('keeps the nonce through a resend', async () => {
    const number = newNumber();
    const { body } = await app.send(number, { nonce: 'N1' }, SHOP.headers());
    await app.resend(body.pinId, { language: 'de' }, SHOP.headers());
    const verified = await app.verify(body.pinId, await simulator.pinFor(number), SHOP.headers());
    expect(await claimsOf(verified.body.proof, 'https://shop.example')).toMatchObject({ nonce: 'N1' });
  });
});

describe('bad input', () => {
  test.each([
    ['an audience of another client', { audience: 'bank' }, 'audience'],
    ['an empty nonce', { nonce: '' }, 'nonce'],
    ['a nonce with a space', { nonce: 'a b' }, 'nonce'],
    ['a nonce of 129 characters', { nonce: 'n'.repeat(129) }, 'nonce'],
    ['an unknown purpose', { purpose: 'fun' }, 'purpose'],
    ['a name in place of an address', { clientAddress: 'localhost' }, 'clientAddress'],
    ['a list of addresses', { clientAddress: '203.0.113.7, 203.0.113.8' }, 'clientAddress'],
    ['an address with a path', { clientAddress: '203.0.113.7/24' }, 'clientAddress'],
    ['an address that is a number', { clientAddress: 1 }, 'clientAddress'],
    ['a number as text', { clientAddress: '7' }, 'clientAddress'],
    ['an address in octal', { clientAddress: '010.0.0.1' }, 'clientAddress'],
    ['an address with a byte of zero', { clientAddress: '203.0.113.7\0' }, 'clientAddress'],
    ['an empty address', { clientAddress: '' }, 'clientAddress'],
  ])('%s is refused, and nothing is sent', async (_, more, field) => {
    const number = newNumber();
    const { status, body } = await app.send(number, more, SHOP.headers());
    expect([status, body.code, body.message]).toEqual([400, 'INVALID_REQUEST', expect.stringContaining(field)]);
    expect(await simulator.messages(number)).toHaveLength(0);
  });

  test('an audience on a resend is an unknown field', async () => {
    const { body } = await app.send(newNumber(), {}, SHOP.headers());
    const reply = await app.resend(body.pinId, { audience: AUDIENCES[1] }, SHOP.headers());
    expect(reply.body).toMatchObject({ code: 'INVALID_REQUEST', message: 'The field audience is unknown.' });
  });

  const open = useAnotherApp(() => startApp({ API_CLIENTS, API_ACCESS: 'open' }));
  test.each([
    ['clientAddress', { clientAddress: '203.0.113.7' }],
    ['audience', { audience: AUDIENCES[0] }],
    ['nonce', { nonce: 'N1' }],
    ['purpose', { purpose: 'login' }],
  ])('%s is refused from everybody without a key', async (field, more) => {
    for (const headers of [{}, PAGE]) {
      const { status, body } = await open.send(newNumber(), more, headers);
      expect([status, body.message]).toEqual([400, `The field ${field} is for programs with an API key.`]);
    }
    expect((await open.form('/api/send-otp', { phoneNumber: newNumber(), ...(more as object) })).status).toBe(303);
    expect(await simulator.messages()).toHaveLength(0);
  });
});

describe('clientAddress', () => {
  const limits = { LIMIT_SEND_PER_ADDRESS: '2/1h', LIMIT_VERIFY_PER_ADDRESS: '2/1h', LIMIT_SEND_PER_NETWORK: '100/1h' };
  const narrow = useAnotherApp(() => startApp({ API_CLIENTS, ...limits }));
  const send = (clientAddress?: string) =>
    narrow.send(newNumber(), { ...(clientAddress && { clientAddress }) }, SHOP.headers());
  const statuses = (replies: readonly Reply[]) => replies.map(({ status }) => status);

  test('counts instead of the address of the program, by IPv4 and by the /64 of IPv6', async () => {
    const [one, other] = [newAddress(), newAddress()];
    expect(statuses([await send(one), await send(one), await send(one)])).toEqual([200, 200, 429]);
    expect(statuses([await send(other), await send(`::ffff:${other}`), await send(other)])).toEqual([200, 200, 429]);
    const six = [await send('2001:db8::1'), await send('2001:db8::2'), await send('2001:db8::3')];
    expect(statuses(six)).toEqual([200, 200, 429]);
  });

  test('counts for attempts and resends as well', async () => {
    const [address, elsewhere] = [newAddress(), newAddress()];
    const number = newNumber();
    const sent = await narrow.send(number, { clientAddress: elsewhere }, SHOP.headers());
    const { pinId } = sent.body;
    const verify = (pin: string, clientAddress: string) =>
      narrow.post('/api/verify-otp', { pinId, pin, clientAddress }, SHOP.headers());
    const resend = () => narrow.resend(pinId, { clientAddress: address }, SHOP.headers());
    const pin = await simulator.pinFor(number);
    const wrong = pin === '000000' ? '000001' : '000000';
    for (const status of [400, 400, 429]) expect((await verify(wrong, address)).status).toBe(status);
    expect(statuses([await resend(), await resend(), await resend()])).toEqual([200, 200, 429]);
    expect((await verify(pin, elsewhere)).body.verified).toBe(true);
  });

  test('loses nothing of its limits to made-up verifications', async () => {
    const clientAddress = newAddress();
    for (let i = 0; i < 4; i += 1) {
      const [pinId, fields] = [madeUpHandle(), { clientAddress }];
      const verified = await narrow.post('/api/verify-otp', { pinId, pin: '123456', ...fields }, SHOP.headers());
      const resent = await narrow.resend(pinId, fields, SHOP.headers());
      expect([verified.body.code, resent.body.code]).toEqual(['PIN_NOT_FOUND', 'PIN_NOT_FOUND']);
    }
    expect((await send(clientAddress)).status).toBe(200);
  });

  test('is optional: without it, the address of the program counts', async () => {
    const replies: Reply[] = [];
    for (let i = 0; i < 3; i += 1) replies.push(await send());
    expect(statuses(replies)).toEqual([200, 200, 429]);
  });
});
