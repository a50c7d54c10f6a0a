import { withAsciiDigits } from '@/lib/i18n/digits';

/**
 * Finds the code in typed or pasted text: `123 456`, `123-456`, or a whole text message that contains the code.
 * Returns the digits so far while the code is incomplete, and nothing if a longer text contains no code.
 */
export function readCode(text: string, length: number): string {
  const plain = withAsciiDigits(text);
  const digits = plain.replace(/\D/g, '');

  if (/^[\d\s-]*$/.test(plain)) return digits.slice(0, length);

  const runs = [...plain.matchAll(/\d+/g), ...plain.matchAll(/\d+(?:[ -]\d+)+/g)];
  const found = runs.map(([run]) => run.replace(/\D/g, '')).find((run) => run.length === length);
  return found ?? (digits.length <= length ? digits : '');
}
