import type { PageState } from '@/lib/contract';

type Countries = PageState['countries'];

/** Invisible marks that people copy with a number: soft hyphen, joiners, directions. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Removes invisible marks, and replaces the plus of East Asian keyboards with a plain one. */
export const withoutInvisible = (text: string): string => text.replace(INVISIBLE, '').replace('＋', '+');

const isSignificant = (character: string) => /[+\d]/.test(character);

const callingCodeOfCountry = (country: string, countries: Countries): string =>
  countries.find(({ code }) => code === country)?.callingCode ?? '';

/**
 * The calling code of a typed number: its own if it is international, otherwise the chosen country's; empty
 * while an international one is incomplete. No calling code is the beginning of another one (ITU-T E.164, §6.1).
 */
export function callingCodeOf(text: string, country: string, countries: Countries): string {
  const bare = text.trimStart();
  if (!bare.startsWith('+')) return callingCodeOfCountry(country, countries);
  const digits = bare.replace(/\D/g, '');
  return countries.find(({ callingCode }) => digits.startsWith(callingCode))?.callingCode ?? '';
}

/** Where the caret belongs after formatting: after the same digit as before. */
export function caretAfter(before: string, caret: number, after: string): number {
  if (caret >= before.length) return after.length;
  let significant = [...before.slice(0, caret)].filter(isSignificant).length;
  let position = 0;
  while (significant > 0 && position < after.length) {
    if (isSignificant(after[position] ?? '')) significant -= 1;
    position += 1;
  }
  return position;
}

/** The countries that have a calling code. */
export const countriesWith = (callingCode: string, countries: Countries): readonly string[] =>
  countries.filter((country) => country.callingCode === callingCode).map(({ code }) => code);
