import { AppError, type ErrorCode } from '@/lib/errors';
import { withAsciiDigits } from '@/lib/i18n/digits';
import type { VerifyResult } from '@/lib/infobip/replies';
import type { RequestLog } from '@/lib/observability/request-log';
import type { Verified } from '@/lib/on-verified';
import type { AttemptClaim, AttemptOutcome } from '@/lib/store/store';
import type { Caller } from '@/lib/verification/caller';
import { claimAndAdmit } from '@/lib/verification/claim-and-admit';
import { claimHoldMs, type Dependencies } from '@/lib/verification/dependencies';
import { PROOF_TTL_SECONDS, readProof } from '@/lib/verification/proof';
import { failureError, numberLocked, tooSoon } from '@/lib/verification/refusals';
import { createToken, keyOf } from '@/lib/verification/token';
import { numberLogFields } from './number-log-fields';
import { toMsisdn } from './phone-number';

function refusedClaim(claim: Exclude<AttemptClaim, { kind: 'granted' }>): AppError {
  if (claim.kind === 'locked') return numberLocked(claim);
  if (claim.kind === 'busy') return tooSoon(1000);
  return new AppError(claim.kind === 'exhausted' ? 'TOO_MANY_ATTEMPTS' : 'PIN_NOT_FOUND');
}

type NotVerified = Exclude<VerifyResult, { kind: 'verified' }>;

/** What each answer of Infobip means for the record: whether the try counted, and whether the PIN lives on. */
function outcomeOf(result: NotVerified): AttemptOutcome {
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

function errorOf(result: NotVerified, attemptsRemaining: number): AppError {
  if (result.kind === 'failed') return failureError(result);
  if (result.kind === 'wrong') return new AppError('WRONG_PIN', { attemptsRemaining });
  return new AppError(ENDED[result.kind], { cause: result.cause });
}

/** The digits of a PIN as typed, in whatever script, without spaces and dashes around and between. */
function normalizePin(typed: string, length: number): string {
  const digits = withAsciiDigits(typed.replace(/[\p{Zs}\t\p{Pd}]/gu, ''));
  if (digits.length === length && /^[0-9]+$/.test(digits)) return digits;
  throw new AppError('INVALID_PIN_FORMAT', { message: `The code has ${length} digits. Enter all of them.` });
}

/** What the right code brings its client. */
export interface Success {
  readonly verified: Verified;
  /** For programs. */
  readonly proof: string;
  /** The handle of the session that holds the proof, for browsers. */
  readonly sessionId: string;
}

/** Whose code is tried; undefined where nobody knows of the verification. */
function phoneNumberOf(claim: AttemptClaim): string | undefined {
  if (claim.kind === 'missing') return undefined;
  return claim.kind === 'granted' ? claim.record.phoneNumber : claim.phoneNumber;
}

/** Counts a try, before it is made. */
async function claimTry(
  { config, store, rateLimits, privacy }: Dependencies,
  key: string,
  { address }: Caller,
  log: RequestLog,
) {
  const refund = async (granted: AttemptClaim) =>
    granted.kind === 'granted' && store.settleAttempt(key, granted.record.infobipPinId, { kind: 'refund' });
  const [claim, admission] = await claimAndAdmit(
    store.claimAttempt(key, claimHoldMs(config)),
    rateLimits.admit('tries', { address, everyone: 'all' }),
    refund,
  );
  const phoneNumber = phoneNumberOf(claim);
  const isRefused = admission.waitMs > 0 || claim.kind !== 'granted';
  if (isRefused && phoneNumber !== undefined) log.note(numberLogFields(privacy, phoneNumber));
  if (admission.waitMs > 0 || claim.kind === 'locked' || claim.kind === 'busy') admission.giveBack();
  if (admission.waitMs > 0) {
    refund(claim).catch(() => undefined);
    throw tooSoon(admission.waitMs, admission.refusedBy);
  }
  if (claim.kind !== 'granted') throw refusedClaim(claim);
  return claim.record;
}

/** Ends a try. Given another PIN, or ended, while it was under way: only the newest PIN counts. */
async function settleTry({ store }: Dependencies, key: string, infobipPinId: string, outcome: AttemptOutcome) {
  const settled = await store.settleAttempt(key, infobipPinId, outcome);
  if (!settled) throw new AppError('PIN_NOT_FOUND');
  return settled;
}

/**
 * Checks a typed code. Of any number of parallel right codes one succeeds; of wrong ones no more than the allowed tries
 * go upstream. A success spends the verification and opens a session, in place of the client's one before.
 * @throws {AppError} INVALID_PIN_FORMAT, MISSING_PIN_ID, PIN_NOT_FOUND, PIN_EXPIRED, WRONG_PIN, TOO_MANY_ATTEMPTS,
 * NUMBER_LOCKED, RATE_LIMITED, UPSTREAM_… or STORE_UNAVAILABLE
 */
export async function verifyCode(
  dependencies: Dependencies,
  typedPin: string,
  caller: Caller,
  log: RequestLog,
): Promise<Success> {
  const { config, twoFactor, privacy, proofs } = dependencies;
  const pin = normalizePin(typedPin, config.pin.length);
  if (caller.verificationToken === undefined) throw new AppError('MISSING_PIN_ID');
  const key = keyOf(caller.verificationToken);
  const { infobipPinId, phoneNumber, channel } = await claimTry(dependencies, key, caller, log);
  const described = numberLogFields(privacy, phoneNumber);
  log.note({ channel, ...described });

  // Should this throw, the claim stays open until it lapses, and the try has counted: a bug never grants free guesses.
  const result = await twoFactor.verify(infobipPinId, toMsisdn(phoneNumber), pin);
  if (result.kind !== 'verified') {
    const { attemptsUsed, locked } = await settleTry(dependencies, key, infobipPinId, outcomeOf(result));
    if (locked) log.event('number.locked');
    throw errorOf(result, Math.max(0, config.pin.maxAttempts - attemptsUsed));
  }
  const proof = await proofs.sign(phoneNumber, channel);
  const sessionId = createToken();
  const replaces = caller.sessionToken === undefined ? undefined : keyOf(caller.sessionToken);
  const session = { key: keyOf(sessionId), proof, ttlMs: PROOF_TTL_SECONDS * 1000, replaces };
  await settleTry(dependencies, key, infobipPinId, { kind: 'verified', session });
  return { verified: { phoneNumber, ...described, channel, proofId: readProof(proof).id }, proof, sessionId };
}
