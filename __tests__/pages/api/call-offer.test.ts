import { cookieOf, TestApp } from '@/__tests__/support/app';
import { TestSimulator } from '@/__tests__/support/simulator';

const NUMBER = '+14155552671';
const ABROAD = '+447400123456';
const LANDLINE = '+442079460958';

let simulator: TestSimulator;
let app: TestApp;

beforeAll(async () => {
  simulator = await TestSimulator.start();
  app = await TestApp.start(simulator.url, { RESEND_COOLDOWN_SECONDS: '0', VOICE_COUNTRIES: 'US' });
});
afterAll(async () => {
  await app.stop();
  await simulator.close();
});
beforeEach(() => simulator.reset());

const pendingOffer = async (cookie: string) => (await app.get('/api/verification', { cookie })).body.callOffered;

test('a call is offered after the second message, and no more after a success', async () => {
  const first = await app.send(NUMBER);
  const cookie = cookieOf(first);
  expect([first.body.callOffered, await pendingOffer(cookie)]).toEqual([false, false]);
  const second = await app.resend(undefined, {}, { cookie });
  expect([second.body.callOffered, await pendingOffer(cookie)]).toEqual([true, true]);
  expect((await app.send(NUMBER, {}, { cookie })).body.callOffered).toBe(true);

  const { body } = await app.send(NUMBER);
  await app.verify(body.pinId, await simulator.pinFor(NUMBER));
  expect((await app.send(NUMBER)).body.callOffered).toBe(false);
});

test('a message that did not leave does not count for it', async () => {
  const number = '+14155552672';
  await app.send(number);
  await simulator.fault('send', { kind: 'status', status: 400 });
  await app.send(number);
  expect((await app.send(number)).body.callOffered).toBe(true);
});

test('no call is offered where the country gets none', async () => {
  await app.send(ABROAD);
  const reply = await app.send(ABROAD);
  expect([reply.body.callOffered, await pendingOffer(cookieOf(reply))]).toEqual([false, false]);
});

test('a landline is called again', async () => {
  const everywhere = await TestApp.start(simulator.url, { RESEND_COOLDOWN_SECONDS: '0' });
  await everywhere.send(LANDLINE, { channel: 'voice' });
  expect((await everywhere.send(LANDLINE, { channel: 'voice' })).body.callOffered).toBe(true);
  await everywhere.stop();
});
