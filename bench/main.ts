/** `npm run bench`: measures this app beside others, and writes the results. `docs/performance.md` says how. */
import { writeFileSync } from 'node:fs';
import { buildIfNeeded } from '@/scripts/build';
import { CommandError, endWith, readArguments } from '@/scripts/command';
import { check, RESULTS } from './check';
import { BETTER_AUTH, SMALL_APP } from './contenders';
import { FULL, QUICK } from './plan';
import { isInstalled } from './processes';
import { writeDocuments } from './report/document';
import { scalingTablesOf } from './report/scaling';
import { asText, tablesOf } from './report/tables';
import { buildContenders, circumstances, measureAll, type Results } from './run';
import { SLACK } from './targets';
import { inWorkplace } from './workplace';

const USAGE = `Usage: npm run bench [-- --quick | -- --check]

Builds what it needs, runs this app, an empty Next.js route, the route that tutorials show, better-auth and a bare server
side by side in interleaved rounds, prints the figures, and writes bench/results.json, docs/performance.md and docs/scaling.md.

  --quick   Fewer and shorter rounds, without the parts that take minutes
  --check   Only compares a few ratios with bench/results.json; fails if one is less than ${SLACK} of it, twice in a row

It needs Linux and, for figures worth keeping, an idle machine. Without redis-server and Chromium it leaves out the parts that need them.`;

const OPTIONS = { quick: { type: 'boolean' }, check: { type: 'boolean' } } as const;

async function measure(quick: boolean): Promise<void> {
  buildContenders([SMALL_APP, BETTER_AUTH]);
  const around = circumstances();
  const withRedis = isInstalled('redis-server');
  if (!withRedis)
    process.stderr.write(
      'The benchmark leaves out Redis, because there is no redis-server (Debian: apt-get install redis-server).\n',
    );
  const measured = await inWorkplace(withRedis, (place) => measureAll(place, quick ? QUICK : FULL));
  const results: Results = { ...measured, ...around };
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
  writeDocuments(results);
  const tables = [...tablesOf(results), ...scalingTablesOf(results)];
  process.stdout.write(`\n${tables.map(asText).join('\n\n')}\n`);
}

async function main(args: readonly string[]): Promise<void> {
  const options = readArguments(args, OPTIONS, { name: 'bench', usage: USAGE });
  if (process.platform !== 'linux')
    throw new CommandError('The benchmark reads CPU times from /proc, which only Linux has.');
  buildIfNeeded();
  await (options.check ? check() : measure(options.quick === true));
}

if (process.argv[2] === '--help') process.stdout.write(`${USAGE}\n`);
else main(process.argv.slice(2)).catch(endWith);
