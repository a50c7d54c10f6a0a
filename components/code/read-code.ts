import { withAsciiDigits } from '@/lib/i18n/digits';

/**
 * The code in what was typed or pasted: `123 456`, `123-456`, or a whole text message with the code somewhere in it.
 * Returns the digits so far while a code is still being typed, and nothing where a longer text holds no code.
 */
export function readCode(text: string, length: number): string {
  const plain = withAsciiDigits(text);
  const digits = plain.replace(/\D/g, '');

  if (/^[\d\s-]*$/.test(plain)) return digits.slice(0, length);

  const runs = [...plain.matchAll(/\d+/g), ...plain.matchAll(/\d+(?:[ -]\d+)+/g)];
  const found = runs.map(([run]) => run.replace(/\D/g, '')).find((run) => run.length === length);
  return found ?? (digits.length <= length ? digits : '');
}
