import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Results } from '@/bench/run';
import { drawChart } from './chart';
import { chartsOf } from './charts';
import { asMarkdown, tablesOf } from './tables';

const DOCUMENT = 'docs/performance.md';
const CHARTS = 'docs/performance';
const MARKERS = ['<!-- figures: begin -->', '<!-- figures: end -->'] as const;

function introductionOf({ figures: { mode }, machine, versions, commit }: Results): string {
  const { processor, cores, memoryGigabytes, system, loadBefore } = machine;
  const command = mode === 'full' ? 'npm run bench' : 'npm run bench -- --quick';
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `\`${command}\` measured this at commit \`${commit.slice(0, 12)}\`, and measures it again.`,
    `Machine: ${processor}, ${cores} cores, ${memoryGigabytes} GB, ${system}; load before the start ${loadBefore}.`,
    `Versions: ${programs.join(', ')}.`,
  ].join('\n');
}

/** Writes the figures between the markers of the document, and the plots beside it. */
export function writeDocument(results: Results): void {
  mkdirSync(CHARTS, { recursive: true });
  const charts = Object.entries(chartsOf(results)).filter(([, { bars }]) => bars.length > 0);
  for (const [name, chart] of charts) writeFileSync(`${CHARTS}/${name}.svg`, drawChart(chart));
  const plots = charts.map(([name, { title }]) => `![${title}](performance/${name}.svg)`);
  const text = [introductionOf(results), ...plots, ...tablesOf(results).map(asMarkdown)].join('\n\n');
  const before = readFileSync(DOCUMENT, 'utf8');
  const [head, rest = ''] = before.split(MARKERS[0]);
  const tail = rest.split(MARKERS[1])[1];
  if (tail === undefined) throw new Error(`${DOCUMENT} lacks its markers.`);
  writeFileSync(DOCUMENT, `${head}${MARKERS[0]}\n\n${text}\n\n${MARKERS[1]}${tail}`);
}
