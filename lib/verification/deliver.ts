import { AppError } from '@/lib/errors';
import type { SendResult } from '@/lib/infobip/replies';
import { claimHoldMs, type Dependencies } from './dependencies';
import { failureError, notDelivered, tooSoon } from './upstream-errors';

/** A message that left. */
export interface Delivery {
  readonly infobipPinId: string;
  /** Milliseconds until another message to the number is allowed. */
  readonly cooldownMs: number;
}

/** An SMS is on its way, or may be: only a certain no leaves the number free. */
const mayHaveLeft = (result: SendResult): boolean =>
  result.kind === 'sent' || (result.kind === 'failed' && result.maybeDone);

function errorOf(result: Exclude<SendResult, { kind: 'sent' }>, cooldownMs: number): AppError {
  if (result.kind === 'not-delivered') return notDelivered(result.cause);
  if (result.kind === 'pin-ended') return new AppError('PIN_NOT_FOUND', { cause: result.cause });
  if (!result.maybeDone || cooldownMs === 0) return failureError(result);
  return failureError({ ...result, retryAfterSeconds: Math.ceil(cooldownMs / 1000) });
}

/**
 * Sends one message to a number, under its cooldown: of any number of parallel calls for a number one goes upstream.
 * A message that certainly did not leave makes nobody wait.
 * @throws {AppError} RATE_LIMITED, NOT_DELIVERED or UPSTREAM_…
 */
export async function deliver(
  { store, config }: Dependencies,
  phoneNumber: string,
  message: () => Promise<SendResult>,
): Promise<Delivery> {
  const cooldowns = config.cooldownSeconds.map((seconds) => seconds * 1000);
  const claim = await store.claimMessage(phoneNumber, cooldowns, claimHoldMs(config));
  if (!claim.granted) throw tooSoon(claim.retryAfterMs);
  let left = true;
  try {
    const result = await message();
    left = mayHaveLeft(result);
    if (result.kind !== 'sent') throw errorOf(result, claim.cooldownMs);
    return { infobipPinId: result.pinId, cooldownMs: claim.cooldownMs };
  } finally {
    await store.settleMessage(phoneNumber, claim.token, left ? 'sent' : 'free');
  }
}
