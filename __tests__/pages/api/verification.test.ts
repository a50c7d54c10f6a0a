import { cookieOf, TestApp } from '@/__tests__/support/app';
import { TestSimulator, wrongPin } from '@/__tests__/support/simulator';

const NUMBER = '+14155552671';

let simulator: TestSimulator;
let app: TestApp;

beforeAll(async () => {
  simulator = await TestSimulator.start();
  app = await TestApp.start(simulator.url);
});
afterAll(async () => {
  await app.stop();
  await simulator.close();
});
beforeEach(() => simulator.reset());

const pending = (cookie: string) => app.get('/api/verification', { cookie, 'sec-fetch-site': 'same-origin' });

test('a verification under way is told as it stands, and nothing is sent for it', async () => {
  const cookie = cookieOf(await app.send(NUMBER));
  const before = await simulator.calls();
  const fresh = await pending(cookie);
  expect([fresh.status, fresh.body]).toEqual([
    200,
    {
      to: '+1 •••••••671',
      channel: 'sms',
      pinLength: 6,
      expiresInSeconds: expect.any(Number),
      resendInSeconds: expect.any(Number),
      callOffered: false,
      attemptsRemaining: 5,
    },
  ]);
  expect(fresh.body.expiresInSeconds).toBeGreaterThan(295);
  expect(fresh.body.resendInSeconds).toBeGreaterThan(25);
  expect(await simulator.calls()).toEqual(before);

  await app.verify(undefined, wrongPin(await simulator.pinFor(NUMBER)), { cookie });
  expect((await pending(cookie)).body.attemptsRemaining).toBe(4);
});

test('without one there is none: no cookie, an unknown one, one that is spent', async () => {
  const number = '+14155552672';
  const cookie = cookieOf(await app.send(number));
  expect((await app.verify(undefined, await simulator.pinFor(number), { cookie })).status).toBe(200);
  for (const none of ['', `verification=${'A'.repeat(43)}`, 'verification=short', cookie]) {
    const { status, body } = await pending(none);
    expect([status, body.code]).toEqual([404, 'NO_VERIFICATION']);
  }
});

test('an expired code leaves the verification, so that a new one can be asked for', async () => {
  const short = await TestApp.start(simulator.url, { PIN_TTL_SECONDS: '1' });
  const cookie = cookieOf(await short.send('+14155552673'));
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const { status, body } = await short.get('/api/verification', { cookie });
  expect([status, body.expiresInSeconds]).toEqual([200, 0]);
  await short.stop();
});
