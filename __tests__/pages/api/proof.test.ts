import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { cookieOf, TestApp } from '@/__tests__/support/app';
import { describeWithRedis, TestRedis } from '@/__tests__/support/redis';
import { TestSimulator, wrongPin } from '@/__tests__/support/simulator';
import { makePrivacyKey, makeProofKey } from '@/lib/config/keys';
import { createPrivacy } from '@/lib/privacy';

const NUMBER = '+14155552671';
const OTHER = '+14155552672';
const ISSUER = 'https://verify.example';
const AUDIENCE = 'https://api.example';
const JWKS = '/.well-known/jwks.json';

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await TestSimulator.start();
});
afterAll(() => simulator.close());
beforeEach(() => simulator.reset());

const start = (environment: Record<string, string> = {}) =>
  TestApp.start(simulator.url, { RESEND_COOLDOWN_SECONDS: '0', ...environment });

async function proofFrom(app: TestApp, channel = 'sms'): Promise<string> {
  const { body } = await app.send(NUMBER, { channel });
  return (await app.verify(body.pinId, await simulator.pinFor(NUMBER))).body.proof;
}

const keysOf = async (app: TestApp) => {
  const reply = await fetch(app.url + JWKS);
  return (await reply.json()) as JSONWebKeySet;
};

/** Checks a proof as another program does. */
async function check(proof: string, keys: JSONWebKeySet) {
  const expected = { issuer: ISSUER, audience: AUDIENCE, algorithms: ['ES256'] };
  return (await jwtVerify(proof, createLocalJWKSet(keys), expected)).payload;
}

describe('a proof', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await start({ PROOF_ISSUER: ISSUER, PROOF_AUDIENCE: AUDIENCE });
  });
  afterAll(() => app.stop());

  test('can be checked by others, and says what was verified, when, how, and for whom', async () => {
    const payload = await check(await proofFrom(app), await keysOf(app));
    expect(payload).toEqual({
      sub: NUMBER,
      iss: ISSUER,
      aud: AUDIENCE,
      iat: expect.any(Number),
      exp: (payload.iat ?? 0) + 15 * 60,
      jti: expect.stringMatching(/^[\w-]{36}$/),
      amr: ['otp', 'sms'],
    });
    expect(Math.abs((payload.iat ?? 0) * 1000 - Date.now())).toBeLessThan(10_000);
  });

  test('says that the code came by a call', async () => {
    expect(decodeJwt(await proofFrom(app, 'voice')).amr).toEqual(['otp', 'tel']);
  });

  test('has an id of its own each time', async () => {
    expect(decodeJwt(await proofFrom(app)).jti).not.toBe(decodeJwt(await proofFrom(app)).jti);
  });

  test('that was changed, or signed by somebody else, does not pass', async () => {
    const [header, , signature] = (await proofFrom(app)).split('.');
    const claims = { sub: OTHER, iss: ISSUER, aud: AUDIENCE, exp: Math.floor(Date.now() / 1000) + 60 };
    const forged = [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
    await expect(check(forged, await keysOf(app))).rejects.toThrow('signature verification failed');
  });

  test('is the one of the session', async () => {
    const { body } = await app.send(NUMBER);
    const reply = await app.verify(body.pinId, await simulator.pinFor(NUMBER));
    const session = await app.get('/api/session', { cookie: cookieOf(reply, 'phone-session') });
    expect(session.body.proof).toBe(reply.body.proof);
  });

  test('is brought by nothing but the right code', async () => {
    const { body } = await app.send(NUMBER);
    const reply = await app.verify(body.pinId, wrongPin(await simulator.pinFor(NUMBER)));
    expect([reply.status, 'proof' in reply.body, cookieOf(reply, 'phone-session')]).toEqual([400, false, '']);
  });

  test('keys are published without their private halves, and may be cached', async () => {
    const reply = await fetch(app.url + JWKS);
    expect(reply.headers.get('cache-control')).toBe('public, max-age=300');
    const { keys } = await keysOf(app);
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']]);
    expect((await app.get('/api/jwks')).body).toEqual({ keys });
  });
});

test('without keys of one’s own they are made at the start, and that is said', async () => {
  const app = await start({ PROOF_PRIVATE_JWK: '', PRIVACY_KEY: '', APP_ORIGIN: ISSUER, PROOF_AUDIENCE: AUDIENCE });
  expect(await check(await proofFrom(app), await keysOf(app))).toMatchObject({ sub: NUMBER, iss: ISSUER });
  const lines = app.output.split('\n').filter((line) => line.includes('config.keys_made'));
  expect(lines.map((line) => (JSON.parse(line) as { variables: string[] }).variables)).toEqual([
    ['PRIVACY_KEY', 'PROOF_PRIVATE_JWK'],
  ]);
  expect(app.output).not.toContain('"d":');
  await app.stop();
});

test('with keys of one’s own nothing is said', async () => {
  const app = await start();
  expect(app.output).not.toContain('config.keys_made');
  await app.stop();
});

describeWithRedis('keys that are changed while people verify', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await TestRedis.start();
  });
  afterAll(() => redis.kill());

  const named = { PROOF_ISSUER: ISSUER, PROOF_AUDIENCE: AUDIENCE };
  const oldProofKey = { ...makeProofKey(), kid: 'old' };
  const newProofKey = { ...makeProofKey(), kid: 'new' };
  const oldKey = makePrivacyKey();
  const newKey = makePrivacyKey();
  const startWith = (privacyKeys: string[], proofKeys: object[], more: Record<string, string> = {}) =>
    start({
      REDIS_URL: redis.url,
      PRIVACY_KEY: privacyKeys.join(','),
      PROOF_PRIVATE_JWK: JSON.stringify(proofKeys),
      ...named,
      ...more,
    });

  test('lose no verification, no session and no proof, while the old ones are in the list', async () => {
    const before = await startWith([oldKey], [oldProofKey]);
    const oldProof = await proofFrom(before);
    const sent = await before.send(OTHER);
    const session = await before.send(NUMBER);
    const reply = await before.verify(session.body.pinId, await simulator.pinFor(NUMBER));
    await before.stop();

    const after = await startWith([newKey, oldKey], [newProofKey, oldProofKey]);
    const keys = await keysOf(after);
    expect((await check(oldProof, keys)).sub).toBe(NUMBER);
    const cookie = cookieOf(reply, 'phone-session');
    expect((await after.get('/api/session', { cookie })).body.phoneNumber).toBe(NUMBER);
    const verified = await after.verify(sent.body.pinId, await simulator.pinFor(OTHER));
    expect(decodeProtectedHeader(verified.body.proof).kid).toBe('new');
    expect((await check(verified.body.proof, keys)).sub).toBe(OTHER);
    await after.stop();
  });

  test('lose no wait, no limit and no lock', async () => {
    const limits = { LIMIT_SEND_PER_NUMBER: '2/1d', RESEND_COOLDOWN_SECONDS: '0' };
    const [limited, waiting, locked] = ['+14155552673', '+14155552674', '+14155552675'];
    const before = await startWith([oldKey], [oldProofKey], limits);
    await before.send(limited);
    const waits = await startWith([oldKey], [oldProofKey], { RESEND_COOLDOWN_SECONDS: '60' });
    await waits.send(waiting);
    await waits.stop();
    for (let code = 0; code < 2; code += 1) {
      const { body } = await before.send(locked);
      const wrong = wrongPin(await simulator.pinFor(locked));
      for (let i = 0; i < 5; i += 1) expect((await before.verify(body.pinId, wrong)).body.code).toBe('WRONG_PIN');
      // Infobip throttles tries for a number.
      await simulator.advance(2000);
    }
    await before.stop();

    const after = await startWith([newKey, oldKey], [newProofKey], limits);
    expect((await after.send(locked)).body.code).toBe('NUMBER_LOCKED');
    expect((await after.send(waiting)).body.code).toBe('RATE_LIMITED');
    expect((await after.send(limited)).status).toBe(200);
    expect((await after.send(limited)).body.code).toBe('RATE_LIMITED');
    await after.stop();
    // Moved to the new key's hash, so that the old key can go.
    const later = await startWith([newKey], [newProofKey], limits);
    expect((await later.send(locked)).body.code).toBe('NUMBER_LOCKED');
    expect((await later.send(limited)).body.code).toBe('RATE_LIMITED');
    await later.stop();
  });

  test('change hands among instances that have them in another order, without losing anything', async () => {
    const limits = { LIMIT_SEND_PER_NUMBER: '3/1d', RESEND_COOLDOWN_SECONDS: '0' };
    const number = '+14155552677';
    const instances = await Promise.all([
      startWith([oldKey, newKey], [oldProofKey], limits),
      startWith([newKey, oldKey], [oldProofKey], limits),
    ]);
    const [first, second] = instances;
    const { body } = await first.send(number);
    expect((await second.resend(body.pinId)).status).toBe(200);
    expect((await first.resend(body.pinId)).status).toBe(200);
    for (const instance of instances) expect((await instance.resend(body.pinId)).body.code).toBe('RATE_LIMITED');
    const pin = await simulator.pinFor(number);
    expect((await second.verify(body.pinId, wrongPin(pin))).body.attemptsRemaining).toBe(4);
    expect((await first.verify(body.pinId, wrongPin(pin))).body.attemptsRemaining).toBe(3);
    expect((await second.verify(body.pinId, pin)).status).toBe(200);
    await Promise.all(instances.map((instance) => instance.stop()));
  });

  test('never move a lock to where who asks does not find it', async () => {
    const number = '+14155552678';
    const maker = await startWith([oldKey, newKey], [oldProofKey]);
    const { body } = await maker.send(number);
    await maker.stop();
    const after = await startWith([newKey], [oldProofKey]);
    const hidden = createPrivacy([newKey]).pseudonym('number', number);
    await redis.command('HSET', `phone-verification:w:${hidden}`, 'c', 100, 'l', 10, 'u', -1);
    expect((await after.verify(body.pinId, '000000')).body.code).toBe('PIN_NOT_FOUND');
    await after.get('/api/verification', { cookie: `verification=${body.pinId}` });
    expect((await after.resend(body.pinId)).body.code).toBe('PIN_NOT_FOUND');
    expect((await after.send(number)).body.code).toBe('NUMBER_LOCKED');
    await after.stop();
  });

  test('end a session whose proof nobody can check any more', async () => {
    const before = await startWith([oldKey], [oldProofKey]);
    const { body } = await before.send('+14155552679');
    const reply = await before.verify(body.pinId, await simulator.pinFor('+14155552679'));
    await before.stop();
    const after = await startWith([oldKey], [newProofKey]);
    const session = await after.get('/api/session', { cookie: cookieOf(reply, 'phone-session') });
    expect(session.body.code).toBe('NO_SESSION');
    await after.stop();
  });

  test('leave nothing behind of what was kept under a key that is gone, and nobody is verified by it', async () => {
    const number = '+14155552676';
    const before = await startWith([oldKey], [oldProofKey]);
    const sent = await before.send(number);
    const pin = await simulator.pinFor(number);
    await before.stop();
    const after = await startWith([newKey], [newProofKey]);
    const upstream = (await simulator.calls()).length;
    const cookie = cookieOf(sent);
    expect((await after.verify(sent.body.pinId, pin)).body.code).toBe('PIN_NOT_FOUND');
    expect((await after.resend(sent.body.pinId)).body.code).toBe('PIN_NOT_FOUND');
    expect((await after.get('/api/verification', { cookie })).body.code).toBe('NO_VERIFICATION');
    expect(await simulator.calls()).toHaveLength(upstream);
    expect((await after.send(number)).status).toBe(200);
    await after.stop();
  });
});
