import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt, generateKeyPair, SignJWT } from 'jose';
import { TOTP } from 'otpauth';
import { Webhook } from 'standardwebhooks';
import type { TestApp } from '@/__tests__/support/app';
import { freePort } from '@/__tests__/support/free-port';
import { wrongPin } from '@/__tests__/support/simulator';
import { useApp } from '@/__tests__/support/use-app';
import { createClient, type Sent } from '@/examples/client';

const NUMBER = '+14155552671';
const ISSUER = 'https://verify.example';
const AUDIENCE = 'https://api.example';

/** The first Python that has what the example needs. */
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import jwt, cryptography']).status === 0,
);
if (!python && !process.env.CI)
  process.stderr.write('The Python example is not tested: python3 with PyJWT and cryptography is not installed.\n');

interface Example {
  readonly file: string;
  readonly command: string;
  /** The path at which the service takes proofs. */
  readonly path?: string;
}

const EXAMPLES: readonly Example[] = [
  { file: 'examples/express.mjs', command: process.execPath },
  ...(python || process.env.CI ? [{ file: 'examples/service.py', command: python ?? 'python3' }] : []),
];

const { app, simulator, startApp } = useApp({ PROOF_ISSUER: ISSUER, PROOF_AUDIENCE: AUDIENCE }, { resetEach: false });

/** A service for proofs of that audience, and its reply to one. */
async function startService(
  { file, command, path: route = '/account/phone' }: Example,
  audience: string,
  verifier = app.url,
) {
  const port = await freePort();
  const names = { VERIFIER: verifier, PROOF_ISSUER: ISSUER, PROOF_AUDIENCE: audience, PORT: String(port) };
  const service = spawn(command, [file], { env: { PATH: process.env.PATH, ...names } as unknown as NodeJS.ProcessEnv });
  await once(service.stdout, 'data');
  const show = async (proof?: string) => {
    const headers: Record<string, string> = proof === undefined ? {} : { Authorization: `Bearer ${proof}` };
    const reply = await fetch(`http://127.0.0.1:${port}${route}`, { method: 'POST', headers });
    return { status: reply.status, body: (await reply.json()) as { phoneNumber?: string; account?: string } };
  };
  return { show, stop: () => service.kill() };
}

describe('examples/client.ts', () => {
  const client = () => createClient(app.url);
  const other = '+14155552672';

  test('sends, sends again, and gets a proof', async () => {
    const sent = await client().send('(415) 555-2672', { country: 'US' });
    expect(sent).toMatchObject({ ok: true, to: '+1 •••••••672', pinLength: 6, resendInSeconds: 0 });
    const { pinId } = sent as Sent;
    expect(await client().resend(pinId)).toMatchObject({ ok: true, pinId });
    const verified = await client().verify(pinId, await simulator.pinFor(other));
    expect(verified).toMatchObject({ ok: true, phoneNumber: other, proof: expect.stringMatching(/^eyJ/) });
  });

  test('returns the refusal, with what to do and how long to wait', async () => {
    const { pinId } = (await client().send(other)) as Sent;
    const wrong = await client().verify(pinId, wrongPin(await simulator.pinFor(other)));
    expect(wrong).toEqual({
      ok: false,
      verified: false,
      code: 'WRONG_PIN',
      message: expect.any(String),
      attemptsRemaining: 4,
    });
    expect(await client().send('+14155550105')).toMatchObject({
      ok: false,
      code: 'RATE_LIMITED',
      retryAfterSeconds: 60,
    });
  });

  test('solves a challenge, and sends again with its solution', async () => {
    const doubtful = await startApp({ FRAUD_GUARD: 'enforce', CREDIT_PER_ADDRESS: '2,0.001,0.35' });
    try {
      const strict = createClient(doubtful.url);
      for (const number of ['+14155552672', '+14155552673'])
        expect(await strict.send(number)).toMatchObject({ ok: true });
      expect(await doubtful.send('+14155552674')).toMatchObject({ status: 428 });
      expect(await strict.send('+14155552674')).toMatchObject({ ok: true });
      expect(await simulator.messages('+14155552674')).toHaveLength(1);
    } finally {
      await doubtful.stop();
    }
  });

  test('accepts no other reply as a yes, and repeats nothing', async () => {
    const answers = ['{"verified":true}', '{"phoneNumber":"+14155552672"}', '<html></html>', 'null', ''];
    let asked = 0;
    const stranger = createServer((_, response) => response.end(answers[asked++])).listen(0, '127.0.0.1');
    // A failing test leaves the service running, and Jest would wait for it.
    stranger.unref();
    await once(stranger, 'listening');
    const elsewhere = createClient(`http://127.0.0.1:${(stranger.address() as AddressInfo).port}`);
    for (const _ of answers) expect(await elsewhere.verify('x', '1')).toMatchObject({ ok: false, code: 'NO_ANSWER' });
    expect(asked).toBe(answers.length);
    stranger.close();
    await once(stranger, 'close');
    expect(await elsewhere.send(other)).toMatchObject({ ok: false, code: 'NO_ANSWER' });
  });
});

describe.each(EXAMPLES)('$file', (example) => {
  let service: Awaited<ReturnType<typeof startService>>;
  let proof: string;

  beforeAll(async () => {
    service = await startService(example, AUDIENCE);
    const { body } = await app.send(NUMBER);
    proof = (await app.verify(body.pinId, await simulator.pinFor(NUMBER))).body.proof;
  });
  afterAll(() => {
    service.stop();
  });

  test('accepts a proof, and learns the number from it', async () => {
    expect(await service.show(proof)).toMatchObject({ status: 200, body: { phoneNumber: NUMBER } });
  });

  test('accepts it once, even if it arrives twice at the same time', async () => {
    expect(await service.show(proof)).toMatchObject({ status: 409 });
    const { body } = await app.send(NUMBER);
    const another = (await app.verify(body.pinId, await simulator.pinFor(NUMBER))).body.proof;
    const replies = await Promise.all([service.show(another), service.show(another)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test("refuses a missing proof, nonsense, a changed proof, and somebody else's", async () => {
    const [header = '', claims, signature] = proof.split('.');
    const changed = [header, Buffer.from(JSON.stringify({ sub: '+41' })).toString('base64url'), signature].join('.');
    const unsigned = [Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url'), claims, ''].join('.');
    const { privateKey } = await generateKeyPair('ES256');
    const foreign = await new SignJWT({ sub: NUMBER, iss: ISSUER, aud: AUDIENCE })
      .setProtectedHeader(JSON.parse(Buffer.from(header, 'base64url').toString()))
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey);
    for (const shown of [undefined, 'nonsense', changed, unsigned, foreign]) {
      expect((await service.show(shown)).status).toBe(401);
    }
  });

  test('does not call a proof wrong if the keys are unavailable', async () => {
    const cut = await startService(example, AUDIENCE, `http://127.0.0.1:${await freePort()}`);
    expect((await cut.show(proof)).status).toBe(503);
    cut.stop();
  });

  test('refuses a proof for somebody else', async () => {
    const other = await startService(example, 'https://other.example');
    expect((await other.show(proof)).status).toBe(401);
    other.stop();
  });
});

describe('examples/step-up.mjs', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'step-up-'));
  let verifier: TestApp;
  let service: Awaited<ReturnType<typeof startService>>;
  beforeAll(async () => {
    verifier = await startApp({ PROOF_ISSUER: ISSUER, PROOF_AUDIENCE: AUDIENCE, DATA_DIR: directory });
    const example = { file: 'examples/step-up.mjs', command: process.execPath, path: '/payments' };
    service = await startService(example, AUDIENCE, verifier.url);
  }, 60_000);
  afterAll(async () => {
    service.stop();
    await verifier.stop();
    rmSync(directory, { recursive: true });
  });

  const byCode = async () => {
    const { body } = await verifier.send(NUMBER);
    return (await verifier.verify(body.pinId, await simulator.pinFor(NUMBER))).body;
  };

  /** Adds an authenticator app. Its next code is good, too. */
  async function addApp(session: string) {
    const { body } = await verifier.post('/api/totp/enrol', { session });
    const totp = new TOTP({ secret: body.secret });
    const now = Date.now();
    const code = totp.generate({ timestamp: now });
    const added = await verifier.post('/api/totp/confirm', { session, ceremony: body.ceremony, code });
    return { next: totp.generate({ timestamp: now + 30_000 }), session: added.body.session as string };
  }

  test('refuses a code alone, even after an app was added in the session, and accepts the app', async () => {
    const { proof, session } = await byCode();
    expect((await service.show(proof)).status).toBe(403);
    const { next, session: renewed } = await addApp(session);
    const shown = await verifier.get('/api/session', { cookie: `phone-session=${renewed}` });
    expect(shown.body).toMatchObject({ acr: 'restricted', account: expect.any(String) });
    expect((await service.show(shown.body.proof)).status).toBe(403);
    const verified = await verifier.post('/api/totp/verify', { phoneNumber: NUMBER, code: next });
    expect(await service.show(verified.body.proof)).toEqual({
      status: 200,
      body: { account: shown.body.account, phoneNumber: NUMBER },
    });
    expect((await service.show((await byCode()).proof)).status).toBe(403);
  });

  test('refuses nonsense', async () => {
    expect((await service.show('nonsense')).status).toBe(401);
  });
});

describe('examples/webhook-receiver.mjs', () => {
  const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
  const payload = JSON.stringify({ type: 'verification.succeeded', data: { proofId: 'the-proof' } });
  let service: ChildProcessWithoutNullStreams;
  let output = '';
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    const names = { WEBHOOK_SECRET: secret, PORT: String(port) };
    service = spawn(process.execPath, ['examples/webhook-receiver.mjs'], {
      env: { PATH: process.env.PATH, ...names } as unknown as NodeJS.ProcessEnv,
    });
    service.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await once(service.stdout, 'data');
  });
  afterAll(() => {
    service.kill();
  });

  async function deliver(id: string, at = new Date(), body = payload): Promise<number> {
    const headers = {
      'Content-Type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, payload),
    };
    return (await fetch(`http://127.0.0.1:${port}/webhooks/phone`, { method: 'POST', headers, body })).status;
  }

  test('acts once on an event that arrives twice', async () => {
    expect([await deliver('msg_1'), await deliver('msg_1'), await deliver('msg_2')]).toEqual([204, 204, 204]);
    while (output.split('verified: the-proof').length < 3) await sleep(10);
    await sleep(200);
    expect(output.split('verified: the-proof')).toHaveLength(3);
  });

  test('refuses a changed event, and an old one', async () => {
    expect(await deliver('msg_3', new Date(), payload.replace('the-proof', 'another'))).toBe(401);
    expect(await deliver('msg_4', new Date(Date.now() - 10 * 60_000))).toBe(401);
  });

  test('takes what the app sends', async () => {
    const sender = await startApp({ WEBHOOK_URL: `http://127.0.0.1:${port}/webhooks/phone`, WEBHOOK_SECRET: secret });
    try {
      const { body } = await sender.send(NUMBER);
      const { proof } = (await sender.verify(body.pinId, await simulator.pinFor(NUMBER))).body;
      while (!output.includes(`verified: ${decodeJwt(proof).jti}`)) await sleep(10);
    } finally {
      await sender.stop();
    }
  });
});
