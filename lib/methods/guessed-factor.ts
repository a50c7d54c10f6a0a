import { randomUUID } from 'node:crypto';
import { AppError } from '@/lib/errors';
import type { RequestLog } from '@/lib/observability/request-log';
import type { Account, FactorStore } from '@/lib/store/factors';
import type { Scope, VerificationContext } from '@/lib/store/verifications';
import { factorsOf, methodsOf, noteCanceledReset, type StepUpMethod } from '@/lib/verification/account';
import type { Caller } from '@/lib/verification/caller';
import { takeGuess } from '@/lib/verification/guess';
import type { AccountDependencies } from './account-events';
import { countryOf, numberLogFields, type PhoneNumber } from './phone/phone-number';
import { type VerifiedByFactor, verifiedByFactor } from './verified-by-factor';

/** A number, and the code that a person typed for it. */
export interface TypedCode {
  readonly number: PhoneNumber;
  /** The code as typed. */
  readonly code: string;
}

/** A factor that consists of codes. */
export interface CodeFactor {
  readonly method: Exclude<StepUpMethod, 'passkey'>;
  /** Whether nobody can guess a code, so that a correct one passes a lock. */
  readonly isUnguessable: boolean;
  /** Converts a typed code to its normal form; undefined if it is not a code. */
  readonly normalize: (typed: string) => string | undefined;
  /**
   * Reads what the code is compared with, and does the same work for every account.
   * @param accountId the id of an account, or of none
   * @returns a function that uses the code up, and tells whether it was correct
   */
  readonly prepare: (factors: FactorStore, accountId: string, code: string) => Promise<() => Promise<boolean>>;
}

/** An id that no account has, so that numbers without an account run the same statements. */
const NOBODY = randomUUID();

const lockReporter =
  ({ webhooks }: AccountDependencies, { e164 }: PhoneNumber) =>
  (scope: Scope): void =>
    webhooks?.send('number.locked', {
      phoneNumber: e164,
      country: countryOf(e164),
      scope: scope === 'strangers' ? 'strangers' : 'device',
    });

/**
 * Uses a code up, and says whose it is. A number without an account, one without this factor, and a wrong code look
 * alike.
 */
async function useCode(
  dependencies: AccountDependencies,
  { method, isUnguessable, normalize, prepare }: CodeFactor,
  { number, code: typed }: TypedCode,
  caller: Caller,
  log: RequestLog,
): Promise<Account> {
  const factors = factorsOf(dependencies);
  const code = normalize(typed);
  if (code === undefined) throw new AppError('WRONG_CODE');
  // Read this before the guess counts, so that no guess counts while the database is down.
  const state = await log.store(factors.findAccount(number.e164));
  const use = await log.store(prepare(factors, state?.account.id ?? NOBODY, code));
  const isKnown = state !== undefined && methodsOf(state).includes(method);
  const guess = { subject: number.e164, isKnown, use, isUnguessable, onLock: lockReporter(dependencies, number) };
  await takeGuess(dependencies, guess, caller, log);
  if (!state) throw new AppError('WRONG_CODE');
  return state.account;
}

/**
 * Verifies a number with a code from one of its factors. A success opens a session, which replaces the client's
 * previous one.
 * @param context what the proof is for
 * @throws {AppError} WRONG_CODE, NUMBER_LOCKED, RATE_LIMITED, NUMBER_STALE, STORE_UNAVAILABLE
 */
export async function verifyByCode(
  dependencies: AccountDependencies,
  factor: CodeFactor,
  typed: TypedCode,
  { caller, context, log }: { caller: Caller; context: VerificationContext | undefined; log: RequestLog },
): Promise<VerifiedByFactor> {
  const { e164, country } = typed.number;
  log.note({ factor: factor.method, ...numberLogFields(dependencies.privacy, e164, country) });
  const account = await useCode(dependencies, factor, typed, caller, log);
  log.event(factor.method === 'recovery-code' ? 'recovery_code.used' : 'factor.used');
  noteCanceledReset(account, log);
  return log.store(verifiedByFactor(dependencies, { account, method: factor.method }, caller, context));
}
