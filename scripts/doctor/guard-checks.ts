import { getCountries } from 'libphonenumber-js/max';
import { type Config, ConfigError } from '@/lib/config/config';
import { PRICE_UNITS, toPriceUnits } from '@/lib/config/environment-values';
import type { Channel } from '@/lib/contract';
import { parseAllowed } from '@/lib/limits/policies';
import { SHARE_OF_NEW_COUNTRIES } from '@/lib/limits/terms';
import { readBlocklistFile } from '@/lib/methods/phone/blocklist';
import { isServed } from '@/lib/methods/phone/phone-number';
import { CURRENCY, isPriced, PRICE_DATES, priceOf, TYPICAL_SMS } from '@/lib/methods/phone/prices';
import { createPrivacy } from '@/lib/privacy';
import { openBlockedNumbers } from '@/lib/store/redis/blocked-numbers';
import { perDay } from '@/scripts/infobip-notation';
import type { Check, Context } from './context';
import { fail, type Judgement, ok, orOk, skipped, warn } from './finding';

function judgeHome({ settings, isFaulty }: Context): readonly Judgement[] {
  if (isFaulty('HOME_COUNTRY')) return [skipped('HOME_COUNTRY is not usable: see variables.')];
  if (settings.HOME_COUNTRY !== undefined) return [];
  return [
    warn(
      'HOME_COUNTRY is not set: until people verify thousands of codes, your own country has no more credit than any other, so people there solve challenges on a busy day.',
      'Set it to the country where most of your users are, like US.',
    ),
  ];
}

function judgeGuard(context: Context): readonly Judgement[] {
  const { FRAUD_GUARD: mode, HOME_COUNTRY: home } = context.settings;
  if (mode === undefined) return [skipped('FRAUD_GUARD is not usable: see variables.')];
  if (mode === 'off')
    return [
      warn(
        'FRAUD_GUARD is off: only limits and budgets protect you from SMS pumping.',
        'Set it to record to see what it would do, then to enforce.',
      ),
    ];
  const recording =
    mode === 'record'
      ? [
          warn(
            'FRAUD_GUARD is record: the server logs messages that look like SMS pumping, and sends them all the same.',
            'Look at phone_verification_guard_objections_total, then set it to enforce.',
          ),
        ]
      : [];
  return orOk([...recording, ...judgeHome(context)], `FRAUD_GUARD is enforce, and the home country is ${home}.`);
}

/** Countries that codes may go to. */
function served({ settings: { ALLOWED_COUNTRIES: allowed, BLOCKED_COUNTRIES: blocked } }: Context): readonly string[] {
  const reach = { allowedCountries: allowed, blockedCountries: blocked ?? [] };
  return getCountries().filter((country) => isServed(country, reach));
}

/** Countries that calls may go to, according to the configuration. */
function called(context: Context): readonly string[] {
  const { VOICE_COUNTRIES: voice, HOME_COUNTRY: home, FRAUD_GUARD: mode } = context.settings;
  const chosen: readonly string[] | undefined =
    voice ?? (home !== undefined && mode === 'enforce' ? [home] : undefined);
  return served(context).filter((country) => chosen === undefined || chosen.includes(country));
}

const pricesIn = ({ settings }: Context): Config['prices'] => settings.PRICES ?? {};

/** The countries in words; if there are many, one of them and the number of others. */
function named(countries: readonly string[]): string {
  const [first, ...others] = countries;
  if (countries.length <= 5) return countries.join(', ');
  return `${first} and ${others.length} other countries`;
}

const inMoney = (units: number) => `${Number((units / PRICE_UNITS).toFixed(4))} ${CURRENCY}`;

type Budget = 'BUDGET_PER_HOUR' | 'BUDGET_PER_DAY';
const BUDGETS: readonly Budget[] = ['BUDGET_PER_HOUR', 'BUDGET_PER_DAY'];

/** Whether countries without customers share two fifths of a budget. */
const hasShares = ({ settings: { FRAUD_GUARD: mode, HOME_COUNTRY: home } }: Context) =>
  mode === 'enforce' && home !== undefined;

/** The least of a budget that a country can use. */
const leastFor = (country: string, budget: number, context: Context) =>
  hasShares(context) && country !== context.settings.HOME_COUNTRY
    ? Math.floor(budget * SHARE_OF_NEW_COUNTRIES)
    : budget;

const CHANNELS: readonly (readonly [Channel, string])[] = [
  ['sms', 'text message'],
  ['voice', 'call'],
];

/** Warns about countries where one message costs more than the country can use of the budget. */
function judgePower(name: Budget, context: Context): readonly Judgement[] {
  const budget = toPriceUnits(context.settings[name] ?? 0);
  return CHANNELS.flatMap(([channel, words]) => {
    const price = (country: string) => priceOf(country, channel, pricesIn(context));
    const countries = channel === 'voice' ? called(context) : served(context);
    const tooExpensive = countries.filter((country) => price(country) > leastFor(country, budget, context));
    const [first] = tooExpensive;
    if (first === undefined) return [];
    return [
      warn(
        `${name} is ${inMoney(budget)}, and a ${words} to ${first} costs ${inMoney(price(first))}: nobody in ${named(tooExpensive)} gets one${hasShares(context) ? ', since a country without customers gets at most two fifths of the budget' : ''}.`,
        'Raise it, or remove these countries from ALLOWED_COUNTRIES or VOICE_COUNTRIES.',
      ),
    ];
  });
}

const USUAL_PRICE = toPriceUnits(TYPICAL_SMS);

/** The budget triggers the alerts, so it should run out before the limit does. */
function judgeDay(context: Context): readonly Judgement[] {
  const { BUDGET_PER_DAY: day = 0, LIMIT_SEND_GLOBAL_PER_DAY: limit, HOME_COUNTRY: homeCountry } = context.settings;
  const rate = parseAllowed(limit ?? '');
  if (!rate) return [skipped('LIMIT_SEND_GLOBAL_PER_DAY is not usable: see variables.')];
  const prices = pricesIn(context);
  const price = homeCountry === undefined ? USUAL_PRICE : priceOf(homeCountry, 'sms', prices);
  const messages = Math.floor(toPriceUnits(day) / price);
  const where = homeCountry === undefined ? 'at a usual price' : `to ${homeCountry}`;
  const finding = `BUDGET_PER_DAY pays for some ${messages.toLocaleString('en')} text messages ${where}, and LIMIT_SEND_GLOBAL_PER_DAY allows ${perDay(rate).toLocaleString('en')}`;
  return [
    messages > perDay(rate)
      ? warn(
          `${finding}: the limit stops messages before the budget does, and before any alert.`,
          'Raise the limit, or lower the budget.',
        )
      : ok(`${finding}.`),
  ];
}

const NEARLY_SPENT = 0.8;
const FIELDS: Readonly<Record<Budget, string>> = { BUDGET_PER_HOUR: 'H', BUDGET_PER_DAY: 'B' };

/** The spent shares of the budgets, if Redis has them. */
async function judgeSpent({ settings, redis }: Context): Promise<readonly Judgement[]> {
  if (settings.REDIS_URL === undefined) return [];
  const report = await redis();
  if (report?.kind !== 'ok') return [];
  const { everyone } = report;
  if (!everyone) return [skipped('The doctor cannot read here what is spent. See: npm run guard -- status')];
  return BUDGETS.map((name) => {
    const window = everyone[FIELDS[name]];
    const isOpen = window !== undefined && window.endsAt > Date.now();
    const share = isOpen ? window.count / Math.max(1, toPriceUnits(settings[name] ?? 0)) : 0;
    const finding = `${Math.floor(100 * share)}% of ${name} is spent`;
    if (share < NEARLY_SPENT) return ok(`${finding}.`);
    const until = new Date(window?.endsAt ?? 0).toISOString();
    return warn(
      `${finding}; the window ends at ${until}.`,
      'See where it goes: npm run guard -- status. Raise it, or reset it: npm run guard -- lift budget',
    );
  });
}

async function judgeBudgets(context: Context): Promise<readonly Judgement[]> {
  const faulty = ([...BUDGETS, 'PRICES'] as const).filter((name) => context.isFaulty(name));
  if (faulty.length > 0) return faulty.map((name) => skipped(`${name} is not usable: see variables.`));
  const { BUDGET_PER_HOUR: hour = 0, BUDGET_PER_DAY: day = 0 } = context.settings;
  const order =
    hour > day
      ? [
          warn(
            'BUDGET_PER_HOUR is above BUDGET_PER_DAY: it never takes effect.',
            'Set it to two fifths of BUDGET_PER_DAY.',
          ),
        ]
      : [];
  return [
    ...order,
    ...BUDGETS.flatMap((name) => judgePower(name, context)),
    ...judgeDay(context),
    ...(await judgeSpent(context)),
  ];
}

const YEAR_MS = 365 * 86_400_000;
/** Providers change their prices every year or so. */
const OLD_MS = 2 * YEAR_MS;

/** @param now epoch milliseconds */
function judgeAge(context: Context, now: number): readonly Judgement[] {
  const own = (country: string, channel: Channel) => pricesIn(context)[country]?.[channel] !== undefined;
  const listed = { sms: served(context), voice: called(context) };
  return CHANNELS.flatMap(([channel, words]) => {
    const byTable = listed[channel].filter((country) => !own(country, channel));
    if (byTable.length === 0 || now - Date.parse(PRICE_DATES[channel]) < OLD_MS) return [];
    return [
      warn(
        `The price of a ${words} to ${named(byTable)} comes from another provider's list of ${PRICE_DATES[channel]}: budgets are accurate only within a factor of two.`,
        'Set PRICES to what your account pays, for the countries of your users.',
      ),
    ];
  });
}

function judgePrices(context: Context, now = Date.now()): readonly Judgement[] {
  const { settings, isFaulty } = context;
  for (const name of ['PRICES', 'ALLOWED_COUNTRIES', 'BLOCKED_COUNTRIES'] as const)
    if (isFaulty(name)) return [skipped(`${name} is not usable: see variables.`)];
  const unknown = (settings.ALLOWED_COUNTRIES ?? []).filter((country) => !isPriced(country, 'sms', pricesIn(context)));
  const unpriced = unknown.map((country) =>
    warn(
      `ALLOWED_COUNTRIES contains ${country}, which has no price: a text message there counts as ${inMoney(priceOf(country, 'sms', {}))}.`,
      `Set it in PRICES, like {"${country}":{"sms":0.05}}.`,
    ),
  );
  return orOk([...unpriced, ...judgeAge(context, now)], `The prices of messages are set or recent.`);
}

/** The file's entries, or the fault. */
function readFile(path: string | undefined): { readonly count: number } | { readonly fault: Judgement } {
  try {
    return { count: readBlocklistFile(path).length };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [, finding = '', remedy = ''] = /^(.*?[.)])\s+([A-Z].*)$/.exec(error.faults[0] ?? '') ?? [];
    return { fault: fail(finding || (error.faults[0] ?? ''), remedy || 'Correct the lines, or remove them.') };
  }
}

async function judgeBlocked({ settings, redis }: Context): Promise<readonly Judgement[]> {
  const file = readFile(settings.BLOCKED_NUMBERS_FILE);
  const report = settings.REDIS_URL === undefined ? undefined : await redis();
  const keys = settings.PRIVACY_KEY;
  const held = report?.kind === 'ok' && keys ? report.blocked : undefined;
  const opened = held && keys ? openBlockedNumbers(held, createPrivacy(keys)) : { entries: [], unreadable: 0 };
  const inFile = 'count' in file ? file.count : 0;
  return orOk(
    [
      ...('fault' in file ? [file.fault] : []),
      ...(opened.unreadable > 0
        ? [
            warn(
              `Redis has ${opened.unreadable} blocked numbers that no PRIVACY_KEY here can decrypt: they are no longer blocked.`,
              'Add the old key after the new one until every server has read them, or block them again: npm run guard -- block',
            ),
          ]
        : []),
    ],
    inFile + opened.entries.length === 0
      ? 'No numbers are blocked.'
      : `Blocked numbers: ${inFile} in BLOCKED_NUMBERS_FILE, ${opened.entries.length} in Redis.`,
  );
}

export const GUARD_CHECKS: readonly Check[] = [
  { check: 'guard', run: judgeGuard },
  { check: 'budgets', run: judgeBudgets },
  { check: 'prices', run: (context) => judgePrices(context) },
  { check: 'blocked-numbers', run: judgeBlocked },
];
