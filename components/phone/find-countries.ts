import type { PageCountry } from '@/lib/contract';

/** Removes case, accents and punctuation: `Côte d’Ivoire` becomes `cote d ivoire`. */
const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .toLowerCase()
    .trim();

/** Arabic and Persian digits, whose last four bits are their value. */
const withAsciiDigits = (text: string): string =>
  text.replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15));

/** A calling code as people write it: `+49`, `0049`, `49`, or with the first digits of a number after it. */
const CALLING_CODE = /^[+\d\s().-]+$/;

/**
 * How well a country matches: 0, the best, is its own code, and 3 a part of its name; undefined if it does not match.
 */
function rankOf({ code, name, callingCode }: PageCountry, words: string, digits: string): number | undefined {
  const known = plain(name);
  const ranks = [
    code.toLowerCase() === words || callingCode === digits,
    known.startsWith(words) || (digits !== '' && (callingCode.startsWith(digits) || digits.startsWith(callingCode))),
    known.includes(` ${words}`),
    known.includes(words),
  ];
  const rank = ranks.indexOf(true);
  return rank < 0 ? undefined : rank;
}

/**
 * The countries that a query may mean, best first: by name, ISO code or calling code. All of them for an empty query.
 */
export function findCountries(query: string, countries: readonly PageCountry[]): readonly PageCountry[] {
  const text = withAsciiDigits(query);
  const digits = CALLING_CODE.test(text) ? text.replace(/\D/g, '').replace(/^00/, '') : '';
  const words = plain(text);
  if (!words && !digits) return countries;
  return countries
    .map((country) => ({ country, rank: rankOf(country, words, digits) }))
    .filter(({ rank }) => rank !== undefined)
    .sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
    .map(({ country }) => country);
}
