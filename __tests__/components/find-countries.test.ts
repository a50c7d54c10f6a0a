import { findCountries } from '@/components/phone/find-countries';
import { createCountryLists } from '@/lib/i18n/countries';

const countriesIn = createCountryLists(undefined);
const find = (query: string, language: Parameters<typeof countriesIn>[0] = 'en') =>
  findCountries(query, countriesIn(language)).map(({ code }) => code);

test.each(['', ' ', '-', '+'])('%p finds every country, in the order of the list', (query) => {
  expect(find(query)).toEqual(countriesIn('en').map(({ code }) => code));
});

test.each([
  ['the beginning of a name', 'unit', ['AE', 'GB', 'US']],
  ['the beginning of a later word', 'rico', ['PR']],
  ['a part of a word', 'zealan', ['NZ']],
  ['capital letters', 'GERMANY', ['DE']],
  ['a name without its accents and marks', "cote d'ivoire", ['CI']],
  ['a name with spaces around', ' france ', ['FR']],
  ['a calling code with a plus', '+385', ['HR']],
  ['a calling code with zeros', '00385', ['HR']],
  ['a calling code alone', '385', ['HR']],
  ['a calling code in Arabic digits', '٣٨٥', ['HR']],
  ['a calling code with digits after it', '+385 92', ['HR']],
  ['the beginning of calling codes', '+99', ['GE', 'KG', 'TJ', 'TM', 'AZ', 'UZ']],
])('%s, %p, finds them', (_what, query, expected) => {
  expect(find(query).sort().slice(0, Math.max(expected.length, 3))).toEqual([...expected].sort());
});

test('an ISO code comes before names, and the beginning of a name before its middle', () => {
  expect(find('us')[0]).toBe('US');
  expect(find('de')[0]).toBe('DE');
  expect(find('uni').slice(0, 3)).toEqual(['AE', 'GB', 'US']);
  expect(find('uni')).toContain('TN');
});

test('a complete calling code comes before those that begin with it', () => {
  expect(find('+7').slice(0, 2).sort()).toEqual(['KZ', 'RU']);
  expect(find('+44').sort()).toEqual(['GB', 'GG', 'IM', 'JE']);
});

test.each([
  ['de', 'deutsch', 'DE'],
  ['fr', 'etats unis', 'US'],
  ['es', 'espana', 'ES'],
  ['hr', 'spanjolska', 'ES'],
  ['ar', 'السعودية', 'SA'],
  ['ar', 'المانيا', 'DE'],
] as const)('in %s, %p is %s', (language, query, expected) => {
  expect(find(query, language)[0]).toBe(expected);
});

test.each(['zzz', '+999', 'germany 49'])('%p finds nothing', (query) => {
  expect(find(query)).toEqual([]);
});
