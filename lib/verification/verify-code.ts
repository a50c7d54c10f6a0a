import type { VerifyReply } from '@/lib/contract';
import { AppError, type ErrorCode } from '@/lib/errors';
import type { VerifyResult } from '@/lib/infobip/replies';
import type { AttemptClaim, AttemptOutcome } from '@/lib/store/store';
import { claimAndAdmit } from './claim-and-admit';
import { claimHoldMs, type Dependencies } from './dependencies';
import { toMsisdn } from './phone-number';
import { failureError, numberLocked, tooSoon } from './refusals';
import { keyOf } from './verification-id';

function refusedClaim(claim: Exclude<AttemptClaim, { kind: 'granted' }>): AppError {
  if (claim.kind === 'locked') return numberLocked(claim);
  if (claim.kind === 'busy') return tooSoon(1000);
  return new AppError(claim.kind === 'exhausted' ? 'TOO_MANY_ATTEMPTS' : 'PIN_NOT_FOUND');
}

/** What each answer of Infobip means for the record: whether the try counted, and whether the PIN lives on. */
function outcomeOf(result: VerifyResult): AttemptOutcome {
  if (result.kind === 'wrong') return { kind: 'wrong', attemptsRemaining: result.attemptsRemaining };
  if (result.kind === 'failed') return { kind: result.maybeDone ? 'counted' : 'refund' };
  if (result.kind === 'expired' || result.kind === 'not-found') return { kind: 'dead' };
  return { kind: result.kind };
}

const ENDED = {
  expired: 'PIN_EXPIRED',
  exhausted: 'TOO_MANY_ATTEMPTS',
  'not-found': 'PIN_NOT_FOUND',
} as const satisfies Record<string, ErrorCode>;

function errorOf(result: Exclude<VerifyResult, { kind: 'verified' }>, attemptsRemaining: number): AppError {
  if (result.kind === 'failed') return failureError(result);
  if (result.kind === 'wrong') return new AppError('WRONG_PIN', { attemptsRemaining });
  return new AppError(ENDED[result.kind], { cause: result.cause });
}

/** The digits of a PIN as typed, without spaces and dashes around and between. */
function normalizePin(typed: string, length: number): string {
  const digits = typed.replace(/[\p{Zs}\t\p{Pd}]/gu, '');
  if (digits.length === length && /^[0-9]+$/.test(digits)) return digits;
  throw new AppError('INVALID_PIN_FORMAT', { message: `The code has ${length} digits. Enter all of them.` });
}

/**
 * Checks a typed code. Of any number of parallel right codes one succeeds; of wrong ones no more than the allowed tries
 * go upstream. A success spends the verification.
 * @param verificationId the client's handle; undefined where it sent none
 * @param address the client's, as limits count it
 * @throws {AppError} INVALID_PIN_FORMAT, MISSING_PIN_ID, PIN_NOT_FOUND, PIN_EXPIRED, WRONG_PIN, TOO_MANY_ATTEMPTS,
 * NUMBER_LOCKED, RATE_LIMITED, UPSTREAM_… or STORE_UNAVAILABLE
 */
export async function verifyCode(
  dependencies: Dependencies,
  verificationId: string | undefined,
  typedPin: string,
  address: string,
): Promise<VerifyReply> {
  const { config, store, rateLimits, twoFactor } = dependencies;
  const pin = normalizePin(typedPin, config.pin.length);
  if (verificationId === undefined) throw new AppError('MISSING_PIN_ID');
  const key = keyOf(verificationId);
  const refund = async (granted: AttemptClaim) =>
    granted.kind === 'granted' && store.settleAttempt(key, granted.record.infobipPinId, { kind: 'refund' });
  const [claim, admission] = await claimAndAdmit(
    store.claimAttempt(key, claimHoldMs(config)),
    rateLimits.admit('tries', { address, everyone: 'all' }),
    refund,
  );
  if (admission.waitMs > 0 || claim.kind === 'locked' || claim.kind === 'busy') admission.giveBack();
  if (admission.waitMs > 0) {
    refund(claim).catch(() => undefined);
    throw tooSoon(admission.waitMs);
  }
  if (claim.kind !== 'granted') throw refusedClaim(claim);

  // Should this throw, the claim stays open until it lapses, and the try has counted: a bug never grants free guesses.
  const { infobipPinId, phoneNumber } = claim.record;
  const result = await twoFactor.verify(infobipPinId, toMsisdn(phoneNumber), pin);
  const attemptsUsed = await store.settleAttempt(key, infobipPinId, outcomeOf(result));
  // Given another PIN, or ended, while this try was under way: only the newest PIN counts.
  if (attemptsUsed === undefined) throw new AppError('PIN_NOT_FOUND');
  if (result.kind !== 'verified') throw errorOf(result, Math.max(0, config.pin.maxAttempts - attemptsUsed));
  return { verified: true, message: 'OTP verified successfully.', phoneNumber };
}
