import { readFileSync } from 'node:fs';
import { ConfigError } from '@/lib/config/config';

/** Numbers that get no codes. */
export interface Blocklist {
  /** @param e164 the whole number */
  isBlocked(e164: string): boolean;
}

/** A source of entries that operators change while the service runs. */
export interface BlockedNumbersSource {
  /** Throws if the source does not answer. */
  read(): Promise<readonly string[]>;
}

/** A whole number in E.164, or a prefix of one. */
const ENTRY = /^\+[1-9]\d{0,14}$/;

/** Whether a text is an entry: `+252612` for all numbers with that prefix, or a whole number. */
export const isBlocklistEntry = (text: string): boolean => ENTRY.test(text);

const lineFault = (lines: readonly number[]) =>
  `BLOCKED_NUMBERS_FILE has lines that are neither a number nor a prefix like +252612: ${lines.join(', ')}.`;

/**
 * Reads a list: one entry per line; text after a `#` is a comment.
 * @throws {ConfigError} naming the faulty lines, but not their content, which may be somebody's number
 */
export function parseBlocklist(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/#.*/, '').trim());
  const wrong = lines.flatMap((line, index) => (line === '' || isBlocklistEntry(line) ? [] : [index + 1]));
  if (wrong.length > 0) throw new ConfigError([lineFault(wrong)]);
  return lines.filter((line) => line !== '');
}

/**
 * The entries of BLOCKED_NUMBERS_FILE.
 * @param path undefined for none
 * @throws {ConfigError} if the file, or one of its lines, cannot be read
 */
export function readBlocklistFile(path: string | undefined): readonly string[] {
  if (path === undefined) return [];
  let text: string;
  try {
    text = readFileSync(/* turbopackIgnore: true */ path, 'utf8');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new ConfigError([`BLOCKED_NUMBERS_FILE cannot be read (${code}). Give the path of a file, or leave it out.`]);
  }
  return parseBlocklist(text);
}

const POLL_MS = 10_000;
/** Interval of polls until the source has answered once: until then none of its entries are known. */
const FIRST_POLL_MS = 250;

/**
 * The blocklist of the file and, if there is one, of a source that it polls in the background. While the source does
 * not answer, its last answer holds.
 * @param pollMs how soon a change of the source takes effect here
 */
export function createBlocklist(
  fixed: readonly string[],
  source?: BlockedNumbersSource,
  pollMs = POLL_MS,
): Blocklist & { close(): void } {
  let entries: ReadonlySet<string> = new Set(fixed);
  let timer: NodeJS.Timeout | undefined;
  let hasAnswered = false;
  let isClosed = false;

  async function poll(from: BlockedNumbersSource): Promise<void> {
    try {
      entries = new Set([...fixed, ...(await from.read())]);
      hasAnswered = true;
    } catch {
      // Ignore the error, because the store reports its own outages.
    }
    if (isClosed) return;
    timer = setTimeout(() => void poll(from), hasAnswered ? pollMs : Math.min(pollMs, FIRST_POLL_MS));
    timer.unref();
  }

  if (source) void poll(source);

  return {
    isBlocked(e164) {
      if (entries.size === 0) return false;
      // The shortest entry is a plus and one digit.
      for (let length = 2; length <= e164.length; length += 1) if (entries.has(e164.slice(0, length))) return true;
      return false;
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
