import { createClockWatch } from '@/lib/infobip/clock';

const NOW = Date.parse('2026-11-23T16:20:00.000Z');

beforeEach(() => jest.useFakeTimers({ now: NOW }));
afterEach(() => jest.useRealTimers());

/** A reply whose server's clock is that far ahead of ours, and that takes that long. */
const reply = (aheadMs: number, tookMs: number) => async () => {
  const date = new Date(Date.now() + aheadMs).toUTCString();
  jest.advanceTimersByTime(tookMs);
  return { status: 200, data: {}, headers: { date } };
};

function watched() {
  const told: (number | undefined)[] = [];
  return { told, watch: createClockWatch((seconds) => void told.push(seconds)) };
}

test('the log reports a skew once in each direction, and its end once', async () => {
  const { told, watch } = watched();
  for (const ahead of [0, -60_000, -60_000, 0, 0, 60_000]) await watch(reply(ahead, 40));
  expect(told).toEqual([60, undefined, -60]);
});

test.each([4000, -3000])('a difference of %i ms does not count', async (aheadMs) => {
  const { told, watch } = watched();
  await watch(reply(aheadMs, 40));
  expect(told).toEqual([]);
});

test('a slow reply neither proves nor ends a skew', async () => {
  const { told, watch } = watched();
  await watch(reply(0, 20_000));
  expect(told).toEqual([]);
  await watch(reply(-60_000, 40));
  await watch(reply(0, 20_000));
  expect(told).toEqual([60]);
});

test.each([
  ['no date', { status: 200, data: {}, headers: {} }],
  ['a word in place of a date', { status: 200, data: {}, headers: { date: 'soon' } }],
  ['a number in place of a date', { status: 200, data: {}, headers: { date: '5' } }],
  ['no reply', new Error('reset')],
])("%s says nothing about the clock, and the call's result passes through", async (_, returned) => {
  const { told, watch } = watched();
  expect(await watch(async () => returned)).toBe(returned);
  expect(told).toEqual([]);
});
