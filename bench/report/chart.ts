import type { Spread } from './statistics';

/** Horizontal bars with their spread, as SVG without script or font. */
export interface Chart {
  readonly title: string;
  readonly bars: readonly (Spread & {
    readonly label: string;
    readonly isOurs: boolean;
    readonly target?: number | undefined;
  })[];
  readonly show: (value: number) => string;
}

const WIDTH = 760;
const LABEL_WIDTH = 300;
const VALUE_WIDTH = 70;
const ROW = 26;
const TOP = 44;
const COLORS = { ours: '#2563eb', theirs: '#94a3b8', text: '#0f172a', target: '#dc2626' };

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

export function drawChart({ title, bars, show }: Chart): string {
  const most = Math.max(...bars.map(({ max, target = 0 }) => Math.max(max, target)));
  const scale = (value: number) =>
    Number((LABEL_WIDTH + (value / most) * (WIDTH - LABEL_WIDTH - VALUE_WIDTH)).toFixed(1));
  const height = TOP + bars.length * ROW + 12;
  const rows = bars.map(({ label, median, min, max, isOurs, target }, i) => {
    const y = TOP + i * ROW;
    const middle = y + ROW / 2 - 3;
    return [
      `<text x="${LABEL_WIDTH - 8}" y="${middle + 4}" text-anchor="end">${escaped(label)}</text>`,
      `<rect x="${LABEL_WIDTH}" y="${y}" width="${(scale(median) - LABEL_WIDTH).toFixed(1)}" height="${ROW - 6}" fill="${isOurs ? COLORS.ours : COLORS.theirs}"/>`,
      `<path d="M${scale(min)} ${middle}H${scale(max)}" stroke="${COLORS.text}"/>`,
      target === undefined
        ? ''
        : `<path d="M${scale(target)} ${y - 2}v${ROW - 2}" stroke="${COLORS.target}" stroke-width="2"/>`,
      `<text x="${scale(Math.max(max, target ?? 0)) + 6}" y="${middle + 4}">${show(median)}</text>`,
    ].join('');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="13" fill="${COLORS.text}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="12" y="24" font-size="15" font-weight="600">${escaped(title)}</text>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}
