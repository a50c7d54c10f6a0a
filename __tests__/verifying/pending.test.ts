import { setTimeout as sleep } from 'node:timers/promises';
import { cookieOf } from '@/__tests__/support/app';
import { wrongPin } from '@/__tests__/support/simulator';
import { useApp } from '@/__tests__/support/use-app';

const NUMBER = '+14155552671';

const { app, simulator, withApp } = useApp({ RESEND_COOLDOWN_SECONDS: '30' });

const pending = (cookie: string) => app.get('/api/verification', { cookie, 'sec-fetch-site': 'same-origin' });

test('the server reports a verification in progress as it stands, and sends nothing for that', async () => {
  const startedAt = Date.now();
  const cookie = cookieOf(await app.send(NUMBER));
  const before = await simulator.calls();
  const fresh = await pending(cookie);
  const passedSeconds = (Date.now() - startedAt) / 1000;
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
  expect(fresh.body.expiresInSeconds).toBeGreaterThanOrEqual(Math.floor(300 - passedSeconds));
  expect(fresh.body.resendInSeconds).toBeGreaterThanOrEqual(Math.floor(30 - passedSeconds));
  expect(await simulator.calls()).toEqual(before);

  await app.verify(undefined, wrongPin(await simulator.pinFor(NUMBER)), { cookie });
  expect((await pending(cookie)).body.attemptsRemaining).toBe(4);
});

describe('the number', () => {
  const BROWSER = { 'sec-fetch-site': 'same-origin' };
  const WHOLE = '+1 415 555 2674';
  const MASKED = '+1 •••••••674';
  const typedIn = async () => {
    const sent = await app.send('+14155552674', {}, BROWSER);
    return { sent, token: cookieOf(sent), mark: cookieOf(sent, 'started-here') };
  };

  test('is whole in the browser that it was typed in, after a reload and a resend too', async () => {
    await withApp({ RESEND_COOLDOWN_SECONDS: '0' }, async (prompt) => {
      const sent = await prompt.send('(415) 555-2674', { country: 'US' }, BROWSER);
      expect(sent.body.to).toBe(WHOLE);
      const cookie = `${cookieOf(sent)}; ${cookieOf(sent, 'started-here')}`;
      expect((await prompt.get('/api/verification', { cookie, ...BROWSER })).body.to).toBe(WHOLE);
      const again = await prompt.resend(undefined, {}, { cookie, ...BROWSER });
      expect([again.body.to, cookieOf(again, 'started-here')]).toEqual([WHOLE, cookieOf(sent, 'started-here')]);
    });
  });

  test('is masked for a browser that has only the token, and for a program', async () => {
    const { token } = await typedIn();
    expect((await pending(token)).body.to).toBe(MASKED);
    await withApp({ RESEND_COOLDOWN_SECONDS: '0' }, async (prompt) => {
      const { body } = await prompt.send('+14155552674');
      const again = await prompt.resend(body.pinId, {}, BROWSER);
      expect([body.to, again.body.to]).toEqual([MASKED, MASKED]);
      expect(again.headers.getSetCookie().join()).not.toContain('started-here');
    });
  });

  test('is masked with the mark of another verification, or one that somebody made', async () => {
    const { mark: other } = await typedIn();
    const cookie = cookieOf(await app.send('+14155552675'));
    for (const mark of [other, `started-here=${'A'.repeat(43)}`]) {
      expect((await pending(`${cookie}; ${mark}`)).body.to).toBe('+1 •••••••675');
    }
  });

  test('is not in the cookie that marks the browser, which a success clears', async () => {
    await withApp({}, async (fresh) => {
      const sent = await fresh.send('+14155552676', {}, BROWSER);
      const mark = cookieOf(sent, 'started-here');
      expect(Buffer.from(mark.split('=')[1] ?? '', 'base64url').toString()).not.toContain('4155552676');
      const headers = { cookie: `${cookieOf(sent)}; ${mark}`, ...BROWSER };
      const right = await fresh.verify(undefined, await simulator.pinFor('+14155552676'), headers);
      expect(right.headers.getSetCookie().join()).toMatch(/started-here=; Path=\/; Max-Age=0;/);
    });
  });
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
