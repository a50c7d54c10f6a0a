import type { CreditRow, CreditTerms, Pass, Row } from './limits';
import type { Destination } from './verifications';

/** The hardest challenge there is. */
export const HARDEST = 4;

/** What decides how a message counts for everyone. */
interface EveryoneMessage {
  readonly method: string;
  readonly destination: Destination | undefined;
  readonly isNewCountry: boolean;
  readonly isStranger: boolean;
}

/** What a message takes from a bucket, in messages of the unit's price. No bucket asks for more than it holds. */
export function creditCost(
  { prices }: Destination,
  method: string,
  unitPrice: number,
  { capacity }: Pick<CreditRow, 'capacity'>,
): number {
  const messages = Math.floor((prices[method] ?? 0) / unitPrice + 0.5);
  return Math.min(capacity, Math.max(1, messages));
}

/** The bucket of a country, by the codes that were verified there recently. */
export function countryRow({ countries, home }: CreditTerms, country: string, codes: number) {
  const reached = country === home ? countries.length - 1 : countries.findLastIndex(({ from }) => codes >= from);
  const index = Math.max(0, reached);
  const row = countries[index];
  if (!row) throw new Error('A country has a bucket.');
  return { row, isNew: index === 0, isHome: index === countries.length - 1 };
}

/** Rows that count a method. */
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
 * Rows are made once, at startup, and there are no more messages to tell apart than methods and prices: what was made of them for one
 * message serves for the next.
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

/** Rows that count a method, the same array each time. */
export const rowsOfMethod = (rows: readonly Row[], method: string): readonly Row[] =>
  remembered(rows, method, () => ofMethod(rows, method));

/** Rows for everyone that a message counts in, each with its cost and its points; the same array each time. */
export function everyoneRows(rows: readonly Row[], message: EveryoneMessage): readonly Row[] {
  const { method, destination, isNewCountry, isStranger } = message;
  const name = `${method} ${destination !== undefined} ${destination?.prices[method]} ${isNewCountry} ${isStranger}`;
  return remembered(rows, name, () => pricedRows(rows, message));
}

/** How hard a challenge is due for a stranger's message that brings a row's count to `after`, from 1; 0 for none. */
export const doubtLevel = ({ doubtFrom, points }: Row, after: number): number =>
  doubtFrom === undefined || after <= doubtFrom
    ? 0
    : Math.min(HARDEST, 1 + Math.floor((HARDEST * (after - doubtFrom)) / Math.max(1, points - doubtFrom)));

/** Challenges get harder while one is solved, but easy ones are not to be collected for later. */
export const isEnough = (pass: Pass | undefined, level: number): boolean =>
  pass !== undefined && pass.level + 1 >= level;
