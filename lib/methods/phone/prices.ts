import type { Config } from '@/lib/config/config';
import { toPriceUnits } from '@/lib/config/environment-values';
import type { Channel } from '@/lib/contract';
import type { Destination } from '@/lib/store/verifications';
import type { PhoneNumber } from './phone-number';
import table from './prices.json';

/*
 * Infobip publishes no price list, so these are list prices of two of its competitors: `prices.json` names them, with
 * dates. They are good enough to tell expensive countries from cheap ones, and to keep a budget within a factor of two.
 * PRICES overrides them with the account's own.
 */

/** The cost of a message, by channel. */
type Prices = Readonly<Record<Channel, number>>;

/**
 * US dollars, for a country that a list lacks. Cautious: 95% of the listed countries cost less, so a country never
 * counts as cheap because its price is unknown.
 */
const UNLISTED: Prices = { sms: 0.25, voice: 1.25 };

/** US dollars: the median of the listed text messages. */
export const TYPICAL_SMS = 0.075;

/** The country of a number that has none; CLDR's code for an unknown region. */
const NO_COUNTRY = 'ZZ';

const listed: Readonly<Record<string, { readonly sms?: number; readonly voice?: number }>> = table.countries;

/**
 * The table's prices of a country, in whole 1/100,000 of a US dollar. The table has prices of calls to landlines only.
 * Calls to mobile numbers cost more in countries where text messages cost more. So a call here never costs less than a
 * text message.
 */
function listPrices(country: string): Prices {
  const { sms = UNLISTED.sms, voice = UNLISTED.voice } = Object.hasOwn(listed, country) ? (listed[country] ?? {}) : {};
  return { sms: toPriceUnits(sms), voice: toPriceUnits(Math.max(sms, voice)) };
}

export const CURRENCY = table.currency;

/** The dates of the price lists for text messages and calls. */
export const PRICE_DATES: Readonly<Record<Channel, string>> = {
  sms: table.sources.sms.date,
  voice: table.sources.voice.date,
};

/** Whether the table or the configuration has the price of a message to a country. */
export const isPriced = (country: string, channel: Channel, overrides: Config['prices']): boolean =>
  (Object.hasOwn(overrides, country) && overrides[country]?.[channel] !== undefined) ||
  (Object.hasOwn(listed, country) && listed[country]?.[channel] !== undefined);

/** The cost of each country under one configuration's prices, computed on first use. */
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
 * The price of a message that takes one credit of a client's address: a typical text message, or one to the home
 * country if that costs more. With a cheap home country's price, an ordinary message abroad would use up an address's
 * credit.
 */
export const unitPriceFor = ({ guard: { homeCountry }, prices }: Pick<Config, 'guard' | 'prices'>): number =>
  Math.max(toPriceUnits(TYPICAL_SMS), homeCountry === undefined ? 0 : priceOf(homeCountry, 'sms', prices));

/** Digits that a number's range and block leave out at its end. */
export const RANGE_DIGITS = 4;
export const BLOCK_DIGITS = 6;

/** The destination of messages to a number, and their price. */
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
