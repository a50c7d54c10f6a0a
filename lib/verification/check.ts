import { AppError } from '@/lib/errors';
import { refusalError } from '@/lib/limits/refusals';
import type { Resend } from '@/lib/limits/reservation';
import type { RequestLog } from '@/lib/observability/request-log';
import type { AttemptOutcome, VerificationRecord } from '@/lib/store/verifications';
import type { Caller } from './caller';
import { type CodeStanding, standingOfCode } from './code-passed';
import type { Dependencies } from './dependencies';
import { type Opened, prepareSession } from './open-session';
import { statementOfCode } from './proof';
import { keyOf } from './token';

/**
 * A method's verdict on an answer. `counted`: the answer may have been checked. `refund`: it certainly was not.
 * `exhausted`: the challenge had no attempts left. `dead`: nobody can answer the challenge anymore.
 */
export type Checked =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong'; readonly attemptsRemaining: number | undefined }
  | { readonly kind: 'counted' | 'refund' | 'exhausted' | 'dead'; readonly error: AppError };

/** Why a verification ended without success: its last attempt was wrong, or a wrong attempt locked the subject. */
export type FailureReason = 'attempts_exhausted' | 'number_locked';

/** The inputs of a method's check. */
interface Check {
  /** Called with the verification's record, if there is one, even if the request is refused. */
  readonly note: (record: VerificationRecord) => void;
  /** Called once the verification has ended without success. Must not wait. */
  readonly onFailure: (record: VerificationRecord, reason: FailureReason) => void;
  /** If this throws, the attempt has counted: a bug never grants free guesses. */
  readonly ask: (record: VerificationRecord) => Promise<Checked>;
}

/** What the client gets for the correct answer. */
export interface Passed extends Opened, Pick<CodeStanding, 'stepUp'> {
  readonly record: VerificationRecord;
}

/** Outcomes after which the attempt does not count toward a lock. */
const IS_RELEASED: ReadonlySet<Checked['kind']> = new Set(['refund', 'dead']);

type NotRight = Exclude<Checked, { kind: 'right' }>;

/** What to record about the attempt; undefined after a refund, because the release has undone the whole attempt. */
const outcomeOf = (checked: NotRight): AttemptOutcome | undefined => {
  if (checked.kind === 'refund') return undefined;
  return checked.kind === 'wrong' ? checked : { kind: checked.kind };
};

/** Ends an attempt that was not correct. */
async function settle(
  { verifications, config }: Dependencies,
  key: string,
  { record, release, locks }: Resend,
  checked: NotRight,
  onFailure: Check['onFailure'],
  log: RequestLog,
): Promise<AppError> {
  const isReleased = IS_RELEASED.has(checked.kind);
  const outcome = outcomeOf(checked);
  const [, used] = await log.store(
    Promise.all([
      isReleased && release(),
      outcome === undefined ? record.attemptsUsed : verifications.settleAttempt(key, record.challenge, outcome),
    ]),
  );
  const { maxAttempts } = config.pin;
  if (locks && !isReleased) {
    log.event('number.locked');
    onFailure(record, 'number_locked');
  } else if (outcome !== undefined && outcome.kind !== 'dead' && (used ?? 0) >= maxAttempts) {
    onFailure(record, 'attempts_exhausted');
  }
  // While the attempt was in flight, the verification got another challenge or ended: only the newest challenge counts.
  if (used === undefined) return new AppError('PIN_NOT_FOUND');
  if (checked.kind !== 'wrong') return checked.error;
  return new AppError('WRONG_PIN', { attemptsRemaining: Math.max(0, maxAttempts - used) });
}

/** Spends the verification and opens a session, which replaces the client's previous one. */
async function pass(
  dependencies: Dependencies,
  key: string,
  { record, commit }: Resend,
  { statement, stepUp, confirm }: CodeStanding,
  caller: Caller,
  log: RequestLog,
): Promise<Passed> {
  const { verifications, sessions } = dependencies;
  const session = prepareSession(dependencies, statement, caller, record.context);
  const [used] = await log.store(
    Promise.all([
      verifications.settleAttempt(key, record.challenge, { kind: 'verified' }),
      session.store(),
      commit('verified'),
    ]),
  );
  if (used === undefined) {
    // Nobody has the session's token, so the session expires even if this call fails.
    await log.store(sessions.end(session.key)).catch(() => undefined);
    throw new AppError('PIN_NOT_FOUND');
  }
  // The code is used up. If the database fails now, the session still knows about the code, and the next use of a
  // factor tells the account.
  if (confirm) await log.store(confirm()).catch(() => undefined);
  const { proof, sessionToken, deviceCookie } = session;
  return { record, statement, stepUp, proof, sessionToken, deviceCookie };
}

/**
 * Reads what the code will prove, before it is used up. If the database is down, the request fails and the code stays
 * valid.
 */
async function standingOf(
  dependencies: Dependencies,
  { record, release }: Resend,
  caller: Caller,
  log: RequestLog,
): Promise<CodeStanding> {
  try {
    return await log.store(standingOfCode(dependencies, record.subject, record.method, caller));
  } catch (error) {
    await log.store(release());
    throw error;
  }
}

/**
 * Checks an answer to the challenge of the client's verification. Of any number of parallel correct answers, one
 * succeeds. Of wrong ones, it checks no more than there are attempts. A success spends the verification.
 * @throws {AppError} MISSING_PIN_ID, PIN_NOT_FOUND, WRONG_PIN, TOO_MANY_ATTEMPTS, NUMBER_LOCKED, RATE_LIMITED,
 * STORE_UNAVAILABLE, or that of the method
 */
export async function checkVerification(
  dependencies: Dependencies,
  { note, onFailure, ask }: Check,
  caller: Caller,
  log: RequestLog,
): Promise<Passed> {
  if (caller.verificationToken === undefined) throw new AppError('MISSING_PIN_ID');
  const key = keyOf(caller.verificationToken);
  const reserved = await log.store(dependencies.limits.reserveAttempt(caller, key));
  if ('record' in reserved && reserved.record) note(reserved.record);
  if (reserved.kind !== 'granted') throw refusalError(reserved);
  const standing = dependencies.factors
    ? await standingOf(dependencies, reserved, caller, log)
    : { statement: statementOfCode(reserved.record.subject, reserved.record.method) };
  const checked = await log.upstream(ask(reserved.record));
  if (checked.kind !== 'right') throw await settle(dependencies, key, reserved, checked, onFailure, log);
  return pass(dependencies, key, reserved, standing, caller, log);
}
