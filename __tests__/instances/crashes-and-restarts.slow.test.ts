import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newNumber } from '@/__tests__/support/numbers';
import { describeWithRedis } from '@/__tests__/support/redis';
import { useTwoInstances } from './two-instances';

const PARALLEL = 20;
const SKEWED = { NODE_OPTIONS: `--require ${path.resolve('__tests__/support/skewed-clock.cjs')}` };

describeWithRedis('an instance on a shared Redis', () => {
  const { simulator, one, two, startInstance, report } = useTwoInstances();

  let number = '';
  beforeEach(() => {
    number = newNumber();
  });

  test('a crash between Infobip’s yes and our record never leads to a second yes', async () => {
    // Long enough that the instance still waits for Infobip when it crashes, even on a busy machine.
    const timeoutMs = 2000;
    const doomed = await startInstance({ INFOBIP_TIMEOUT_MS: String(timeoutMs) });
    const heir = await startInstance({ INFOBIP_TIMEOUT_MS: String(timeoutMs) });
    const { body } = await doomed.send(number);
    const pin = await simulator.pinFor(number);
    await simulator.fault('verify', { kind: 'delay', ms: 5000 }, { processed: true });
    const lost = doomed.verify(body.pinId, pin).catch(() => undefined);
    while ((await simulator.calls('verify')).length === 0) await sleep(10);
    await sleep(100);
    await doomed.crash();
    await lost;
    expect((await heir.verify(body.pinId, pin)).body).toMatchObject({ verified: false, code: 'RATE_LIMITED' });
    // The dead process's claim on the attempt lapses, but Infobip has already used up the code.
    await sleep(2 * timeoutMs + 5100);
    expect((await heir.verify(body.pinId, pin)).body.verified).toBe(false);
    // The person can continue with a new code.
    expect((await heir.resend(body.pinId)).status).toBe(200);
    expect((await heir.verify(body.pinId, await simulator.pinFor(number))).status).toBe(200);
    await heir.stop();
    report.push('killed between yes and record: no second yes, and a new code works');
  });

  test('a verification goes on after the instance that started it ends', async () => {
    const first = await startInstance();
    const { body } = await first.send(number);
    await first.stop();
    expect((await two.verify(body.pinId, await simulator.pinFor(number))).status).toBe(200);
  });

  test('an instance answers every accepted request before SIGTERM ends it', async () => {
    const loaded = await startInstance();
    await simulator.fault('send', { kind: 'delay', ms: 500 }, { times: PARALLEL });
    const replies = Array.from({ length: PARALLEL }, () => loaded.send(newNumber()));
    while ((await simulator.calls('send')).length < PARALLEL) await sleep(10);
    const stopped = loaded.terminate();
    const statuses = (await Promise.all(replies)).map(({ status }) => status);
    expect(statuses).toEqual(Array(PARALLEL).fill(200));
    await stopped;
    report.push(`SIGTERM under load: ${PARALLEL} of ${PARALLEL} requests answered`);
  });

  test('an instance whose clock is an hour off keeps the store’s time', async () => {
    const skewed = await startInstance({ ...SKEWED, RESEND_COOLDOWN_SECONDS: '30' });
    const { body } = await one.send(number);
    expect((await skewed.verify(body.pinId, await simulator.pinFor(number))).status).toBe(200);
    const other = newNumber();
    const sent = await skewed.send(other);
    expect(sent.body).toMatchObject({ expiresInSeconds: 300, resendInSeconds: 30 });
    const again = await two.send(other);
    expect(again.body.code).toBe('RATE_LIMITED');
    expect(again.body.retryAfterSeconds).toBeLessThanOrEqual(30);
    expect((await two.verify(sent.body.pinId, await simulator.pinFor(other))).status).toBe(200);
    await skewed.stop();
    report.push('a clock an hour off: same expiry, same waits');
  });
});
