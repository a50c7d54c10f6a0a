import examples from 'libphonenumber-js/examples.mobile.json';
import { type CountryCode, getExampleNumber } from 'libphonenumber-js/max';
import type { ExampleNumber } from '@/lib/contract';

/** The examples so far: creating one takes a tenth of a millisecond, and there are about 250 countries. */
const made = new Map<string, ExampleNumber>();

/**
 * An example of how people write a country's mobile numbers.
 * @param country ISO 3166-1 alpha-2; for anything else the number is empty
 */
export function exampleNumber(country: string): ExampleNumber {
  if (!Object.hasOwn(examples, country)) return { country, number: '' };
  const example = made.get(country) ?? {
    country,
    number: getExampleNumber(country as CountryCode, examples)?.formatNational() ?? '',
  };
  made.set(country, example);
  return example;
}
