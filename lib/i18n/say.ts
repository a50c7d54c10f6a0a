import type { Plural } from './messages';

/** Puts values into a text: `{number}`. */
export const say = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

/** The form of a text that goes with a count, with the count in it. */
export const sayCount = (forms: Plural, count: number, language: string): string =>
  say(forms[new Intl.PluralRules(language).select(count)] ?? forms.other, {
    count: new Intl.NumberFormat(language).format(count),
  });
