import { parseEnv } from 'node:util';
import { CommandError } from '@/scripts/command';

/**
 * An assignment as Next's loader finds it (dotenv's grammar): the name, the separator, and the value, maybe on several
 * lines.
 */
const ASSIGNMENT =
  /^[^\S\r\n]*(?:export\s+)?([\w.-]+)(\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/dgm;

interface Assignment {
  readonly name: string;
  readonly value: string;
  /** Whether it is `NAME=value`. Node's loader does not know `NAME: value`. */
  readonly isPlain: boolean;
  /** From the end of the name to the end of the value. */
  readonly start: number;
  readonly end: number;
}

function readValue(raw: string): string {
  const trimmed = raw.trim();
  const inner = trimmed.replace(/^(['"`])([\s\S]*)\1$/, '$2');
  return trimmed.startsWith('"') ? inner.replaceAll('\\n', '\n').replaceAll('\\r', '\r') : inner;
}

function assignmentsIn(text: string): Assignment[] {
  return [...text.matchAll(ASSIGNMENT)].map((match) => {
    const [, name = '', separator = '', raw = ''] = match;
    const [, start = 0] = match.indices?.[1] ?? [];
    const end = start + separator.length + raw.trimEnd().length;
    return { name, value: readValue(raw), isPlain: separator.includes('='), start, end };
  });
}

/** The variables of an env file, as Next's loader reads them, except that it also replaces `$NAME`. */
export const readVariables = (text: string): Record<string, string> =>
  Object.fromEntries(assignmentsIn(text).map(({ name, value }) => [name, value]));

/**
 * A value in a form that Next's and Node's loaders read alike.
 * @throws {CommandError} if there is no such form: Next replaces `$NAME`, and a backslash means something to only
 * one of them
 */
function written(name: string, value: string): string {
  if (/^[\w.:/@,+=~-]+$/.test(value)) return value;
  const quote = ["'", '"', '`'].find((one) => !value.includes(one));
  if (quote !== undefined && !/[$\\\r\n]/.test(value)) return `${quote}${value}${quote}`;
  throw new CommandError(`${name} holds a $, a backslash or too many kinds of quotes: an env file cannot hold it.`);
}

const MARK = '# Added by npm run setup';

/** @param end line ending */
function append(text: string, lines: readonly string[], end: string): string {
  if (lines.length === 0) return text;
  const before = text === '' || text.endsWith('\n') ? text : text + end;
  return before + [MARK, ...lines].map((line) => line + end).join('');
}

/** The variables that a loader does not read from a text correctly. */
const lostIn = (read: Readonly<Record<string, string | undefined>>, values: Readonly<Record<string, string>>) =>
  Object.keys(values).filter((name) => read[name] !== values[name]);

/** The variables that Node's own loader would not find: Node 20's stumbles over spaces before a line. */
export const lostInNode = (text: string, values: Readonly<Record<string, string>>): string[] =>
  lostIn(parseEnv(text), values);

/** A quote without an end can swallow what follows. */
function requireReadable(text: string, values: Readonly<Record<string, string>>): void {
  const lost = lostIn(readVariables(text), values);
  if (lost.length > 0)
    throw new CommandError(
      `With ${lost.join(', ')} in it, the env file would no longer be readable. Look for a quote that does not end.`,
    );
}

/**
 * Sets variables in the text of an env file. If the file has a variable, every occurrence changes in place; otherwise a
 * line follows at the end. Everything else stays the same, to the byte.
 * @throws {CommandError} if Next would not read them
 */
export function setVariables(text: string, values: Readonly<Record<string, string>>): string {
  const found = assignmentsIn(text);
  const stale = found.filter(
    ({ name, value, isPlain }) => Object.hasOwn(values, name) && !(isPlain && value === values[name]),
  );
  const edited = stale.reduceRight(
    (all, { name, start, end }) => `${all.slice(0, start)}=${written(name, values[name] ?? '')}${all.slice(end)}`,
    text,
  );
  const missing = Object.entries(values).filter(([name]) => !found.some((one) => one.name === name));
  const result = append(
    edited,
    missing.map(([name, value]) => `${name}=${written(name, value)}`),
    // Look at the original text: its only line end may have been within a replaced value.
    text.includes('\r\n') ? '\r\n' : '\n',
  );
  requireReadable(result, values);
  return result;
}
