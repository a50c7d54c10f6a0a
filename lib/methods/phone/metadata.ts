import type { CountryCallingCode, CountryCode } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/metadata.min.json';
import type { PhoneMetadata } from '@/lib/contract';
import { exampleNumber } from './example-number';
import { isServed, type Reach } from './phone-number';

/** Empty for anything that is not a calling code, and for codes without a country, like +800. */
function countriesOf(callingCode: string): readonly CountryCode[] {
  const { country_calling_codes: codes, countries } = metadata;
  const known = Object.hasOwn(codes, callingCode) ? codes[callingCode as CountryCallingCode] : undefined;
  return (known ?? []).filter((country) => Object.hasOwn(countries, country));
}

/**
 * What libphonenumber knows about the numbers with one calling code: all its countries, since they share formats, and
 * sometimes only the number shows which of them it belongs to.
 * @param callingCode digits only
 * @returns undefined if no country with that calling code gets codes
 */
export function phoneMetadata(callingCode: string, reach: Omit<Reach, 'voiceCountries'>): PhoneMetadata | undefined {
  const countries = countriesOf(callingCode);
  if (!countries.some((country) => isServed(country, reach))) return undefined;
  return {
    version: metadata.version,
    country_calling_codes: { [callingCode]: countries },
    countries: Object.fromEntries(countries.map((country) => [country, metadata.countries[country]])),
    examples: Object.fromEntries(countries.map((country) => [country, exampleNumber(country).number])),
  };
}
