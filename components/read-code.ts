/** A decimal digit of any script: Unicode puts them in runs of ten, from zero to nine (§4.6). */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let start = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(start - 1))) start -= 1;
  return String((code - start) % 10);
}

/**
 * The code in what was typed or pasted: `123 456`, `123-456`, or a whole text message with the code somewhere in it.
 * Returns the digits so far while a code is still being typed, and nothing where a longer text holds no code.
 */
export function readCode(text: string, length: number): string {
  const plain = text.normalize('NFKC').replace(/\p{Nd}/gu, asciiDigit);
  const digits = plain.replace(/\D/g, '');

  if (/^[\d\s-]*$/.test(plain)) return digits.slice(0, length);

  const runs = [...plain.matchAll(/\d+/g), ...plain.matchAll(/\d+(?:[ -]\d+)+/g)];
  const found = runs.map(([run]) => run.replace(/\D/g, '')).find((run) => run.length === length);
  return found ?? (digits.length <= length ? digits : '');
}
