import { randomBytes } from 'node:crypto';
import { type Config, ConfigError, loadConfig } from '@/lib/config/config';
import { makePrivacyKey, makeProofKey } from '@/lib/config/keys';
import { CommandError } from '@/scripts/command';
import type { Answers } from './answers';

/** Stands for ids that are not known yet. */
export const PENDING = 'PENDING';

/** The app's own secrets. The command never replaces one: everything that a key encrypted or signed would be lost. */
const LOCAL_KEYS: Readonly<Record<string, () => string>> = {
  PRIVACY_KEY: makePrivacyKey,
  PROOF_PRIVATE_JWK: () => JSON.stringify(makeProofKey()),
  METRICS_TOKEN: () => randomBytes(32).toString('hex'),
};

/** An hour's share of the day's budget: enough for a busy evening, but an attack at night cannot spend it all. */
const SHARE_OF_AN_HOUR = 0.4;

/** If somebody chose a budget for an hour, it stays unless the day's budget changes. */
function budgets({ budgetPerDay }: Answers, known: Readonly<Record<string, string>>): Record<string, string> {
  const isKept = known.BUDGET_PER_HOUR !== undefined && known.BUDGET_PER_DAY === budgetPerDay;
  const perHour = isKept ? known.BUDGET_PER_HOUR : String(Number((Number(budgetPerDay) * SHARE_OF_AN_HOUR).toFixed(5)));
  return { BUDGET_PER_DAY: budgetPerDay, BUDGET_PER_HOUR: perHour ?? '' };
}

/**
 * The part of the env file that does not come from Infobip.
 * @param known everything that the environment or the file has
 */
export function ownVariables(answers: Answers, known: Readonly<Record<string, string>>): Record<string, string> {
  const missing = Object.entries(LOCAL_KEYS).filter(([name]) => known[name] === undefined);
  return {
    INFOBIP_BASE_URL: answers.baseUrl,
    INFOBIP_API_KEY: answers.apiKey,
    APP_ORIGIN: answers.origin,
    ...(answers.brand !== undefined && { BRAND_NAME: answers.brand }),
    ...(answers.homeCountry !== undefined && { HOME_COUNTRY: answers.homeCountry }),
    ...budgets(answers, known),
    ...(answers.senders !== '' && { INFOBIP_SENDER_IDS: answers.senders }),
    ...Object.fromEntries(missing.map(([name, make]) => [name, make()])),
  };
}

/**
 * The configuration that the app will start with.
 * @throws {CommandError} if the app would not start with it
 */
export function futureConfig(known: Readonly<Record<string, string>>, own: Readonly<Record<string, string>>): Config {
  try {
    const env = { ...known, ...own, INFOBIP_2FA_APP_ID: PENDING, INFOBIP_2FA_MESSAGE_ID: PENDING };
    return loadConfig(env as unknown as NodeJS.ProcessEnv);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(
      `With these variables the app would not start:\n${error.faults.map((one) => `  - ${one}`).join('\n')}`,
    );
  }
}
