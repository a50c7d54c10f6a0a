import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { anyText } from '@/__tests__/support/any-text';
import { country, nearNumber, validNumber } from '@/__tests__/support/arbitrary-numbers';
import { AppError } from '@/lib/errors';
import { maskPhoneNumber, type PhoneNumber, parsePhoneNumber } from '@/lib/methods/phone/phone-number';

const E164 = /^\+[1-9]\d{3,14}$/;
const MAX_INPUT_LENGTH = 32;

/** Undefined for a refusal; any other error fails the property. */
function accepted(input: string, from?: string): PhoneNumber | undefined {
  try {
    return parsePhoneNumber(input, from);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(['INVALID_PHONE_NUMBER', 'PHONE_NUMBER_NOT_SUPPORTED']).toContain(error.code);
    return undefined;
  }
}

const someCountry = fc.option(fc.oneof({ weight: 4, arbitrary: country }, { weight: 1, arbitrary: fc.string() }), {
  nil: undefined,
});

function expectRefusalOrStable(input: string, from: string | undefined): void {
  const number = accepted(input, from);
  if (!number) return;
  expect(number.e164).toMatch(E164);
  expect(accepted(number.e164)).toEqual(number);
  expect(accepted(number.e164, from)).toEqual(number);
}

const numberish = fc.string({
  unit: fc.constantFrom(...'0123456789+＋٠٩०९０９ \t.-–()[]/x\u200b\u202a'),
  maxLength: 40,
});

test.each([
  ['text of any kind', fc.oneof(fc.string(), anyText(), fc.string({ unit: 'grapheme' }))],
  ['text with lone surrogates', fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units))],
  ['characters that occur in numbers', numberish],
  ['text that is nearly a number', nearNumber],
  ['text that is nearly a number, without its plus', nearNumber.map((number) => number.slice(1))],
])('%s is refused with one of two codes, or is an E.164 number that parses to itself', (_name, input) => {
  fc.assert(fc.property(input, someCountry, expectRefusalOrStable), { numRuns: 500 });
});

const SEPARATORS = ['', '', '', '', ' ', '\t', '\u00a0', '\u3000', '.', '-', '–', '\u2212', '(', ')', '[', ']', '()'];
/** The first code points of decimal digits in ten scripts; the last are outside the basic plane. */
const ZEROS = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0x1810, 0xff10, 0x104a0, 0x1d7ce, 0x1d7d8, 0x1d7f6];

const spelling = validNumber
  .chain((e164) => {
    const digit = fc.record({ separator: fc.constantFrom(...SEPARATORS), zero: fc.constantFrom(...ZEROS) });
    const digits = fc.array(digit, { minLength: e164.length - 1, maxLength: e164.length - 1 });
    const front = fc.stringMatching(/^[ \t\u00a0([]{0,2}$/);
    return fc.tuple(fc.constant(e164), front, fc.constantFrom('+', '＋'), digits, fc.constantFrom('', ' ', ')', '\t'));
  })
  .map(([e164, front, plus, digits, end]) => {
    const written = digits.map(
      ({ separator, zero }, at) => separator + String.fromCodePoint(zero + Number(e164[at + 1])),
    );
    return { e164, written: `${front}${plus}${written.join('')}${end}` };
  })
  .filter(({ written }) => written.length <= MAX_INPUT_LENGTH);

test('every spelling of a number is the same number', () => {
  fc.assert(
    fc.property(spelling, someCountry, ({ e164, written }, from) => {
      expect(accepted(written, from)?.e164).toBe(e164);
    }),
    { numRuns: 500 },
  );
});

test('long text is refused without being parsed', () => {
  const units = fc.constantFrom('+', '1', '(', ' ', '٠', '𝟎', '+1 ', '()');
  fc.assert(
    fc.property(units, units, fc.integer({ min: 100_000, max: 300_000 }), (front, unit, times) => {
      const input = front + unit.repeat(times);
      // Not the time, because a busy machine may hold the test up.
      const before = process.cpuUsage();
      expect(accepted(input)).toBeUndefined();
      expect(process.cpuUsage(before).user / 1000).toBeLessThan(500);
    }),
  );
});

test('a masked number shows its calling code, and at most the last three digits of the rest', () => {
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

test('masking adds one space to the length', () => {
  fc.assert(
    fc.property(fc.oneof(validNumber, nearNumber), (e164) => {
      expect(maskPhoneNumber(e164)).toHaveLength(e164.length + 1);
    }),
  );
});

test('masking never throws, and shows at most three characters after the dots', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), anyText(), nearNumber), (text) => {
      const shown = maskPhoneNumber(text).split('•').at(-1) ?? '';
      if (maskPhoneNumber(text).includes('•')) expect(shown.length).toBeLessThanOrEqual(3);
    }),
    { numRuns: 500 },
  );
});
