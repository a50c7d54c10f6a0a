import { randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { useApp } from '@/__tests__/support/use-app';

/** Requests in one round. */
const ROUND = 1000;
const WARM_UP_ROUNDS = 2;
const ROUNDS = 3;
/** More than this for each request is a leak. Bounded caches still grow a little, by a few hundred bytes. */
const LEAK_BYTES = 800;
const REPORTS_WITHIN_MS = 20_000;

const { app, simulator } = useApp({
  LOG_LEVEL: 'error',
  NODE_OPTIONS: `--require ${path.resolve('__tests__/support/memory-on-signal.cjs')}`,
});

const handle = () => randomBytes(32).toString('base64url');
const digits = () => String(1_000_000 + Math.floor(Math.random() * 8_999_999));

/** Kinds of requests. Each request is different, and none of them leads to a message. */
const KINDS: (() => [string, string, Record<string, string>, string | undefined])[] = [
  () => [
    'POST',
    '/api/send-otp',
    { cookie: `verification=${handle()}` },
    JSON.stringify({ phoneNumber: `+999${digits()}` }),
  ],
  () => [
    'POST',
    '/api/send-otp',
    { 'x-request-id': randomUUID() },
    JSON.stringify({ phoneNumber: `+1900${digits()}` }),
  ],
  () => ['POST', '/api/send-otp', {}, JSON.stringify({ [handle()]: handle() })],
  () => ['POST', '/api/send-otp', { origin: `https://${digits()}.example` }, '{}'],
  () => ['POST', '/api/send-otp', { 'user-agent': handle().repeat(40) }, `{"phoneNumber":"${handle().repeat(80)}"}`],
  () => ['POST', '/api/resend-otp', {}, JSON.stringify({ pinId: handle() })],
  () => ['POST', '/api/verify-otp', {}, JSON.stringify({ pinId: handle(), pin: '123456' })],
  () => ['POST', '/api/verify-otp', { cookie: `${handle()}=${handle().repeat(80)}` }, '{"pin":"123456"}'],
  () => ['GET', '/api/verification', { cookie: `verification=${handle()}` }, undefined],
  () => ['GET', '/api/session', { cookie: `phone-session=${handle()}` }, undefined],
  () => ['DELETE', '/api/session', { cookie: `phone-session=${handle()}` }, undefined],
  () => ['GET', `/api/health?${handle()}`, { 'x-forwarded-for': handle() }, undefined],
  () => ['GET', `/api/${handle()}`, {}, undefined],
];

async function throwRound(agent: Agent): Promise<void> {
  let left = ROUND;
  const worker = async () => {
    while (left > 0) {
      const make = KINDS[left % KINDS.length];
      if (!make) return;
      const [method, path, headers, body] = make();
      left -= 1;
      const json = body === undefined ? {} : { 'content-type': 'application/json' };
      const reply = await request(app.url + path, {
        dispatcher: agent,
        method,
        headers: { ...json, ...headers },
        body: body ?? null,
      });
      await reply.body.dump();
      if (reply.statusCode >= 500) throw new Error(`${reply.statusCode} for ${method} ${path}`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

/** Bytes that the app still holds after garbage collection. */
async function heldBytes(): Promise<number> {
  const before = app.output.length;
  process.kill(app.pid, 'SIGUSR2');
  for (let waited = 0; waited < REPORTS_WITHIN_MS; waited += 10) {
    const held = /memory held: (\d+)\n/.exec(app.output.slice(before))?.[1];
    if (held !== undefined) return Number(held);
    await sleep(10);
  }
  throw new Error('The app does not report what it holds.');
}

test('thousands of requests that send no message leak no memory', async () => {
  const agent = new Agent({ connections: 16 });
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) await throwRound(agent);
  const before = await heldBytes();
  for (let round = 0; round < ROUNDS; round += 1) await throwRound(agent);
  const after = await heldBytes();
  await agent.close();
  expect((after - before) / (ROUND * ROUNDS)).toBeLessThan(LEAK_BYTES);
  expect(await simulator.calls()).toEqual([]);
}, 180_000);
