import fc from 'fast-check';
import { newRecoveryCode, normalizeRecoveryCode, written } from '@/lib/methods/recovery-code/code';

test('a code has 80 bits in four groups, without letters that look like digits', () => {
  const made = Array.from({ length: 1000 }, newRecoveryCode);
  expect(new Set(made).size).toBe(1000);
  for (const code of made) expect(written(code)).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
  expect(new Set(made.join('')).size).toBe(32);
});

/** For some characters of a code, all that people may type in their place. */
const LOOKS: Readonly<Record<string, readonly string[]>> = { 0: ['0', 'O', 'o'], 1: ['1', 'I', 'i', 'L', 'l'] };

test('a code is the same in any case, with any spaces and dashes, and with letters for digits', () => {
  const way = fc.record({ look: fc.nat(), gap: fc.constantFrom('', '', ' ', '-', '–', '\u00a0', '\t') });
  fc.assert(
    fc.property(fc.array(way, { minLength: 16, maxLength: 16 }), (ways) => {
      const code = newRecoveryCode();
      const typed = ways.map(({ look, gap }, at) => {
        const sign = code[at] ?? '';
        const looks = LOOKS[sign] ?? [sign, sign.toLowerCase()];
        return `${gap}${looks[look % looks.length]}`;
      });
      expect(normalizeRecoveryCode(typed.join(''))).toBe(code);
    }),
  );
});

test('digits of other scripts are digits', () => {
  expect(normalizeRecoveryCode('٠١٢٣-٤٥٦٧-٨٩AB-CDEF')).toBe('0123456789ABCDEF');
});

test.each([
  '',
  '7K3M-9QXR-T2WH',
  '7K3M-9QXR-T2WH-04ZBX',
  '7K3M-9QXR-T2WH-04ZU',
  '7K3M_9QXR_T2WH_04ZB',
  'ß'.repeat(8),
  'ﬁ'.repeat(8),
])('%j is no code', (typed) => {
  expect(normalizeRecoveryCode(typed)).toBeUndefined();
});
