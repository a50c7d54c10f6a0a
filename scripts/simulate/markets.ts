import type { Random } from './random';
import { weighted } from './random';

/** A country in the model. */
export interface Market {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Prefix of its numbers, with the `+`. */
  readonly prefix: string;
  readonly kind: 'home' | 'main' | 'other';
  /** Its share of all people, in percent. */
  readonly share: number;
  /** The share of people who enter the code that they requested. */
  readonly conversion: number;
  /** How many ranges of ten thousand numbers the country has. */
  readonly ranges: number;
  /** The price of one message that the guard knows, by channel, in 1/100,000 of the currency. */
  readonly prices: Readonly<Record<'sms' | 'voice', number>>;
  /** The price that the operator of an attacked range really charges for a message. */
  readonly attackedPrice: number;
}

/**
 * The home country is modeled on Germany, whose numbering plan has about 300 million mobile numbers. At most 35% of a
 * range's numbers are in use, so a market has about three times as many numbers as people.
 */
export const RANGES = { home: 30_000, main: 3000, other: 300 } as const;
const CONVERSION = { home: 0.8, main: 0.72, other: 0.58 } as const;
const PRICES = {
  home: { sms: 4500, voice: 9000 },
  main: { sms: 8000, voice: 20_000 },
  other: { sms: 14_000, voice: 56_000 },
} as const;
/** Operators that share their revenue with attackers charge more than the country's average. */
const ATTACKED_PRICE = { home: 4500, main: 11_000, other: 22_000 } as const;

const market = (kind: Market['kind'], country: string, prefix: string, share: number, homeRanges: number): Market => ({
  country,
  prefix,
  kind,
  share,
  conversion: CONVERSION[kind],
  ranges: kind === 'home' ? homeRanges : RANGES[kind],
  prices: PRICES[kind],
  attackedPrice: ATTACKED_PRICE[kind],
});

export const HOME = 'DE';

/** These countries together have 35% of all people. The figures are the share of each. */
const MAIN: readonly (readonly [string, string, number])[] = [
  ['FR', '+336', 8],
  ['GB', '+447', 6],
  ['ES', '+346', 5],
  ['IT', '+393', 4],
  ['PL', '+485', 4],
  ['AT', '+436', 3],
  ['NL', '+316', 3],
  ['CH', '+417', 2],
];

/** Sixty countries, by number of people. Somalia, Cuba and the Maldives are among them. */
const OTHER =
  'TR:905 RO:407 UA:380 RU:79 MA:212 TN:216 EG:201 IN:91 PK:923 BD:880 NG:234 GH:233 KE:254 ZA:27 BR:55 MX:52 AR:54 CO:57 PE:51 CL:56 TH:66 VN:84 PH:63 ID:62 MY:60 LK:94 NP:977 KZ:77 UZ:998 AZ:994 GE:995 AM:374 AL:355 BA:387 MK:389 MD:373 LB:961 JO:962 IQ:964 DZ:213 SN:221 CI:225 CM:237 ET:251 UG:256 TZ:255 ZM:260 MG:261 ML:223 BF:226 NE:227 TD:235 SD:249 YE:967 KG:996 TJ:992 TM:993 SO:252 CU:53 MV:960'
    .split(' ')
    .map((text) => text.split(':') as [string, string]);
/** The share of all people that these sixty countries have together, in percent. */
const OTHERS = 5;
/** Flattens the distribution: the first country has about thirteen times as many people as the last. */
const FLATNESS = 5;

function otherShares(): number[] {
  const weights = OTHER.map((_, rank) => 1 / (rank + FLATNESS));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (OTHERS * weight) / total);
}

export interface World {
  readonly markets: readonly Market[];
  of(country: string): Market;
  /** The market of somebody who requests a code. */
  draw(random: Random): Market;
}

export function createWorld(homeRanges: number = RANGES.home): World {
  const shares = otherShares();
  const markets = [
    market('home', HOME, '+491', 60, homeRanges),
    ...MAIN.map(([country, prefix, share]) => market('main', country, prefix, share, homeRanges)),
    ...OTHER.map(([country, code], rank) => market('other', country, `+${code}`, shares[rank] ?? 0, homeRanges)),
  ];
  const byCountry = new Map(markets.map((one) => [one.country, one]));
  return {
    markets,
    of(country) {
      const found = byCountry.get(country);
      if (!found) throw new Error(`No such market: ${country}`);
      return found;
    },
    draw: weighted(markets, ({ share }) => share),
  };
}

/** The number at a position, from 0 to 9,999, in one of a market's ranges. */
export function numberOf({ prefix, ranges }: Market, range: number, last: number): string {
  const digits = String(ranges).length;
  return `${prefix}${String(range).padStart(digits, '0')}${String(last).padStart(4, '0')}`;
}

export const anyNumberOf = (market: Market, random: Random, range = random.integer(market.ranges)): string =>
  numberOf(market, range, random.integer(10_000));
