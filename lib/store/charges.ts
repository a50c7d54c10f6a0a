import type { CreditRow, CreditTerms, Pass, Row } from './limits';
import type { Destination } from './verifications';

/** The highest level of a challenge. */
export const HARDEST = 4;

/** The properties that decide how a message counts in the global limits and in those of a program. */
interface EveryoneMessage {
  readonly method: string;
  readonly destination: Destination | undefined;
  readonly isNewCountry: boolean;
  readonly isStranger: boolean;
}

/**
 * The credit that a message takes from a bucket: its price in units of `unitPrice`, at least one and at most what a
 * full bucket holds.
 */
export function creditCost(
  { prices }: Destination,
  method: string,
  unitPrice: number,
  { capacity }: Pick<CreditRow, 'capacity'>,
): number {
  const messages = Math.floor((prices[method] ?? 0) / unitPrice + 0.5);
  return Math.min(capacity, Math.max(1, messages));
}

/**
 * The bucket of a country, by the number of codes verified there recently. The home country always has the last one.
 */
export function countryRow({ countries, home }: CreditTerms, country: string, codes: number) {
  const reached = country === home ? countries.length - 1 : countries.findLastIndex(({ from }) => codes >= from);
  const index = Math.max(0, reached);
  const row = countries[index];
  if (!row) throw new Error('A country has a bucket.');
  return { row, isNew: index === 0, isHome: index === countries.length - 1 };
}

/** The rows that count a method. */
const ofMethod = (rows: readonly Row[], method: string): readonly Row[] =>
  rows.filter((row) => row.method === undefined || row.method === method);

function pricedRows(rows: readonly Row[], message: EveryoneMessage): readonly Row[] {
  const { method, destination, isNewCountry, isStranger } = message;
  return ofMethod(rows, method)
    .filter(({ isPriced, isForNewCountries }) => !(isPriced && !destination) && !(isForNewCountries && !isNewCountry))
    .map(({ isPriced, isForNewCountries: _, doubtFrom, pointsForStrangers, ...row }) => ({
      ...row,
      ...(isPriced && { cost: destination?.prices[method] ?? 0 }),
      ...(isStranger && doubtFrom !== undefined && { doubtFrom }),
      ...(isStranger && pointsForStrangers !== undefined && { points: pointsForStrangers }),
    }));
}

/**
 * Filtered rows, by the array that they come from and by the properties of the message. Rows are created once, at
 * startup, so there are few such arrays.
 */
const known = new WeakMap<readonly Row[], Map<string, readonly Row[]>>();

function remembered(rows: readonly Row[], name: string, make: () => readonly Row[]): readonly Row[] {
  let byName = known.get(rows);
  if (!byName) {
    byName = new Map();
    known.set(rows, byName);
  }
  let made = byName.get(name);
  if (!made) {
    made = make();
    byName.set(name, made);
  }
  return made;
}

/** The rows that count a method, the same array each time. */
export const rowsOfMethod = (rows: readonly Row[], method: string): readonly Row[] =>
  remembered(rows, method, () => ofMethod(rows, method));

/**
 * The rows of everyone or of a program that a message counts in, each with its cost and its points; the same array each
 * time.
 */
export function everyoneRows(rows: readonly Row[], message: EveryoneMessage): readonly Row[] {
  const { method, destination, isNewCountry, isStranger } = message;
  const name = `${method} ${destination !== undefined} ${destination?.prices[method]} ${isNewCountry} ${isStranger}`;
  return remembered(rows, name, () => pricedRows(rows, message));
}

/**
 * How hard a challenge must be, from 1 to {@link HARDEST}, for a stranger's message that brings a row's count to
 * `after`; 0 for no challenge.
 */
export const doubtLevel = ({ doubtFrom, points }: Row, after: number): number =>
  doubtFrom === undefined || after <= doubtFrom
    ? 0
    : Math.min(HARDEST, 1 + Math.floor((HARDEST * (after - doubtFrom)) / Math.max(1, points - doubtFrom)));

/**
 * Whether a pass is enough. It may be one level too easy, because challenges can get harder while a client solves one.
 * It may not be easier than that, or clients could collect easy passes for later.
 */
export const isEnough = (pass: Pass | undefined, level: number): boolean =>
  pass !== undefined && pass.level + 1 >= level;
