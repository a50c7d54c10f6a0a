import fc from 'fast-check';

const SURROGATES_FROM = 0xd800;
const SURROGATES = 0x800;
const CODE_POINTS = 0x110000;

const charOf = (n: number): string => String.fromCodePoint(n < SURROGATES_FROM ? n : n + SURROGATES);

/** The reverse, by which fast-check finds out that it may also try names like `__proto__`. */
function numberOf(char: unknown): number {
  const code = String(char).codePointAt(0) ?? 0;
  return code < SURROGATES_FROM ? code : code - SURROGATES;
}

const codePoint = fc.nat(CODE_POINTS - SURROGATES - 1).map(charOf, numberOf);

/** Text of any characters. fast-check's own unit `binary` first lists all of them, for half a second each time it is named. */
export const anyText = (constraints: Omit<fc.StringConstraints, 'unit'> = {}): fc.Arbitrary<string> =>
  fc.string({ ...constraints, unit: codePoint });
