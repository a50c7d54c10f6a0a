import { cookieOf } from '@/__tests__/support/app';
import { useApp } from '@/__tests__/support/use-app';

const NUMBER = '+14155552671';
const ABROAD = '+4915123456789';
const LANDLINE = '+442079460958';

const { app, simulator } = useApp({ VOICE_COUNTRIES: 'US, GB' });

const pendingOffer = async (cookie: string) => (await app.get('/api/verification', { cookie })).body.callOffered;

test('the server offers a call after the second message, and no longer after a success', async () => {
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

test('a message that did not leave does not count toward the offer', async () => {
  const number = '+14155552672';
  await app.send(number);
  await simulator.fault('send', { kind: 'status', status: 400 });
  await app.send(number);
  expect((await app.send(number)).body.callOffered).toBe(true);
});

test('the server offers no call in a country without calls', async () => {
  await app.send(ABROAD);
  const reply = await app.send(ABROAD);
  expect([reply.body.callOffered, await pendingOffer(cookieOf(reply))]).toEqual([false, false]);
});

test('the server offers another call to a landline', async () => {
  await app.send(LANDLINE, { channel: 'voice' });
  expect((await app.send(LANDLINE, { channel: 'voice' })).body.callOffered).toBe(true);
});
