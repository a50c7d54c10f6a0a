import { createBreaker } from '@/lib/infobip/breaker';
import { TransportError } from '@/lib/infobip/faults';

const PROBE_AFTER_MS = 10_000;
const NUMBERS = ['14155552671', '14155552672', '14155552673'];

beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }));
afterEach(() => jest.useRealTimers());

const reset = new TransportError('reset', { written: true });
const success = { status: 200, data: { pinId: 'x' }, headers: {} };

/** A call that ends when the test decides. */
function pending() {
  let end: (returned: unknown) => void = () => undefined;
  const call = () => new Promise<unknown>((resolve) => (end = resolve));
  return { call, end: (returned: unknown) => end(returned) };
}

test('the breaker reports an outage once when it begins and once when it ends, however many probes fail between', async () => {
  const reports: boolean[] = [];
  const { run, isOpen } = createBreaker(({ open }) => reports.push(open));
  let calls = 0;
  const fail = () => run(String(calls++), async () => reset);

  for (let outage = 0; outage < 2; outage += 1) {
    for (let failure = 0; failure < 5; failure += 1) expect(await fail()).toBe(reset);
    for (let probe = 0; probe < 3; probe += 1) {
      expect(await fail()).toMatchObject({ fault: 'breaker-open', retryAfterSeconds: 10 });
      jest.advanceTimersByTime(PROBE_AFTER_MS);
      expect(await fail()).toBe(reset);
    }
    expect([reports, isOpen()]).toEqual([[...Array(outage).fill([true, false]), [true]].flat(), true]);
    jest.advanceTimersByTime(PROBE_AFTER_MS);
    // The breaker does not count as open now: otherwise nobody would send the request that probes.
    expect(isOpen()).toBe(false);
    expect(await run('1', async () => success)).toBe(success);
    expect([reports.at(-1), isOpen()]).toEqual([false, false]);
  }
});

test('calls that began before the breaker opened neither close it, nor open it again after a successful probe', async () => {
  const { run, isOpen } = createBreaker();
  const late = [...NUMBERS, ...NUMBERS, '1'].map((number) => ({ number, ...pending() }));
  const ends = late.map(({ number, call }) => run(number, call));
  for (let failure = 0; failure < 5; failure += 1) await run(NUMBERS[failure % 3] ?? '', async () => reset);

  late[6]?.end(success);
  await ends[6];
  expect(isOpen()).toBe(true);

  jest.advanceTimersByTime(PROBE_AFTER_MS);
  await run('2', async () => success);
  for (const { end } of late) end(reset);
  await Promise.all(ends);
  expect(isOpen()).toBe(false);
});

test('a probe that ends with a bug of ours does not keep the breaker open', async () => {
  const { run, isOpen } = createBreaker();
  for (let failure = 0; failure < 5; failure += 1) await run(NUMBERS[failure % 3] ?? '', async () => reset);
  jest.advanceTimersByTime(PROBE_AFTER_MS);
  await expect(run('1', () => Promise.reject(new Error('bug')))).rejects.toThrow('bug');
  expect(isOpen()).toBe(false);
});

/** Opens the breaker, and lets time pass until a probe is due. */
async function dueForProbe() {
  const breaker = createBreaker();
  for (let failure = 0; failure < 5; failure += 1) await breaker.run(NUMBERS[failure % 3] ?? '', async () => reset);
  jest.advanceTimersByTime(PROBE_AFTER_MS);
  return breaker;
}

test('a number whose probe failed leaves the next probes to others for a minute', async () => {
  const { run } = await dueForProbe();
  expect(await run('own', async () => reset)).toBe(reset);
  jest.advanceTimersByTime(PROBE_AFTER_MS);
  expect(await run('own', async () => reset)).toMatchObject({ fault: 'breaker-open' });
  expect(await run('other', async () => success)).toBe(success);
  expect(await run('own', async () => success)).toBe(success);
});

test('a number whose probe failed may probe again after a minute, when there is nobody else', async () => {
  const { run } = await dueForProbe();
  expect(await run('own', async () => reset)).toBe(reset);
  jest.advanceTimersByTime(60_000);
  expect(await run('own', async () => success)).toBe(success);
});

test('a probe that hangs blocks other probes for only ten seconds, and its end then changes nothing', async () => {
  const { run, isOpen } = await dueForProbe();
  const hanging = pending();
  const probe = run('own', hanging.call);
  expect(await run('other', async () => success)).toMatchObject({ fault: 'breaker-open' });
  jest.advanceTimersByTime(PROBE_AFTER_MS);
  expect(await run('other', async () => success)).toBe(success);
  hanging.end(reset);
  await probe;
  expect(isOpen()).toBe(false);
});
