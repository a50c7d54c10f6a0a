import type { LockTerms, Terms } from '@/lib/store/limits';
import type { Standing } from '@/lib/store/verifications';
import { lastEnd, type Windows } from './windows';

type MessageTerms = NonNullable<Terms['message']>;

/** The state that protects one subject in one scope. Times are epoch milliseconds. */
export interface SubjectState {
  readonly windows: Windows;
  /** Messages since the cooldowns last started from the first. */
  messages: number;
  messagesForgottenAt: number;
  /** When the next message is allowed. */
  nextAt: number;
  inFlight: { readonly token: string; readonly takenAt: number; readonly until: number } | undefined;
  /** Wrong codes in a row, attempts in flight included. */
  wrongCodes: number;
  locks: number;
  /** Infinity for a permanent lock. */
  lockedUntil: number;
  /** When the store forgets wrong codes and locks. */
  forgottenAt: number;
}

export const newSubjectState = (): SubjectState => ({
  windows: {},
  messages: 0,
  messagesForgottenAt: 0,
  nextAt: 0,
  inFlight: undefined,
  wrongCodes: 0,
  locks: 0,
  lockedUntil: 0,
  forgottenAt: 0,
});

/** How long the lock lasts: undefined for a permanent one, 0 for none. */
export function lockWait({ lockedUntil }: SubjectState, now: number): number | undefined {
  if (lockedUntil === Number.POSITIVE_INFINITY) return undefined;
  return Math.max(0, lockedUntil - now);
}

/** Milliseconds until another message is allowed: after the cooldown, and after the one in flight. */
export const messageWait = ({ nextAt, inFlight }: SubjectState, now: number): number =>
  Math.max(0, nextAt - now, (inFlight?.until ?? 0) - now);

export const standingOf = (state: SubjectState | undefined, now: number): Standing =>
  state
    ? { waitMs: messageWait(state, now), messages: state.messagesForgottenAt > now ? state.messages : 0 }
    : { waitMs: 0, messages: 0 };

export function takeMessage(state: SubjectState, terms: MessageTerms, token: string, now: number): void {
  const { cooldownsMs, cooldownMemoryMs, holdMs } = terms;
  if (state.messagesForgottenAt <= now) state.messages = 0;
  const cooldownMs = cooldownsMs[Math.min(state.messages, cooldownsMs.length - 1)] ?? 0;
  state.nextAt = now + cooldownMs;
  state.messagesForgottenAt = state.nextAt + cooldownMemoryMs;
  state.inFlight = { token, takenAt: now, until: now + holdMs };
}

/** @returns the time of the message's reservation; undefined if this message is no longer in flight */
export function endMessage(state: SubjectState, token: string): number | undefined {
  if (state.inFlight?.token !== token) return undefined;
  const { takenAt } = state.inFlight;
  state.inFlight = undefined;
  return takenAt;
}

/** Undoes the message as if nobody had requested it. When it was reserved, the previous cooldown had already ended. */
export function undoMessage(state: SubjectState, takenAt: number): void {
  state.nextAt = state.messages > 0 ? takenAt : 0;
  if (state.messages === 0) state.messagesForgottenAt = 0;
}

/**
 * Counts a code as wrong before anybody knows whether it is, and locks the subject after every `lock.every` of them. An
 * attempt whose answer never comes has then already counted, and locked.
 * @returns whether it locked
 */
export function takeAttempt(state: SubjectState, lock: LockTerms, now: number): boolean {
  if (state.forgottenAt <= now) forgetWrongCodes(state);
  state.wrongCodes += 1;
  state.forgottenAt = now + lock.memoryMs;
  if (state.wrongCodes < lock.every * (state.locks + 1)) return false;
  state.locks += 1;
  const isForGood = state.wrongCodes >= lock.forGoodAfter;
  if (isForGood) state.forgottenAt = now + lock.forGoodMs;
  state.lockedUntil = isForGood
    ? Number.POSITIVE_INFINITY
    : now + Math.min(lock.longestMs, lock.firstMs * 2 ** (state.locks - 1));
  return true;
}

/** The attempt did not happen: lifts the lock that it caused. */
export function releaseAttempt(state: SubjectState, { every }: LockTerms): void {
  state.wrongCodes = Math.max(0, state.wrongCodes - 1);
  if (state.wrongCodes >= every * state.locks) return;
  state.locks -= 1;
  state.lockedUntil = 0;
}

export function forgetWrongCodes(state: SubjectState): void {
  state.wrongCodes = 0;
  state.locks = 0;
  state.lockedUntil = 0;
  state.forgottenAt = 0;
}

/** When the state no longer matters. */
export function endOf({ windows, messagesForgottenAt, inFlight, wrongCodes, forgottenAt }: SubjectState): number {
  return Math.max(messagesForgottenAt, inFlight?.until ?? 0, wrongCodes > 0 ? forgottenAt : 0, lastEnd(windows));
}
