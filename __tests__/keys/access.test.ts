import { cookieOf, type TestApp } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { useAnotherApp, useApp } from '@/__tests__/support/use-app';
import { ApiKey } from './api-key';

const SHOP = new ApiKey('shop');
const BANK = new ApiKey('bank');
const OLD = new ApiKey('moving');
const NEW = new ApiKey('moving');
const API_CLIENTS = JSON.stringify([
  SHOP.row(),
  { ...BANK.row(), secretHash: BANK.hash.toUpperCase() },
  { id: 'moving', secretHash: [OLD.hash, NEW.hash] },
]);
const { app, simulator, startApp } = useApp({ API_CLIENTS, LIMIT_REQUESTS_PER_ADDRESS: '1000/1m' });

const PAGE = { 'sec-fetch-site': 'same-origin' };
const started = async (key: ApiKey, on: TestApp = app) => {
  const number = newNumber();
  const { body } = await on.send(number, {}, key.headers());
  return { number, pinId: body.pinId as string, pin: await simulator.pinFor(number) };
};

describe('with keys configured', () => {
  test('a program with a key sends, resends and verifies', async () => {
    const { pinId, pin, number } = await started(SHOP);
    expect((await app.resend(pinId, {}, SHOP.headers())).status).toBe(200);
    const { body } = await app.verify(pinId, pin, SHOP.headers());
    expect(body).toMatchObject({ verified: true, phoneNumber: number, proof: expect.any(String) });
  });

  test.each([
    ['without a key', {}],
    ['with a wrong secret', SHOP.headers(BANK.secret)],
    ['with the hash in place of the secret', SHOP.headers(SHOP.hash)],
    ['with an empty secret', SHOP.headers('')],
    ['with the key of an unknown client', new ApiKey('nobody').headers()],
    ['with the id of an object property', new ApiKey('__proto__').headers()],
    ['with a bearer token', { authorization: `Bearer ${SHOP.secret}` }],
    ['with credentials that are not base64', { authorization: 'Basic shop:secret' }],
    ['with an id alone', { authorization: `Basic ${Buffer.from('shop').toString('base64')}` }],
  ] as [string, Record<string, string>][])('a program %s is refused, and nothing is sent', async (_, headers) => {
    const number = newNumber();
    const sent = await app.send(number, {}, headers);
    const resent = await app.resend('A'.repeat(43), {}, headers);
    const verified = await app.verify('A'.repeat(43), '123456', headers);
    for (const { status, body } of [sent, resent, verified])
      expect([status, body.code]).toEqual([401, 'API_KEY_REQUIRED']);
    expect(sent.headers.get('www-authenticate')).toMatch(/^Basic /);
    expect(await simulator.messages(number)).toHaveLength(0);
  });

  test('the log says why the server refused a key, and never contains the key', async () => {
    app.keepOutOfLogs(SHOP.secret, BANK.secret);
    const wrong = await app.send(newNumber(), {}, SHOP.headers(BANK.secret));
    expect(await app.logLineOf(wrong)).toMatchObject({ event: 'api_key.refused', cause: 'unknown key' });
    expect(await app.logLineOf(await app.send(newNumber()))).toMatchObject({ cause: 'no key' });
    expect(await app.logLineOf(await app.send(newNumber(), {}, SHOP.headers()))).toMatchObject({ client: 'shop' });
  });

  test('the page needs no key, with script and without', async () => {
    const [number, other] = [newNumber(), newNumber()];
    const sent = await app.send(number, {}, PAGE);
    expect(sent.status).toBe(200);
    const cookie = cookieOf(sent);
    expect((await app.get('/api/verification', { ...PAGE, cookie })).status).toBe(200);
    const verified = await app.verify(undefined, await simulator.pinFor(number), { ...PAGE, cookie });
    expect(verified.body).toMatchObject({ verified: true });
    expect((await app.form('/api/send-otp', { phoneNumber: other })).status).toBe(303);
    expect(await simulator.messages(other)).toHaveLength(1);
  });

  test('a password for a proxy in front of the page does not count as a key', async () => {
    const password = { authorization: `Basic ${Buffer.from('staff:letmein').toString('base64')}` };
    expect((await app.send(newNumber(), {}, { ...PAGE, ...password })).status).toBe(200);
  });

  test('an old browser without Sec-Fetch-Site still reads its verification', async () => {
    const cookie = cookieOf(await app.send(newNumber(), {}, PAGE));
    expect((await app.get('/api/verification', { cookie })).status).toBe(200);
    expect((await app.get('/api/verification', { cookie, ...SHOP.headers('wrong') })).status).toBe(401);
  });

  test('both secrets work while the operator replaces a key', async () => {
    expect((await app.send(newNumber(), {}, OLD.headers())).status).toBe(200);
    expect((await app.send(newNumber(), {}, NEW.headers())).status).toBe(200);
  });

  test('a hash may be in upper or lower case', async () => {
    expect((await app.send(newNumber(), {}, BANK.headers())).status).toBe(200);
  });
});

describe('a verification belongs to the client that started it', () => {
  const strangers: [string, Record<string, string>][] = [
    ['another key', BANK.headers()],
    ['the page', PAGE],
  ];
  test.each(strangers)('%s cannot resend, verify or read it, and uses up no attempt', async (_, headers) => {
    const { pinId, pin, number } = await started(SHOP);
    const cookie = `verification=${pinId}`;
    for (let i = 0; i < 6; i += 1)
      expect((await app.verify(pinId, pin, headers)).body).toMatchObject({ code: 'PIN_NOT_FOUND', verified: false });
    expect((await app.resend(pinId, {}, headers)).body.code).toBe('PIN_NOT_FOUND');
    expect((await app.get('/api/verification', { ...headers, cookie })).body.code).toBe('NO_VERIFICATION');
    expect(await simulator.messages(number)).toHaveLength(1);
    const mine = await app.get('/api/verification', { ...SHOP.headers(), cookie });
    expect(mine.body).toMatchObject({ attemptsRemaining: 5 });
    expect((await app.verify(pinId, pin, SHOP.headers())).body.verified).toBe(true);
  });

  test('a client that shares one set of cookies among its users does not mix them up', async () => {
    const ann = await started(SHOP);
    const cookies = { ...SHOP.headers(), cookie: `verification=${ann.pinId}` };
    const bob = await app.send(newNumber(), {}, cookies);
    expect((await app.verify(undefined, ann.pin, cookies)).body.code).toBe('MISSING_PIN_ID');
    expect((await app.resend(undefined, {}, cookies)).body.code).toBe('MISSING_PIN_ID');
    const verified = await app.verify(ann.pinId, ann.pin, { ...cookies, cookie: `verification=${bob.body.pinId}` });
    expect(verified.body).toMatchObject({ verified: true, phoneNumber: ann.number });
    const session = cookieOf(verified, 'phone-session');
    const eve = await started(SHOP);
    expect((await app.verify(eve.pinId, eve.pin, { ...SHOP.headers(), cookie: session })).status).toBe(200);
    expect((await app.get('/api/session', { cookie: session })).body.phoneNumber).toBe(ann.number);
  });

  test('a key cannot finish what the page began', async () => {
    const number = newNumber();
    const token = cookieOf(await app.send(number, {}, PAGE)).split('=')[1];
    const pin = await simulator.pinFor(number);
    expect((await app.verify(token, pin, SHOP.headers())).body.code).toBe('PIN_NOT_FOUND');
    expect((await app.verify(token, pin, PAGE)).body.verified).toBe(true);
  });
});

describe('with keys and open access', () => {
  const open = useAnotherApp(() => startApp({ API_CLIENTS, API_ACCESS: 'open' }));

  test('a program without a key may send and verify', async () => {
    const number = newNumber();
    const { body } = await open.send(number);
    expect((await open.verify(body.pinId, await simulator.pinFor(number))).body.verified).toBe(true);
  });

  test('a wrong key is still refused', async () => {
    expect((await open.send(newNumber(), {}, SHOP.headers('wrong'))).status).toBe(401);
  });

  test('a program without a key cannot finish what a key began', async () => {
    const { pinId, pin } = await started(SHOP, open);
    expect((await open.verify(pinId, pin)).body.code).toBe('PIN_NOT_FOUND');
  });
});

describe('without API clients', () => {
  const plain = useAnotherApp(() => startApp());
  const closed = useAnotherApp(() => startApp({ API_ACCESS: 'keys' }));

  test('an Authorization header has no effect', async () => {
    expect((await plain.send(newNumber(), {}, SHOP.headers())).status).toBe(200);
  });

  test('API_ACCESS=keys refuses every program, and still serves the page', async () => {
    expect((await closed.send(newNumber(), {}, SHOP.headers())).status).toBe(401);
    expect((await closed.send(newNumber(), {}, PAGE)).status).toBe(200);
  });
});

describe('the flood shield', () => {
  const narrow = useAnotherApp(() => startApp({ API_CLIENTS, LIMIT_REQUESTS_PER_ADDRESS: '20/1h' }));

  test('does not count programs with a valid key, and counts wrong keys', async () => {
    for (let i = 0; i < 30; i += 1) expect((await narrow.send(newNumber(), {}, SHOP.headers())).status).toBe(200);
    const refused: number[] = [];
    for (let i = 0; i < 30; i += 1) refused.push((await narrow.send(newNumber(), {}, SHOP.headers('wrong'))).status);
    expect(refused.filter((status) => status === 429).length).toBeGreaterThanOrEqual(10);
  });
});
