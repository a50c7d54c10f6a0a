import { CONTENDERS, type ContenderName } from '@/bench/contenders';
import type { AddedLatency } from '@/bench/measure/latency';
import type { PendingBytes } from '@/bench/measure/pending';
import type { Results } from '@/bench/run';
import { LATENCY_TARGETS, TARGETS } from '@/bench/targets';
import type { Spread } from './statistics';

/** A table of the report: for the terminal and for the document. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const grouped = (value: number): string => Math.round(value).toLocaleString('en-US');
const spread = ({ median, min, max }: Spread, show: (value: number) => string): string =>
  `${show(median)} (${show(min)}–${show(max)})`;

const titleOf = (name: string): string => (name in CONTENDERS ? CONTENDERS[name as ContenderName].title : name);

function ratioTable({ ratios }: Results): Table {
  const show = (value: number) => value.toFixed(2);
  return {
    title: 'Ratios, pair by pair: median (lowest–highest)',
    head: ['Ratio', 'Reached', 'Target'],
    rows: Object.entries(ratios).map(([name, ratio]) => [
      `\`${name}\``,
      spread(ratio, show),
      TARGETS[name] === undefined ? '' : show(TARGETS[name]),
    ]),
  };
}

function rateTable({ figures: { rates } }: Results): Table {
  const connections = Object.keys(rates);
  const names = Object.keys(rates[connections[0] ?? ''] ?? {});
  return {
    title: 'Requests per second, and microseconds of CPU time per request: median (lowest–highest)',
    head: ['Request', ...connections.map((count) => `${count} connection${count === '1' ? '' : 's'}`)],
    rows: names.map((name) => [
      `\`${name}\``,
      ...connections.map((count) => {
        const figures = rates[count]?.[name];
        if (!figures) return '';
        return `${spread(figures.perSecond, grouped)}, ${spread(figures.cpuMicroseconds, grouped)} µs`;
      }),
    ]),
  };
}

function latencyTable({ figures: { addedLatency } }: Results): Table {
  const cell = (all: readonly number[], best: number) => `${best} (${all.join(', ')})`;
  const row = ([name, added]: [string, AddedLatency]): string[] => [
    name === 'direct' ? 'The upstream, called directly' : titleOf(name),
    cell(added.allP50, added.p50),
    cell(added.allP99, added.p99),
  ];
  return {
    title: 'Milliseconds added to an upstream of 50 ms, at 200 sends per second: best (each repeat)',
    head: ['', 'p50', 'p99'],
    rows: [
      ...Object.entries(addedLatency).map(row),
      ['Target for this app', String(LATENCY_TARGETS.p50), String(LATENCY_TARGETS.p99)],
    ],
  };
}

function processTable({ figures: { sockets, memoryMegabytes, bootMs } }: Results): Table {
  return {
    title: 'Processes',
    head: [
      '',
      'Boot to first answer, ms',
      'Idle memory, MB',
      'After 20,000 sends, MB',
      'Sockets for 500 sends on 50 connections',
      'Sockets for 3 sends, 6 s apart',
    ],
    rows: Object.entries(memoryMegabytes).map(([name, memory]) => [
      titleOf(name),
      bootMs[name] ? spread(bootMs[name], grouped) : '',
      String(memory.idle),
      String(memory.afterRequests ?? ''),
      String(sockets[name]?.underLoad.opened ?? ''),
      String(sockets[name]?.quiet ?? ''),
    ]),
  };
}

function pendingTable({ figures: { bytesPerPending } }: Results): Table {
  const counts = Object.keys(bytesPerPending.memory.all);
  const row = (title: string, bytes: Readonly<Record<string, number>>) => [
    title,
    ...counts.map((count) => (bytes[count] === undefined ? '' : grouped(bytes[count]))),
  ];
  const rows = (place: string, { verification, all }: PendingBytes) => [
    row(`${place}: the verification`, verification),
    row(`${place}: with what limits and credit remember`, all),
  ];
  return {
    title: 'Bytes per verification in progress, by how many there are',
    head: ['', ...counts.map((count) => grouped(Number(count)))],
    rows: [
      ...rows('In memory', bytesPerPending.memory),
      ...(bytesPerPending.redis ? rows('In Redis', bytesPerPending.redis) : []),
    ],
  };
}

function roundTripTable({ figures: { redisRoundTrips } }: Results): readonly Table[] {
  if (!redisRoundTrips) return [];
  const names = Object.keys(redisRoundTrips);
  return [
    {
      title: 'Redis round trips per request',
      head: names.map((name) => name.replace('-', ' ')),
      rows: [names.map((name) => String(redisRoundTrips[name]))],
    },
  ];
}

function pageTable({ figures: { page } }: Results): readonly Table[] {
  if (!page) return [];
  const row = (title: string, name: 'empty' | 'app') => {
    const { script, style, html, firstPaintMs, interactiveMs } = page[name];
    return [
      title,
      ...[script, style, html].map(grouped),
      spread(firstPaintMs, grouped),
      spread(interactiveMs, grouped),
    ];
  };
  return [
    {
      title: 'The page: gzip bytes before the first interaction, and ms on a phone (CPU 4 times slower, slow 4G)',
      head: ['', 'Script', 'Style', 'HTML', 'First paint', 'Interactive'],
      rows: [row('An empty Next.js page', 'empty'), row('The page of this app', 'app')],
    },
  ];
}

export const tablesOf = (results: Results): readonly Table[] => [
  ratioTable(results),
  rateTable(results),
  latencyTable(results),
  processTable(results),
  ...roundTripTable(results),
  pendingTable(results),
  ...pageTable(results),
];

/** For a terminal: columns padded to their width. */
export function asText({ title, head, rows }: Table): string {
  const plain = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('`', '')));
  const widths = head.map((_, column) => Math.max(...plain.map((row) => row[column]?.length ?? 0)));
  const lines = plain.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return [title, ...lines.map((line) => `  ${line.trimEnd()}`)].join('\n');
}

export const asMarkdown = ({ title, head, rows }: Table): string =>
  [`**${title}**`, '', ...[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)].join('\n');
