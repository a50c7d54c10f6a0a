import type { ResultRow } from './rows';

const percent = (share: number, digits: number) => `${(100 * share).toFixed(digits)}%`;
const dollars = (amount: number) => `$${Math.round(amount).toLocaleString('en-US')}`;

const COLUMNS: readonly (readonly [string, (row: ResultRow) => string])[] = [
  ['attack', ({ attack }) => attack],
  ['defense', ({ defense }) => defense],
  ['bots passing', ({ botsPassing }) => percent(botsPassing, 0)],
  ['stopped', ({ attack, stopped }) => (attack === 'none' ? '' : percent(stopped, 2))],
  ['blocked', ({ blocked }) => percent(blocked, 3)],
  ['challenged', ({ challenged }) => percent(challenged, 2)],
  ['spent', ({ spent }) => dollars(spent)],
  ['saved', ({ saved }) => dollars(saved)],
];

/** The rows as a Markdown table, columns aligned for a terminal as well. */
export function tableOf(rows: readonly ResultRow[]): string {
  const cells = [COLUMNS.map(([title]) => title), ...rows.map((row) => COLUMNS.map(([, of]) => of(row)))];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  /** Names are left-aligned, figures right-aligned. */
  const isName = (column: number) => column < 2;
  const lines = cells.map((line) =>
    line.map((text, column) =>
      isName(column) ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
    ),
  );
  const rule = widths.map((width, column) => (isName(column) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [lines[0], rule, ...lines.slice(1)].map((line) => `| ${line?.join(' | ')} |`).join('\n');
}
