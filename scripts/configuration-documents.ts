/** Renders the documents about variables, from the schema and lib/config/documentation.ts. */
import type { z } from 'zod';
import { DOCUMENTATION, type Documentation, GROUPS } from '@/lib/config/documentation';
import { environment, VARIABLES } from '@/lib/config/environment';
import { integer } from '@/lib/config/environment-values';
import { POLICIES, type Policy } from '@/lib/limits/policies';
import { SEED } from '@/simulator/seed';
import { DEFAULT_PORT } from '@/simulator/simulator';

const LINE_LENGTH = 120;

/** A value that every variable refuses, because none accepts control characters. */
const UNACCEPTABLE = '\0';

/** Values for the simulator, so that the example works unedited. */
const SIMULATED: Readonly<Record<string, string>> = {
  INFOBIP_BASE_URL: `http://127.0.0.1:${DEFAULT_PORT}`,
  INFOBIP_API_KEY: SEED.apiKey,
  INFOBIP_2FA_APP_ID: SEED.applicationId,
  INFOBIP_2FA_MESSAGE_ID: SEED.smsMessageId,
  INFOBIP_2FA_VOICE_MESSAGE_ID: SEED.voiceMessageId,
};

/** One entry of the documents, with data from the schema. */
interface Entry extends Documentation {
  /** Several if one entry stands for a variable in each language. */
  readonly names: readonly string[];
  readonly required: boolean;
  /** Empty if there is none. */
  readonly fallback: string;
  /** What a value must be, in the words of the error at startup. Empty if those words state no rule. */
  readonly rule: string;
}

/** The app's variables, and the only one of the simulator. */
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  ...environment.shape,
  SIMULATOR_PORT: integer(0, 65_535, DEFAULT_PORT),
};

/** A limit's default while the guard is enforced. Enforcing it is the default, too. */
const besideGuard = (name: string) => (POLICIES as Readonly<Record<string, Policy>>)[name]?.allowedBesideGuard;

function entryOf(key: string, documentation: Documentation): Entry {
  const names = key.endsWith('*') ? VARIABLES.filter((name) => name.startsWith(key.slice(0, -1))) : [key];
  const schema = SCHEMAS[names[0] ?? ''];
  if (!schema) throw new Error(`${key} is documented, but is not a variable.`);
  const absent = schema.safeParse(undefined);
  const fault = schema.safeParse(UNACCEPTABLE).error?.issues[0]?.message ?? '';
  return {
    ...documentation,
    names,
    required: !absent.success,
    fallback: besideGuard(key) ?? String(absent.data ?? ''),
    rule: fault.startsWith('must ')
      ? `M${fault.slice(1)}`.replace(/Create one with: (.+)$/, 'Create one with `$1`.')
      : '',
  };
}

const ENTRIES = Object.entries(DOCUMENTATION).map(([key, documentation]) => entryOf(key, documentation));

/** Every heading with its entries. A rule that all of them share appears once, under the heading. */
const SECTIONS = Object.entries(GROUPS).map(([key, group]: [string, { title: string; note?: string }]) => {
  const entries = ENTRIES.filter((entry) => entry.group === key);
  const [first, ...others] = entries;
  const shared = others.length > 0 && others.every(({ rule }) => rule === first?.rule) ? (first?.rule ?? '') : '';
  return {
    title: group.title,
    note: sentences(group.note, shared.replace('Must', 'A value must')),
    entries: shared ? entries.map((entry) => ({ ...entry, rule: '' })) : entries,
  };
});

function sentences(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter(Boolean).join(' ');
}

const code = (text: string | undefined) => (text ? `\`${text}\`` : '');

/** Spells out only the first name, since the others begin the same: `A_EN`, `_DE`, `_ES`. */
const namesInTable = (names: readonly string[]) =>
  names.map((name, i) => code(i === 0 ? name : name.slice(name.lastIndexOf('_')))).join(', ');

function defaultInTable({ required, requiredWhen, fallback, unset }: Entry): string {
  if (required) return '**required**';
  const always = code(fallback) || unset || '';
  return requiredWhen ? `${always}; **required** ${requiredWhen}` : always;
}

function row(entry: Entry): string {
  const { meaning, secret, see, rule } = entry;
  const more = see && `See [${see.replace(/#.*/, '')}](${see}).`;
  const cells = [
    namesInTable(entry.names),
    sentences(meaning, rule, secret && 'Secret.', more),
    defaultInTable(entry),
    code(entry.example),
  ];
  return `| ${cells.join(' | ')} |`.replace(/ {2,}/g, ' ');
}

/** A table for each group, in Markdown. */
export const tables = (): string =>
  SECTIONS.map(({ title, note, entries }) =>
    [
      `### ${title}\n`,
      ...(note ? [`${note}\n`] : []),
      '| Variable | Meaning | Default | Example |\n| --- | --- | --- | --- |',
      ...entries.map(row),
    ].join('\n'),
  ).join('\n\n');

/** A comment of an env file, wrapped. */
function comment(text: string): string {
  const lines = ['#'];
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length > LINE_LENGTH) lines.push(`# ${word}`);
    else lines[lines.length - 1] = line;
  }
  return lines.join('\n');
}

function assignments(entry: Entry): string {
  const { names, meaning, unset, requiredWhen, see, rule } = entry;
  const about = sentences(
    meaning,
    rule,
    unset && `Unset: ${unset}.`,
    requiredWhen && `Required ${requiredWhen}.`,
    see && `See docs/${see.replace(/#.*/, '')}.`,
  );
  const lines = names.map((name) => {
    const value = entry.fallback || (SIMULATED[name] ?? entry.example ?? '');
    return `${entry.required ? '' : '#'}${name}=${value}`;
  });
  return [comment(about), ...lines].join('\n');
}

const heading = (title: string) => `# --- ${title} `.padEnd(LINE_LENGTH, '-');

const ABOUT = [
  'Copy this file to .env.local. It works unedited against the simulator, which `npm run simulator` starts.',
  'Lines like #NAME=value show the default, or an example if there is none. See docs/configuration.md.',
  '`npm run configuration` writes this file from lib/config/environment.ts and lib/config/documentation.ts.',
];

/** An env file with every variable, which works with the simulator. */
export const envExample = (): string =>
  [
    ABOUT.map(comment).join('\n'),
    ...SECTIONS.map(({ title, note, entries }) =>
      [heading(title), ...(note ? [`${comment(note)}\n`] : []), ...entries.map(assignments)].join('\n'),
    ),
  ]
    .join('\n\n')
    .concat('\n');
