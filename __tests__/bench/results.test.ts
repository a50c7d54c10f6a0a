import { readFileSync } from 'node:fs';
import { compare } from '@/bench/check';
import { ratioOf } from '@/bench/measure/rates';
import { RATIO_CONNECTIONS } from '@/bench/plan';
import type { Results } from '@/bench/run';
import { CHECKED } from '@/bench/targets';

const rate = (perSecond: number) => ({ perSecond, cpuMicroseconds: 0 });

test('a ratio is the median of the ratios of pairs, not the ratio of medians', () => {
  const rates = { ours: [rate(10), rate(40), rate(90)], theirs: [rate(10), rate(80), rate(100)] };
  expect(ratioOf(rates, 'ours', 'theirs')).toEqual({ median: 0.9, min: 0.5, max: 1 });
});

describe('the check, on the published figures', () => {
  const { figures } = JSON.parse(readFileSync('bench/results.json', 'utf8')) as Results;
  const published = figures.rates[RATIO_CONNECTIONS] ?? {};
  /** The published rates, if the app had only this share of its speed. */
  const atSpeed = (share: number) =>
    Object.fromEntries(
      Object.entries(published).map(([name, { perSecond }]) => [
        name,
        { perSecond: name === 'empty' ? perSecond : { ...perSecond, max: perSecond.max * share } },
      ]),
    );
  const accepts = (share: number) => compare(atSpeed(share), published).map(({ reached, least }) => reached >= least);

  test('accepts an app that is a tenth slower', () => {
    expect(accepts(0.9)).toEqual(CHECKED.map(() => true));
  });

  test('refuses an app that is a quarter slower', () => {
    expect(accepts(0.75)).toEqual(CHECKED.map(() => false));
  });
});
