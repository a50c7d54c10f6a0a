import type { Config } from '@/lib/config/config';
import { toPriceUnits } from '@/lib/config/environment-values';
import type { Channel } from '@/lib/contract';
import type { Destination } from '@/lib/store/verifications';
import type { PhoneNumber } from './phone-number';
import table from './prices.json';

/*
 * Infobip publishes no price list, so these are list prices of two of its competitors: `prices.json` names them, with dates. They are
 * good for telling expensive countries from cheap ones, and for a budget that is right within a factor of two. PRICES overrides
 * them with those of the account.
 */

/** By method: what a message by it costs. */
type Prices = Readonly<Record<Channel, number>>;

/**
 * US dollars for a country that a list does not have. Cautious: 95 % of the listed countries cost less, so a country is
 * never cheap because nobody knows its price.
 */
const UNLISTED: Prices = { sms: 0.25, voice: 1.25 };

/** US dollars: the median of the listed text messages. */
export const TYPICAL_SMS = 0.075;

/** What a number of no country counts as; CLDR's code for an unknown region. */
const NO_COUNTRY = 'ZZ';

const listed: Readonly<Record<string, { readonly sms?: number; readonly voice?: number }>> = table.countries;

/**
 * The table's prices of a country, in whole 1/100,000 of a US dollar. The list of calls is for ordinary numbers, and calls to mobile ones
 * cost more where text messages do, so a call costs no less than a text message.
 */
function listPrices(country: string): Prices {
  const { sms = UNLISTED.sms, voice = UNLISTED.voice } = Object.hasOwn(listed, country) ? (listed[country] ?? {}) : {};
  return { sms: toPriceUnits(sms), voice: toPriceUnits(Math.max(sms, voice)) };
}

export const CURRENCY = table.currency;

/** When the list prices of text messages and of calls were read. */
export const PRICE_DATES: Readonly<Record<Channel, string>> = {
  sms: table.sources.sms.date,
  voice: table.sources.voice.date,
};

/** Whether somebody said what a message to a country costs: the table, or the configuration. */
export const isPriced = (country: string, channel: Channel, overrides: Config['prices']): boolean =>
  (Object.hasOwn(overrides, country) && overrides[country]?.[channel] !== undefined) ||
  (Object.hasOwn(listed, country) && listed[country]?.[channel] !== undefined);

/** What each country costs under one configuration's prices, made when it is first asked for. */
const known = new WeakMap<Config['prices'], Map<string, Prices>>();

function pricesOf(country: string, overrides: Config['prices']): Prices {
  let byCountry = known.get(overrides);
  if (!byCountry) {
    byCountry = new Map();
    known.set(overrides, byCountry);
  }
  let prices = byCountry.get(country);
  if (!prices) {
    const own = Object.hasOwn(overrides, country) ? overrides[country] : undefined;
    const list = listPrices(country);
    prices = {
      sms: own?.sms === undefined ? list.sms : toPriceUnits(own.sms),
      voice: own?.voice === undefined ? list.voice : toPriceUnits(own.voice),
    };
    byCountry.set(country, prices);
  }
  return prices;
}

/**
 * The price of one message, in whole 1/100,000 of the currency.
 * @param country ISO 3166-1 alpha-2
 * @param overrides the configuration's own prices, which win over the table
 */
export const priceOf = (country: string, channel: Channel, overrides: Config['prices']): number =>
  pricesOf(country, overrides)[channel];

/**
 * The price of a message that takes one credit of a client's address: a typical text message, or one to the home country where that
 * costs more. At a cheap home country's price an ordinary message abroad would use up an address.
 */
export const unitPriceFor = ({ guard: { homeCountry }, prices }: Pick<Config, 'guard' | 'prices'>): number =>
  Math.max(toPriceUnits(TYPICAL_SMS), homeCountry === undefined ? 0 : priceOf(homeCountry, 'sms', prices));

/** Digits at a number's end that its range and its block leave out. */
export const RANGE_DIGITS = 4;
export const BLOCK_DIGITS = 6;

/** Where messages to a number go, and what they cost. */
export function destinationOf(
  { e164, country = NO_COUNTRY }: Pick<PhoneNumber, 'e164' | 'country'>,
  { prices: overrides }: Pick<Config, 'prices'>,
): Destination {
  const prices = pricesOf(country, overrides);
  return {
    range: e164.slice(0, -RANGE_DIGITS),
    block: e164.slice(0, -BLOCK_DIGITS),
    country,
    prices,
    unitPrice: prices.sms,
  };
}
