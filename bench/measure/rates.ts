import type { Contender, ContenderName, Running } from '@/bench/contenders';
import type { ClosedJob } from '@/bench/load/generator';
import type { ShapeName } from '@/bench/load/shapes';
import { RATIO_CONNECTIONS } from '@/bench/plan';
import { type Spread, spreadOf } from '@/bench/report/statistics';
import { type Rate, rateOf, type Workplace } from '@/bench/workplace';

/** One request of one contender, under its name in the results. */
export interface Variant {
  readonly name: string;
  readonly contender: ContenderName;
  readonly shape: ShapeName;
}

export interface Rounds {
  readonly connections: number;
  readonly rounds: number;
  /** How long each variant runs in each round. */
  readonly ms: number;
}

/** Rates of a variant, one per round. */
export type Rates = Readonly<Record<string, readonly Rate[]>>;

/** @param more kinds of requests to measure besides the contender's sends and verifies */
export function variantsOf({ name, send, verify }: Contender, more: readonly ShapeName[] = []): readonly Variant[] {
  const label = (action: string) => (name === 'memory' || name === 'redis' ? `${action}-${name}` : `${name}-${action}`);
  return [
    ...more.map((shape) => ({ name: shape, contender: name, shape })),
    ...(send ? [{ name: label('send'), contender: name, shape: send }] : []),
    ...(verify ? [{ name: label('verify'), contender: name, shape: verify }] : []),
  ];
}

/** The contender's variants in sequence, because a verify needs the sends before it. */
const grouped = (variants: readonly Variant[]): readonly (readonly Variant[])[] =>
  [...new Set(variants.map(({ contender }) => contender))].map((name) =>
    variants.filter(({ contender }) => contender === name),
  );

async function run(
  { load, upstream }: Workplace,
  { url, pid, name: server }: Running,
  { shape }: Variant,
  extent: Pick<ClosedJob, 'connections' | 'ms' | 'count'>,
): Promise<Rate> {
  if (shape === 'better-auth-verify') await load.takeCodes({ server, codes: await upstream.codes() });
  return rateOf(load, pid, { url, shape, server, ...extent });
}

/** Runs requests of each variant without measuring. */
export async function warmUp(
  place: Workplace,
  servers: readonly Running[],
  variants: readonly Variant[],
  requests: number,
): Promise<void> {
  for (const variant of variants) {
    const server = servers.find(({ name }) => name === variant.contender);
    if (server) await run(place, server, variant, { connections: RATIO_CONNECTIONS, count: requests });
  }
}

/** Rounds of all variants, each in the opposite order of the previous one. */
export async function measureRates(
  place: Workplace,
  servers: readonly Running[],
  variants: readonly Variant[],
  { connections, rounds, ms }: Rounds,
): Promise<Rates> {
  const rates: Record<string, Rate[]> = Object.fromEntries(variants.map(({ name }) => [name, []]));
  const groups = grouped(variants);
  for (let round = 0; round < rounds; round += 1) {
    for (const variant of (round % 2 === 0 ? groups : groups.toReversed()).flat()) {
      const server = servers.find(({ name }) => name === variant.contender);
      if (server) rates[variant.name]?.push(await run(place, server, variant, { connections, ms }));
    }
  }
  return rates;
}

/** The requests per second of one variant, divided by those of the other in the same round. */
export function ratioOf(rates: Rates, over: string, under: string): Spread | undefined {
  const [one, other] = [rates[over] ?? [], rates[under] ?? []];
  if (one.length === 0 || one.length !== other.length) return undefined;
  return spreadOf(
    one.map(({ perSecond }, i) => perSecond / (other[i]?.perSecond ?? Number.NaN)),
    3,
  );
}
