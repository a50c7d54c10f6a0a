import type { ServerResponse } from 'node:http';
import { decodeJwt } from 'jose';
import { ApiKey } from '@/__tests__/keys/api-key';
import { newNumber } from '@/__tests__/support/person';
import { describeInMemory } from '@/__tests__/support/set-ups';
import { expectDocumentedEvent } from '@/__tests__/support/shared';
import { wrongPin } from '@/__tests__/support/simulator';
import { useShared } from '@/__tests__/support/use-app';
import { SECRET, TestReceiver, until } from './receiver';

const HOUR = 60 * 60_000;
const TOKEN = 'a-token-of-the-metrics-in-this-test';
const NONCE = 'nonce-of-the-program';
const KEY = new ApiKey('shop');

const receiver = useShared(
  () => TestReceiver.start(),
  (started) => started.stop(),
);
/** Every event has to match `docs/openapi.json`. */
function expectDocumentedEvents(): void {
  for (const { type, timestamp, data } of receiver.received) expectDocumentedEvent({ type, timestamp, data });
}

afterEach(() => {
  expectDocumentedEvents();
  receiver.reset();
});

const count = (metrics: string, outcome: string) =>
  Number(
    new RegExp(`^phone_verification_webhook_deliveries_total\\{outcome="${outcome}"\\} (\\d+)`, 'm').exec(metrics)?.[1],
  );

describeInMemory('webhooks', ({ deploy }) => {
  const deployment = deploy();
  const app = () => {
    const [first] = deployment.apps;
    if (!first) throw new Error('There is no app.');
    return first;
  };
  // The receiver's address is known once it runs.
  beforeAll(async () => {
    await deployment.stop();
    await deployment.start({
      WEBHOOK_URL: receiver.url,
      WEBHOOK_SECRET: SECRET,
      METRICS_TOKEN: TOKEN,
      BUDGET_PER_DAY: '100',
      PRICES: '{"GB":{"sms":24}}',
      API_CLIENTS: JSON.stringify([KEY.row()]),
      API_ACCESS: 'open',
    });
    app().keepOutOfLogs(SECRET, SECRET.slice('whsec_'.length));
  });

  test('a success sends one event, with what the receiver needs and nothing that grants access', async () => {
    const number = newNumber();
    const { body: sent } = await app().send(number);
    const pin = await deployment.simulator.pinFor(number);
    const { body } = await app().verify(sent.pinId, pin);
    await until(() => receiver.about(number).length > 0);
    const [event] = receiver.received;
    expect(event).toMatchObject({ type: 'verification.succeeded' });
    expect(Math.abs(Date.now() - Date.parse(event?.timestamp ?? ''))).toBeLessThan(60_000);
    expect(event?.data).toEqual({
      phoneNumber: number,
      country: 'US',
      method: 'sms',
      channel: 'sms',
      proofId: decodeJwt(body.proof).jti,
    });
    for (const secret of [
      pin,
      sent.pinId,
      body.proof,
      ...(await deployment.simulator.messages(number)).map(({ pinId }) => pinId),
    ])
      expect(event?.body).not.toContain(secret);
    expect((await app().verify(sent.pinId, pin)).status).toBe(404);
    expect(receiver.received).toHaveLength(1);
  });

  test('events about a program name it and its purpose, even when the verification fails', async () => {
    const [good, bad] = [newNumber(), newNumber()];
    const send = async (number: string) =>
      (await app().send(number, { purpose: 'confirm', nonce: NONCE }, KEY.headers())).body.pinId as string;
    const pinId = await send(good);
    await app().verify(pinId, await deployment.simulator.pinFor(good), KEY.headers());
    const failing = await send(bad);
    const wrong = wrongPin(await deployment.simulator.pinFor(bad));
    for (let i = 0; i < 5; i += 1) await app().verify(failing, wrong, KEY.headers());
    await until(() => receiver.received.length > 1);
    const told = receiver.received.map(({ type, data: { client, purpose } }) => ({ type, client, purpose }));
    expect(told).toEqual(
      expect.arrayContaining([
        { type: 'verification.succeeded', client: 'shop', purpose: 'confirm' },
        { type: 'verification.failed', client: 'shop', purpose: 'confirm' },
      ]),
    );
    expect(JSON.stringify(receiver.received)).not.toContain(NONCE);
  });

  test('using up the attempts sends one failure, however many attempts follow', async () => {
    const number = newNumber();
    const { body } = await app().send(number);
    const wrong = wrongPin(await deployment.simulator.pinFor(number));
    for (let i = 0; i < 4; i += 1) await app().verify(body.pinId, wrong);
    expect(receiver.received).toEqual([]);
    for (let i = 0; i < 3; i += 1) await app().verify(body.pinId, wrong);
    await until(() => receiver.about(number).length > 0);
    expect(receiver.received.map(({ type, data }) => [type, data])).toEqual([
      ['verification.failed', { phoneNumber: number, country: 'US', channel: 'sms', reason: 'attempts_exhausted' }],
    ]);
  });

  test('a lock sends one event and one failure, and refused requests send none', async () => {
    const number = newNumber();
    const stranger = deployment.person();
    await stranger.guess(number, 10);
    await stranger.guess(number, 1);
    await until(() => receiver.about('number.locked').length > 0);
    await until(() => receiver.about('verification.failed').length > 1);
    const about = { phoneNumber: number, country: 'US' };
    expect(receiver.about('number.locked').map(({ data }) => data)).toEqual([{ ...about, scope: 'strangers' }]);
    expect(receiver.about('verification.failed').map(({ data }) => data)).toEqual([
      { ...about, channel: 'sms', reason: 'attempts_exhausted' },
      { ...about, channel: 'sms', reason: 'number_locked' },
    ]);
  });

  test('a budget sends an event at each share that is spent', async () => {
    for (let i = 0; i < 6; i += 1) await app().send(`+44740000001${i}`);
    await until(() => receiver.about('budget.reached').length === 3);
    expect(receiver.about('budget.reached').map(({ data }) => data)).toEqual(
      expect.arrayContaining([50, 80, 100].map((percent) => ({ budget: 'BUDGET_PER_DAY', percent }))),
    );
    await deployment.moveClock(25 * HOUR);
  });

  test('a receiver that never answers slows no reply', async () => {
    const held: ServerResponse[] = [];
    receiver.respond = () => (response) => void held.push(response);
    const times: number[] = [];
    for (let i = 0; i < 12; i += 1) {
      const number = newNumber();
      const { body } = await app().send(number);
      const pin = await deployment.simulator.pinFor(number);
      const startedAt = performance.now();
      expect((await app().verify(body.pinId, pin)).status).toBe(200);
      times.push(performance.now() - startedAt);
    }
    await until(() => held.length === 6);
    expect(times.sort((a, b) => a - b)[6]).toBeLessThan(2000);
    expect((await app().metrics(TOKEN)).text).toMatch(/webhooks_waiting\{lane="main"\} 12\n/);
    receiver.respond = () => 204;
    for (const response of held) response.writeHead(204).end();
    await until(async () => /webhooks_waiting\{lane="main"\} 0\n/.test((await app().metrics(TOKEN)).text));
    expect(count((await app().metrics(TOKEN)).text, 'delivered')).toBeGreaterThanOrEqual(12);
  });

  test('the app sends a failed event again with the same id, until the receiver accepts it', async () => {
    receiver.respond = () => 500;
    const number = newNumber();
    const { body } = await app().send(number);
    await app().verify(body.pinId, await deployment.simulator.pinFor(number));
    await until(() => receiver.received.length > 0);
    for (let i = 1; i < 4; i += 1) {
      await deployment.moveClock(HOUR);
      await until(() => receiver.about(number).length > i);
    }
    receiver.respond = () => 204;
    await deployment.moveClock(HOUR);
    await until(() => app().output.includes('webhook.recovered') && receiver.about(number).length > 4);
    expect(app().output).toMatch(/"event":"webhook.failing","remedy":"[^"]*","lane":"main","cause":\{"status":500\}/);
    const about = receiver.about(number);
    expect([about.length >= 5, new Set(about.map(({ id }) => id)).size]).toEqual([true, 1]);
    expect(receiver.forged).toEqual([]);
  });

  test('after SIGTERM the process tries its waiting events once more', async () => {
    receiver.respond = () => 500;
    const number = newNumber();
    const { body } = await app().send(number);
    await app().verify(body.pinId, await deployment.simulator.pinFor(number));
    await until(() => receiver.about(number).length > 0);
    receiver.respond = () => 204;
    await app().terminate();
    const about = receiver.about(number);
    expect([about.length, new Set(about.map(({ id }) => id)).size]).toEqual([2, 1]);
    expect(app().output).not.toContain('webhook.dropped');
  });
});
