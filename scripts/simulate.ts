/** `npm run simulate`: attacks by SMS pumping, played against the guard and against other defenses. */
import { writeFileSync } from 'node:fs';
import { endWith } from './command';
import { type Options, optionsFrom, USAGE } from './simulate/command-line';
import { CURVES, curveTable, playCurve } from './simulate/curves';
import { plotOf } from './simulate/plot';
import { playAll } from './simulate/pool';
import { tableOf } from './simulate/report';
import { type Case, type ResultRow, rowOf, type Settings, tallies } from './simulate/rows';

/** Share of the whole model, with --quick. */
const QUICK_SCALE = 0.1;

const say = (text: string) => process.stdout.write(`${text}\n`);
const note = (text: string) => process.stderr.write(`${text}\n`);
const lineOf = ({ attack, defense, stopped, blocked }: ResultRow) =>
  `${attack} against ${defense}: ${(100 * stopped).toFixed(2)}% stopped, ${(100 * blocked).toFixed(3)}% blocked`;

function* casesOf({ attacks, defenses, bots }: Options): Iterable<Case> {
  for (const attack of attacks)
    for (const defense of defenses) {
      const shares = defense === 'guard' ? bots : bots.slice(0, 1);
      for (const botsPassing of shares) yield { attack, defense, botsPassing };
    }
}

async function drawDay({ attacks, bots }: Options, settings: Settings, file: string): Promise<void> {
  const attack = attacks.find((name) => name !== 'none') ?? 'none';
  const one = { ...settings, seeds: settings.seeds.slice(0, 1) };
  const botsPassing = bots[0] ?? 0;
  const [guarded] = await tallies({ attack, defense: 'guard', botsPassing }, one);
  const [unguarded] = await tallies({ attack, defense: 'limits', botsPassing }, one);
  if (guarded && unguarded) writeFileSync(file, plotOf(attack, guarded, unguarded));
}

async function run(options: Options): Promise<void> {
  const { seeds, env, redis, quick, json, plot, curves } = options;
  const settings: Settings = { seeds, env, redis, scale: quick ? QUICK_SCALE : 1 };
  if (plot !== undefined) return drawDay(options, settings, plot);
  if (curves) {
    for (const curve of CURVES) say(`## ${curve.title}\n\n${curveTable(curve, await playCurve(curve, settings))}\n`);
    return;
  }
  const jobs = [...casesOf(options)].map((one) => ({ case: one, settings }));
  const results = await playAll(jobs, ({ case: one }, played) => note(lineOf(rowOf(one, played))));
  const rows = jobs.map((job, index) => rowOf(job.case, results[index] ?? []));
  say(json ? JSON.stringify({ rows }, undefined, 1) : `Seeds ${seeds.join(', ')}.\n\n${tableOf(rows)}`);
}

async function main(args: readonly string[]): Promise<void> {
  const options = optionsFrom(args, process.env);
  if (options.help) say(USAGE);
  else await run(options);
}

main(process.argv.slice(2)).catch(endWith);
