import { readArguments, UsageError } from '@/scripts/command';
import { ATTACKS } from './attacks';
import { DEFENSES } from './defenses';

const ATTACK_NAMES = ATTACKS.map(({ name }) => name);
const DEFENSE_NAMES = Object.keys(DEFENSES);

export const USAGE = `Usage: npm run -s simulate -- [--json] [--seeds 1,2,3] [--attacks A,B] [--defenses A,B] [--bots 0.15,0.5,1]
                                [--quick] [--set NAME=VALUE] [--redis URL] [--plot FILE] [--curves]

Plays attacks by SMS pumping against the guard and against other defenses, in simulated time, with the guard's real code.
Takes a few minutes. docs/fraud-guard-simulation.md describes the model, and how to read the figures.

  --json          Prints { "rows": [{ "attack", "defense", "stopped", "blocked", "challenged", "spent", "saved",
                  "botsPassing" }] }: means over the seeds, shares from 0 to 1, money in US dollars a day.
  --seeds LIST    Seeds of the random draws (1,2,3).
  --attacks LIST  Some of ${ATTACK_NAMES.slice(0, 7).join(', ')},
                  ${ATTACK_NAMES.slice(7).join(', ')} (all by default).
  --defenses LIST Some of ${DEFENSE_NAMES.join(', ')} (all by default).
  --bots LIST     Shares of challenges that bots solve, for the guard (0.15,0.5,1).
  --quick         A tenth of the people and of the messages, and one seed: for a first look.
  --set NAME=VALUE  A variable for the guard, like CREDIT_PER_RANGE=4,0.25,0.35. Repeat it for more variables.
  --redis URL     The guard keeps its state in this Redis instead of memory. Use an empty one: its data is lost.
  --plot FILE     Writes a picture of the day of the first attack and the first seed, as SVG.
  --curves        Plays the trade-offs of the document instead of the table.
  --help          Prints this.

-s keeps npm's own lines off standard output. Put -- before the options, or npm takes them as its own.`;

export interface Options {
  readonly help: boolean;
  readonly json: boolean;
  readonly quick: boolean;
  readonly curves: boolean;
  readonly seeds: readonly number[];
  readonly attacks: readonly string[];
  readonly defenses: readonly string[];
  readonly bots: readonly number[];
  readonly env: Readonly<Record<string, string>>;
  readonly redis: string | undefined;
  readonly plot: string | undefined;
}

const OPTIONS = {
  help: { type: 'boolean' },
  json: { type: 'boolean' },
  quick: { type: 'boolean' },
  curves: { type: 'boolean' },
  seeds: { type: 'string' },
  attacks: { type: 'string' },
  defenses: { type: 'string' },
  bots: { type: 'string' },
  set: { type: 'string', multiple: true },
  redis: { type: 'string' },
  plot: { type: 'string' },
} as const;

function namesIn(text: string | undefined, option: string, known: readonly string[]): readonly string[] {
  const names = text?.split(',') ?? known;
  for (const name of names)
    if (!known.includes(name))
      throw new UsageError(`--${option}: ${name} is unknown. Choose from ${known.join(', ')}.`);
  return names;
}

function numbersIn(text: string, option: string, isRight: (value: number) => boolean, rule: string): number[] {
  const values = text.split(',').map(Number);
  if (!values.every(isRight)) throw new UsageError(`--${option} must be ${rule}.`);
  return values;
}

function variablesIn(settings: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    settings.map((setting) => {
      const [, name, value] = /^([A-Z_]+)=(.+)$/.exec(setting) ?? [];
      if (name === undefined || value === undefined)
        throw new UsageError('--set must be like CREDIT_PER_RANGE=4,0.25,0.35.');
      return [name, value];
    }),
  );
}

/** @throws {UsageError} */
export function optionsFrom(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const given = readArguments(args, OPTIONS, { name: 'simulate', usage: USAGE }, env);
  const { help = false, json = false, quick = false, curves = false, set = [] } = given;
  const isSeed = (value: number) => Number.isInteger(value) && value >= 0 && value < 2 ** 31;
  const isShare = (value: number) => value >= 0 && value <= 1;
  return {
    help,
    json,
    quick,
    curves,
    seeds: numbersIn(given.seeds ?? (quick ? '1' : '1,2,3'), 'seeds', isSeed, 'whole numbers, like 1,2,3'),
    attacks: namesIn(given.attacks, 'attacks', ATTACK_NAMES),
    defenses: namesIn(given.defenses, 'defenses', DEFENSE_NAMES),
    bots: numbersIn(given.bots ?? (quick ? '0.15' : '0.15,0.5,1'), 'bots', isShare, 'shares from 0 to 1, like 0.15,1'),
    env: variablesIn(set),
    redis: given.redis,
    plot: given.plot,
  };
}
