import { playAll } from './pool';
import { type Case, type ResultRow, rowOf, type Settings } from './rows';

/** The effect of one setting on an attack, over a series of values. */
export interface Curve {
  readonly title: string;
  readonly column: string;
  readonly points: readonly {
    readonly label: string;
    readonly case: Case;
    readonly env?: Readonly<Record<string, string>>;
    readonly homeRanges?: number;
    readonly known?: number;
  }[];
}

const BOTS = 0.15;
const guarded = (attack: string, messages?: number): Case => ({
  attack,
  defense: 'guard',
  botsPassing: BOTS,
  messages,
});

const byVolume = (attack: string, volumes: readonly number[]): Curve => ({
  title: `${attack}, by volume`,
  column: 'messages a day',
  points: volumes.map((messages) => ({ label: String(messages), case: guarded(attack, messages) })),
});

const byVariable = (attack: string, name: string, values: readonly string[]): Curve => ({
  title: `${attack}, by ${name}`,
  column: name,
  points: values.map((value) => ({ label: value, case: guarded(attack), env: { [name]: value } })),
});

export const CURVES: readonly Curve[] = [
  byVolume('slow-20-ranges', [240, 480, 960, 1440, 2880, 5760, 11_520]),
  byVolume('foreign-country', [1000, 2500, 5000, 10_000, 20_000, 40_000]),
  byVolume('home-spread', [1000, 2500, 5000, 10_000, 20_000, 40_000]),
  byVariable(
    'home-spread',
    'CREDIT_PER_HOME_COUNTRY',
    [0.35, 0.45, 0.5, 0.56, 0.62, 0.7].map((share) => `1000,50,${share}`),
  ),
  {
    title: 'home-spread, by the share of people on a device that verified their number before',
    column: 'known',
    points: [0, 0.25, 0.5, 0.75].map((known) => ({ label: `${100 * known}%`, case: guarded('home-spread'), known })),
  },
  {
    title: 'No attack, by how many ranges of ten thousand numbers the home market has',
    column: 'ranges',
    points: [100, 1000, 10_000].map((homeRanges) => ({ label: String(homeRanges), case: guarded('none'), homeRanges })),
  },
  {
    title: 'home-20-ranges, by how many ranges of ten thousand numbers the home market has',
    column: 'ranges',
    points: [100, 1000, 10_000, 30_000, 100_000].map((homeRanges) => ({
      label: String(homeRanges),
      case: guarded('home-20-ranges'),
      homeRanges,
    })),
  },
];

export async function playCurve({ points }: Curve, settings: Settings): Promise<ResultRow[]> {
  const jobs = points.map(({ case: one, env, homeRanges, known }) => ({
    case: one,
    settings: { ...settings, homeRanges, known, env: { ...settings.env, ...env } },
  }));
  const results = await playAll(jobs, () => undefined);
  return jobs.map((job, index) => rowOf(job.case, results[index] ?? []));
}

export function curveTable({ column, points }: Curve, rows: readonly ResultRow[]): string {
  const percent = (share = 0, digits = 2) => `${(100 * share).toFixed(digits)}%`;
  const lines = points.map(({ label }, index) => {
    const { stopped, blocked, challenged } = rows[index] ?? {};
    return `| ${label} | ${percent(stopped)} | ${percent(blocked, 3)} | ${percent(challenged)} |`;
  });
  return [`| ${column} | stopped | blocked | challenged |`, '| ---: | ---: | ---: | ---: |', ...lines].join('\n');
}
