import { readFileSync } from 'node:fs';
import { CommandError } from '@/scripts/command';
import { SMALL_APP } from './contenders';
import { measureRates, warmUp } from './measure/rates';
import { CHECK, RATIO_CONNECTIONS, WARM_UP_REQUESTS } from './plan';
import { buildContenders, figuresOf, type RateFigures, type Results, variantsFor, withServers } from './run';
import { CHECKED, RATIOS, SLACK } from './targets';
import { inWorkplace } from './workplace';

export const RESULTS = 'bench/results.json';

const TRIES = 2;

type Rates = Readonly<Record<string, Pick<RateFigures, 'perSecond'>>>;

/** The ratio between the best rounds of two servers. Medians vary more, because other programs slow servers down. */
export function ratioOfBest(rates: Rates, name: keyof typeof RATIOS): number {
  const [over, under] = RATIOS[name];
  return (rates[over]?.perSecond.max ?? Number.NaN) / (rates[under]?.perSecond.max ?? Number.NaN);
}

/** What the check compares: the ratio reached, and the least that it accepts. */
export const compare = (measured: Rates, published: Rates) =>
  CHECKED.map((name) => ({
    name,
    reached: ratioOfBest(measured, name),
    least: ratioOfBest(published, name) * SLACK,
  }));

const measure = () =>
  inWorkplace(false, (place) =>
    withServers(place, ['empty', 'memory'], async (servers) => {
      const variants = variantsFor(['empty', 'memory']);
      await warmUp(place, servers, variants, WARM_UP_REQUESTS);
      return figuresOf(await measureRates(place, servers, variants, CHECK));
    }),
  );

/**
 * Compares a few ratios with those of `results.json`. Tries twice, because a shared machine may be busy for a moment.
 * @throws {CommandError} if both tries fall short
 */
export async function check(): Promise<void> {
  const { figures } = JSON.parse(readFileSync(RESULTS, 'utf8')) as Results;
  const published = figures.rates[RATIO_CONNECTIONS] ?? {};
  buildContenders([SMALL_APP]);
  let short: readonly string[] = [];
  for (let tried = 0; tried < TRIES; tried += 1) {
    short = compare(await measure(), published).flatMap(({ name, reached, least }) => {
      const line = `${name}: ${reached.toFixed(2)}, but at least ${least.toFixed(2)} is expected`;
      process.stdout.write(`${line}\n`);
      return reached >= least ? [] : [line];
    });
    if (short.length === 0) return;
  }
  throw new CommandError(
    `Less than ${SLACK} of what ${RESULTS} says:\n${short.join('\n')}\nIf you accept that, run npm run bench and commit the files that it writes.`,
  );
}
