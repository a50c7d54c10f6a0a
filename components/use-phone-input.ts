import { type RefObject, useEffect, useRef } from 'react';
import type { PageState } from '@/lib/contract';
import { loadedFormat, loadPhoneFormat } from './load-phone-format';
import type { PhoneFormat } from './phone-format';
import { callingCodeOf, caretAfter, countriesWith, withoutInvisible } from './typed-number';

/** How long a submit waits for what tells a number from none; after that the server does. */
const CHECK_WITHIN_MS = 1500;

/** `00` nearly everywhere, `011` in North America (ITU-T E.164, list of dialling procedures). */
const CALLS_ABROAD = /^[\s(]*0(0|11)/;

export interface PhoneInput {
  readonly number: RefObject<HTMLInputElement | null>;
  readonly country: RefObject<HTMLSelectElement | null>;
  /**
   * Groups what is typed, and finds its country. Also for what a browser fills in.
   * @param group false while something is deleted: grouping anew would bring back what was just taken away
   */
  readonly arrange: (group?: boolean) => void;
  /** The number in E.164, `invalid`, or undefined where only the server can tell. */
  readonly understand: () => Promise<string | 'invalid' | undefined>;
}

/** The two controls of a phone number: they hold their values themselves, so that what is typed before the script stays. */
export function usePhoneInput(countries: PageState['countries']): PhoneInput {
  const number = useRef<HTMLInputElement>(null);
  const country = useRef<HTMLSelectElement>(null);

  const typed = () => withoutInvisible(number.current?.value ?? '');
  const callingCode = () => callingCodeOf(typed(), country.current?.value ?? '', countries);

  /** An explicit plus decides the country, unless the chosen one has the same calling code and nothing speaks against it. */
  function chooseCountry(text: string, code: string, format: PhoneFormat | undefined): void {
    const select = country.current;
    if (!select || !text.trimStart().startsWith('+')) return;
    const possible = countriesWith(code, countries);
    const found = format?.countryOf(text) ?? (possible.includes(select.value) ? select.value : undefined);
    const fallback = format?.mainCountry ?? (possible.length === 1 ? possible[0] : undefined);
    const next = [found, fallback].find((candidate) => candidate !== undefined && possible.includes(candidate));
    if (next !== undefined) select.value = next;
  }

  function arrange(group = true): void {
    const field = number.current;
    if (!field || field.readOnly) return;
    const code = callingCode();
    if (!code) return;
    const format = loadedFormat(code);
    const before = field.value;
    const plain = typed();
    chooseCountry(plain, code, format);
    const after = (group && format?.format(plain, country.current?.value ?? '')) || plain;
    if (after !== before) {
      const caret = caretAfter(before, field.selectionStart ?? before.length, after);
      field.value = after;
      if (document.activeElement === field) field.setSelectionRange(caret, caret);
    }
    if (!format) void loadPhoneFormat(code).then((loaded) => loaded && arrange(group));
  }

  async function understand(): Promise<string | 'invalid' | undefined> {
    const code = callingCode();
    // A number with a prefix for calls abroad may be of any country.
    if (!code || CALLS_ABROAD.test(typed())) return undefined;
    const late = new Promise<undefined>((resolve) => setTimeout(resolve, CHECK_WITHIN_MS, undefined));
    const format = await Promise.race([loadPhoneFormat(code), late]);
    if (!format) return undefined;
    return format.understand(typed().trim(), country.current?.value ?? '') ?? 'invalid';
  }

  // What was typed, or filled in by the browser, before the script ran.
  useEffect(() => {
    if (number.current?.value) arrange();
  }, []);

  return { number, country, arrange, understand };
}
