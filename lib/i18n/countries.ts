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
 * Builds the list of countries to choose from, by name in a language. Builds each language's list once, and keeps it.
 * @param allowed ISO 3166-1 alpha-2; undefined for all that have phone numbers
 * @param blocked those to leave out
 */
export function createCountryLists(
  allowed: readonly string[] | undefined,
  blocked: readonly string[] = [],
): (language: Language) => readonly PageCountry[] {
  const codes = (allowed ?? getCountries()).filter((code) => !blocked.includes(code));
  const lists = new Map<Language, readonly PageCountry[]>();
  return (language) => {
    const list = lists.get(language) ?? namesIn(language, codes);
    lists.set(language, list);
    return list;
  };
}
