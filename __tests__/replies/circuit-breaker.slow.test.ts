import { setTimeout as sleep } from 'node:timers/promises';
import { TestApp } from '@/__tests__/support/app';
import { freePort } from '@/__tests__/support/free-port';
import { newNumber } from '@/__tests__/support/numbers';
import { describeInMemory } from '@/__tests__/support/set-ups';

const SHORT_DEADLINE_MS = 700;
const EVENT_WITHIN_MS = 20_000;
/** The time until an open breaker lets the next call through, plus a little. */
const NEXT_PROBE_MS = 10_050;

const status = (code: number, messageId?: string, body?: unknown) => ({
  kind: 'status',
  status: code,
  body: body ?? { requestError: { serviceException: { messageId, text: 'Upstream text' } } },
});
const gateway = (code: number) => status(code, undefined, '<html>Bad gateway</html>');

/** The log lines of an event. */
const eventsIn = (output: string, event: string): Record<string, unknown>[] =>
  output
    .split('\n')
    .filter((line) => line.includes(`"event":"${event}"`) && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describeInMemory('the circuit breaker', (setUp) => {
  const deployment = setUp.deploy();
  /** Only for calls that nobody answers, because other calls may take longer on a busy machine. */
  const hasty = setUp.deploy({ INFOBIP_TIMEOUT_MS: String(SHORT_DEADLINE_MS) });
  let app: TestApp;
  let simulator: typeof deployment.simulator;
  let numbers: readonly [string, string, string];
  /** How much the app had printed before the test. */
  let printed = 0;

  const numberOf = (call: number) => numbers[call % 3] ?? numbers[0];
  const sendToThree = async (calls: number, to = app) => {
    for (let call = 0; call < calls; call += 1) await to.send(numberOf(call));
  };
  const missing = async (of = app) => (await of.get('/api/ready')).body.missing ?? [];
  /** Lines of the event. They may come a moment after the reply. */
  const opened = async (of = app) => {
    const lines = () => eventsIn(of.output.slice(of === app ? printed : 0), 'upstream.breaker_opened');
    for (let waited = 0; waited < EVENT_WITHIN_MS && lines().length === 0; waited += 20) await sleep(20);
    return lines();
  };

  beforeEach(async () => {
    [app] = deployment.apps as [TestApp];
    simulator = deployment.simulator;
    await simulator.reset();
    numbers = [newNumber(), newNumber(), newNumber()];
    // A success closes the breaker if the test before left it open.
    await deployment.moveClock(NEXT_PROBE_MS);
    const sent = await app.send(newNumber());
    expect(sent.status).toBe(200);
    await simulator.reset();
    // The log line of a request comes after those of its events.
    await app.logLineOf(sent);
    printed = app.output.length;
  });

  test('stops calls to Infobip after five faults in a row, lets one through after ten seconds, and recovers', async () => {
    await simulator.fault('send', gateway(504), { times: 0 });
    for (let call = 0; call < 5; call += 1) expect((await app.send(numberOf(call))).status).toBe(503);
    const refused = await app.send(newNumber());
    expect([refused.status, refused.body.code]).toEqual([503, 'UPSTREAM_UNAVAILABLE']);
    expect(refused.body.retryAfterSeconds).toBeGreaterThan(0);
    expect(refused.body.retryAfterSeconds).toBeLessThanOrEqual(10);
    expect(refused.headers.get('retry-after')).toBe(String(refused.body.retryAfterSeconds));
    expect(await simulator.calls('send')).toHaveLength(5);

    await simulator.clearFaults();
    await deployment.moveClock(refused.body.retryAfterSeconds * 1000);
    expect((await app.send(newNumber())).status).toBe(200);
  });

  test('refuses others at once while one call probes', async () => {
    await simulator.fault('send', gateway(504), { times: 5 });
    await sendToThree(5);
    await simulator.fault('send', { kind: 'delay', ms: 3000 });
    await deployment.moveClock(NEXT_PROBE_MS);
    const probe = app.send(newNumber());
    while ((await simulator.calls('send')).length < 6) await sleep(25);
    const other = app.send(newNumber());
    const first = await Promise.race([probe, other]);
    expect([first.status, first.body.code]).toEqual([503, 'UPSTREAM_UNAVAILABLE']);
    expect(await missing()).toEqual(['breaker']);
    expect((await probe).status).toBe(200);
    await app.logLineOf(await probe);
    const events = app.output.slice(printed).match(/upstream\.breaker_\w+/g);
    expect(events).toEqual(['upstream.breaker_opened', 'upstream.breaker_closed']);
  });

  test.each([
    ['502 of a gateway', gateway(502), { fault: 'refusal', status: 502 }],
    ['503 of a gateway', gateway(503), { fault: 'refusal', status: 503 }],
    ['504 of a gateway', gateway(504), { fault: 'refusal', status: 504 }],
    ['a connection that breaks', { kind: 'reset' }, { fault: 'reset' }],
    ['no answer in time', { kind: 'hang' }, { fault: 'deadline' }],
  ])('opens after %s, and logs the cause', async (_name, fault, cause) => {
    const [of] = (cause.fault === 'deadline' ? hasty.apps : deployment.apps) as [TestApp];
    await simulator.fault('send', fault, { times: 0 });
    await sendToThree(4, of);
    expect(await missing(of)).toEqual([]);
    await sendToThree(1, of);
    expect(await missing(of)).toEqual(['breaker']);
    expect(await opened(of)).toEqual([expect.objectContaining({ cause: expect.objectContaining(cause) })]);
  });

  test('opens if no server listens, and logs the cause', async () => {
    const lost = await TestApp.start(`http://127.0.0.1:${await freePort()}`, { INFOBIP_TIMEOUT_MS: '5000' });
    await sendToThree(5, lost);
    expect(await missing(lost)).toEqual(['breaker']);
    expect(await opened(lost)).toMatchObject([{ cause: { fault: 'refused', errno: 'ECONNREFUSED' } }]);
    await lost.stop();
  });

  test.each([
    ['400 in Infobip’s own words', status(400, 'BAD_REQUEST')],
    ['500 in Infobip’s own words', status(500, 'GENERAL_ERROR')],
    ['502 in Infobip’s own words', status(502, 'GENERAL_ERROR')],
    ['504 in another envelope of Infobip’s', status(504, undefined, { requestError: { policyException: {} } })],
    ['500 with HTML of a gateway', gateway(500)],
    ['HTML', { kind: 'html' }],
    ['no delivery', { kind: 'patch', fields: { smsStatus: 'MESSAGE_NOT_SENT' } }],
  ])('stays closed after %s, however often and for however many numbers', async (_name, fault) => {
    await simulator.fault('send', fault, { times: 9 });
    await sendToThree(9);
    expect(await simulator.calls('send')).toHaveLength(9);
    expect((await app.send(newNumber())).status).toBe(200);
  });

  test('stays closed for everybody else while every call for one number, or for two, fails', async () => {
    await simulator.fault('send', gateway(504), { times: 12 });
    for (let call = 0; call < 6; call += 1) await app.send(numbers[0]);
    expect(await missing()).toEqual([]);
    for (let call = 0; call < 6; call += 1) await app.send(numbers[1]);
    expect(await missing()).toEqual([]);
    expect((await app.send(newNumber())).status).toBe(200);
  });

  test('knows which number a resend and a verification are for', async () => {
    const pinIds: string[] = [];
    for (const to of numbers) pinIds.push((await app.send(to)).body.pinId);
    const [first, second, third] = pinIds;
    await simulator.fault('resend', gateway(504), { times: 0 });
    await simulator.fault('verify', gateway(504), { times: 0 });
    for (let call = 0; call < 5; call += 1) await app.resend(first);
    await app.verify(first, '000000');
    await app.verify(second, '000000');
    expect(await missing()).toEqual([]);
    await app.resend(third);
    expect(await missing()).toEqual(['breaker']);
  });

  test('resets its count after a success for any number, but not after an error about one number', async () => {
    await simulator.fault('send', gateway(504), { times: 4 });
    await sendToThree(4);
    expect((await app.send(newNumber())).status).toBe(200);

    await simulator.fault('send', gateway(504), { times: 4 });
    await sendToThree(4);
    await simulator.fault('send', status(500, 'GENERAL_ERROR'));
    await app.send(newNumber());
    expect(await missing()).toEqual([]);
    await simulator.fault('send', gateway(504));
    await sendToThree(1);
    expect(await missing()).toEqual(['breaker']);
  });

  test('does not stay open because of somebody whose own number always fails at Infobip', async () => {
    await simulator.fault('send', gateway(504), { times: 5 });
    await sendToThree(5);
    await simulator.fault('send', status(500, 'GENERAL_ERROR'));
    await deployment.moveClock(NEXT_PROBE_MS);
    expect((await app.send(numbers[0])).body.code).toBe('UPSTREAM_UNAVAILABLE');
    expect(await missing()).toEqual([]);
    expect((await app.send(newNumber())).status).toBe(200);
  });
});
