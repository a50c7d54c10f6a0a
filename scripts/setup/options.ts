import { readFileSync } from 'node:fs';
import { environment } from '@/lib/config/environment';
import { LANGUAGES } from '@/lib/i18n/languages';
import { CURRENCY } from '@/lib/methods/phone/prices';
import { readArguments, UsageError } from '@/scripts/command';

export const DEFAULT_NAME = 'Phone verification';

/** A small business: `BUDGET_PER_DAY` unless told otherwise. */
export const DEFAULT_BUDGET = String(environment.shape.BUDGET_PER_DAY.parse(undefined));

export const USAGE = `Usage: npm run setup -- [options]

Makes the 2FA application and the message templates at Infobip, and an env file that the app works with. What it made
before, it finds and uses again. What is not given is taken from the environment, then the env file, or asked for.

  --base-url URL         Base URL of your account, as Infobip's portal shows it: INFOBIP_BASE_URL
  --api-key-file FILE    File with an API key with the scopes 2fa:manage and 2fa:pin:send; - is standard input
  --name NAME            Name of the 2FA application (${DEFAULT_NAME})
  --origin URL           Public address of the page, like https://verify.example.com: APP_ORIGIN
  --languages LIST       Of the messages: ${Object.keys(LANGUAGES).join(',')}. The first is for everybody else, too (en)
  --home-country CODE    Country that most of your users are in, like US: HOME_COUNTRY
  --budget-per-day SUM   What messages may cost in a day, in ${CURRENCY} (${DEFAULT_BUDGET}): BUDGET_PER_DAY. BUDGET_PER_HOUR is 40 % of it
  --env-file FILE        The env file (.env.local)
  --dry-run              Shows what would be done, and changes nothing
  --yes                  Asks nothing
  --help                 Shows this

Ends with 0 when all is well, warnings included, with 1 when something is in the way or was not wanted, and with 2 when
it was called wrongly or an answer is missing.`;

const OPTIONS = {
  'base-url': { type: 'string' },
  'api-key-file': { type: 'string' },
  name: { type: 'string' },
  origin: { type: 'string' },
  languages: { type: 'string' },
  'home-country': { type: 'string' },
  'budget-per-day': { type: 'string' },
  'env-file': { type: 'string', default: '.env.local' },
  'dry-run': { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** @throws {UsageError} */
export const readOptions = (args: readonly string[]) => readArguments(args, OPTIONS, { name: 'setup', usage: USAGE });

export type Options = ReturnType<typeof readOptions>;

/**
 * The API key in a file, or on standard input where it is `-`.
 * @throws {UsageError}
 */
export function readKeyFile(file: string): string {
  if (file === '-' && process.stdin.isTTY)
    throw new UsageError('--api-key-file - reads standard input, which is a terminal here. Leave it out to be asked.');
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`--api-key-file cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
