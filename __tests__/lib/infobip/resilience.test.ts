import { TransportError } from '@/lib/infobip/faults';
import { createResilience } from '@/lib/infobip/resilience';

const PROBE_AFTER_MS = 10_000;

beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }));
afterEach(() => jest.useRealTimers());

test('an outage is told once when it begins and once when it ends, however many probes fail between', async () => {
  const told: boolean[] = [];
  const { run, isOpen } = createResilience(({ open }) => told.push(open));
  const fail = () =>
    run(() => Promise.reject(new TransportError('reset', { written: true })), AbortSignal.timeout(1000));
  const succeed = () => run(async () => ({ status: 200 }), AbortSignal.timeout(1000));

  for (let outage = 0; outage < 2; outage += 1) {
    for (let failure = 0; failure < 5; failure += 1) await expect(fail()).rejects.toMatchObject({ fault: 'reset' });
    for (let probe = 0; probe < 3; probe += 1) {
      await expect(fail()).rejects.toMatchObject({ fault: 'breaker-open' });
      jest.advanceTimersByTime(PROBE_AFTER_MS);
      await expect(fail()).rejects.toMatchObject({ fault: 'reset' });
    }
    expect([told, isOpen()]).toEqual([[...Array(outage).fill([true, false]), [true]].flat(), true]);
    jest.advanceTimersByTime(PROBE_AFTER_MS);
    // Else nobody would send the request that probes.
    expect(isOpen()).toBe(false);
    await expect(succeed()).resolves.toEqual({ status: 200 });
    expect([told.at(-1), isOpen()]).toEqual([false, false]);
  }
});
