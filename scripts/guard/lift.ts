import { isSupportedCountry } from 'libphonenumber-js/max';
import { parseClientAddress } from '@/lib/http/client-address';
import type { Row } from '@/lib/store/limits';
import { liftBeginnings, liftClient, liftCountry, liftEveryone } from '@/lib/store/redis/guard-data';
import { UsageError } from '@/scripts/command';
import type { Workplace } from '@/scripts/operator';
import { isOfNumber } from './destination-words';
import { beginningFrom, wholeNumberFrom } from './number-words';
import type { GuardSettings } from './settings';

/** The result of a command, and a sentence about it. */
export interface Outcome {
  /** The result for `--json`. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly sentence: string;
}

const fieldsOf = (rows: readonly (Row | undefined)[]) => [...new Set(rows.flatMap((row) => (row ? [row.field] : [])))];

const NOTHING = 'Nothing was holding it back.';

const outcome = (lifted: string, count: number, sentence: string): Outcome => ({
  data: { lifted, count },
  sentence: count > 0 ? sentence : NOTHING,
});

type Act = (workplace: Workplace) => Promise<Outcome>;
/** Turns the words of the command into an action; undefined if they mean something else. */
type Reading = (what: string, terms: GuardSettings['terms']) => Act | undefined;

const readBudget: Reading = (what, { everyone }) => {
  if (what.toLowerCase() !== 'budget') return undefined;
  const fields = fieldsOf(everyone.filter(({ isPriced }) => isPriced));
  return async ({ stores: { redis } }) =>
    outcome('budget', Number(await liftEveryone(redis, fields)), 'The budgets of the hour and of the day are reset.');
};

const readCountry: Reading = (what, { credit }) => {
  const country = what.toUpperCase();
  if (!isSupportedCountry(country)) return undefined;
  return async ({ stores: { redis } }) =>
    outcome(
      country,
      Number(await liftCountry(redis, country, fieldsOf([credit?.waits]))),
      `${country} has its full credit again. Its ranges and blocks stay as they are.`,
    );
};

const readNumbers: Reading = (what, { range, block }) => {
  const whole = wholeNumberFrom(what);
  const beginning = beginningFrom(what);
  if (beginning === undefined) return undefined;
  const isMeant =
    whole === undefined ? (one: { beginning: string }) => one.beginning.startsWith(beginning) : isOfNumber(whole);
  return async ({ stores: { redis } }) => {
    const count = await liftBeginnings(redis, isMeant, fieldsOf([...range, ...block]));
    const which = count === 1 ? 'One range or block has its' : `${count} ranges and blocks have their`;
    return outcome(whole === undefined ? beginning : 'number', count, `${which} full credit again.`);
  };
};

const readAddress: Reading = (what, { address, network }) => {
  const client = parseClientAddress(what);
  if (!client) return undefined;
  return async ({ stores: { redis }, privacy }) =>
    outcome(
      'address',
      Number(await liftClient(redis, privacy, client, fieldsOf([...address, ...network]))),
      'The address and its network have their full credit again.',
    );
};

const READINGS: readonly Reading[] = [readBudget, readCountry, readNumbers, readAddress];

/**
 * Returns the action that lets messages go out again, because it restores the full credit or resets the budgets.
 * @param what a country, a range or block of numbers, a number, an address, or `budget`
 * @throws {UsageError} if it is something else
 */
export function liftOf(what: string, { terms }: GuardSettings): Act {
  for (const read of READINGS) {
    const act = read(what, terms);
    if (act) return act;
  }
  throw new UsageError(
    'The guard cannot lift that. Give a country like US, the first digits of numbers like +252612, a number, an IP address like 203.0.113.7, or budget.',
  );
}
