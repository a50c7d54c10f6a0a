import { readFileSync } from 'node:fs';
import { environment } from '@/lib/config/environment';
import { LANGUAGES } from '@/lib/i18n/languages';
import { CURRENCY } from '@/lib/methods/phone/prices';
import { readArguments, UsageError } from '@/scripts/command';

export const DEFAULT_NAME = 'Phone verification';

/** Enough for a small business: the default of `BUDGET_PER_DAY`. */
export const DEFAULT_BUDGET = String(environment.shape.BUDGET_PER_DAY.parse(undefined));

export const USAGE = `Usage: npm run setup -- [options]

Creates the 2FA application and the message templates at Infobip, and an env file that the app works with. It finds and
reuses what an earlier run created. It takes missing options from the environment or the env file, or asks for them.

  --base-url URL         Base URL of your account, as Infobip's portal shows it: INFOBIP_BASE_URL
  --api-key-file FILE    File with an API key with the scopes 2fa:manage and 2fa:pin:send; - is standard input
  --name NAME            Name of the 2FA application (${DEFAULT_NAME})
  --origin URL           Public address of the page, like https://verify.example.com: APP_ORIGIN
  --brand NAME           Name that the page and the messages show: BRAND_NAME
  --languages LIST       Languages of the messages: ${Object.keys(LANGUAGES).join(',')}. The first is the default for other languages (en)
  --home-country CODE    Country of most of your users, like US: HOME_COUNTRY
  --budget-per-day SUM   What messages may cost in a day, in ${CURRENCY} (${DEFAULT_BUDGET}): BUDGET_PER_DAY. BUDGET_PER_HOUR is 40% of it
  --senders LIST         Senders that you have registered, by country, like US:18335550100,GB:Example: INFOBIP_SENDER_IDS
  --env-file FILE        The env file (.env.local)
  --dry-run              Shows what the command would do, and changes nothing
  --yes                  Asks no questions
  --help                 Shows this

Exit codes: 0 success, even with warnings; 1 something is in the way, or you declined; 2 the command line is wrong, or an
answer is missing.`;

const OPTIONS = {
  'base-url': { type: 'string' },
  'api-key-file': { type: 'string' },
  name: { type: 'string' },
  origin: { type: 'string' },
  brand: { type: 'string' },
  languages: { type: 'string' },
  'home-country': { type: 'string' },
  'budget-per-day': { type: 'string' },
  senders: { type: 'string' },
  'env-file': { type: 'string', default: '.env.local' },
  'dry-run': { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** @throws {UsageError} */
export const readOptions = (args: readonly string[]) => readArguments(args, OPTIONS, { name: 'setup', usage: USAGE });

export type Options = ReturnType<typeof readOptions>;

/**
 * The API key in a file, or on standard input if it is `-`.
 * @throws {UsageError}
 */
export function readKeyFile(file: string): string {
  if (file === '-' && process.stdin.isTTY)
    throw new UsageError(
      '--api-key-file - reads standard input, but that is a terminal here. Leave the option out, and the command asks for the key.',
    );
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`--api-key-file cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
