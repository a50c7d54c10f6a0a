import type { Messages } from '@/lib/i18n/messages';
import { say } from '@/lib/i18n/say';

/** The part of a masked number that can be read out; undefined if the number is not masked. */
const endingOf = (number: string): string | undefined => (number.includes('•') ? /\d*$/.exec(number)?.[0] : undefined);

/** How a screen reader says a number: the bullets of a masked one would be seven meaningless words. */
export function spokenNumber(number: string, { code }: Messages): string {
  const ending = endingOf(number);
  return ending ? say(code.ending, { digits: [...ending].join(' ') }) : number;
}
