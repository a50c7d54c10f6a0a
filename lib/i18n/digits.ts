/** The value of a decimal digit of any script: Unicode puts them in runs of ten, from zero to nine (§4.6). */
function digitValue(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let start = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(start - 1))) start -= 1;
  return String((code - start) % 10);
}

/** A text with its decimal digits, of whatever script, converted to ASCII. */
export const withAsciiDigits = (text: string): string => text.replace(/(?![0-9])\p{Nd}/gu, digitValue);
