import { getCountries } from 'libphonenumber-js/max';
import { testEnvironment } from '@/__tests__/support/app';
import { loadConfig } from '@/lib/config/config';
import { PRICE_UNITS } from '@/lib/config/environment-values';
import { parsePhoneNumber } from '@/lib/methods/phone/phone-number';
import { destinationOf, priceOf, unitPriceFor } from '@/lib/methods/phone/prices';
import table from '@/lib/methods/phone/prices.json';

const CHANNELS = ['sms', 'voice'] as const;
const configOf = (more: Record<string, string> = {}) =>
  loadConfig({ ...testEnvironment('http://127.0.0.1:9'), ...more } as unknown as NodeJS.ProcessEnv);

/** The fallback of each channel, in dollars. */
const UNLISTED = { sms: 0.25, voice: 1.25 };

describe('the price table', () => {
  const listed: Record<string, { sms?: number; voice?: number }> = table.countries;

  test('names its sources, their dates and the currency, and covers at least 200 countries by each channel', () => {
    expect(table.currency).toBe('USD');
    for (const channel of CHANNELS) {
      expect(table.sources[channel].date).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(Object.values(listed).filter((prices) => prices[channel] !== undefined).length).toBeGreaterThan(200);
    }
  });

  test('contains only countries with phone numbers, and prices with at most five decimals', () => {
    const countries: readonly string[] = getCountries();
    for (const [country, prices] of Object.entries(listed)) {
      expect(countries).toContain(country);
      for (const price of Object.values(prices))
        expect([country, price > 0 && price < 10, Number(price.toFixed(5))]).toEqual([country, true, price]);
    }
  });

  test.each(CHANNELS)('costs less than the fallback for 95%% of the countries that it lists by %s', (channel) => {
    const prices = Object.values(listed).flatMap((one) => one[channel] ?? []);
    const cheaper = prices.filter((price) => price < UNLISTED[channel]);
    expect(cheaper.length / prices.length).toBeGreaterThanOrEqual(0.95);
  });
});

test('every country has a price for each channel, in whole units, and a call costs no less than a text message', () => {
  for (const country of getCountries()) {
    const [sms, voice] = [priceOf(country, 'sms', {}), priceOf(country, 'voice', {})];
    expect([country, Number.isInteger(sms), sms > 0, voice >= sms]).toEqual([country, true, true, true]);
  }
});

test.each(['TA', 'ZZ', 'toString', '__proto__', ''])('%p, which the table lacks, is expensive', (country) => {
  expect(CHANNELS.map((channel) => priceOf(country, channel, {}) / PRICE_UNITS)).toEqual([0.25, 1.25]);
});

test('a country that only one list has gets the fallback for the other channel', () => {
  expect(priceOf('CU', 'sms', {})).toBe(25_000);
  expect(priceOf('CU', 'voice', {})).toBe(101_500);
});

test("the configuration's own prices win, channel by channel", () => {
  const { prices } = configOf({ PRICES: '{"US":{"sms":0.00834},"CU":{"voice":0.5}}' });
  expect(priceOf('US', 'sms', prices)).toBe(834);
  expect(priceOf('US', 'voice', prices)).toBe(1400);
  expect(priceOf('CU', 'voice', prices)).toBe(50_000);
  expect(priceOf('GB', 'sms', prices)).toBe(priceOf('GB', 'sms', {}));
  expect(priceOf('US', 'sms', {})).toBe(670);
});

test('one credit of an address pays for a text message to the home country, or for a typical one', () => {
  expect(unitPriceFor(configOf())).toBe(7500);
  expect(unitPriceFor(configOf({ HOME_COUNTRY: 'DE' }))).toBe(8571);
  expect(unitPriceFor(configOf({ HOME_COUNTRY: 'DE', PRICES: '{"DE":{"sms":0.1}}' }))).toBe(10_000);
});

test('a destination is the range, the block and the country of a number, with the prices there', () => {
  expect(destinationOf(parsePhoneNumber('+447400123456'), configOf())).toEqual({
    range: '+44740012',
    block: '+447400',
    country: 'GB',
    prices: { sms: 4414, voice: 4414 },
    unitPrice: 4414,
  });
});

test('a number without a country is the most expensive kind', () => {
  expect(destinationOf(parsePhoneNumber('+80012345678'), configOf())).toEqual({
    range: '+8001234',
    block: '+80012',
    country: 'ZZ',
    prices: { sms: 25_000, voice: 125_000 },
    unitPrice: 25_000,
  });
});

test('destinations of one country share their prices, so that a send creates none', () => {
  const config = configOf();
  const pricesOf = (number: string) => destinationOf(parsePhoneNumber(number), config).prices;
  expect(pricesOf('+14155552671')).toBe(pricesOf('+12015550123'));
});
