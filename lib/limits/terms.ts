import type { Config, GuardConfig } from '@/lib/config/config';
import type { CreditTerms, Row, Terms } from '@/lib/store/limits';
import { CALLS_FROM, type CreditName, creditRow, HALF_LIFE_MS, HOME_COUNTRY_FROM, MAIN_COUNTRY_FROM } from './credit';
import { ALL_DEVICES, COOLDOWN_MEMORY_MS, type Limit, type LimitKey, LOCK, type OtherLimit } from './policies';

/** The terms for requests to send, to resend, and to verify with a code or another factor. */
export interface AllTerms {
  readonly message: Terms;
  readonly resend: Terms;
  readonly attempt: Terms;
  /** Terms for verifications with a factor that nobody can guess. */
  readonly factor: Terms;
  /** Terms for verifications with a factor that somebody could guess. */
  readonly guess: Terms;
}

/** How long a reservation outlives the upstream deadline, in case its process died. */
const HOLD_MARGIN_MS = 5_000;

/** The most calls to Infobip. A resend makes two if the earlier PIN no longer works. */
const CALLS = { message: 1, resend: 2, attempt: 1 } as const;

/** The method that a row is restricted to. */
const METHOD_OF: Readonly<Partial<Record<Limit['counts'], string>>> = { calls: 'voice' };

function rowOf({ name, field, points, windowMs, cost, counts, isReturned }: Limit): Row {
  const method = METHOD_OF[counts];
  return {
    name,
    field,
    points,
    windowMs,
    cost,
    ...(method !== undefined && { method }),
    ...(isReturned && { isReturned }),
  };
}

/**
 * The share of each budget that all countries without customers get together, so that a flood to them does not stop
 * codes for everybody.
 */
export const SHARE_OF_NEW_COUNTRIES = 0.4;
/** Past this share of a budget, strangers must solve challenges, so that nobody can spend a budget for free. */
const DOUBTED_SHARE = 0.5;
/**
 * Strangers may spend up to this share of a budget. The rest is for known devices, so strangers alone cannot use it up.
 */
const STRANGERS_SHARE = 0.9;
const HOUR_MS = 3_600_000;

/** Budgets count money; other rows count requests. */
function budgetRows({ budget: { perHour, perDay }, guard }: GuardConfig): Row[] {
  const row = (name: OtherLimit, field: string, points: number, windowMs: number): Row => ({
    name,
    field,
    points,
    windowMs,
    cost: 0,
    isPriced: true,
    ...(guard.mode === 'enforce' && {
      doubtFrom: Math.floor(points * DOUBTED_SHARE),
      pointsForStrangers: Math.floor(points * STRANGERS_SHARE),
    }),
  });
  const rows = [row('BUDGET_PER_HOUR', 'H', perHour, HOUR_MS), row('BUDGET_PER_DAY', 'B', perDay, 24 * HOUR_MS)];
  const shares = rows.map(({ doubtFrom: _, pointsForStrangers: __, ...whole }) => ({
    ...whole,
    name: `${whole.name}_NEW_COUNTRIES`,
    field: `${whole.field}N`,
    points: Math.floor(whole.points * SHARE_OF_NEW_COUNTRIES),
    isForNewCountries: true as const,
  }));
  // Without a home country, all countries are new at first, and a share would be the whole budget.
  return guard.mode === 'enforce' && guard.homeCountry !== undefined ? [...rows, ...shares] : rows;
}

/** The guard's terms; undefined if it is off. */
function creditTerms({ guard, limits, voiceCountries }: GuardConfig, unitPrice: number): CreditTerms | undefined {
  const { mode, credit, homeCountry } = guard;
  if (mode === 'off') return undefined;
  const row = (name: CreditName) => creditRow(name, credit[name]);
  const waits = limits.find(({ counts }) => counts === 'waits');
  return {
    mode,
    address: row('CREDIT_PER_ADDRESS'),
    site: row('CREDIT_PER_SITE'),
    network: row('CREDIT_PER_NETWORK'),
    range: row('CREDIT_PER_RANGE'),
    homeRange: row('CREDIT_PER_HOME_RANGE'),
    block: row('CREDIT_PER_BLOCK'),
    countries: [
      { ...row('CREDIT_PER_COUNTRY'), from: 0 },
      { ...row('CREDIT_PER_MAIN_COUNTRY'), from: MAIN_COUNTRY_FROM },
      { ...row('CREDIT_PER_HOME_COUNTRY'), from: HOME_COUNTRY_FROM },
    ],
    home: homeCountry,
    halfLifeMs: HALF_LIFE_MS,
    firstOfDay: FIRST_OF_DAY,
    proven: voiceCountries === undefined ? { method: 'voice', codes: CALLS_FROM } : undefined,
    unitPrice,
    ...(waits && { waits: rowOf(waits) }),
  };
}

/** Counts known devices' attempts. A correct code no longer counts, so only wrong codes do. */
const DEVICE_LOCK: Row = {
  name: 'NUMBER_LOCK' satisfies OtherLimit,
  field: 'T',
  points: ALL_DEVICES.wrongCodes,
  windowMs: ALL_DEVICES.windowMs,
  cost: 1,
};

/** Counts the first verified code of a range each day. */
const FIRST_OF_DAY: Row = { name: 'FIRST_OF_DAY', field: 'E', points: 1, windowMs: 24 * HOUR_MS, cost: 1 };

function rowsFor(config: GuardConfig, counted: readonly Limit['counts'][]) {
  const { limits } = config;
  const by = (key: LimitKey) =>
    limits.filter((limit) => limit.key === key && counted.includes(limit.counts)).map(rowOf);
  return {
    address: by('address'),
    network: by('network'),
    number: by('number'),
    numberByNetwork: by('number-by-network'),
    allDevices: by('number').map((row) => ({ ...row, points: row.points * ALL_DEVICES.share })),
    range: by('range'),
    block: by('block'),
    everyone: [...by('everyone'), ...(counted.includes('messages') ? budgetRows(config) : [])],
    lock: LOCK,
    deviceLock: DEVICE_LOCK,
  };
}

/** The limits of a message apart from its cooldowns, for commands that show what is counted. */
export const guardTermsOf = (config: GuardConfig, unitPrice: number) => ({
  ...rowsFor(config, ['messages', 'calls']),
  credit: creditTerms(config, unitPrice),
});

/**
 * Creates the terms. Call it once, at startup.
 * @param unitPrice the price of a message that takes one credit of an address, in whole 1/100,000 of the currency
 */
export function termsOf(config: Config, unitPrice: number): AllTerms {
  const holdMs = (request: keyof typeof CALLS) => CALLS[request] * config.infobip.timeoutMs + HOLD_MARGIN_MS;
  const messageTerms = (request: 'message' | 'resend'): Terms => ({
    ...guardTermsOf(config, unitPrice),
    message: {
      cooldownsMs: config.cooldownSeconds.map((seconds) => seconds * 1000),
      cooldownMemoryMs: COOLDOWN_MEMORY_MS,
      holdMs: holdMs(request),
    },
  });
  const message = messageTerms('message');
  return {
    message,
    resend: messageTerms('resend'),
    attempt: {
      ...rowsFor(config, ['tries']),
      range: message.range,
      block: message.block,
      credit: message.credit,
      allDevices: [DEVICE_LOCK],
      attempt: { maxAttempts: config.pin.maxAttempts, holdMs: holdMs('attempt') },
    },
    factor: rowsFor(config, ['factors']),
    guess: {
      ...rowsFor(config, ['factors', 'guesses']),
      allDevices: [DEVICE_LOCK],
      attempt: { maxAttempts: config.pin.maxAttempts, holdMs: holdMs('attempt') },
    },
  };
}
