import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { SCENARIOS } from '@/simulator/scenarios';
import { SEED } from '@/simulator/seed';
import { envelope, NUMBER, useSimulator } from './simulator-client';

const simulator = useSimulator();

function numberOf(name: string): string {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (!scenario) throw new Error(`No scenario ${name}`);
  return scenario.msisdn;
}

test.each([...SCENARIOS.map(({ msisdn }) => msisdn), NUMBER])('+%s is a valid number that gets SMS', (msisdn) => {
  const number = parsePhoneNumberFromString(`+${msisdn}`);
  expect(number?.isValid()).toBe(true);
  expect(['MOBILE', 'FIXED_LINE_OR_MOBILE']).toContain(number?.getType());
});

test.each(SCENARIOS.map(({ msisdn, summary }) => [msisdn, summary]))(
  'the README describes +%s: %s',
  (msisdn, summary) => {
    const readme = readFileSync(join(process.cwd(), 'simulator/README.md'), 'utf8');
    const row = readme.split('\n').find((line) => line.replaceAll(' ', '').startsWith(`|+${msisdn}|`));
    expect(row).toContain(summary);
  },
);

test('not delivered: 200 with MESSAGE_NOT_SENT, and no message', async () => {
  const { status, body } = await simulator.send({ to: numberOf('not delivered') });
  expect(status).toBe(200);
  expect(body).toMatchObject({ ncStatus: 'NC_DESTINATION_REACHABLE', smsStatus: 'MESSAGE_NOT_SENT' });
  const again = await simulator.call(`/2fa/2/pin/${body.pinId}/resend`, { body: {} });
  expect(again.body.smsStatus).toBe('MESSAGE_NOT_SENT');
  expect(await simulator.messages()).toEqual([]);
});

test('not delivered: a call is rejected', async () => {
  const body = simulator.sendRequest({ to: numberOf('not delivered'), messageId: SEED.voiceMessageId });
  const answer = await simulator.call('/2fa/2/pin/voice', { body });
  expect(answer.body).toMatchObject({ callStatus: 'REJECTED_DESTINATION' });
  expect(await simulator.messages()).toEqual([]);
});

test('not reachable: the lookup says so, even if nobody requested it', async () => {
  for (const query of ['', '?ncNeeded=false']) {
    const body = simulator.sendRequest({ to: numberOf('not reachable') });
    const answer = await simulator.call(`/2fa/2/pin${query}`, { body });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ ncStatus: 'NC_DESTINATION_NOT_REACHABLE', smsStatus: 'MESSAGE_NOT_SENT' });
  }
  expect(await simulator.messages()).toEqual([]);
});

test('late: the message arrives after ten seconds, with a PIN that works', async () => {
  const { body } = await simulator.send({ to: numberOf('late') });
  expect(body.smsStatus).toBe('MESSAGE_SENT');
  await simulator.advance(9_000);
  expect(await simulator.messages()).toEqual([]);
  await simulator.advance(1_000);
  const message = await simulator.lastMessage();
  expect((await simulator.verify(body.pinId, message.pin)).body.verified).toBe(true);
});

test('late: a reset drops what is still due', async () => {
  await simulator.send({ to: numberOf('late') });
  await simulator.call('/control/reset', { method: 'POST' });
  await simulator.advance(10_000);
  expect(await simulator.messages()).toEqual([]);
});

test('expired: the correct PIN has expired', async () => {
  const { pinId, pin } = await simulator.sendPin({ to: numberOf('expired') });
  expect((await simulator.verify(pinId, pin)).body).toMatchObject({ verified: false, pinError: 'TTL_EXPIRED' });
});

test.each([
  ['throttled', 429, 'TOO_MANY_REQUESTS', '60'],
  ['upstream error', 500, 'GENERAL_ERROR', null],
  ['wrong credentials', 401, 'UNAUTHORIZED', null],
])('%s: %i %s', async (name, status, messageId, retryAfter) => {
  const answer = await simulator.send({ to: numberOf(name) });
  expect(answer.status).toBe(status);
  expect(answer.body).toEqual(envelope(messageId));
  expect(answer.headers.get('retry-after')).toBe(retryAfter);
  expect(await simulator.messages()).toEqual([]);
});

test('hang: there is no reply', async () => {
  const body = simulator.sendRequest({ to: numberOf('hang') });
  const controller = new AbortController();
  const ended = expect(simulator.call('/2fa/2/pin', { body, signal: controller.signal })).rejects.toThrow(/abort/i);
  while ((await simulator.requests()).length === 0) await sleep(5);
  await sleep(400);
  controller.abort();
  await ended;
  expect(await simulator.requests()).toMatchObject([{ operation: 'send', status: null }]);
});
