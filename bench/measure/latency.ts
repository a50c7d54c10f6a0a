import type { Running } from '@/bench/contenders';
import type { OpenResult } from '@/bench/load/generator';
import type { ShapeName } from '@/bench/load/shapes';
import { median } from '@/bench/report/statistics';
import type { Workplace } from '@/bench/workplace';

const PER_SECOND = 200;
export const UPSTREAM_DELAY_MS = 50;

export interface LatencyOptions {
  readonly repeats: number;
  readonly ms: number;
}

/** Milliseconds above the median of direct requests to the upstream: the best of the repeats, and all of them. */
export interface AddedLatency {
  readonly p50: number;
  readonly p99: number;
  readonly allP50: readonly number[];
  readonly allP99: readonly number[];
}

const rounded = (value: number): number => Number(value.toFixed(1));

function addedOf(runs: readonly OpenResult[], base: number): AddedLatency {
  const allP50 = runs.map(({ p50 }) => rounded(p50 - base));
  const allP99 = runs.map(({ p99 }) => rounded(p99 - base));
  return { p50: Math.min(...allP50), p99: Math.min(...allP99), allP50, allP99 };
}

/** Sends at a fixed rate, interleaved, with an upstream as slow as a real one. */
export async function measureLatency(
  { load, upstream }: Workplace,
  servers: readonly Running[],
  { repeats, ms }: LatencyOptions,
): Promise<Record<string, AddedLatency>> {
  const targets: { server: string; url: string; shape: ShapeName }[] = [
    { server: 'direct', url: upstream.url, shape: 'direct-send' },
    ...servers.flatMap(({ name, url, send }) => (send ? [{ server: name, url, shape: send }] : [])),
  ];
  const runs = new Map<string, OpenResult[]>(targets.map(({ server }) => [server, []]));
  await upstream.delay(UPSTREAM_DELAY_MS);
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    for (const target of repeat % 2 === 0 ? targets : targets.toReversed())
      runs.get(target.server)?.push(await load.open({ ...target, perSecond: PER_SECOND, ms, warmUpMs: 1000 }));
  }
  await upstream.delay(0);
  const base = median((runs.get('direct') ?? []).map(({ p50 }) => p50));
  return Object.fromEntries([...runs].map(([server, all]) => [server, addedOf(all, base)]));
}
