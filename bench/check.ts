import { readFileSync } from 'node:fs';
import { CommandError } from '@/scripts/command';
import { SMALL_APP } from './contenders';
import { measureRates, warmUp } from './measure/rates';
import { CHECK, WARM_UP_REQUESTS } from './plan';
import { buildContenders, type Results, ratiosOf, variantsFor, withServers } from './run';
import { CHECKED, SLACK } from './targets';
import { inWorkplace } from './workplace';

export const RESULTS = 'bench/results.json';

const TRIES = 2;

/** The ratios that fall short of the published ones, minus the slack. */
async function shortfalls(published: Results['ratios']): Promise<readonly string[]> {
  const ratios = await inWorkplace(false, (place) =>
    withServers(place, ['empty', 'memory'], async (servers) => {
      const variants = variantsFor(['empty', 'memory']);
      await warmUp(place, servers, variants, WARM_UP_REQUESTS);
      return ratiosOf(await measureRates(place, servers, variants, CHECK));
    }),
  );
  return CHECKED.flatMap((name) => {
    const least = (published[name]?.median ?? Number.NaN) * SLACK;
    const reached = ratios[name]?.median ?? Number.NaN;
    const line = `${name}: ${reached.toFixed(2)}, but at least ${least.toFixed(2)} is expected`;
    process.stdout.write(`${line}\n`);
    return reached >= least ? [] : [line];
  });
}

/**
 * Compares a few ratios with those of `results.json`. Tries twice, because a shared machine may be busy for a moment.
 * @throws {CommandError} if both tries fall short
 */
export async function check(): Promise<void> {
  const { ratios } = JSON.parse(readFileSync(RESULTS, 'utf8')) as Results;
  buildContenders([SMALL_APP]);
  let short: readonly string[] = [];
  for (let tried = 0; tried < TRIES; tried += 1) {
    short = await shortfalls(ratios);
    if (short.length === 0) return;
  }
  throw new CommandError(
    `Less than ${SLACK} of what ${RESULTS} says:\n${short.join('\n')}\nIf you accept that, run npm run bench and commit the files that it writes.`,
  );
}
