import type { Failure } from '@/components/ui/problem';
import type { Wait } from '@/components/ui/use-countdown';
import type { ErrorCode } from '@/lib/errors';

/** Errors after which the code no longer works. Only a new code helps, or another number if this one is locked. */
export type EndedBy = Extract<ErrorCode, 'PIN_EXPIRED' | 'TOO_MANY_ATTEMPTS' | 'PIN_NOT_FOUND' | 'NUMBER_LOCKED'>;

/** Why no code can be entered. */
export interface Ended {
  readonly by: EndedBy;
  /** The time until the lock ends; null if it does not end by itself. */
  readonly lock: Wait | null;
}

/**
 * Says why a failure on the code screen ends the code; null if people can still enter it.
 * @param isTry whether the person tried a code
 */
export function endedBy({ code, about, attemptsRemaining, retryAfterSeconds }: Failure, isTry: boolean): Ended | null {
  if (code === 'NUMBER_LOCKED') return { by: code, lock: retryAfterSeconds ? { seconds: retryAfterSeconds } : null };
  if (isTry && attemptsRemaining === 0) return { by: 'TOO_MANY_ATTEMPTS', lock: null };
  return isTry && about === 'code' ? { by: code as EndedBy, lock: null } : null;
}

/**
 * Says why the code has ended by now, as time passes; null if people can still enter it.
 * @param lockedIn seconds until a temporary lock ends
 */
export function endedNow(ended: Ended | null, expiresIn: number, lockedIn: number): Ended | null {
  if (ended && (!ended.lock || lockedIn > 0)) return ended;
  return expiresIn === 0 ? { by: 'PIN_EXPIRED', lock: null } : null;
}
