import { ATTACKS, type Attack } from './attacks';
import type { CreateDefense } from './defense';
import { DEFENSES } from './defenses';
import { play, type Tally } from './engine';
import { createWorld } from './markets';
import { guardOver } from './ours';
import { drawPeople } from './people';
import { openRedis } from './redis-clock';

/** One line of the result: the mean over all seeds, on the attack day. Shares are from 0 to 1, money in US dollars. */
export interface ResultRow {
  readonly attack: string;
  readonly defense: string;
  /** The share of the attack's messages that did not go out. */
  readonly stopped: number;
  /** The share of the attack day's people who did not get what they asked for. */
  readonly blocked: number;
  /** The share of the attack day's people who got a challenge. */
  readonly challenged: number;
  /** What the attack's messages that went out cost, and what the stopped ones would have cost. */
  readonly spent: number;
  readonly saved: number;
  /** The share of challenges that bots solve. */
  readonly botsPassing: number;
}

export interface Settings {
  readonly seeds: readonly number[];
  readonly scale: number;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly homeRanges?: number | undefined;
  /** Share of people on a device that verified their number before. */
  readonly known?: number | undefined;
  /** A Redis that keeps the guard's state instead of memory. */
  readonly redis?: string | undefined;
}

export interface Case {
  readonly attack: string;
  readonly defense: string;
  readonly botsPassing: number;
  /** Replaces the attack's own number of messages. */
  readonly messages?: number | undefined;
}

const MONEY_UNITS = 100_000;

export function attackNamed(name: string): Attack {
  const found = ATTACKS.find((attack) => attack.name === name);
  if (!found) throw new Error(`No such attack: ${name}`);
  return found;
}

function defenseNamed(name: string, { redis }: Settings): CreateDefense {
  if (name === 'guard' && redis !== undefined) return guardOver(openRedis(redis));
  const found = DEFENSES[name]?.create;
  if (!found) throw new Error(`No such defense: ${name}`);
  return found;
}

/** Plays a case once for each seed. */
export async function tallies({ attack, defense, botsPassing, messages }: Case, settings: Settings): Promise<Tally[]> {
  const found: Tally[] = [];
  const { seeds, scale, env, homeRanges, known } = settings;
  const world = createWorld(homeRanges);
  const named = attackNamed(attack);
  for (const seed of seeds)
    found.push(
      await play({
        world,
        people: drawPeople(world, seed, scale, known),
        attack: messages === undefined ? named : { ...named, messages },
        seed,
        scale,
        botsPassing,
        createDefense: defenseNamed(defense, settings),
        env,
      }),
    );
  return found;
}

export function rowOf({ attack, defense, botsPassing }: Case, played: readonly Tally[]): ResultRow {
  const mean = (of: (tally: Tally) => number) => played.reduce((sum, tally) => sum + of(tally), 0) / played.length;
  return {
    attack,
    defense,
    stopped: mean(({ asked, passed }) => (asked === 0 ? 0 : 1 - passed / asked)),
    blocked: mean(({ people, blocked }) => blocked / people),
    challenged: mean(({ people, challenged }) => challenged / people),
    spent: mean(({ spent }) => spent) / MONEY_UNITS,
    saved: mean(({ saved }) => saved) / MONEY_UNITS,
    botsPassing,
  };
}
