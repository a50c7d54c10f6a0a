import { type Client, ipv4, ipv6, proxies } from './clients';
import { anyNumberOf, HOME, type Market, numberOf, type World } from './markets';
import type { Random } from './random';

/** A message that an attacker requests. */
export interface AttackMessage {
  readonly market: Market;
  readonly number: string;
  readonly client: Client;
  readonly method: 'sms' | 'voice';
  /** Enters the code, like an attacker who can read it. */
  readonly isVerified?: boolean;
}

/** An attacker at work. */
export interface Attacker {
  next(): AttackMessage;
  /** The outcome of the previous message. */
  learn?(isSent: boolean): void;
}

export interface Attack {
  readonly name: string;
  readonly description: string;
  /** How many messages on the day of the attack, spread evenly over its 24 hours. */
  readonly messages: number;
  start(world: World, random: Random): Attacker;
}

/** A loud attack requests two messages for each of a usual day's people: 28 a minute. */
const LOUD = 40_000;
const PROXIES = 40_000;

/** Two of the larger countries and three of the small ones, none of them the smallest. */
const FIVE = ['GB', 'ES', 'TN', 'NG', 'LK'];
const THREE = ['TN', 'NG', 'LK'];
/** A small country with about as many people as small countries have on average. */
const ONE_COUNTRY = 'CO';
const CALLED = ['SO', 'CU', 'MV'];

interface Range {
  readonly market: Market;
  readonly range: number;
}

const anyRange = (market: Market, random: Random): Range => ({ market, range: random.integer(market.ranges) });

/** Ranges, dealt out to the countries in turn. */
const rangesIn = (countries: readonly string[], count: number, world: World, random: Random): Range[] =>
  Array.from({ length: count }, (_, index) =>
    anyRange(world.of(countries[index % countries.length] as string), random),
  );

type Sender = (random: Random) => Client;

const throughProxies = (random: Random, count = PROXIES): Sender => {
  const pool = proxies(count, random);
  return () => random.pick(pool);
};

/** The 50 /64 networks of one customer of a hosting provider, all in the same /48. */
const oneNetwork = (random: Random): Sender => {
  const pool = Array.from({ length: 50 }, () => ipv6(0xdead_0001, random.integer(65_536)));
  return () => random.pick(pool);
};

const oneAddress: Sender = () => ipv4(0xc6_33_64_07);

/** Messages to random numbers of given ranges. */
const overRanges = (ranges: readonly Range[], random: Random, sender: Sender, more?: () => Partial<AttackMessage>) => ({
  next(): AttackMessage {
    const { market, range } = random.pick(ranges);
    const number = anyNumberOf(market, random, range);
    return { market, number, client: sender(random), method: 'sms', ...more?.() };
  },
});

/** Messages to random numbers of whole countries. */
const overCountries = (
  countries: readonly string[],
  world: World,
  random: Random,
  sender: Sender,
  method: AttackMessage['method'] = 'sms',
): Attacker => ({
  next() {
    const market = world.of(random.pick(countries));
    return { market, number: anyNumberOf(market, random), client: sender(random), method };
  },
});

/** How many SIM cards the attacker has in each attacked range, and which share of the messages goes to them. */
const SIMS_IN_RANGE = 20;
const SHARE_TO_SIMS = 0.1;

/** The attacker verifies codes on SIM cards of its own, to win back credit for the ranges that it attacks. */
function withOwnSims(world: World, random: Random): Attacker {
  const ranges = rangesIn(THREE, 3, world, random);
  const attacker = overRanges(ranges, random, throughProxies(random));
  return {
    next() {
      const message = attacker.next();
      if (!random.chance(SHARE_TO_SIMS)) return message;
      const { market, range } = random.pick(ranges);
      return { ...message, market, number: numberOf(market, range, random.integer(SIMS_IN_RANGE)), isVerified: true };
    },
  };
}

/** The number of refusals in a row after which an attacker gives up a range. */
const GIVES_UP_AFTER = 3;

/** As soon as nothing gets through to a range, the attacker moves to another one, in any foreign country. */
function moving(world: World, random: Random): Attacker {
  const abroad = world.markets.filter(({ country }) => country !== HOME);
  const sender = throughProxies(random);
  let refused = 0;
  let { market, range } = anyRange(random.pick(abroad), random);
  return {
    next: () => ({ market, number: anyNumberOf(market, random, range), client: sender(random), method: 'sms' }),
    learn(isSent) {
      refused = isSent ? 0 : refused + 1;
      if (refused < GIVES_UP_AFTER) return;
      refused = 0;
      ({ market, range } = anyRange(random.pick(abroad), random));
    },
  };
}

/** The first of the addresses that people share: an office, or the gateway of a mobile network. */
export const OFFICE = ipv4((100 << 24) + 7);

export const ATTACKS: readonly Attack[] = [
  {
    name: 'none',
    description: 'No attack',
    messages: 0,
    start: () => {
      throw new Error('There is nobody to start.');
    },
  },
  {
    name: 'one-address',
    description: 'One address, 20 ranges in five countries',
    messages: LOUD,
    start: (world, random) => overRanges(rangesIn(FIVE, 20, world, random), random, oneAddress),
  },
  {
    name: 'proxies-3-ranges',
    description: '40,000 proxies, a range in each of three small countries',
    messages: LOUD,
    start: (world, random) => overRanges(rangesIn(THREE, 3, world, random), random, throughProxies(random)),
  },
  {
    name: 'slow-20-ranges',
    description: '60 an hour from 2,000 proxies, 20 ranges in five countries',
    messages: 60 * 24,
    start: (world, random) => overRanges(rangesIn(FIVE, 20, world, random), random, throughProxies(random, 2000)),
  },
  {
    name: 'home-20-ranges',
    description: '40,000 proxies, 20 ranges of the home country',
    messages: LOUD,
    start: (world, random) => overRanges(rangesIn([HOME], 20, world, random), random, throughProxies(random)),
  },
  {
    name: 'foreign-country',
    description: '40,000 proxies, all ranges of a small country',
    messages: LOUD,
    start: (world, random) => overCountries([ONE_COUNTRY], world, random, throughProxies(random)),
  },
  {
    name: 'half-verified',
    description: '40,000 proxies, 20 ranges in five countries; enters half of the codes',
    messages: LOUD,
    start: (world, random) =>
      overRanges(rangesIn(FIVE, 20, world, random), random, throughProxies(random), () => ({
        isVerified: random.chance(0.5),
      })),
  },
  {
    name: 'home-spread',
    description: '40,000 proxies, all ranges of the home country',
    messages: LOUD,
    start: (world, random) => overCountries([HOME], world, random, throughProxies(random)),
  },
  {
    name: 'voice-one-48',
    description: 'Calls from 50 /64s of one /48, all ranges of Somalia, Cuba and the Maldives',
    messages: LOUD,
    start: (world, random) => overCountries(CALLED, world, random, oneNetwork(random), 'voice'),
  },
  {
    name: 'own-sims',
    description: 'As proxies-3-ranges, with 20 SIM cards in each range whose codes are entered',
    messages: LOUD,
    start: withOwnSims,
  },
  {
    name: 'moving-ranges',
    description: '40,000 proxies; goes on to another range of any foreign country when one is suspended',
    messages: LOUD,
    start: moving,
  },
  {
    name: 'office',
    description: 'One insider behind the most shared address, all ranges of the home country',
    messages: 2000,
    start: (world, random) => overCountries([HOME], world, random, () => OFFICE),
  },
  {
    name: 'voice-home-48',
    description: 'Calls from 50 /64s of one /48, all ranges of the home country',
    messages: LOUD,
    start: (world, random) => overCountries([HOME], world, random, oneNetwork(random), 'voice'),
  },
];
