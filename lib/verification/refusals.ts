import { AppError } from '@/lib/errors';
import type { Failure, UpstreamCause } from '@/lib/infobip/replies';
import type { Admission } from '@/lib/limits/rate-limits';
import type { Locked, MessageClaim } from '@/lib/store/store';

/** What refuses requests besides the table of limits, as logs and metrics name it. */
export const OTHER_LIMITS = ['RESEND_COOLDOWN_SECONDS', 'NUMBER_LOCK', 'INFOBIP'] as const;
type OtherLimit = (typeof OTHER_LIMITS)[number];

const other = (limit: OtherLimit): string => limit;

/** The reply for a call to Infobip that brought nothing usable. */
export function failureError(failure: Failure): AppError {
  const { code, cause, retryAfterSeconds } = failure;
  const limit = code === 'RATE_LIMITED' && { limit: other('INFOBIP') };
  return new AppError(code, { cause, ...limit, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
}

/** The reply for a message that Infobip says did not leave. */
export const notDelivered = (cause: UpstreamCause): AppError => new AppError('NOT_DELIVERED', { cause });

/** The reply for a number that too many wrong codes were tried for. */
export function numberLocked({ retryAfterMs }: Locked): AppError {
  const limit = other('NUMBER_LOCK');
  if (retryAfterMs !== undefined)
    return new AppError('NUMBER_LOCKED', { limit, retryAfterSeconds: Math.ceil(retryAfterMs / 1000) });
  return new AppError('NUMBER_LOCKED', {
    limit,
    message: 'Too many wrong codes were entered for this number. Contact support.',
  });
}

/**
 * The reply for asking again too soon.
 * @param limit what refused it, for the log; undefined where it only was not the other request's turn
 */
export const tooSoon = (waitMs: number, limit?: string): AppError =>
  new AppError('RATE_LIMITED', {
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
    ...(limit !== undefined && { limit }),
  });

/** The reply where the claim of a message, or a limit by address or for everyone, asks for a wait. */
export function refusedMessage(claim: MessageClaim | undefined, { waitMs, refusedBy }: Admission): AppError {
  if (claim?.kind === 'locked') return numberLocked(claim);
  const wait = claim?.kind === 'wait' ? claim : { retryAfterMs: 0, by: undefined };
  if (waitMs > wait.retryAfterMs) return tooSoon(waitMs, refusedBy);
  return tooSoon(wait.retryAfterMs, wait.by ?? other('RESEND_COOLDOWN_SECONDS'));
}
