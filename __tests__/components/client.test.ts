/**
 * @jest-environment jest-fixed-jsdom
 */
import { HttpResponse, http } from 'msw';
import { fetchPageState, fetchSession, fetchVerification, resendCode, sendCode, verifyCode } from '@/components/client';
import {
  answer,
  disconnect,
  FRESH,
  NUMBER,
  PENDING,
  requests,
  SENT,
  server,
  stands,
  VERIFIED,
  WRONG,
} from './fake-api';

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  server.resetHandlers();
  requests.length = 0;
});
afterAll(() => server.close());

test('a program sends, resends and verifies a code', async () => {
  answer('send', 200, SENT);
  answer('resend', 200, { ...SENT, newPin: false });
  answer('verify', 200, VERIFIED);
  expect(await sendCode({ phoneNumber: NUMBER, channel: 'voice' })).toEqual({ ok: true, reply: SENT });
  expect(await resendCode()).toMatchObject({ ok: true, reply: { newPin: false } });
  expect(await verifyCode({ pin: '123456' })).toEqual({ ok: true, reply: VERIFIED });
  expect(requests).toEqual([
    { endpoint: 'send', body: { phoneNumber: NUMBER, channel: 'voice' } },
    { endpoint: 'resend', body: {} },
    { endpoint: 'verify', body: { pin: '123456' } },
  ]);
});

test("a failure has the server's code, words and details, and says whether the thing is gone", async () => {
  answer('verify', 400, WRONG);
  expect(await verifyCode({ pin: '123456' })).toEqual({ ok: false, failure: WRONG, gone: false });
  const nothing = { code: 'NO_SESSION', message: 'No number is verified.' };
  stands('session', 401, nothing);
  expect(await fetchSession()).toEqual({ ok: false, failure: nothing, gone: true });
});

test('a missing reply is a failure, and so is a reply from somebody else', async () => {
  disconnect('send');
  expect(await sendCode({ phoneNumber: NUMBER })).toEqual({ ok: false, failure: { code: 'NO_CONNECTION' } });
  server.use(http.get('/api/session', () => HttpResponse.html('<h1>Log in</h1>')));
  expect(await fetchSession()).toEqual({ ok: false, failure: { code: 'UNREADABLE_REPLY' } });
});

test('a challenge that the browser cannot solve comes back, and a program hears of it first', async () => {
  const challenge = { parameters: {} };
  answer('send', 428, { code: 'CHALLENGE_REQUIRED', message: 'Solve it.', challenge });
  const onChallenge = jest.fn();
  expect(await sendCode({ phoneNumber: NUMBER }, { onChallenge })).toMatchObject({ ok: false, failure: { challenge } });
  expect(onChallenge).toHaveBeenCalledTimes(1);
});

test('an aborted request is a failure', async () => {
  answer('send', 200, SENT, 1000);
  const outcome = await sendCode({ phoneNumber: NUMBER }, { signal: AbortSignal.timeout(10) });
  expect(outcome).toEqual({ ok: false, failure: { code: 'NO_CONNECTION' } });
});

test('the state of a page comes in the requested language', async () => {
  const asked: string[] = [];
  server.use(
    http.get('/api/page-state', ({ request }) => {
      asked.push(new URL(request.url).search);
      return HttpResponse.json(FRESH);
    }),
  );
  expect(await fetchPageState()).toEqual({ ok: true, reply: FRESH });
  await fetchPageState('de');
  expect(asked).toEqual(['', '?lang=de']);
  stands('verification', 200, PENDING);
  expect(await fetchVerification()).toEqual({ ok: true, reply: PENDING });
});
