import type { Plural } from './messages';

/** Fills the placeholders of a text, such as `{number}`. */
export const say = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

/** The plural form for a count, with the count filled in. */
export const sayCount = (forms: Plural, count: number, language: string): string =>
  say(forms[new Intl.PluralRules(language).select(count)] ?? forms.other, {
    count: new Intl.NumberFormat(language).format(count),
  });
