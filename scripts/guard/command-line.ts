import { takenByNpm, UsageError } from '@/scripts/command';

export const USAGE = `Usage: npm run guard -- status | lift WHAT | block NUMBER… | unblock NUMBER…   [--json]

Shows what the guard against SMS pumping holds back, and changes it, for all servers that share a Redis. It reads REDIS_URL,
PRIVACY_KEY and the guard's variables from the environment, then from .env.local. They must have the same values as on the servers.

  status          Budgets, countries, ranges of numbers on hold, addresses without credit, blocked numbers
  lift US         Refills a country's credit. Its ranges and blocks stay as they are
  lift +252612    Refills the ranges and blocks that begin with these digits, and clears their caps. With a whole number: its
                  range and its block
  lift 203.0.113.7  Refills an address and its network, and clears their count of messages
  lift budget     Resets the budgets of the hour and the day
  block +252612   Sends no more codes to numbers that begin with these digits, or to one whole number
  unblock +252612 Undoes that
  --json          For programs
  --help          Shows this

Exit codes: 0 done, 1 Redis does not answer, 2 the command line is wrong.`;

export interface CommandLine {
  readonly command: 'status' | 'lift' | 'block' | 'unblock';
  /** The words after the command. */
  readonly what: string;
  readonly isJson: boolean;
}

const TAKES_WORDS = { status: false, lift: true, block: true, unblock: true } as const;

const isCommand = (word: string): word is CommandLine['command'] => Object.hasOwn(TAKES_WORDS, word);

/**
 * @returns undefined if the caller asks for help
 * @throws {UsageError} repeating nothing from the command line
 */
export function readCommandLine(argv: readonly string[]): CommandLine | undefined {
  const options = argv.filter((word) => word.startsWith('-'));
  if (options.includes('--help')) return undefined;
  if (takenByNpm(['json'])) throw new UsageError(`Put -- before the command.\n${USAGE}`);
  const [command = '', ...words] = argv.filter((word) => !word.startsWith('-'));
  const isRight = isCommand(command) && TAKES_WORDS[command] === words.length > 0;
  if (!isRight || options.some((option) => option !== '--json')) throw new UsageError(USAGE);
  return { command, what: words.join(' '), isJson: options.length > 0 };
}
