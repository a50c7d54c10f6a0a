import { AppError } from '@/lib/errors';
import type { Refusal } from '@/lib/store/limits';
import type { OtherLimit } from './policies';

const other = (limit: OtherLimit): string => limit;

/** Another attempt on the verification is in flight; it is over soon. */
const BUSY_MS = 1000;

/**
 * The reply for asking again too soon.
 * @param limit what refused it, for the log; undefined where it only was not the other request's turn
 */
export const tooSoon = (waitMs: number, limit?: string): AppError =>
  new AppError('RATE_LIMITED', {
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
    ...(limit !== undefined && { limit }),
  });

function numberLocked(waitMs: number | undefined): AppError {
  const limit = other('NUMBER_LOCK');
  if (waitMs !== undefined)
    return new AppError('NUMBER_LOCKED', { limit, retryAfterSeconds: Math.ceil(waitMs / 1000) });
  return new AppError('NUMBER_LOCKED', {
    limit,
    message: 'Too many wrong codes were entered for this number. Contact support.',
  });
}

/** The reply for a request that limits refused. */
export function refusalError(refusal: Refusal): AppError {
  switch (refusal.kind) {
    case 'limited':
      if (refusal.by === other('NUMBER_LOCK')) return numberLocked(refusal.waitMs);
      return tooSoon(refusal.waitMs, refusal.by ?? other('RESEND_COOLDOWN_SECONDS'));
    case 'locked':
      return numberLocked(refusal.waitMs);
    case 'busy':
      return tooSoon(BUSY_MS);
    case 'exhausted':
      return new AppError('TOO_MANY_ATTEMPTS');
    default:
      return new AppError('PIN_NOT_FOUND');
  }
}
