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

/** Rows for everyone that a message counts in, each with its cost and its points. */
export const everyoneRows = (
  rows: readonly Row[],
  { method, destination, isNewCountry, isStranger }: EveryoneMessage,
): readonly Row[] =>
  rows
    .filter(({ isPriced, isForNewCountries }) => !(isPriced && !destination) && !(isForNewCountries && !isNewCountry))
    .map(({ isPriced, isForNewCountries: _, doubtFrom, pointsForStrangers, ...row }) => ({
      ...row,
      ...(isPriced && { cost: destination?.prices[method] ?? 0 }),
      ...(isStranger && doubtFrom !== undefined && { doubtFrom }),
      ...(isStranger && pointsForStrangers !== undefined && { points: pointsForStrangers }),
    }));

/** How hard a challenge is due for a stranger's message that brings a row's count to `after`, from 1; 0 for none. */
export const doubtLevel = ({ doubtFrom, points }: Row, after: number): number =>
  doubtFrom === undefined || after <= doubtFrom
    ? 0
    : Math.min(HARDEST, 1 + Math.floor((HARDEST * (after - doubtFrom)) / Math.max(1, points - doubtFrom)));

/** Challenges get harder while one is solved, but easy ones are not to be collected for later. */
export const isEnough = (pass: Pass | undefined, level: number): boolean =>
  pass !== undefined && pass.level + 1 >= level;
