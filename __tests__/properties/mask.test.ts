import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { maskPhoneNumber } from '@/lib/methods/phone/phone-number';
import { nearNumber, validNumber } from './numbers';

test('a masked number shows its calling code, and of the rest at most the last three digits', () => {
  fc.assert(
    fc.property(validNumber, (e164) => {
      const parsed = parsePhoneNumberFromString(e164);
      const [, callingCode, dots, shown] = /^\+(\d+) (•+)(\d{0,3})$/.exec(maskPhoneNumber(e164)) ?? [];
      expect(callingCode).toBe(parsed?.countryCallingCode);
      expect(e164.endsWith(shown ?? '?')).toBe(true);
      expect((dots ?? '').length + (shown ?? '').length).toBe(parsed?.nationalNumber.length);
    }),
    { numRuns: 300 },
  );
});

test('masking keeps the length, and one space comes in', () => {
  fc.assert(
    fc.property(fc.oneof(validNumber, nearNumber), (e164) => {
      expect(maskPhoneNumber(e164)).toHaveLength(e164.length + 1);
    }),
  );
});

test('no text makes masking throw, or shows more than a third of what is no number', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), nearNumber), (text) => {
      const shown = maskPhoneNumber(text).split('•').at(-1) ?? '';
      if (maskPhoneNumber(text).includes('•')) expect(shown.length).toBeLessThanOrEqual(3);
    }),
    { numRuns: 500 },
  );
});
