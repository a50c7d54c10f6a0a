import type { Failure } from '@/components/ui/problem';
import { NO_WAIT, type Wait } from '@/components/ui/use-countdown';
import type { ProblemCode } from '@/lib/i18n/messages';

/** Why no code can be entered. Only a new code helps; a lock is the number's, and the wait its own. */
export type Ended =
  | { readonly why: 'expired' | 'exhausted' | 'gone' }
  | { readonly why: 'locked' /** Null for good. */; readonly wait: Wait | null };

const BY_CODE: Partial<Record<ProblemCode, Exclude<Ended['why'], 'locked'>>> = {
  PIN_EXPIRED: 'expired',
  TOO_MANY_ATTEMPTS: 'exhausted',
  PIN_NOT_FOUND: 'gone',
};

/** The lock on the number that a failure tells of; null where it tells of none. */
export const lockOf = ({ code, retryAfterSeconds }: Failure): Ended | null =>
  code === 'NUMBER_LOCKED'
    ? { why: 'locked', wait: retryAfterSeconds === undefined ? null : { seconds: retryAfterSeconds } }
    : null;

/** How a try that failed leaves its code; null where it can be tried again. */
export function endedBy({ code, attemptsRemaining }: Failure): Ended | null {
  const why = attemptsRemaining === 0 ? 'exhausted' : BY_CODE[code];
  return why ? { why } : null;
}

/** The wait of a lock that ends. */
export const lockWait = (ended: Ended | null): Wait => (ended?.why === 'locked' && ended.wait) || NO_WAIT;

/**
 * How things stand now that time has passed; null where a code can be entered.
 * @param lockedIn seconds left of a lock that ends
 */
export function endedNow(ended: Ended | null, expiresIn: number, lockedIn: number): Ended | null {
  const isOver = ended?.why === 'locked' && ended.wait !== null && lockedIn === 0;
  if (ended && !isOver) return ended;
  return expiresIn === 0 ? { why: 'expired' } : null;
}
