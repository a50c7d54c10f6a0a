import { TestApp } from '@/__tests__/support/app';
import { TestSimulator, wrongPin } from '@/__tests__/support/simulator';

const NUMBER = '+14155552671';
const PARALLEL = 20;

let simulator: TestSimulator;
let app: TestApp;

beforeAll(async () => {
  simulator = await TestSimulator.start();
  app = await TestApp.start(simulator.url, { RESEND_COOLDOWN_SECONDS: '0' });
});
afterAll(async () => {
  await app.stop();
  await simulator.close();
});
beforeEach(() => simulator.reset());

const times = <T>(make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: PARALLEL }, (_, i) => make(i)));

test('parallel sends to one number, in many spellings, send one SMS', async () => {
  await simulator.fault('send', { kind: 'delay', ms: 200 });
  const spellings = [NUMBER, '+1 415 555 2671', '+1 (415) 555-2671', '+1.415.555.2671'];
  const replies = await times((i) => app.send(spellings[i % spellings.length] ?? NUMBER));
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(replies.filter(({ body }) => body.code === 'RATE_LIMITED')).toHaveLength(PARALLEL - 1);
  expect(await simulator.calls('send')).toHaveLength(1);
});

test('parallel right codes make one call and one success', async () => {
  const { body } = await app.send(NUMBER);
  const pin = await simulator.pinFor(NUMBER);
  await simulator.fault('verify', { kind: 'delay', ms: 200 });
  const replies = await times(() => app.verify(body.pinId, pin));
  expect(replies.filter(({ body: { verified } }) => verified)).toHaveLength(1);
  expect(await simulator.calls('verify')).toHaveLength(1);
});

test('parallel wrong codes make no more calls than there are attempts', async () => {
  const { body } = await app.send(NUMBER);
  const pin = await simulator.pinFor(NUMBER);
  for (let round = 0; round < 8; round += 1) {
    const replies = await times(() => app.verify(body.pinId, wrongPin(pin)));
    expect(replies.some(({ body: { verified } }) => verified)).toBe(false);
    await simulator.advance(1000);
  }
  expect(await simulator.calls('verify')).toHaveLength(5);
});

test('parallel resends send one message', async () => {
  const { body } = await app.send(NUMBER);
  await simulator.fault('resend', { kind: 'delay', ms: 200 });
  const replies = await times(() => app.resend(body.pinId));
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(await simulator.messages(NUMBER)).toHaveLength(2);
});

test('a code verified while it is being resent stays verified, once', async () => {
  const { body } = await app.send(NUMBER);
  const pin = await simulator.pinFor(NUMBER);
  await simulator.fault('resend', { kind: 'delay', ms: 300 });
  const [resent, verified] = await Promise.all([app.resend(body.pinId), app.verify(body.pinId, pin)]);
  expect(verified.status).toBe(200);
  expect(resent.body.code).toBe('PIN_NOT_FOUND');
  expect((await app.verify(body.pinId, pin)).status).toBe(404);
});
