import { PARTS, type Tally } from './engine';

/** The panels to draw, from top to bottom. */
const PANELS = [
  { title: 'Messages sent, every 15 minutes', of: ({ sends }: Tally) => sends },
  { title: 'Codes verified, every 15 minutes', of: ({ verifications }: Tally) => verifications },
  {
    title: 'Money spent since midnight, US$',
    of: ({ money }: Tally) => cumulated(money).map((units) => units / 100_000),
  },
] as const;

const WIDTH = 760;
const PANEL_HEIGHT = 170;
const MARGIN = { left: 56, right: 16, top: 48 };
const GAP = 52;
const HOURS_SHOWN = [0, 4, 8, 12, 16, 20, 24];

function cumulated(values: readonly number[]): number[] {
  let sum = 0;
  return values.map((value) => {
    sum += value;
    return sum;
  });
}

/** The smallest of 1, 2 and 5 times a power of ten with which four steps reach the value. */
function stepFor(largest: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(largest, 1) / 4));
  return power * ([1, 2, 5].find((factor) => factor * power * 4 >= largest) ?? 10);
}

const xOf = (part: number) => MARGIN.left + (part / PARTS) * (WIDTH - MARGIN.left - MARGIN.right);

function line(values: readonly number[], yOf: (value: number) => number, name: string): string {
  const points = values.map((value, part) => `${xOf(part + 0.5).toFixed(1)},${yOf(value).toFixed(1)}`);
  return `<polyline class="${name}" points="${points.join(' ')}"/>`;
}

function panel(index: number, guarded: Tally, unguarded: Tally): string {
  const { title, of } = PANELS[index] as (typeof PANELS)[number];
  const [withGuard, without] = [of(guarded), of(unguarded)];
  const step = stepFor(Math.max(...withGuard, ...without));
  const top = MARGIN.top + 34 + index * (PANEL_HEIGHT + GAP);
  const bottom = top + PANEL_HEIGHT;
  const most = step * Math.max(1, Math.ceil(Math.max(...withGuard, ...without) / step));
  const yOf = (value: number) => bottom - (value / most) * PANEL_HEIGHT;
  const levels = Array.from({ length: Math.round(most / step) + 1 }, (_, level) => level * step);
  return [
    `<text class="title" x="${MARGIN.left}" y="${top - 12}">${title}</text>`,
    ...levels.map(
      (value) =>
        `<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${yOf(value).toFixed(1)}" y2="${yOf(value).toFixed(1)}"/>` +
        `<text class="tick" text-anchor="end" x="${MARGIN.left - 8}" y="${(yOf(value) + 4).toFixed(1)}">${value.toLocaleString('en-US')}</text>`,
    ),
    ...HOURS_SHOWN.map(
      (hour) =>
        `<text class="tick" text-anchor="middle" x="${xOf((hour / 24) * PARTS).toFixed(1)}" y="${bottom + 18}">${hour}:00</text>`,
    ),
    line(without, yOf, 'without'),
    line(withGuard, yOf, 'with'),
  ].join('\n');
}

const STYLE = `
  svg { --ink: #1b1f24; --faint: #d4d8dd; --soft: #57606a; --page: #ffffff; --with: #0969da; --without: #bc4c00 }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e6edf3; --faint: #30363d; --soft: #9198a1; --page: #0d1117; --with: #58a6ff; --without: #f0883e }
  }
  text { font: 12px system-ui, sans-serif; fill: var(--ink) }
  .heading { font-size: 15px; font-weight: 600 }
  .title { font-weight: 600 }
  .tick { fill: var(--soft); font-size: 11px }
  .page { fill: var(--page) }
  .grid { stroke: var(--faint); stroke-width: 1 }
  polyline { fill: none; stroke-width: 2; stroke-linejoin: round }
  .with { stroke: var(--with) }
  .without { stroke: var(--without); stroke-dasharray: 5 3 }`;

/** The attack day with and without the guard, as an SVG that follows the reader's light or dark theme. */
export function plotOf(attack: string, guarded: Tally, unguarded: Tally): string {
  const height = MARGIN.top + PANELS.length * (PANEL_HEIGHT + GAP) + 24;
  const legend = (x: number, name: string, text: string) =>
    `<polyline class="${name}" points="${x},40 ${x + 28},40"/><text x="${x + 36}" y="44">${text}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="t">
<title id="t">The day of the attack ${attack}: messages, verified codes and money, with the guard and without</title>
<style>${STYLE}
</style>
<rect class="page" width="${WIDTH}" height="${height}"/>
<text class="heading" x="${MARGIN.left}" y="20">The day of the attack: ${attack}</text>
${legend(MARGIN.left, 'with', 'with the guard')}
${legend(MARGIN.left + 170, 'without', 'FRAUD_GUARD=off')}
${PANELS.map((_, index) => panel(index, guarded, unguarded)).join('\n')}
</svg>
`;
}
