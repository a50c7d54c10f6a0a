import { AppError } from '@/lib/errors';
import type { Failure, UpstreamCause } from '@/lib/infobip/replies';

/** The reply for a call to Infobip that brought nothing usable. */
export function failureError(failure: Failure): AppError {
  const { code, cause, retryAfterSeconds } = failure;
  return new AppError(code, { cause, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
}

/** The reply for a message that Infobip says did not leave. */
export const notDelivered = (cause: UpstreamCause): AppError => new AppError('NOT_DELIVERED', { cause });

/** The reply for asking again too soon. */
export const tooSoon = (waitMs: number): AppError =>
  new AppError('RATE_LIMITED', { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });
