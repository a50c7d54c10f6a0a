import { AppError } from '@/lib/errors';
import { refusalError } from '@/lib/limits/refusals';
import type { Reservation } from '@/lib/limits/reservation';
import type { RequestLog } from '@/lib/observability/request-log';
import type { Scope } from '@/lib/store/verifications';
import type { Caller } from './caller';
import type { Dependencies } from './dependencies';
import { knownDevice } from './device';
import { reserveFactor } from './factor-limit';

/** A value that a client claims to know. */
export interface Guess {
  readonly subject: string;
  /** Whether the subject has anything to guess. */
  readonly isKnown: boolean;
  /** Uses the value up. @returns false if it is wrong, or was used before. An outage throws an AppError */
  readonly use: () => Promise<boolean>;
  /** Whether nobody can guess the value, because it is too long. A lock then stops only wrong values. */
  readonly isUnguessable: boolean;
  /** Called once a wrong guess has locked the subject. Must not wait. */
  readonly onLock: (scope: Scope) => void;
}

async function outcomeOf({ use }: Guess, { release }: Reservation, log: RequestLog): Promise<boolean> {
  try {
    return await log.store(use());
  } catch (error) {
    // An outage says nothing about the guess. A bug might, so it never grants free guesses.
    if (error instanceof AppError) await log.store(release());
    throw error;
  }
}

/**
 * Takes a guess while its subject is locked. Otherwise, strangers who guess could keep out an owner who has lost
 * everything else. A wrong value gets the lock's refusal, like any other guess, and counts against the client alone. A
 * correct one does not lift the lock, because others caused it.
 * @param locked the lock's refusal
 */
async function takeDespiteLock(
  dependencies: Dependencies,
  guess: Guess,
  locked: AppError,
  caller: Caller,
  log: RequestLog,
): Promise<void> {
  const reserved = await reserveFactor(dependencies, caller, log);
  if (!(await outcomeOf(guess, reserved, log))) throw locked;
  await log.store(reserved.commit('verified'));
}

/**
 * Takes a guess, which counts as wrong until it turns out to be correct. This way, no more parallel guesses are tried
 * than the lock allows. Wrong guesses and wrong codes by phone count together.
 * @throws {AppError} WRONG_CODE, NUMBER_LOCKED, RATE_LIMITED, STORE_UNAVAILABLE
 */
export async function takeGuess(
  dependencies: Dependencies,
  guess: Guess,
  caller: Caller,
  log: RequestLog,
): Promise<void> {
  const { limits, privacy } = dependencies;
  const { subject, isKnown, onLock } = guess;
  const device = knownDevice(privacy, caller.deviceCookie, subject);
  const reserved = await log.store(limits.reserveGuess(caller, { subject, device, isKnown }));
  if (reserved.kind !== 'granted') {
    const refused = refusalError(reserved);
    if (reserved.kind !== 'locked' || !guess.isUnguessable) throw refused;
    return takeDespiteLock(dependencies, guess, refused, caller, log);
  }
  if (await outcomeOf(guess, reserved, log)) {
    await log.store(reserved.commit('verified'));
    return;
  }
  if (reserved.locks) {
    log.event('number.locked');
    onLock(reserved.scope);
  }
  throw new AppError('WRONG_CODE');
}
