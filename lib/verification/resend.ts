import { AppError } from '@/lib/errors';
import type { RequestLog } from '@/lib/observability/request-log';
import type { Standing, VerificationRecord } from '@/lib/store/verifications';
import type { Caller } from './caller';
import { refusalOf } from './challenge';
import type { Dependencies } from './dependencies';
import { type Delivery, deliver } from './start';
import { keyOf } from './token';

/** The inputs of a method's resend. */
interface Again {
  /** The method of the new message; undefined for the same as before. */
  readonly method: string | undefined;
  readonly ttlMs: number;
  /** The solution of a challenge, as it arrived. */
  readonly solution: string | undefined;
  /** Called with the verification's record, if there is one, even if the request is refused. */
  readonly note: (record: VerificationRecord) => void;
  readonly send: (record: VerificationRecord) => Promise<Delivery>;
  /** Whether the message carried the same challenge as before. */
  readonly isSame: (record: VerificationRecord, methodState: string) => boolean;
}

interface Resent {
  readonly verificationToken: string;
  readonly record: VerificationRecord;
  readonly standing: Standing;
  /** Whether there is a new challenge, and earlier ones no longer count. */
  readonly isNew: boolean;
}

/**
 * Sends the challenge of the client's verification again, or another one in its place.
 * @throws {AppError} MISSING_PIN_ID, PIN_NOT_FOUND, RATE_LIMITED, CHALLENGE_REQUIRED, NUMBER_LOCKED, STORE_UNAVAILABLE,
 * or that of the method
 */
export async function resendVerification(
  { verifications, limits, challenges }: Dependencies,
  { method, ttlMs, solution, note, send, isSame }: Again,
  caller: Caller,
  log: RequestLog,
): Promise<Resent> {
  const { verificationToken } = caller;
  if (verificationToken === undefined) throw new AppError('MISSING_PIN_ID');
  const key = keyOf(verificationToken);
  const message = { kind: 'resend', to: key, method } as const;
  const pass = await challenges.check(solution, message);
  if (pass) log.note({ challenge: pass.kind });
  const reserved = await log.store(limits.reserveResend(caller, key, method, pass));
  if ('record' in reserved && reserved.record) note(reserved.record);
  if (reserved.kind !== 'granted') throw await refusalOf(challenges, reserved, message, solution);
  const { record, token } = reserved;
  const { kept, standing } = await deliver(
    log,
    reserved,
    () => send(record),
    async (methodState) => {
      const isNew = !isSame(record, methodState);
      const challenge = isNew ? token : record.challenge;
      const next = { method: method ?? record.method, methodState, challenge, ttlMs };
      return { isNew, isReplaced: await verifications.replaceChallenge(key, record, next) };
    },
  );
  // While this message was in flight, the verification succeeded or got another challenge, so this message no longer
  // counts.
  if (!kept.isReplaced) throw new AppError('PIN_NOT_FOUND');
  return { verificationToken, record, standing, isNew: kept.isNew };
}
