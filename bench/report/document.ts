import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Results } from '@/bench/run';
import { drawChart } from './chart';
import { chartsOf } from './charts';
import { scalingTablesOf } from './scaling';
import { asMarkdown, tablesOf } from './tables';

const DOCUMENT = 'docs/performance.md';
const SCALING = 'docs/scaling.md';
const CHARTS = 'docs/performance';
const MARKERS = ['<!-- figures: begin -->', '<!-- figures: end -->'] as const;

function introductionOf({ figures: { mode }, machine, versions, commit }: Results): string {
  const { processor, cores, memoryGigabytes, system, loadBefore } = machine;
  const command = mode === 'full' ? 'npm run bench' : 'npm run bench -- --quick';
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `\`${command}\` measured this at commit \`${commit.slice(0, 12)}\`. Run it to measure your own machine.`,
    `Machine: ${processor}, ${cores} cores, ${memoryGigabytes} GB, ${system}; load before the start ${loadBefore}.`,
    `Versions: ${programs.join(', ')}.`,
  ].join('\n');
}

/** Replaces the text between the markers of a document. */
function writeBetweenMarkers(document: string, text: string): void {
  const [head, rest = ''] = readFileSync(document, 'utf8').split(MARKERS[0]);
  const tail = rest.split(MARKERS[1])[1];
  if (tail === undefined) throw new Error(`${document} lacks its markers.`);
  writeFileSync(document, `${head}${MARKERS[0]}\n\n${text}\n\n${MARKERS[1]}${tail}`);
}

/** Writes the figures into the documents, and the plots beside them. */
export function writeDocuments(results: Results): void {
  mkdirSync(CHARTS, { recursive: true });
  const charts = Object.entries(chartsOf(results)).filter(([, { bars }]) => bars.length > 0);
  for (const [name, chart] of charts) writeFileSync(`${CHARTS}/${name}.svg`, drawChart(chart));
  const plots = charts.map(([name, { title }]) => `![${title}](performance/${name}.svg)`);
  const introduction = introductionOf(results);
  writeBetweenMarkers(DOCUMENT, [introduction, ...plots, ...tablesOf(results).map(asMarkdown)].join('\n\n'));
  const scaling = scalingTablesOf(results).map(asMarkdown);
  if (scaling.length > 0) writeBetweenMarkers(SCALING, [introduction, ...scaling].join('\n\n'));
}
