import { PRICE_UNITS } from '@/lib/config/environment-values';
import { CURRENCY } from '@/lib/methods/phone/prices';
import { countryRow } from '@/lib/store/charges';
import type { CreditRow, CreditTerms, Row } from '@/lib/store/limits';
import { type Bucket, codesOf, levelOf, shortageOf } from '@/lib/store/memory/bucket';
import { windowWait } from '@/lib/store/memory/windows';
import type { ClientData, DestinationData, GuardData } from '@/lib/store/redis/guard-data';
import { notationOf } from './destination-words';
import type { GuardSettings } from './settings';

/**
 * What happens to a text message that an unknown device requests. `open`: it goes out. `challenge`: it goes out once a
 * challenge is solved. `suspended`: it does not go out.
 */
type State = 'open' | 'challenge' | 'suspended';

/** Times are in RFC 3339. */
interface Standing {
  /** In messages. Challenges can take it below 0. */
  readonly credit: number;
  readonly capacity: number;
  readonly state: State;
  /** The limit that holds messages back, under its name in logs and metrics. */
  readonly by?: string;
  /** When that limit lets a message pass again. */
  readonly until?: string;
}

export interface CountryStatus extends Standing {
  readonly country: string;
  readonly class: 'new' | 'main' | 'home';
  /** Codes verified recently. */
  readonly codesVerified: number;
}

export interface HeldDestination extends Standing {
  /** Like `+252612xxxx`. */
  readonly numbers: string;
  readonly country: string;
}

export interface BudgetStatus {
  readonly budget: string;
  /** In the currency of the prices. */
  readonly spent: number;
  readonly of: number;
  /** End of the current window; undefined if nothing is spent. */
  readonly until?: string;
}

/** The data that `npm run guard -- status` shows, and prints with `--json`. */
export interface GuardStatus {
  readonly mode: 'enforce' | 'record' | 'off';
  readonly homeCountry: string | null;
  readonly currency: string;
  readonly budgets: readonly BudgetStatus[];
  readonly countries: readonly CountryStatus[];
  /** Ranges and blocks that do not let every message pass. */
  readonly held: readonly HeldDestination[];
  /** How many of each are out of credit. */
  readonly outOfCredit: Readonly<Record<'addresses' | 'sites' | 'networks', number>>;
  readonly blocked: {
    /** Prefixes in Redis. */
    readonly beginnings: readonly string[];
    /** How many whole numbers Redis has. */
    readonly numbers: number;
  };
}

const timeAt = (epochMs: number) => new Date(epochMs).toISOString();

/** A text message takes one credit of its destination. */
const ONE_MESSAGE = 1;

function standingOf(bucket: Bucket, row: CreditRow, caps: readonly Row[], now: number): Standing {
  const level = levelOf(bucket, row, now);
  const shortage = shortageOf(row, level, ONE_MESSAGE);
  const holds = [
    ...(shortage ? [{ ...shortage, by: row.name }] : []),
    ...caps.map((cap) => ({
      verdict: 'block' as const,
      waitMs: windowWait(bucket.windows, cap.field, cap, now),
      by: cap.name,
    })),
  ].filter(({ waitMs }) => waitMs > 0);
  const blocks = holds.filter(({ verdict }) => verdict === 'block');
  const [longest] = (blocks.length > 0 ? blocks : holds).sort((one, other) => other.waitMs - one.waitMs);
  return {
    credit: Math.floor(level * 10) / 10,
    capacity: row.capacity,
    state: !longest ? 'open' : longest.verdict === 'block' ? 'suspended' : 'challenge',
    ...(longest && { by: longest.by, until: timeAt(now + longest.waitMs) }),
  };
}

const isOutOf = (bucket: Bucket, row: CreditRow, now: number): boolean =>
  shortageOf(row, levelOf(bucket, row, now), ONE_MESSAGE) !== undefined;

/** Countries by code, each with its class. */
function countriesIn({ destinations, now }: GuardData, credit: CreditTerms) {
  const found = destinations.filter(({ group }) => group === 'country');
  return found.map(({ country, bucket }) => {
    const codes = codesOf(bucket, credit.halfLifeMs, now);
    return { country, bucket, codes, ...countryRow(credit, country, codes) };
  });
}

type CountryData = ReturnType<typeof countriesIn>[number];

function countryStatus({ country, bucket, codes, row, isNew, isHome }: CountryData, now: number): CountryStatus {
  const standing = standingOf(bucket, row, [], now);
  const kind = isHome ? 'home' : isNew ? 'new' : 'main';
  return { country, class: kind, codesVerified: Math.round(codes), ...standing };
}

/**
 * Ranges and blocks that do not let every message pass. In a home country, blocks have no bucket of their own, and
 * ranges have no cap.
 */
function heldDestinations(data: GuardData, settings: GuardSettings, credit: CreditTerms): HeldDestination[] {
  const { terms } = settings;
  const isHome = new Set(
    countriesIn(data, credit)
      .filter((one) => one.isHome)
      .map(({ country }) => country),
  );
  const holdOf = (destination: DestinationData): HeldDestination[] => {
    const { group, country, bucket } = destination;
    const isAtHome = isHome.has(country) || country === credit.home;
    if (group === 'country' || (group === 'block' && isAtHome)) return [];
    const standing = isAtHome
      ? standingOf(bucket, credit.homeRange, [], data.now)
      : standingOf(bucket, credit[group], terms[group], data.now);
    return standing.state === 'open' ? [] : [{ numbers: notationOf(destination), country, ...standing }];
  };
  return data.destinations.flatMap(holdOf).sort((one, other) => one.numbers.localeCompare(other.numbers));
}

function budgetsOf({ everyone, now }: GuardData, { terms }: GuardSettings): BudgetStatus[] {
  return terms.everyone
    .filter(({ isPriced }) => isPriced)
    .map(({ name, field, points }) => {
      const window = everyone[field];
      const isOpen = window !== undefined && window.endsAt > now;
      return {
        budget: name,
        spent: isOpen ? window.count / PRICE_UNITS : 0,
        of: points / PRICE_UNITS,
        ...(isOpen && { until: timeAt(window.endsAt) }),
      };
    });
}

/** Sorts by verified codes, most first, and then by country code. */
const byImportance = (one: CountryStatus, other: CountryStatus) =>
  other.codesVerified - one.codesVerified || one.country.localeCompare(other.country);

/**
 * @param blocked entries in Redis
 * @param isWhole whether an entry is somebody's number
 */
export function statusOf(
  data: GuardData,
  settings: GuardSettings,
  blocked: readonly string[],
  isWhole: (entry: string) => boolean,
): GuardStatus {
  const { config, terms } = settings;
  const { credit } = terms;
  const outOf = (kind: ClientData['group']) =>
    credit ? data.clients.filter((one) => one.group === kind && isOutOf(one.bucket, credit[kind], data.now)).length : 0;
  return {
    mode: config.guard.mode,
    homeCountry: config.guard.homeCountry ?? null,
    currency: CURRENCY,
    budgets: budgetsOf(data, settings),
    countries: credit
      ? countriesIn(data, credit)
          .map((one) => countryStatus(one, data.now))
          .sort(byImportance)
      : [],
    held: credit ? heldDestinations(data, settings, credit) : [],
    outOfCredit: { addresses: outOf('address'), sites: outOf('site'), networks: outOf('network') },
    blocked: {
      beginnings: blocked.filter((entry) => !isWhole(entry)).sort(),
      numbers: blocked.filter(isWhole).length,
    },
  };
}
