import { createPhoneFormat } from '@/components/phone/phone-format';
import { phoneMetadata } from '@/lib/methods/phone/metadata';

function formatOf(callingCode: string) {
  const data = phoneMetadata(callingCode, { allowedCountries: undefined, blockedCountries: [] });
  if (!data) throw new Error(`Nobody has the calling code ${callingCode}.`);
  return createPhoneFormat(callingCode, data);
}

test.each([
  ['in local format', '49', 'DE', '01512 3456789', '+4915123456789'],
  ['with a slash', '49', 'DE', '01512/3456789', '+4915123456789'],
  ['with a plus', '49', 'DE', '+49 1512 3456789', '+4915123456789'],
  ['with a trunk zero in brackets', '598', 'UY', '+598 (0) 94 231 234', '+59894231234'],
  ['with a calling code without its plus', '39', 'IT', '39 312 345 6789', '+393123456789'],
  ['in Arabic digits', '20', 'EG', '٠١٠٠١٢٣٤٥٦٧', '+201001234567'],
])('the page reads a number %s', (_, callingCode, country, text, e164) => {
  expect(formatOf(callingCode).toE164(text, country)).toBe(e164);
});

test.each([
  ['is too short', '06 12 34'],
  ['is too long', '06 12 34 56 78 9'],
  ['contains letters', 'call 06 12 34 56 78'],
  ['has an extension', '06 12 34 56 78 ext. 5'],
])('the page accepts no number that %s', (_, text) => {
  expect(formatOf('33').toE164(text, 'FR')).toBeUndefined();
});
