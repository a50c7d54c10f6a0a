import { AsYouType, type CountryCode, type MetadataJson, parsePhoneNumberFromString } from 'libphonenumber-js/core';
import type { ExampleNumber, PhoneMetadata } from '@/lib/contract';

/** Knows how numbers of one calling code are written. */
export interface PhoneFormat {
  /** The text with its digits grouped, where there is nothing but a number in it. */
  format(text: string, country: string): string;
  /** The country that an international number belongs to; undefined while that is open. */
  countryOf(text: string): string | undefined;
  /** The country that has the calling code first of all. */
  readonly mainCountry: string | undefined;
  /** How numbers of a country are written, the same object each time; undefined where it has another calling code. */
  exampleOf(country: string): ExampleNumber | undefined;
  /** The number in E.164; undefined where it is none. */
  toE164(text: string, country: string): string | undefined;
}

const PLAIN_NUMBER = /^[+\d\s().\-‐-―]*$/;

/**
 * @param data what libphonenumber knows of one calling code
 */
export function createPhoneFormat(callingCode: string, data: PhoneMetadata): PhoneFormat {
  const metadata = data as unknown as MetadataJson;
  const examples = Object.entries(data.examples).map(([country, number]) => ({ country, number }));
  const typed = (text: string, country?: string) => {
    const formatter = new AsYouType(country as CountryCode | undefined, metadata);
    return { text: formatter.input(text), country: formatter.getCountry() };
  };
  const known = (country: string) => (Object.hasOwn(metadata.countries, country) ? country : undefined);
  return {
    format(text, country) {
      if (!PLAIN_NUMBER.test(text)) return text;
      return typed(text, text.trimStart().startsWith('+') ? undefined : known(country)).text;
    },
    countryOf: (text) => typed(text).country,
    mainCountry: metadata.country_calling_codes[callingCode as keyof typeof metadata.country_calling_codes]?.[0],
    exampleOf: (country) => examples.find((example) => example.country === country),
    toE164(text, country) {
      const options = { extract: false, ...(known(country) && { defaultCountry: country as CountryCode }) };
      const number = parsePhoneNumberFromString(text, options, metadata);
      return number?.isValid() ? number.number : undefined;
    },
  };
}
