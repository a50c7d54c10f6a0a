import { MESSAGES } from '@/lib/i18n';
import { directionOf, isLanguage, LANGUAGES, type Language } from '@/lib/i18n/languages';
import type { Messages, Plural } from '@/lib/i18n/messages';
import { guessCountry, negotiateLanguage } from '@/lib/i18n/negotiate';
import { say, sayCount } from '@/lib/i18n/say';
import { WAYS_MESSAGES } from '@/lib/i18n/ways';

type Tree = string | readonly Tree[] | { readonly [name: string]: Tree };

const LANGUAGE_LIST = Object.keys(LANGUAGES).filter(isLanguage);
const TRANSLATIONS = LANGUAGE_LIST.filter((language) => language !== 'en');
const COUNTS = Array.from({ length: 100_001 }, (_, count) => count);

const isPlural = (tree: Tree): tree is Plural => typeof tree === 'object' && 'other' in tree;
const placeholdersIn = (text: string) => (text.match(/\{\w*\}?|\}/g) ?? []).sort();

/** Every text by its path; for a plural, each form. */
function textsIn(tree: Tree, path = ''): [string, string][] {
  if (typeof tree === 'string') return [[path, tree]];
  return Object.entries(tree).flatMap(([name, branch]) => textsIn(branch, path ? `${path}.${name}` : name));
}

function pluralsIn(tree: Tree, path = ''): [string, Plural][] {
  if (isPlural(tree)) return [[path, tree]];
  if (typeof tree === 'string') return [];
  return Object.entries(tree).flatMap(([name, branch]) => pluralsIn(branch, path ? `${path}.${name}` : name));
}

/** The shape of a dictionary, in which a plural counts as one text: languages differ in their forms. */
function pathsIn(tree: Tree, path = ''): string[] {
  if (typeof tree === 'string' || isPlural(tree)) return [path];
  return Object.entries(tree).flatMap(([name, branch]) => pathsIn(branch, path ? `${path}.${name}` : name));
}

/** The texts of the main page, and those about other ways to verify. */
const treeOf = (language: Language) =>
  ({ ...MESSAGES[language], otherWays: WAYS_MESSAGES[language] }) as unknown as Tree;

/** How many of the counts select each plural form. */
function formsOf(language: Language): Map<string, number> {
  const rules = new Intl.PluralRules(language);
  const forms = new Map<string, number>();
  for (const count of COUNTS) {
    const form = rules.select(count);
    forms.set(form, (forms.get(form) ?? 0) + 1);
  }
  return forms;
}

/** Texts that are the same as in English on purpose. */
const AS_IN_ENGLISH: Readonly<Partial<Record<Language, readonly string[]>>> = {
  de: ['factors.passkey', 'wait.seconds.other', 'otherWays.types.passkey'],
  es: ['wait.seconds.other'],
  fr: ['wait.seconds.other', 'wait.minutes.one', 'wait.minutes.other'],
  hr: ['wait.seconds.other'],
};

describe.each(LANGUAGE_LIST)('the texts in %s', (language) => {
  const texts = textsIn(treeOf(language));

  test('are the same set as in English', () => {
    expect(pathsIn(treeOf(language)).sort()).toEqual(pathsIn(treeOf('en')).sort());
  });

  test('have the same placeholders as in English', () => {
    const english = new Map(textsIn(treeOf('en')));
    const forms = formsOf(language);
    for (const [path, text] of texts) {
      const form = path.slice(path.lastIndexOf('.') + 1);
      const original = english.get(path) ?? english.get(path.replace(/\w+$/, 'other')) ?? '';
      // A form for a single number may spell it out.
      const inWords = form !== 'other' && forms.get(form) === 1 && placeholdersIn(text).length === 0;
      if (!inWords) expect([path, placeholdersIn(text)]).toEqual([path, placeholdersIn(original)]);
    }
  });

  test('are neither empty nor untidy', () => {
    const untidy = texts.filter(([, text]) => text === '' || text !== text.trim() || /\s{2}|[\n\t]|\.\.\./.test(text));
    expect(untidy).toEqual([]);
  });

  test('have every plural form that a count selects, and none that does not exist', () => {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    const needed = [...formsOf(language).keys()];
    for (const [path, plural] of pluralsIn(treeOf(language))) {
      const given = Object.keys(plural);
      expect([path, given.filter((form) => !(pluralCategories as string[]).includes(form))]).toEqual([path, []]);
      // An abbreviation is the same for all counts.
      const abbreviated = path === 'wait.seconds' && given.length === 1;
      if (!abbreviated) expect([path, given]).toEqual([path, expect.arrayContaining(needed)]);
    }
  });

  test('fit on the buttons of a narrow screen', () => {
    const {
      phone,
      code,
      verified,
      factors,
      retry,
      about,
      wait,
      tryAgainIn,
      tryAgainNow,
      attemptsLeft,
      ended,
    }: Messages = MESSAGES[language];
    const { signIn, remove, verify, addApp, enroll, recovery, codes, removal, reset } = WAYS_MESSAGES[language];
    const waits = [
      sayCount(wait.seconds, 119, language),
      sayCount(wait.minutes, 60, language),
      sayCount(wait.hours, 24, language),
    ];
    const buttons = [
      ...[phone.send, phone.sending, phone.call, phone.back, ended.useAnother],
      ...[code.change, code.verify, code.checking, code.again, code.newCode, code.call, code.sending],
      ...[code.againIn, code.newCodeIn, code.callIn].flatMap((text) => waits.map((time) => say(text, { wait: time }))),
      ...[verified.another, retry, about.back],
      ...[factors.usePasskey, factors.ways, factors.add, factors.adding, factors.notNow],
      ...[signIn.totp.instead, signIn['recovery-code'].instead, signIn.back, remove, removal.keep, verify, addApp],
      ...[
        enroll.add,
        enroll.cancel,
        recovery.create,
        recovery.renew,
        codes.copy,
        codes.print,
        codes.done,
        reset.request,
      ],
    ];
    expect(buttons.filter((text) => text.length > 32)).toEqual([]);

    const unbroken = [
      ...[tryAgainNow, sayCount(attemptsLeft, 10, language), factors.otherWays],
      ...waits.map((time) => say(tryAgainIn, { wait: time })),
    ];
    expect(unbroken.filter((text) => text.length > 36)).toEqual([]);
  });
});

test.each(TRANSLATIONS)('no text was left in English: %s', (language) => {
  const english = new Map(textsIn(treeOf('en')));
  const same = textsIn(treeOf(language)).filter(([path, text]) => english.get(path) === text);
  expect(same.map(([path]) => path)).toEqual(AS_IN_ENGLISH[language] ?? []);
});

test('Arabic is written in Arabic, from right to left; the others are not', () => {
  for (const [path, text] of textsIn(treeOf('ar')))
    expect([path, /\p{Script=Arabic}/u.test(text)]).toEqual([path, true]);
  expect(LANGUAGE_LIST.filter((language) => directionOf(language) === 'rtl')).toEqual(['ar']);
  const others = LANGUAGE_LIST.filter((language) => language !== 'ar').flatMap((language) => textsIn(treeOf(language)));
  expect(others.filter(([, text]) => /\p{Script=Arabic}/u.test(text))).toEqual([]);
});

test('say fills in each value wherever it is named, and leaves other placeholders alone', () => {
  expect(say('{a} and {b} and {a}', { a: 1, b: '$&' })).toBe('1 and $& and 1');
  expect(say('{a} {c}', { a: '{b}', b: 'x' })).toBe('{b} {c}');
  expect(say('{count}', { count: 0 })).toBe('0');
});

test.each<[Language, number, string]>([
  ['en', 1, '1 attempt left.'],
  ['en', 2, '2 attempts left.'],
  ['de', 1, 'Noch 1 Versuch.'],
  ['de', 3, 'Noch 3 Versuche.'],
  ['es', 1, 'Queda 1 intento.'],
  ['es', 4, 'Quedan 4 intentos.'],
  ['fr', 1, 'Il reste 1 tentative.'],
  ['fr', 2, 'Il reste 2 tentatives.'],
  ['hr', 1, 'Preostao je 1 pokušaj.'],
  ['hr', 3, 'Preostala su 3 pokušaja.'],
  ['hr', 5, 'Preostalo je 5 pokušaja.'],
  ['hr', 11, 'Preostalo je 11 pokušaja.'],
  ['ar', 1, 'تبقّت محاولة واحدة.'],
  ['ar', 2, 'تبقّت محاولتان.'],
  ['ar', 3, 'تبقّت 3 محاولات.'],
  ['ar', 11, 'تبقّت 11 محاولة.'],
  ['ar', 100, 'تبقّت 100 محاولة.'],
])('in %s, %i attempts left has the right plural form', (language, count, text) => {
  expect(sayCount(MESSAGES[language].attemptsLeft, count, language)).toBe(text);
});

test('a missing plural form falls back to the general one', () => {
  expect(sayCount({ other: '{count} s' }, 1, 'hr')).toBe('1 s');
});

test.each<[string | undefined, Language]>([
  [undefined, 'en'],
  ['', 'en'],
  ['de', 'de'],
  ['DE-ch', 'de'],
  ['de-CH, fr;q=0.9', 'de'],
  ['fr;q=0.8, es;q=0.9', 'es'],
  ['fr;q=0.8,es;q=0.8', 'fr'],
  ['fr;q=0.801 , es ; Q=0.802', 'es'],
  ['hr-BA', 'hr'],
  ['zh-Hant-TW, ar-EG;q=0.2', 'ar'],
  // Close to Croatian, but other languages.
  ['bs', 'en'],
  ['sr-Latn', 'en'],
  ['bs, hr;q=0.5', 'hr'],
  // Tags that merely begin like one of our languages.
  ['den, frr, esu', 'en'],
  ['toString, constructor', 'en'],
  // The asterisk: any language that is not named.
  ['*', 'en'],
  ['hu, *;q=0.5', 'en'],
  ['de;q=0.3, *;q=0.5', 'en'],
  ['*, fr', 'en'],
  ['fr, *;q=0.1', 'fr'],
  ['en;q=0.1, *;q=0.5', 'de'],
  // Excluded by q=0.
  ['de;q=0', 'en'],
  ['de;q=0, fr;q=0.1', 'fr'],
  ['de;q=0.000, *', 'en'],
  ['en;q=0', 'de'],
  ['en;q=0, *', 'de'],
  ['*;q=0', 'en'],
  ['*;q=0, fr;q=0.1', 'fr'],
  ['de-AT, de;q=0', 'de'],
  [LANGUAGE_LIST.map((language) => `${language};q=0`).join(), 'en'],
  // Malformed entries are ignored.
  ['de;q=abc, fr;q=0.1', 'fr'],
  ['de;q=1.5, fr;q=0.1', 'fr'],
  ['de;q=-1, fr;q=0.1', 'fr'],
  ['de;q=, fr;q=0.1', 'fr'],
  ['de;q=NaN;q=1, fr;q=0.1', 'fr'],
  ['de;level=1, fr;q=0.1', 'fr'],
  ['de_DE, fr;q=0.1', 'fr'],
  ['d\u0000e, fr;q=0.1', 'fr'],
  ['de\u0000', 'en'],
  ['de-, -de, *-de, deutschland, fr;q=0.1', 'fr'],
  [',,;,;q=1,\t, de ,', 'de'],
  ['ｄｅ, ДЕ, 😀', 'en'],
])('for Accept-Language %j the page is in %s', (header, language) => {
  expect(negotiateLanguage(header)).toBe(language);
});

test.each<[string | undefined, string | undefined]>([
  [undefined, undefined],
  ['', undefined],
  ['*', undefined],
  ['en', 'US'],
  ['en-GB', 'GB'],
  ['en-gb, en;q=0.9', 'GB'],
  ['de', 'DE'],
  ['de-CH, fr;q=0.9', 'CH'],
  ['de-AT;q=0.5, fr-BE', 'BE'],
  ['de-AT;q=0, fr', 'FR'],
  ['hr', 'HR'],
  ['hr-BA', 'BA'],
  ['sr-Latn-ME', 'ME'],
  ['zh-Hant', 'TW'],
  ['ar', 'EG'],
  // Browsers add en-US on their own, so it does not suggest the United States.
  ['de,en-US;q=0.7,en;q=0.3', 'DE'],
  ['hr,hr-HR;q=0.8,en-US;q=0.5,en;q=0.3', 'HR'],
  ['de,de-CH;q=0.8,en-US;q=0.5', 'CH'],
  // Regions that are not countries, or that have no phone numbers of their own.
  ['es-419,es;q=0.9', undefined],
  ['es-419, pt-BR;q=0.5', 'BR'],
  ['en-001, en-IE', 'IE'],
  ['eo, de-AT', 'AT'],
  ['en-XX', undefined],
  ['en-ZZ, en-NZ', 'NZ'],
  ['en-AQ', undefined],
  ['en-UK', 'GB'],
  // Tags that are not languages suggest nothing.
  ['und', undefined],
  ['und-Latn, fr', 'FR'],
  ['x-foo, i-klingon, zz, fr-CA;q=0.1', 'CA'],
  ['d\u0000e-DE, a, toString', undefined],
  ['en-US;q=abc, fr-FR;q=0.1', 'FR'],
])('Accept-Language %j suggests the country %s', (header, country) => {
  expect(guessCountry(header)).toBe(country);
});

test.each([
  ['one tag', 'de'.repeat(5_000)],
  ['subtags', `de${'-ch'.repeat(3_300)}`],
  ['many tags', Array.from({ length: 3_000 }, (_, at) => `${String.fromCharCode(97 + (at % 26))}q-DE`).join()],
  ['asterisks', '*,'.repeat(5_000)],
  ['commas', ','.repeat(10_000)],
  ['spaces', `de${' '.repeat(10_000)}x`],
  ['tabs and semicolons', `de${'\t;'.repeat(5_000)}q=1`],
  ['digits', `de;q=0.${'9'.repeat(10_000)}x`],
  ['NULs', '\u0000'.repeat(10_000)],
  ['half a pair', '\ud83d'.repeat(10_000)],
])('10 kB of %s are parsed quickly, and do no harm', (_, header) => {
  // Not the time, because a busy machine may hold the test up.
  const before = process.cpuUsage();
  expect(negotiateLanguage(header)).toBe('en');
  expect(() => guessCountry(header)).not.toThrow();
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(500);
});

test('a long header is cut between two tags, never within one', () => {
  for (let shift = 0; shift < 30; shift++) {
    const header = `${' '.repeat(shift)}fr;q=0.5,${'zz,'.repeat(327)}de;q=0.1,${'zz,'.repeat(100)}es`;
    expect(negotiateLanguage(header)).toBe('fr');
  }
});
