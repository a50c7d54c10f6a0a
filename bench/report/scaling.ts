import type { Cost, Costs } from '@/bench/measure/costs';
import type { Results } from '@/bench/run';
import type { Table } from './tables';

/** The assumptions of `docs/scaling.md`, which states them. */
const RATES = [100, 1000, 10_000] as const;
/** The share of one core that is in use. The rest is for peaks, garbage collection and neighbors. */
const INSTANCE_SHARE = 0.6;
const REDIS_SHARE = 0.5;
const MICROSECONDS = 1e6;
/** The rate of an average second, as a share of that of the busiest one. */
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
      title: 'Microseconds of CPU time per request',
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

/** Nodes of the measured cluster. */
const NODES = 3;
/** More masters than this hardly help, because the one with the global limits remains. */
const MOST_MASTERS = 12;

/** Microseconds of a verification's work: what any master can do, and what only the one with the global limits can. */
function clusterWork({ send, verify }: Costs['cluster']): { all: number; hot: number } {
  const all = send.redis + verify.redis;
  // The time of the busiest node includes its own share of everything else.
  const busiest = send.busiestNode + verify.busiestNode;
  return { all, hot: Math.max(1, (NODES * busiest - all) / (NODES - 1)) };
}

/** How many masters one cluster needs; undefined if no number of them is enough. */
function mastersFor(rate: number, { all, hot }: ReturnType<typeof clusterWork>): number | undefined {
  const left = (MICROSECONDS * REDIS_SHARE) / rate - hot;
  const masters = Math.max(3, Math.ceil((all - hot) / left));
  return left > 0 && masters <= MOST_MASTERS ? masters : undefined;
}

interface Redis {
  readonly text: string;
  readonly costs: Costs['redis'];
}

/** The smallest Redis that carries a rate: one, a cluster, or several deployments with a cluster each. */
function redisFor(rate: number, { redis, cluster }: Costs): Redis {
  const share = (rate * (redis.send.redis + redis.verify.redis)) / MICROSECONDS;
  if (share <= REDIS_SHARE) return { text: `one, ${Math.ceil(share * 100)}% of a core`, costs: redis };
  for (let deployments = 1; ; deployments += 1) {
    const masters = mastersFor(rate / deployments, clusterWork(cluster));
    if (masters === undefined) continue;
    const text = deployments === 1 ? 'a cluster' : `${deployments} deployments, each with a cluster`;
    return { text: `${text} of ${masters} masters`, costs: cluster };
  }
}

function sizeTable({ figures: { costs, bytesPerPending } }: Results): readonly Table[] {
  const bytes = Object.values(bytesPerPending.redis?.all ?? {}).at(-1);
  if (!costs || bytes === undefined) return [];
  const instanceMicroseconds = ({ send, verify }: Costs['redis']) => send.instance + verify.instance + costs.page;
  const one = costs.redis.send.redis + costs.redis.verify.redis;
  return [
    {
      title: 'What a rate of verifications takes',
      head: ['Verifications per second', 'Instances of one core', 'Redis', 'Redis memory in all, GB'],
      rows: RATES.map((rate) => {
        const redis = redisFor(rate, costs);
        const instances = (rate * instanceMicroseconds(redis.costs)) / MICROSECONDS / INSTANCE_SHARE;
        const gigabytes = (rate * AVERAGE_TO_PEAK * DAY_SECONDS * bytes) / 1e9;
        return [whole(rate), whole(Math.ceil(instances)), redis.text, whole(gigabytes)];
      }),
    },
    {
      title: 'The most verifications per second, at the planned shares',
      head: ['One instance on one Redis', 'One Redis', 'One cluster, however large'],
      rows: [
        [
          (MICROSECONDS * INSTANCE_SHARE) / instanceMicroseconds(costs.redis),
          (MICROSECONDS * REDIS_SHARE) / one,
          (MICROSECONDS * REDIS_SHARE) / clusterWork(costs.cluster).hot,
        ].map(whole),
      ],
    },
  ];
}

export const scalingTablesOf = (results: Results): readonly Table[] => [...costTable(results), ...sizeTable(results)];
