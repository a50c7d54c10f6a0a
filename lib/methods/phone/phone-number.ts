import {
  type CountryCode,
  type PhoneNumber as LibraryNumber,
  type NumberType,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { LRUCache } from 'lru-cache';
import type { Config } from '@/lib/config/config';
import type { Channel } from '@/lib/contract';
import { AppError, type RefusalReason } from '@/lib/errors';
import { withAsciiDigits } from '@/lib/i18n/digits';
import type { OtherLimit } from '@/lib/limits/policies';
import type { Privacy } from '@/lib/privacy';
import type { Blocklist } from './blocklist';

/** A valid number. */
export interface PhoneNumber {
  /** E.164, with plus: `+14155552671`. The limits and the store use only this spelling. */
  readonly e164: string;
  /** ISO 3166-1 alpha-2; undefined for numbers without a country. */
  readonly country: string | undefined;
  readonly type: NumberType | undefined;
}

/** ITU-T E.164, §6. */
const MAX_DIGITS = 15;

/** The longest phone input to read: more than the digits, to allow for punctuation. */
const MAX_INPUT_LENGTH = 32;

/** A number as programs write it, and as the page sends it. */
const PLAIN_NUMBER = /^\+?[0-9]+$/;

/** Digits of any script, with spaces, dots, dashes and brackets, and one plus in front. Nothing else is allowed. */
const WRITTEN_NUMBER = /^[\p{Zs}\t([]*[+＋]?[\p{Nd}\p{Zs}\t.()[\]\p{Pd}\u2212]+$/u;

/**
 * Satellite and other networks without a country, by calling code, and universal personal numbers (+878) and premium
 * rate (+979). libphonenumber calls some of them mobile. Source: ITU-T E.164, list of assigned country codes.
 */
const REFUSED_CALLING_CODES = new Set(['870', '878', '881', '882', '883', '888', '979']);

/** The kinds of number that can take a code, and by which channels. Kinds that are missing here cannot. */
const CHANNELS_BY_TYPE: Readonly<Partial<Record<NonNullable<NumberType>, readonly Channel[]>>> = {
  MOBILE: ['sms', 'voice'],
  FIXED_LINE_OR_MOBILE: ['sms', 'voice'],
  VOIP: ['sms', 'voice'],
  FIXED_LINE: ['voice'],
};

/**
 * Reduces a written number to what libphonenumber needs: its digits in ASCII, behind its plus if it has one.
 * @throws {AppError} INVALID_PHONE_NUMBER if it is not written like a number
 */
function bare(written: string): string {
  if (written.length > MAX_INPUT_LENGTH) throw new AppError('INVALID_PHONE_NUMBER');
  if (PLAIN_NUMBER.test(written)) return written;
  if (!WRITTEN_NUMBER.test(written)) throw new AppError('INVALID_PHONE_NUMBER');
  const digits = withAsciiDigits(written).replace(/\D/g, '');
  return /[+＋]/.test(written) ? `+${digits}` : digits;
}

/** The message for the person, by the reason. */
const REFUSALS: Readonly<Record<RefusalReason, string>> = {
  country: 'We do not send codes to numbers in this country.',
  landline: 'This is a landline, which cannot receive text messages. Use a mobile number, or ask for a call.',
  'no-calls': 'Calls to this country are not possible. Ask for a text message.',
};

const notSupported = (reason: RefusalReason): AppError =>
  new AppError('PHONE_NUMBER_NOT_SUPPORTED', { reason, message: REFUSALS[reason] });

/**
 * Parses a number as people write it.
 * @param country ISO 3166-1 alpha-2, for numbers without a plus. The function refuses a number with neither a plus nor
 * a country, and guesses nothing
 * @throws {AppError} INVALID_PHONE_NUMBER, or PHONE_NUMBER_NOT_SUPPORTED for networks without a country
 */
export function parsePhoneNumber(input: string, country?: string): PhoneNumber {
  const parsed = parsePhoneNumberFromString(bare(input), {
    extract: false,
    ...(country !== undefined && { defaultCountry: country as CountryCode }),
  });
  if (!parsed) throw new AppError('INVALID_PHONE_NUMBER');
  if (REFUSED_CALLING_CODES.has(parsed.countryCallingCode)) throw new AppError('PHONE_NUMBER_NOT_SUPPORTED');
  // A number that has a type is valid, so check only the others.
  const type = parsed.getType();
  // libphonenumber accepts some German numbers with more digits than networks carry.
  if ((type === undefined && !parsed.isValid()) || toMsisdn(parsed.number).length > MAX_DIGITS)
    throw new AppError('INVALID_PHONE_NUMBER');
  recent.set(parsed.number, parsed);
  return { e164: parsed.number, country: parsed.country, type };
}

/** Whether a text is a valid number in E.164, exactly. */
export function isE164(text: string): boolean {
  try {
    return parsePhoneNumber(text).e164 === text;
  } catch {
    return false;
  }
}

/**
 * Parsing a number takes time, and a request needs its number parsed several times. After a minute no number is left
 * here.
 */
const recent = new LRUCache<string, LibraryNumber>({ max: 500, ttl: 60_000, ttlAutopurge: true });

/** @param e164 a number that has been validated before */
function parseE164(e164: string): LibraryNumber | undefined {
  const known = recent.get(e164);
  if (known) return known;
  const parsed = parsePhoneNumberFromString(e164);
  if (parsed) recent.set(e164, parsed);
  return parsed;
}

/** The countries that codes and calls may go to. */
export type Reach = Pick<Config, 'allowedCountries' | 'blockedCountries' | 'voiceCountries'>;

const isIn = (country: string | undefined, countries: readonly string[] | undefined): boolean =>
  countries === undefined || (country !== undefined && countries.includes(country));

/**
 * Whether codes may go to a country.
 * @param country ISO 3166-1 alpha-2; undefined for none
 */
export const isServed = (country: string | undefined, reach: Omit<Reach, 'voiceCountries'>): boolean =>
  isIn(country, reach.allowedCountries) && !(country !== undefined && reach.blockedCountries.includes(country));

type CodeTaker = Pick<PhoneNumber, 'country' | 'type'>;

/** Why a code cannot go to a number by a channel; undefined if it can. */
function refusalOf({ type, country }: CodeTaker, channel: Channel, reach: Reach): AppError | undefined {
  if (!isServed(country, reach)) return notSupported('country');
  const channels = type && CHANNELS_BY_TYPE[type];
  if (!channels) return new AppError('PHONE_NUMBER_NOT_SUPPORTED');
  if (!channels.includes(channel)) return notSupported('landline');
  const callable = country !== undefined && isIn(country, reach.voiceCountries);
  return channel === 'voice' && !callable ? notSupported('no-calls') : undefined;
}

/**
 * Checks that a code can go to a number by a channel: the country is allowed and not blocked, numbers of this type can
 * get codes, text messages do not go to landlines, and calls go only to `voiceCountries`.
 * @throws {AppError} PHONE_NUMBER_NOT_SUPPORTED, with a reason if there is one, see {@link RefusalReason}
 */
export function assertReachable(phoneNumber: PhoneNumber, channel: Channel, reach: Reach): void {
  const refusal = refusalOf(phoneNumber, channel, reach);
  if (refusal) throw refusal;
}

/**
 * Checks that nobody blocked a number. The reply is the same as for unsupported kinds of numbers, so that a fraudster
 * does not learn of the block.
 * @throws {AppError} PHONE_NUMBER_NOT_SUPPORTED
 */
export function assertNotBlocked(e164: string, blocklist: Blocklist): void {
  const limit: OtherLimit = 'BLOCKED_NUMBERS';
  if (blocklist.isBlocked(e164)) throw new AppError('PHONE_NUMBER_NOT_SUPPORTED', { limit });
}

/** Whether a number, in E.164, can get a code by a call. */
export function takesCalls(e164: string, reach: Reach): boolean {
  const parsed = parseE164(e164);
  return parsed !== undefined && !refusalOf({ type: parsed.getType(), country: parsed.country }, 'voice', reach);
}

/** The country of an E.164 number, ISO 3166-1 alpha-2; undefined for numbers without a country. */
export const countryOf = (e164: string): string | undefined => parseE164(e164)?.country;

/** E.164 to the MSISDN form that Infobip takes: digits only. */
export const toMsisdn = (e164: string): string => e164.slice(1);

/** A number as people write it: `+1 415 555 2671`. */
export const formatPhoneNumber = (e164: string): string => parseE164(e164)?.formatInternational() ?? e164;

/**
 * A number for anyone but the browser in which the person typed it: `+1 •••••••671`. Shows at most three digits of the
 * national number.
 */
export function maskPhoneNumber(e164: string): string {
  const parsed = parseE164(e164);
  const callingCode = parsed?.countryCallingCode ?? '';
  const national = e164.slice(1 + callingCode.length);
  const shown = Math.min(3, Math.floor(national.length / 3));
  return `+${callingCode} ${'•'.repeat(national.length - shown)}${national.slice(national.length - shown)}`;
}

/** A number as it appears in logs. */
export const numberLogFields = (privacy: Privacy, e164: string, country = countryOf(e164)) => ({
  phone: privacy.pseudonym('number', e164),
  country,
});
