import type { Privacy } from '@/lib/privacy';
import type { Caller } from './caller';
import { keyOf } from './token';

/** The purpose of the signature. */
const PURPOSE = 'started here';

/**
 * Marks the browser in which a verification was started, so that the person who typed the number there may see it
 * again. A token that got into another browser does not reveal the number. The mark is a signature over the token's
 * hash, so the number is not in it.
 */
export const startMark = (privacy: Privacy, verificationToken: string): string =>
  privacy.sign(PURPOSE, keyOf(verificationToken));

/** Whether the caller is the browser in which its verification was started. */
export const isStartedHere = (
  privacy: Privacy,
  { verificationToken, startMark: mark }: Pick<Caller, 'verificationToken' | 'startMark'>,
): boolean =>
  verificationToken !== undefined && mark !== undefined && privacy.verify(PURPOSE, keyOf(verificationToken), mark);
