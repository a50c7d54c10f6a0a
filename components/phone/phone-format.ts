import { AsYouType, type CountryCode, type MetadataJson } from 'libphonenumber-js/core/es6';
import type { ExampleNumber, PhoneMetadata } from '@/lib/contract';

/** The format of the numbers of one calling code. */
export interface PhoneFormat {
  /** The text with its digits grouped, if it is nothing but a number. */
  format(text: string, country: string): string;
  /** The country that an international number belongs to; undefined until that is known. */
  countryOf(text: string): string | undefined;
  /** The main country of the calling code. */
  readonly mainCountry: string | undefined;
  /** The format of a country's numbers, the same object each time; undefined if it has another calling code. */
  exampleOf(country: string): ExampleNumber | undefined;
  /** The number in E.164; undefined if it is not valid. */
  toE164(text: string, country: string): string | undefined;
}

/** Text that libphonenumber takes for a number, with nothing else in it. */
const WRITTEN_NUMBER = /^\s*[+＋]?[\p{Nd}\s()[\]./~⁓∼～\-‐-―−ー－（）．]*$/u;

const PLAIN_NUMBER = /^[+\d\s().\-‐-―]*$/;

/**
 * @param data libphonenumber's metadata for one calling code
 */
export function createPhoneFormat(callingCode: string, data: PhoneMetadata): PhoneFormat {
  const metadata = data as unknown as MetadataJson;
  const examples = Object.entries(data.examples).map(([country, number]) => ({ country, number }));
  const typed = (text: string, country?: string) => {
    const isInternational = text.trimStart().startsWith('+');
    const formatter = new AsYouType(isInternational ? undefined : (country as CountryCode | undefined), metadata);
    return {
      text: formatter.input(text),
      country: formatter.getCountry(),
      e164: formatter.isValid() ? formatter.getNumberValue() : undefined,
    };
  };
  const known = (country: string) => (Object.hasOwn(metadata.countries, country) ? country : undefined);
  return {
    format(text, country) {
      if (!PLAIN_NUMBER.test(text)) return text;
      return typed(text, known(country)).text;
    },
    countryOf: (text) => typed(text).country,
    mainCountry: metadata.country_calling_codes[callingCode as keyof typeof metadata.country_calling_codes]?.[0],
    exampleOf: (country) => examples.find((example) => example.country === country),
    toE164(text, country) {
      if (!WRITTEN_NUMBER.test(text)) return undefined;
      const e164 = (written: string) => typed(written, known(country)).e164;
      // Some people leave the plus out, or write a zero in parentheses after the calling code.
      const digits = text.replace(/\(0\)|\D/g, '');
      return e164(text) ?? (digits.startsWith(callingCode) ? e164(`+${digits}`) : undefined);
    },
  };
}
