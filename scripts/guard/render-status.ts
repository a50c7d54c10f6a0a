import type { BudgetStatus, CountryStatus, GuardStatus, HeldDestination } from './status';

/** `2026-11-23 16:20 UTC`. */
const timeOf = (text: string | undefined) => (text === undefined ? '' : `${text.slice(0, 16).replace('T', ' ')} UTC`);

/** Aligned columns, two spaces apart. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

const MODES = {
  enforce: 'The guard is on (FRAUD_GUARD=enforce).',
  record: 'The guard only records (FRAUD_GUARD=record). Below is what it would hold back.',
  off: 'The guard is off (FRAUD_GUARD=off). Budgets still hold.',
} as const;

const budgetRow = ({ budget, spent, of, until }: BudgetStatus) => [
  budget,
  `${spent.toFixed(2)} of ${of.toFixed(2)}`,
  of > 0 ? `${Math.floor((100 * spent) / of)}%` : '',
  until === undefined ? '' : `until ${timeOf(until)}`,
];

const standingWords = ({ state, by, until }: CountryStatus | HeldDestination) =>
  state === 'open' ? '' : `${state} until ${timeOf(until)} (${by})`;

const countryRowOf = (country: CountryStatus) => [
  country.country,
  country.class,
  String(country.codesVerified),
  `${country.credit} of ${country.capacity}`,
  standingWords(country),
];

const heldRow = (held: HeldDestination) => [
  held.numbers,
  held.country,
  `${held.credit} of ${held.capacity}`,
  standingWords(held),
];

const count = (number: number, one: string, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

/** The most ranges and blocks on hold to print: nobody reads more lines than that. `--json` prints all of them. */
const MOST_HELD = 50;

function heldLines(held: readonly HeldDestination[]): readonly string[] {
  const more = held.length - MOST_HELD;
  return [...table(held.slice(0, MOST_HELD).map(heldRow)), ...(more > 0 ? [`  and ${more} more: see --json`] : [])];
}

/** The status, for people. */
export function renderStatus(status: GuardStatus): string {
  const { mode, homeCountry, currency, budgets, countries, held, outOfCredit, blocked } = status;
  const { addresses, sites, networks } = outOfCredit;
  const section = (title: string, lines: readonly string[], none: string) =>
    lines.length > 0 ? ['', title, ...lines] : ['', none];
  const entries = [...blocked.beginnings, ...(blocked.numbers > 0 ? [count(blocked.numbers, 'whole number')] : [])];
  return [
    `${MODES[mode]} ${homeCountry ? `The home country is ${homeCountry}.` : 'No home country is set (HOME_COUNTRY).'}`,
    ...section(`Budgets, in ${currency}`, table(budgets.map(budgetRow)), 'There are no budgets.'),
    ...(mode === 'off'
      ? []
      : [
          ...section(
            'Countries: class, codes verified recently, credit',
            table(countries.map(countryRowOf)),
            'No country has received messages recently.',
          ),
          ...section('Numbers on hold: country, credit', heldLines(held), 'No numbers are on hold.'),
          '',
          `Out of credit: ${count(addresses, 'address', 'addresses')}, ${count(sites, 'site')} (IPv6 /56), ${count(networks, 'network')}.`,
        ]),
    '',
    entries.length > 0 ? `Blocked in Redis: ${entries.join(', ')}.` : 'No numbers are blocked in Redis.',
  ].join('\n');
}
