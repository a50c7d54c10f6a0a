import { z } from 'zod';
import { AppError } from '@/lib/errors';
import type { Failure, SendResult } from '@/lib/infobip/replies';
import type { OtherLimit } from '@/lib/limits/policies';
import type { Delivery } from '@/lib/verification/start';

/** The data that a verification by phone keeps about its PIN. */
export interface PinState {
  /** The message template that produced the PIN. */
  readonly messageId: string;
  /** Infobip's id of the PIN. */
  readonly infobipPinId: string;
}

const state = z.tuple([z.string(), z.string()]);

export const writePinState = ({ messageId, infobipPinId }: PinState): string =>
  JSON.stringify([messageId, infobipPinId]);

export function readPinState(methodState: string): PinState {
  const [messageId, infobipPinId] = state.parse(JSON.parse(methodState));
  return { messageId, infobipPinId };
}

const INFOBIP: OtherLimit = 'INFOBIP';

/** The reply for a call to Infobip without a usable result. */
export function failureError({ code, cause, retryAfterSeconds }: Failure): AppError {
  const limit = code === 'RATE_LIMITED' && { limit: INFOBIP };
  const event = cause.fault === 'application-missing' && { event: 'upstream.application_missing' as const };
  const wait = retryAfterSeconds !== undefined && { retryAfterSeconds };
  return new AppError(code, { cause, ...limit, ...event, ...wait });
}

function errorOf(result: Exclude<SendResult, { kind: 'sent' }>, waitMs: number): AppError {
  if (result.kind === 'not-delivered') return new AppError('NOT_DELIVERED', { cause: result.cause });
  if (result.kind === 'pin-ended') return new AppError('PIN_NOT_FOUND', { cause: result.cause });
  return failureError(waitMs > 0 ? { ...result, retryAfterSeconds: Math.ceil(waitMs / 1000) } : result);
}

/** The outcome of a message by Infobip. */
export function deliveryOf(result: SendResult, messageId: string): Delivery {
  if (result.kind === 'sent')
    return { kind: 'sent', methodState: writePinState({ messageId, infobipPinId: result.pinId }) };
  return {
    kind: 'failed',
    maybeSent: result.kind === 'failed' && result.maybeDone,
    error: (waitMs) => errorOf(result, waitMs),
  };
}
