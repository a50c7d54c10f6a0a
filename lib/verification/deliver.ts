import { AppError } from '@/lib/errors';
import type { SendResult } from '@/lib/infobip/replies';
import type { Admission } from '@/lib/limits/rate-limits';
import type { Allowance, MessageClaim, NumberStanding, Store } from '@/lib/store/store';
import { failureError, notDelivered, refusedMessage } from './refusals';

/** One message under the claim of its number. */
interface Message<Kept> {
  readonly phoneNumber: string;
  readonly claim: MessageClaim;
  /** Those that the claim used. */
  readonly allowances: readonly Allowance[];
  /** What was taken of the limits by address and for everyone. */
  readonly admission: Admission;
  /** Sends it. An AppError thrown here means that nothing was asked of Infobip. */
  readonly send: () => Promise<SendResult>;
  /** Records what left, under Infobip's pinId. */
  readonly keep: (infobipPinId: string) => Promise<Kept>;
}

const NOTHING_SENT: NumberStanding = { waitMs: 0, messages: 0 };

/** Only a certain no leaves the number free. */
const mayHaveLeft = (result: SendResult): boolean =>
  result.kind === 'sent' || (result.kind === 'failed' && result.maybeDone);

function errorOf(result: Exclude<SendResult, { kind: 'sent' }>, waitMs: number): AppError {
  if (result.kind === 'not-delivered') return notDelivered(result.cause);
  if (result.kind === 'pin-ended') return new AppError('PIN_NOT_FOUND', { cause: result.cause });
  return failureError(waitMs > 0 ? { ...result, retryAfterSeconds: Math.ceil(waitMs / 1000) } : result);
}

/**
 * Sends one message to a number, under its claim: of any number of parallel ones for a number one goes upstream. A
 * message that certainly did not leave makes nobody wait; after one that may have left, the cooldown runs.
 * @returns what was kept, and where the number stands then
 * @throws {AppError} RATE_LIMITED, NUMBER_LOCKED, NOT_DELIVERED, UPSTREAM_… or STORE_UNAVAILABLE
 */
export async function deliver<Kept>(
  store: Store,
  { phoneNumber, claim, allowances, admission, send, keep }: Message<Kept>,
): Promise<{ kept: Kept; standing: NumberStanding }> {
  const settle = async (outcome: 'sent' | 'free'): Promise<NumberStanding> =>
    claim.kind === 'granted' ? store.settleMessage(phoneNumber, claim.token, outcome, allowances) : NOTHING_SENT;
  if (claim.kind !== 'granted' || admission.waitMs > 0) {
    admission.giveBack();
    settle('free').catch(() => undefined);
    throw refusedMessage(claim, admission);
  }
  let result: SendResult;
  try {
    result = await send();
  } catch (error) {
    // After a bug nobody knows what left: the claim stays until it lapses.
    if (error instanceof AppError) {
      admission.giveBack();
      await settle('free');
    }
    throw error;
  }
  if (result.kind !== 'sent') {
    throw errorOf(result, (await settle(mayHaveLeft(result) ? 'sent' : 'free')).waitMs);
  }
  const [kept, standing] = await Promise.all([keep(result.pinId), settle('sent')]);
  return { kept, standing };
}
