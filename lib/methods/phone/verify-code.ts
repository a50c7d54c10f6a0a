import { AppError, type ErrorCode } from '@/lib/errors';
import { withAsciiDigits } from '@/lib/i18n/digits';
import type { VerifyResult } from '@/lib/infobip/replies';
import type { RequestLog } from '@/lib/observability/request-log';
import type { Verified } from '@/lib/on-verified';
import type { VerificationContext, VerificationRecord } from '@/lib/store/verifications';
import { type Caller, isAskedBy } from '@/lib/verification/caller';
import { type Checked, checkVerification, type FailureReason, type Passed } from '@/lib/verification/check';
import { channelOf } from './channels';
import type { PhoneDependencies } from './dependencies';
import { countryOf, numberLogFields, toMsisdn } from './phone-number';
import { failureError, readPinState } from './pin';

const ENDED = {
  expired: 'PIN_EXPIRED',
  exhausted: 'TOO_MANY_ATTEMPTS',
  'not-found': 'PIN_NOT_FOUND',
} as const satisfies Record<string, ErrorCode>;

/** The meaning of each of Infobip's answers: whether the attempt counted, and whether the PIN still works. */
function checkedOf(result: VerifyResult): Checked {
  switch (result.kind) {
    case 'verified':
      return { kind: 'right' };
    case 'wrong':
      return { kind: 'wrong', attemptsRemaining: result.attemptsRemaining };
    case 'failed':
      return { kind: result.maybeDone ? 'counted' : 'refund', error: failureError(result) };
    default: {
      const error = new AppError(ENDED[result.kind], { cause: result.cause });
      return { kind: result.kind === 'exhausted' ? 'exhausted' : 'dead', error };
    }
  }
}

/** The digits of a PIN as typed, in any script, without spaces and dashes. */
function normalizePin(typed: string, length: number): string {
  const digits = withAsciiDigits(typed.replace(/[\p{Zs}\t\p{Pd}]/gu, ''));
  if (digits.length === length && /^[0-9]+$/.test(digits)) return digits;
  throw new AppError('INVALID_PIN_FORMAT', { message: `The code has ${length} digits. Enter all of them.` });
}

/** Reports by webhook that a verification ended without success and, if so, that this locked the number. */
function reportFailure({ webhooks }: PhoneDependencies, record: VerificationRecord, reason: FailureReason): void {
  if (!webhooks) return;
  const about = { phoneNumber: record.subject, country: countryOf(record.subject) };
  const { client, purpose } = record.context ?? {};
  webhooks.send('verification.failed', { ...about, channel: channelOf(record), reason, client, purpose });
  if (reason !== 'number_locked') return;
  webhooks.send('number.locked', { ...about, scope: record.scope === 'strangers' ? 'strangers' : 'device' });
}

/** What the client gets for the correct code. */
export interface Success extends Omit<Passed, 'record'> {
  readonly verified: Verified;
  /** What the verification was started with. */
  readonly context: VerificationContext | undefined;
}

/**
 * Checks a typed code. A success spends the verification and opens a session, which replaces the client's previous one.
 * @throws {AppError} INVALID_PIN_FORMAT, MISSING_PIN_ID, PIN_NOT_FOUND, PIN_EXPIRED, WRONG_PIN, TOO_MANY_ATTEMPTS,
 * NUMBER_LOCKED, RATE_LIMITED, UPSTREAM_… or STORE_UNAVAILABLE
 */
export async function verifyCode(
  dependencies: PhoneDependencies,
  typedPin: string,
  caller: Caller,
  log: RequestLog,
): Promise<Success> {
  const { config, twoFactor, privacy } = dependencies;
  const pin = normalizePin(typedPin, config.pin.length);
  const check = {
    note: (record: VerificationRecord) =>
      log.note({ channel: record.method, ...numberLogFields(privacy, record.subject) }),
    onFailure: (record: VerificationRecord, reason: FailureReason) => reportFailure(dependencies, record, reason),
    async ask(record: VerificationRecord): Promise<Checked> {
      if (!isAskedBy(record.context, caller)) return { kind: 'refund', error: new AppError('PIN_NOT_FOUND') };
      const { infobipPinId } = readPinState(record.methodState);
      return checkedOf(await twoFactor.verify(infobipPinId, toMsisdn(record.subject), pin));
    },
  };
  const { record, ...passed } = await checkVerification(dependencies, check, caller, log);
  const channel = channelOf(record);
  const fields = numberLogFields(privacy, record.subject);
  const { subject: phoneNumber, context } = record;
  const verified = {
    phoneNumber,
    ...fields,
    method: channel,
    channel,
    account: passed.statement.account,
    proofId: passed.proof.id,
    client: context?.client,
  };
  return { ...passed, verified, context };
}
