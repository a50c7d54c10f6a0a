import type { ExampleNumber, PageState } from '@/lib/contract';
import { loadedFormat, loadPhoneFormat } from './load-phone-format';
import type { PhoneFormat } from './phone-format';
import { callingCodeOf, caretAfter, countriesWith, withoutInvisible } from './typed-number';

/** `00` nearly everywhere, `011` in North America (ITU-T E.164, list of dialing procedures). */
const CALLS_ABROAD = /^[\s(]*0(0|11)/;

/** The two controls of a phone number, and their countries. */
export interface PhoneControls {
  readonly number: HTMLInputElement;
  readonly country: HTMLSelectElement;
  readonly countries: PageState['countries'];
  /** Called when the number itself names another country, and once the format of the chosen country is known. */
  readonly onCountry: (example: ExampleNumber) => void;
}

const typed = ({ number }: PhoneControls) => withoutInvisible(number.value);
const callingCode = (controls: PhoneControls) =>
  callingCodeOf(typed(controls), controls.country.value, controls.countries);

/** A number with a plus decides the country, unless the chosen one has the same calling code and fits the number. */
function chooseCountry(controls: PhoneControls, code: string, format: PhoneFormat | undefined): void {
  const { country: select, countries, onCountry } = controls;
  const text = typed(controls);
  if (!text.trimStart().startsWith('+')) return;
  const possible = countriesWith(code, countries);
  const found = format?.countryOf(text) ?? (possible.includes(select.value) ? select.value : undefined);
  const fallback = format?.mainCountry ?? (possible.length === 1 ? possible[0] : undefined);
  const next = [found, fallback].find((candidate) => candidate !== undefined && possible.includes(candidate));
  if (next === undefined || next === select.value) return;
  select.value = next;
  onCountry({ country: next, number: '' });
}

/** Groups the typed digits, unless told not to, and finds their country, once the format has loaded. */
export function formatInput(controls: PhoneControls, group: boolean): void {
  const { number: field, country, onCountry } = controls;
  const code = callingCode(controls);
  if (field.readOnly || !code) return;
  const format = loadedFormat(code);
  const before = field.value;
  const plain = typed(controls);
  chooseCountry(controls, code, format);
  const example = format?.exampleOf(country.value);
  if (example) onCountry(example);
  const after = (group && format?.format(plain, country.value)) || plain;
  if (after !== before) {
    const caret = caretAfter(before, field.selectionStart ?? before.length, after);
    field.value = after;
    if (document.activeElement === field) field.setSelectionRange(caret, caret);
  }
  if (!format) void loadPhoneFormat(code).then((loaded) => loaded && formatInput(controls, group));
}

/** How the page reads a typed number. `unknown`: only the server can tell. */
export type ReadNumber =
  | { readonly kind: 'valid'; readonly e164: string }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'unknown' };

export async function readNumber(controls: PhoneControls): Promise<ReadNumber> {
  const code = callingCode(controls);
  // A number with a prefix for calls abroad may belong to any country.
  if (!code || CALLS_ABROAD.test(typed(controls))) return { kind: 'unknown' };
  const format = await loadPhoneFormat(code);
  if (!format) return { kind: 'unknown' };
  const e164 = format.toE164(typed(controls).trim(), controls.country.value);
  return e164 === undefined ? { kind: 'invalid' } : { kind: 'valid', e164 };
}
