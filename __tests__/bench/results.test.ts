import { readFileSync } from 'node:fs';
import { ratioOf } from '@/bench/measure/rates';
import type { Results } from '@/bench/run';
import { CHECKED } from '@/bench/targets';

const rate = (perSecond: number) => ({ perSecond, cpuMicroseconds: 0 });

test('a ratio is the median of pairs, not the ratio of medians', () => {
  const rates = { ours: [rate(10), rate(40), rate(90)], theirs: [rate(10), rate(80), rate(100)] };
  expect(ratioOf(rates, 'ours', 'theirs')).toEqual({ median: 0.9, min: 0.5, max: 1 });
});

test('the published figures contain every ratio that the check compares', () => {
  const { ratios } = JSON.parse(readFileSync('bench/results.json', 'utf8')) as Results;
  expect(Object.keys(ratios)).toEqual(expect.arrayContaining([...CHECKED]));
});
