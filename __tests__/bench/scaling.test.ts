import { scalingTablesOf } from '@/bench/report/scaling';
import type { Results } from '@/bench/run';

const cost = (instance: number, redis: number, busiestNode = redis) => ({ instance, redis, busiestNode });

/** On the cluster a verification takes 1,200 microseconds, 600 of them on the busiest of three nodes. */
const results = {
  figures: {
    costs: {
      redis: { send: cost(1000, 200), verify: cost(1000, 200) },
      cluster: { send: cost(1500, 600, 300), verify: cost(1500, 600, 300) },
      page: 4000,
    },
    bytesPerPending: { memory: { verification: {}, all: {} }, redis: { verification: {}, all: { '1000000': 1500 } } },
  },
} as unknown as Results;

const [, sizes, ceilings] = scalingTablesOf(results);

test('a low rate gets one Redis, and a rate beyond one cluster gets several deployments', () => {
  expect(sizes?.rows).toEqual([
    ['100', '1', 'one, 4% of a core', '4'],
    ['1,000', '10', 'one, 40% of a core', '39'],
    ['10,000', '117', '8 deployments, each with a cluster of 9 masters', '389'],
  ]);
});

test('the ceiling of a cluster counts only the work that the node with the global limits cannot share', () => {
  // The key of the global limits takes 300 of the busiest node's 600 microseconds: (3 × 600 − 1,200) / 2.
  expect(ceilings?.rows).toEqual([['100', '1,250', '1,667']]);
});
