import { isBlocklistEntry } from '@/lib/methods/phone/blocklist';
import { parsePhoneNumber } from '@/lib/methods/phone/phone-number';
import { UsageError } from '@/scripts/command';

/** A whole number in E.164; undefined for a prefix, and for anything else. */
export function wholeNumberFrom(text: string): string | undefined {
  try {
    return parsePhoneNumber(text).e164;
  } catch {
    return undefined;
  }
}

/** Punctuation that people put into numbers, and the characters that stand for omitted digits. */
const PUNCTUATION = /[\s().\-/]|x+$/gi;

/** A prefix of numbers, or a whole number, in E.164; undefined if it is neither. */
export function beginningFrom(text: string): string | undefined {
  const whole = wholeNumberFrom(text);
  if (whole !== undefined) return whole;
  const bare = text.replace(PUNCTUATION, '');
  return isBlocklistEntry(bare) ? bare : undefined;
}

/**
 * Numbers and prefixes of numbers, each with its plus.
 * @throws {UsageError} repeating none of them
 */
export function entriesFrom(text: string): readonly string[] {
  const parts = text.split(/[\s,]+(?=\+)/).filter((part) => part.trim() !== '');
  const entries = parts.map((part) => beginningFrom(part.trim()));
  if (entries.length === 0 || entries.some((entry) => entry === undefined))
    throw new UsageError(
      'Write a number, or the first digits of numbers, with a plus and the country code, like +14155552671 or +252612.',
    );
  return [...new Set(entries as string[])];
}
