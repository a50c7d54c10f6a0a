import { BLOCK_DIGITS, RANGE_DIGITS } from '@/lib/methods/phone/prices';
import type { DestinationData } from '@/lib/store/redis/guard-data';

const DIGITS_LEFT_OUT = { country: 0, range: RANGE_DIGITS, block: BLOCK_DIGITS } as const;

/** A destination as operators read it: `+252612xxxx` is a range of ten thousand numbers. */
export const notationOf = ({ group, beginning }: Pick<DestinationData, 'group' | 'beginning'>): string =>
  beginning + 'x'.repeat(DIGITS_LEFT_OUT[group]);

/** Tells whether a destination is the range or the block of a whole number. */
export const isOfNumber =
  (e164: string) =>
  ({ group, beginning }: Pick<DestinationData, 'group' | 'beginning'>): boolean =>
    group !== 'country' && beginning === e164.slice(0, -DIGITS_LEFT_OUT[group]);
