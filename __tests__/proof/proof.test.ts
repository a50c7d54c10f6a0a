import { decodeJwt } from 'jose';
import { cookieOf, type TestApp } from '@/__tests__/support/app';
import { wrongPin } from '@/__tests__/support/simulator';
import { useApp } from '@/__tests__/support/use-app';
import { AUDIENCE, check, ISSUER, JWKS, keysOf, verifiedProof } from './check';

const NUMBER = '+14155552671';
const OTHER = '+14155552672';

const { app, simulator, withApp } = useApp({ PROOF_ISSUER: ISSUER, PROOF_AUDIENCE: AUDIENCE });

const proofFrom = (from: TestApp, channel?: 'voice') => verifiedProof(from, simulator, NUMBER, channel);

test('others can check a proof, which says what was verified, when, how, and for whom', async () => {
  const payload = await check(await proofFrom(app), await keysOf(app));
  expect(payload).toEqual({
    sub: NUMBER,
    iss: ISSUER,
    aud: AUDIENCE,
    iat: expect.any(Number),
    exp: (payload.iat ?? 0) + 15 * 60,
    jti: expect.stringMatching(/^[\w-]{36}$/),
    amr: ['otp', 'sms'],
    acr: 'restricted',
    auth_time: payload.iat,
    phone_verified_at: payload.iat,
  });
  expect(Math.abs((payload.iat ?? 0) * 1000 - Date.now())).toBeLessThan(10_000);
});

test('a proof says that the code came by a call', async () => {
  expect(decodeJwt(await proofFrom(app, 'voice')).amr).toEqual(['otp', 'tel']);
});

test('each proof has an id of its own', async () => {
  expect(decodeJwt(await proofFrom(app)).jti).not.toBe(decodeJwt(await proofFrom(app)).jti);
});

test('a changed proof does not pass', async () => {
  const [header, , signature] = (await proofFrom(app)).split('.');
  const claims = { sub: OTHER, iss: ISSUER, aud: AUDIENCE, exp: Math.floor(Date.now() / 1000) + 60 };
  const forged = [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
  await expect(check(forged, await keysOf(app))).rejects.toThrow('signature verification failed');
});

test('the session holds the same proof', async () => {
  const { body } = await app.send(NUMBER);
  const reply = await app.verify(body.pinId, await simulator.pinFor(NUMBER));
  const session = await app.get('/api/session', { cookie: cookieOf(reply, 'phone-session') });
  expect(session.body.proof).toBe(reply.body.proof);
});

test('only the correct code brings a proof', async () => {
  const { body } = await app.send(NUMBER);
  const reply = await app.verify(body.pinId, wrongPin(await simulator.pinFor(NUMBER)));
  expect([reply.status, 'proof' in reply.body, cookieOf(reply, 'phone-session')]).toEqual([400, false, '']);
});

test('the server publishes its keys without their private halves, and allows caching', async () => {
  const reply = await fetch(app.url + JWKS);
  expect(reply.headers.get('cache-control')).toBe('public, max-age=300');
  const { keys } = await keysOf(app);
  expect(keys.map((key) => Object.keys(key).sort())).toEqual([['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']]);
  expect((await app.get('/api/jwks')).body).toEqual({ keys });
});

test('a server without keys creates its own at startup, and reports that', async () => {
  const keyless = { PROOF_PRIVATE_JWK: '', PRIVACY_KEY: '', APP_ORIGIN: ISSUER, PROOF_AUDIENCE: AUDIENCE };
  await withApp(keyless, async (own) => {
    expect(await check(await proofFrom(own), await keysOf(own))).toMatchObject({ sub: NUMBER, iss: ISSUER });
    const lines = own.output.split('\n').filter((line) => line.includes('config.keys_made'));
    expect(lines.map((line) => (JSON.parse(line) as { variables: string[] }).variables)).toEqual([
      ['PRIVACY_KEY', 'PROOF_PRIVATE_JWK'],
    ]);
    expect(own.output).not.toContain('"d":');
  });
});

test('a server with keys does not report that it created some', () => {
  expect(app.output).not.toContain('config.keys_made');
});
