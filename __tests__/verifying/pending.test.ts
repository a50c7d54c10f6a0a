import { setTimeout as sleep } from 'node:timers/promises';
import { cookieOf } from '@/__tests__/support/app';
import { wrongPin } from '@/__tests__/support/simulator';
import { useApp } from '@/__tests__/support/use-app';

const NUMBER = '+14155552671';

const { app, simulator, withApp } = useApp({ RESEND_COOLDOWN_SECONDS: '30' });

const pending = (cookie: string) => app.get('/api/verification', { cookie, 'sec-fetch-site': 'same-origin' });

test('the server reports a verification in progress as it stands, and sends nothing for that', async () => {
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

test('no cookie, an unknown one and a spent one name no verification', async () => {
  const number = '+14155552672';
  const cookie = cookieOf(await app.send(number));
  expect((await app.verify(undefined, await simulator.pinFor(number), { cookie })).status).toBe(200);
  for (const none of ['', `verification=${'A'.repeat(43)}`, 'verification=short', cookie]) {
    const { status, body } = await pending(none);
    expect([status, body.code]).toEqual([404, 'NO_VERIFICATION']);
  }
});

test('a verification outlives its code, so that a resend can bring a new one', async () => {
  await withApp({ PIN_TTL_SECONDS: '1' }, async (brief) => {
    const cookie = cookieOf(await brief.send('+14155552673'));
    await sleep(1100);
    const { status, body } = await brief.get('/api/verification', { cookie });
    expect([status, body.expiresInSeconds]).toEqual([200, 0]);
  });
});
