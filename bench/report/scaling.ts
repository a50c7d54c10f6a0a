import type { Cost } from '@/bench/measure/costs';
import type { Results } from '@/bench/run';
import type { Table } from './tables';

/** What `docs/scaling.md` assumes, and says so. */
const RATES = [100, 1000, 10_000] as const;
/** Of one core each. What is left is for peaks, garbage collection and neighbours. */
const INSTANCE_SHARE = 0.6;
const REDIS_SHARE = 0.5;
const MICROSECONDS = 1e6;
/** Share of the numbers of a day that its busiest second has; most of a day is quieter. */
const AVERAGE_TO_PEAK = 0.3;
const DAY_SECONDS = 86_400;

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

function costTable({ figures: { costs } }: Results): readonly Table[] {
  if (!costs) return [];
  const row = (title: string, { instance, redis, busiestNode }: Cost) => [
    title,
    ...[instance, redis, busiestNode].map(whole),
  ];
  return [
    {
      title: 'Microseconds of processor time for each request',
      head: ['', 'Instance', 'Redis, all nodes', 'Redis, the busiest node'],
      rows: [
        row('Send, one Redis', costs.redis.send),
        row('Verify, one Redis', costs.redis.verify),
        row('Send, cluster of three', costs.cluster.send),
        row('Verify, cluster of three', costs.cluster.verify),
        ['The page', whole(costs.page), '', ''],
      ],
    },
  ];
}

/** What the node with the key for everyone has to do for a verification more than another one. */
function hotKeyMicroseconds({ send, verify }: Record<'send' | 'verify', Cost>): number {
  const more = ({ redis, busiestNode }: Cost) => busiestNode - (redis - busiestNode) / 2;
  return Math.max(1, more(send) + more(verify));
}

function sizeTable({ figures: { costs, bytesPerPending } }: Results): readonly Table[] {
  const bytes = Object.values(bytesPerPending.redis?.all ?? {}).at(-1);
  if (!costs || bytes === undefined) return [];
  const { redis, cluster, page } = costs;
  const perInstance = redis.send.instance + redis.verify.instance + page;
  const cores = (rate: number, microseconds: number, share: number) => (rate * microseconds) / MICROSECONDS / share;
  const one = redis.send.redis + redis.verify.redis;
  const many = cluster.send.redis + cluster.verify.redis;
  return [
    {
      title: 'Verifications a second, and what they take',
      head: [
        'Verifications a second',
        'Instances of one core',
        'Redis: cores, if it is one',
        'Redis: masters, if it is a cluster',
        'Redis: GB',
      ],
      rows: RATES.map((rate) => [
        whole(rate),
        whole(Math.ceil(cores(rate, perInstance, INSTANCE_SHARE))),
        cores(rate, one, REDIS_SHARE).toFixed(1),
        whole(Math.max(3, Math.ceil(cores(rate, many, REDIS_SHARE)))),
        whole((rate * AVERAGE_TO_PEAK * DAY_SECONDS * bytes) / 1e9),
      ]),
    },
    {
      title: 'Where one of them ends, in verifications a second at full load',
      head: ['One instance', 'One Redis', 'The key for everyone, on a cluster'],
      rows: [
        [
          whole(MICROSECONDS / perInstance),
          whole(MICROSECONDS / one),
          whole(MICROSECONDS / hotKeyMicroseconds(cluster)),
        ],
      ],
    },
  ];
}

export const scalingTablesOf = (results: Results): readonly Table[] => [...costTable(results), ...sizeTable(results)];
