import { CONTENDERS, type ContenderName } from '@/bench/contenders';
import { variantsOf } from '@/bench/measure/rates';
import { RATIO_CONNECTIONS } from '@/bench/plan';
import type { RateFigures, Results } from '@/bench/run';
import { TARGETS } from '@/bench/targets';
import type { Chart } from './chart';

const OURS: ReadonlySet<string> = new Set(['memory', 'redis']);
const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

type Action = 'send' | 'verify';

function rateChart(
  { figures: { rates } }: Results,
  action: Action,
  title: string,
  pick: (figures: RateFigures) => RateFigures[keyof RateFigures],
): Chart {
  const measured = rates[RATIO_CONNECTIONS] ?? {};
  const bars = Object.entries(CONTENDERS).flatMap(([name, contender]) => {
    const variants = variantsOf({ name: name as ContenderName, ...contender });
    const variant = variants.find((one) => one.name.includes(action));
    const figures = measured[name === 'empty' ? 'empty' : (variant?.name ?? '')];
    return figures ? [{ label: contender.title, isOurs: OURS.has(name), ...pick(figures) }] : [];
  });
  return { title, bars, show: whole };
}

/** The charts, by file name. */
export const chartsOf = (results: Results): Readonly<Record<string, Chart>> => ({
  'send-rate': rateChart(results, 'send', 'Sends per second, 10 connections', ({ perSecond }) => perSecond),
  'verify-rate': rateChart(results, 'verify', 'Verifies per second, 10 connections', ({ perSecond }) => perSecond),
  'send-cpu': rateChart(results, 'send', 'CPU time of a send, microseconds', ({ cpuMicroseconds }) => cpuMicroseconds),
  latency: {
    title: 'p99 added to an upstream of 50 ms at 200 sends per second, ms',
    bars: Object.entries(results.figures.addedLatency).map(([name, { p99, allP99 }]) => ({
      label: name in CONTENDERS ? CONTENDERS[name as ContenderName].title : 'The upstream, called directly',
      isOurs: OURS.has(name),
      median: p99,
      min: Math.min(...allP99),
      max: Math.max(...allP99),
    })),
    show: (value) => value.toFixed(1),
  },
  ratios: {
    title: 'Ratios, with targets in red',
    bars: Object.entries(results.ratios)
      .filter(([name]) => name in TARGETS)
      .map(([name, ratio]) => ({ label: name, isOurs: true, target: TARGETS[name], ...ratio })),
    show: (value) => value.toFixed(2),
  },
});
