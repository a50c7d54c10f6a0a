import { VARIABLES } from '@/lib/config/environment';

/** Names that people expect, from other guides and from Infobip's own terms. */
const ALIASES: Readonly<Record<string, string>> = {
  INFOBIP_APP_ID: 'INFOBIP_2FA_APP_ID',
  INFOBIP_APPLICATION_ID: 'INFOBIP_2FA_APP_ID',
  INFOBIP_2FA_APPLICATION_ID: 'INFOBIP_2FA_APP_ID',
  INFOBIP_MESSAGE_ID: 'INFOBIP_2FA_MESSAGE_ID',
  INFOBIP_TEMPLATE_ID: 'INFOBIP_2FA_MESSAGE_ID',
  INFOBIP_2FA_TEMPLATE_ID: 'INFOBIP_2FA_MESSAGE_ID',
  INFOBIP_2FA_MESSAGE_TEMPLATE_ID: 'INFOBIP_2FA_MESSAGE_ID',
  INFOBIP_VOICE_MESSAGE_ID: 'INFOBIP_2FA_VOICE_MESSAGE_ID',
  INFOBIP_URL: 'INFOBIP_BASE_URL',
  INFOBIP_HOST: 'INFOBIP_BASE_URL',
  INFOBIP_API_URL: 'INFOBIP_BASE_URL',
  INFOBIP_API_BASE_URL: 'INFOBIP_BASE_URL',
  INFOBIP_KEY: 'INFOBIP_API_KEY',
  INFOBIP_TOKEN: 'INFOBIP_API_KEY',
  INFOBIP_API_TOKEN: 'INFOBIP_API_KEY',
  INFOBIP_SENDER: 'INFOBIP_SENDER_ID',
  INFOBIP_FROM: 'INFOBIP_SENDER_ID',
  INFOBIP_TIMEOUT: 'INFOBIP_TIMEOUT_MS',
  PIN_TTL: 'PIN_TTL_SECONDS',
  PIN_ATTEMPTS: 'MAX_PIN_ATTEMPTS',
  REDIS_HOST: 'REDIS_URL',
};

/** The most changes that a misspelled name may have. With more, it is another word. */
const MAX_DISTANCE = 2;

/** How many letters one would have to add, remove or change (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Prefixes that variables of other programs are unlikely to have. */
const OUR_PREFIX = /^(INFOBIP|LIMIT_(SEND|VERIFY|VOICE|REQUESTS)|CREDIT_PER|BUDGET_PER|PROOF|TRUSTED_PROX(Y|IES))_/i;

/** Whether a name can only be meant for this project. */
export const isOurs = (name: string): boolean => OUR_PREFIX.test(name);

const expected = (upper: string): string | undefined => ALIASES[upper] ?? VARIABLES.find((known) => known === upper);

/** The nearest variable, at most `most` changes away. A short name has none, because it is near too many others. */
function closest(upper: string, most: number): string | undefined {
  if (upper.length <= 2 * MAX_DISTANCE + 1) return undefined;
  const [best] = VARIABLES.filter((known) => Math.abs(known.length - upper.length) <= most)
    .map((known) => ({ known, far: distance(upper, known) }))
    .sort((a, b) => a.far - b.far);
  return best && best.far <= most ? best.known : undefined;
}

/** The variable that an unknown name probably means; undefined if none is similar. */
export function nearest(name: string): string | undefined {
  const upper = name.toUpperCase();
  return expected(upper) ?? closest(upper, MAX_DISTANCE);
}

/** Many programs have these names, in different spellings. */
const COMMON: ReadonlySet<string> = new Set(['LOG_LEVEL', 'PORT']);

/**
 * The same for the environment, which also has names of other programs: PRIVATE_KEY is not a misspelled PRIVACY_KEY.
 */
export function nearestAmongOthers(name: string): string | undefined {
  const upper = name.toUpperCase();
  const meant = expected(upper) ?? closest(upper, isOurs(name) ? MAX_DISTANCE : 1);
  return meant !== undefined && COMMON.has(meant) ? undefined : meant;
}
