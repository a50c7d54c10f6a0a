import { allowedInForce } from '@/lib/config/config';
import { type LimitName, POLICIES, parseAllowed } from '@/lib/limits/policies';
import { perDay } from '@/scripts/infobip-notation';
import type { Check, Context } from './context';
import { fail, type Judgement, ok, orOk, skipped, warn } from './finding';

/** NIST SP 800-63B-4, §3.1.3.2; OWASP ASVS 5.0, 6.5.4. */
const MIN_DIGITS = 6;
/** The most attempts at one code that are still safe. */
const MAX_TRIES = 5;

function judgeCodes({ settings }: Context): readonly Judgement[] {
  const { PIN_LENGTH: digits, MAX_PIN_ATTEMPTS: tries, RESEND_COOLDOWN_SECONDS: waits } = settings;
  const judgements: Judgement[] = [];
  if (digits === undefined) judgements.push(skipped('PIN_LENGTH is not usable: see variables.'));
  else if (digits < MIN_DIGITS)
    judgements.push(
      fail(`PIN_LENGTH is ${digits}: a code that short is easy to guess.`, `Set it to ${MIN_DIGITS} or more.`),
    );
  if (tries === undefined) judgements.push(skipped('MAX_PIN_ATTEMPTS is not usable: see variables.'));
  else if (tries > MAX_TRIES)
    judgements.push(
      fail(`MAX_PIN_ATTEMPTS is ${tries}: more than ${MAX_TRIES} make guessing easier.`, `Set it to ${MAX_TRIES}.`),
    );
  if (waits?.includes(0))
    judgements.push(
      warn(
        'RESEND_COOLDOWN_SECONDS contains a 0: a number can get messages without a wait.',
        'Set it to 30,60,120,240.',
      ),
    );
  return orOk(judgements, `Codes have ${digits} digits and ${tries} tries.`);
}

/** Above this many a day, a limit hardly stops anybody. */
const MOST_A_DAY: Readonly<Record<LimitName, number>> = {
  LIMIT_SEND_PER_ADDRESS: 5000,
  LIMIT_SEND_PER_NETWORK: 50_000,
  LIMIT_SEND_PER_NUMBER: 50,
  LIMIT_SEND_PER_NUMBER_AND_NETWORK: 50,
  LIMIT_VOICE_PER_NUMBER: 20,
  LIMIT_SEND_GLOBAL: 100_000,
  LIMIT_SEND_GLOBAL_PER_DAY: 100_000,
  LIMIT_SEND_PER_RANGE: 500,
  LIMIT_SEND_PER_BLOCK: 5000,
  LIMIT_WAITS_PER_COUNTRY: 500,
  LIMIT_VERIFY_PER_ADDRESS: 15_000,
  LIMIT_VERIFY_PER_NETWORK: 150_000,
  LIMIT_FACTORS_PER_ADDRESS: 75_000,
  LIMIT_FACTORS_PER_NETWORK: 750_000,
  LIMIT_GUESSES_PER_NUMBER_AND_NETWORK: 50,
  LIMIT_REQUESTS_PER_ADDRESS: 10_000_000,
};

function judgeLimit(name: LimitName, { settings, given }: Context): readonly Judgement[] {
  const value = settings[name];
  if (value === undefined) return [skipped(`${name} is not usable: see variables.`)];
  const allowed = allowedInForce(name, value, given, settings.FRAUD_GUARD === 'enforce');
  if (allowed === undefined) return [];
  const rate = parseAllowed(allowed);
  if (!rate) return [skipped(`${name} is not usable: see variables.`)];
  const daily = perDay(rate);
  if (daily <= MOST_A_DAY[name]) return [];
  const origin = given[name] === undefined ? 'by default' : 'set to';
  const remedy =
    name === 'LIMIT_SEND_GLOBAL'
      ? 'Set it to what you are willing to pay for, like 100/1h.'
      : `Lower it; the default is ${allowedInForce(name, POLICIES[name].allowed, {}, settings.FRAUD_GUARD === 'enforce')}.`;
  return [warn(`${name} is ${origin} ${allowed}, which allows ${daily.toLocaleString('en')} a day.`, remedy)];
}

const judgeLimits = (context: Context): readonly Judgement[] =>
  orOk(
    (Object.keys(POLICIES) as LimitName[]).flatMap((name) => judgeLimit(name, context)),
    'Every limit is low enough to stop abuse.',
  );

function judgeCountries({ settings, isFaulty }: Context): readonly Judgement[] {
  const { ALLOWED_COUNTRIES: allowed, VOICE_COUNTRIES: voice } = settings;
  if (isFaulty('ALLOWED_COUNTRIES')) return [skipped('ALLOWED_COUNTRIES is not usable: see variables.')];
  if (allowed === undefined)
    return [
      warn(
        'ALLOWED_COUNTRIES is not set: codes go to every country, and fraudsters earn on the expensive ones (SMS pumping).',
        'Set it to the countries of your users, like US,GB.',
      ),
    ];
  const unreachable = voice?.filter((country) => !allowed.includes(country)) ?? [];
  if (unreachable.length > 0)
    return [
      warn(
        `VOICE_COUNTRIES contains ${unreachable.join(', ')}, which ALLOWED_COUNTRIES does not: nobody there gets calls.`,
        'Add it to both, or remove it.',
      ),
    ];
  return [ok(`Codes go to ${allowed.join(', ')}.`)];
}

const SHORT_MS = 5000;
const LONG_MS = 60_000;

function judgeTimeout({ settings: { INFOBIP_TIMEOUT_MS: ms } }: Context): readonly Judgement[] {
  if (ms === undefined) return [skipped('INFOBIP_TIMEOUT_MS is not usable: see variables.')];
  const finding = `INFOBIP_TIMEOUT_MS is ${ms}`;
  if (ms < SHORT_MS)
    return [warn(`${finding}: people may read that a message failed although Infobip sends it.`, 'Set it to 30000.')];
  if (ms > LONG_MS) return [warn(`${finding}: people wait that long for an error.`, 'Set it to 30000.')];
  return [ok(`${finding}.`)];
}

export const LIMIT_CHECKS: readonly Check[] = [
  { check: 'codes', run: judgeCodes },
  { check: 'limits', run: judgeLimits },
  { check: 'countries', run: judgeCountries },
  { check: 'timeout', run: judgeTimeout },
];
