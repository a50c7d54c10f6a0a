import { type CountryCode, getCountries, getCountryCallingCode } from 'libphonenumber-js/max';
import type { PageCountry } from '@/lib/contract';
import type { Language } from './languages';

function namesIn(language: Language, codes: readonly string[]): readonly PageCountry[] {
  const names = new Intl.DisplayNames(language, { type: 'region' });
  const { compare } = new Intl.Collator(language);
  return codes
    .map((code) => ({
      code,
      name: names.of(code) ?? code,
      callingCode: getCountryCallingCode(code as CountryCode),
    }))
    .sort((a, b) => compare(a.name, b.name));
}

/**
 * Makes the list of countries to choose from, by name in a language. Each language's is made once and kept.
 * @param allowed ISO 3166-1 alpha-2; undefined for all that have phone numbers
 */
export function createCountryLists(
  allowed: readonly string[] | undefined,
): (language: Language) => readonly PageCountry[] {
  const lists = new Map<Language, readonly PageCountry[]>();
  return (language) => {
    const list = lists.get(language) ?? namesIn(language, allowed ?? getCountries());
    lists.set(language, list);
    return list;
  };
}
