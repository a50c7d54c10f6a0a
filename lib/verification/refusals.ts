import { AppError } from '@/lib/errors';
import type { Failure, UpstreamCause } from '@/lib/infobip/replies';
import type { Locked } from '@/lib/store/store';

/** The reply for a call to Infobip that brought nothing usable. */
export function failureError(failure: Failure): AppError {
  const { code, cause, retryAfterSeconds } = failure;
  return new AppError(code, { cause, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
}

/** The reply for a message that Infobip says did not leave. */
export const notDelivered = (cause: UpstreamCause): AppError => new AppError('NOT_DELIVERED', { cause });

/** The reply for a number that too many wrong codes were tried for. */
export function numberLocked({ retryAfterMs }: Locked): AppError {
  if (retryAfterMs !== undefined)
    return new AppError('NUMBER_LOCKED', { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) });
  return new AppError('NUMBER_LOCKED', {
    message: 'Too many wrong codes were entered for this number. Contact support.',
  });
}

/** The reply for asking again too soon. */
export const tooSoon = (waitMs: number): AppError =>
  new AppError('RATE_LIMITED', { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });
