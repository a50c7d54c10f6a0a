import { type Client, personClient } from './clients';
import { anyNumberOf, type Market, type World } from './markets';
import { createRandom, type Random, weighted } from './random';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Somebody who requests a code. */
export interface Person {
  readonly at: number;
  readonly market: Market;
  readonly number: string;
  readonly client: Client;
  /** Time from the first message to requesting another; undefined for people who do not. */
  readonly resendsAfterMs: number | undefined;
  /** Time from the last message to entering the code; undefined for people who never do. */
  readonly verifiesAfterMs: number | undefined;
  readonly canSolve: boolean;
  /** Whether the device verified the number before. */
  readonly isKnown: boolean;
}

/** How many people come in each hour of a day, as weights: fewest at night, most at eight in the evening. */
const HOURS = [9, 5, 3, 2, 2, 4, 9, 18, 28, 36, 42, 46, 48, 46, 45, 46, 49, 54, 60, 65, 66, 56, 38, 20];
const drawHour = weighted(
  HOURS.map((_, hour) => hour),
  (hour) => HOURS[hour] ?? 0,
);

export const PEOPLE = {
  perDay: 20_000,
  /** A campaign: this many more people, all within ten minutes of the attack day. */
  burst: 1500,
  burstAtMs: DAY_MS + 18 * HOUR_MS,
  burstMs: 600_000,
  resend: 0.18,
  solve: 0.97,
  medianMsToVerify: 20_000,
  /** Standard deviation of the logarithm: one in twenty takes longer than 75 seconds. */
  sigma: 0.8,
} as const;

const DAYS = 2;
/** Codes expire after five minutes. */
const LONGEST_MS = 290_000;
/** The first cooldown, plus a moment. */
const RESEND_FROM_MS = 31_000;
const RESEND_WITHIN_MS = 45_000;

function person(at: number, world: World, random: Random, known: number): Person {
  const market = world.draw(random);
  const { medianMsToVerify, sigma, resend, solve } = PEOPLE;
  return {
    at,
    market,
    number: anyNumberOf(market, random),
    client: personClient(random),
    resendsAfterMs: random.chance(resend) ? RESEND_FROM_MS + random.integer(RESEND_WITHIN_MS) : undefined,
    verifiesAfterMs: random.chance(market.conversion)
      ? Math.min(LONGEST_MS, random.logNormal(medianMsToVerify, sigma))
      : undefined,
    canSolve: random.chance(solve),
    isKnown: random.chance(known),
  };
}

/**
 * The people of all days.
 * @param scale 1 for the whole model
 * @param known share of them on a device that verified the number before
 */
export function drawPeople(world: World, seed: number, scale: number, known = 0): Person[] {
  const random = createRandom(seed, 1);
  const people: Person[] = [];
  for (let day = 0; day < DAYS; day += 1)
    for (let count = Math.round(PEOPLE.perDay * scale); count > 0; count -= 1)
      people.push(person(day * DAY_MS + (drawHour(random) + random.fraction()) * HOUR_MS, world, random, known));
  for (let count = Math.round(PEOPLE.burst * scale); count > 0; count -= 1)
    people.push(person(PEOPLE.burstAtMs + random.fraction() * PEOPLE.burstMs, world, random, known));
  return people;
}
