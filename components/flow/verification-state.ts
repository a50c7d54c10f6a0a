import type { Failure, Problem } from '@/components/ui/problem';
import { NO_WAIT, type Wait } from '@/components/ui/use-countdown';
import type { Channel, FactorType, PageState, PendingVerification, SendReply } from '@/lib/contract';
import { type Ended, endedBy } from './ended';

/** The requests that can be in progress, one at a time. */
export type Task = 'send' | 'verify' | 'resend' | 'passkey';

/** A code that was sent, as the code screen shows it. */
export interface SentCode {
  /** The number: in full in the browser that it was typed in, otherwise masked. */
  to: string;
  channel: Channel;
  pinLength: number;
  expiry: Wait;
  resend: Wait;
  /** Whether the person can request a call. */
  callOffered: boolean;
  /** Why the server no longer accepts this code; null while it does. */
  ended: Ended | null;
  /** The result of a resend; null before one. */
  resent: 'same-code' | 'new-code' | null;
  /** Counts the messages since the page loaded: each new one resets the field. */
  serial: number;
}

/** What to announce. The components choose the words. */
export type Announcement =
  | { kind: 'busy'; task: Task }
  | { kind: 'challenged' }
  | { kind: 'sent'; sent: SentCode }
  | { kind: 'verified' }
  | { kind: 'problem'; problem: Problem };

export interface VerificationState {
  step: PageState['step'];
  task: Task | null;
  problem: Problem | null;
  sent: SentCode | null;
  /** As typed, for a return to the phone screen. */
  typedNumber: string;
  /** ISO 3166-1 alpha-2, as chosen. */
  country: string;
  /** E.164; empty until the step is `verified`. */
  verifiedNumber: string;
  /** The same number as the page shows it. */
  verifiedNumberText: string;
  /** Where the page is going after a success; undefined if it stays. */
  redirectTo?: string | undefined;
  /**
   * Other factors that the verified number has and this verification did not use; null or undefined if the page says
   * nothing of them.
   */
  unused?: readonly FactorType[] | null | undefined;
  announcement: Announcement | null;
  /** Counts the announcements, so that a screen reader reads out a repeated one again. */
  announcementCount: number;
  /** How many numbers were verified since the page loaded. */
  successes: number;
}

/** What an answer from the server changes. */
export type Change = (state: VerificationState) => VerificationState;

export type VerificationEvent =
  | { type: 'started'; task: Task; typed?: { number: string; country: string } }
  | { type: 'challenged' }
  | { type: 'failed'; task: Task; failure: Failure }
  // The server has answered. The script that computes the change loads later than the page, so the event contains it.
  | { type: 'answered'; change: Change }
  | { type: 'edited' }
  | { type: 'numberChanged' }
  | { type: 'returnedToCode' };

const AT = { send: 'phone', verify: 'code', resend: 'resend', passkey: 'passkey' } as const satisfies Record<
  Task,
  Problem['at']
>;

export function initialState({
  step,
  pending,
  problem,
  typed,
  errorSubjects,
  verifiedNumber,
  verifiedNumberText,
  country,
  factors,
}: PageState): VerificationState {
  const sent = pending && sentCode(pending, 0);
  const shown = step === 'code' && !sent ? 'phone' : step;
  const state: VerificationState = {
    step: shown,
    task: null,
    problem: null,
    sent,
    typedNumber: typed?.number ?? '',
    country: typed?.country || country,
    verifiedNumber: verifiedNumber ?? '',
    verifiedNumberText: verifiedNumberText ?? '',
    unused: factors?.unused,
    announcement: null,
    announcementCount: 0,
    successes: 0,
  };
  if (!problem) return state;
  // A problem with a code that no longer exists appears where the person continues.
  return place(state, shown === 'phone' ? 'phone' : problem.at, { ...problem, about: errorSubjects[problem.code] });
}

/** The behavior of the flow without network and texts: how each event changes the state. */
export function reduce(state: VerificationState, event: VerificationEvent): VerificationState {
  const next = change(state, event);
  return next.announcement === state.announcement ? next : { ...next, announcementCount: state.announcementCount + 1 };
}

function change(state: VerificationState, event: VerificationEvent): VerificationState {
  switch (event.type) {
    case 'started': {
      const { task, typed } = event;
      const input = typed && { typedNumber: typed.number, country: typed.country };
      return { ...state, ...input, task, problem: null, announcement: { kind: 'busy', task } };
    }
    case 'challenged':
      return { ...state, announcement: { kind: 'challenged' } };
    case 'failed':
      return fail(state, event.task, event.failure);
    case 'answered':
      return event.change(state);
    case 'edited':
      return state.problem ? { ...state, problem: null, announcement: null } : state;
    case 'numberChanged':
      return { ...moveTo('phone', state), verifiedNumber: '', announcement: null };
    case 'returnedToCode':
      return { ...moveTo('code', state), announcement: null };
  }
}

export function moveTo(step: VerificationState['step'], state: VerificationState): VerificationState {
  return { ...state, step, task: null, problem: null };
}

const waitOf = ({ retryAfterSeconds }: Pick<Failure, 'retryAfterSeconds'>): Wait =>
  retryAfterSeconds ? { seconds: retryAfterSeconds } : NO_WAIT;

function fail(state: VerificationState, task: Task, failure: Failure): VerificationState {
  const lost = sessionLost(state, task, failure);
  if (lost) return announced(place({ ...moveTo('phone', state), sent: null }, 'phone', failure));
  const sent = state.sent && { ...state.sent, resent: null };
  return announced(place({ ...state, task: null, sent }, failure.at ?? AT[task], failure, task === 'verify'));
}

/**
 * Decides where a failure appears: in place of the code screen, on the button that has to wait, or beside its field.
 * @param isTry whether the person tried a code on this page. For a problem from before the page loaded it is false: the
 * server's state says whether the code has ended
 */
function place(state: VerificationState, at: Problem['at'], failure: Failure, isTry = false): VerificationState {
  const { sent } = state;
  const wait = waitOf(failure);
  if (!sent || state.step === 'phone') return { ...state, problem: { ...failure, at, wait } };
  const ended = endedBy(failure, isTry);
  if (ended) return { ...state, problem: null, sent: { ...sent, ended } };
  if (at === 'code') return { ...state, problem: { ...failure, at, wait } };
  const resend = wait.seconds > 0 ? wait : sent.resend;
  return { ...state, problem: { ...failure, at, wait: NO_WAIT }, sent: { ...sent, resend } };
}

/** Adds the problem's announcement. A screen that replaces the field needs none: its heading names the problem. */
const announced = (state: VerificationState): VerificationState => ({
  ...state,
  announcement: state.problem && { kind: 'problem', problem: state.problem },
});

/**
 * Whether the verification is gone, so that nothing on the code screen can work. A resend replaces a code that has
 * ended. If the server still reports an ended code, the verification is gone, too.
 */
function sessionLost({ step }: VerificationState, task: Task, { about }: Failure): boolean {
  return step === 'code' && (about === 'verification' || (task === 'resend' && about === 'code'));
}

export function sentCode(from: SendReply | PendingVerification, serial: number): SentCode {
  return {
    ...from,
    expiry: { seconds: from.expiresInSeconds },
    resend: { seconds: from.resendInSeconds },
    ended: 'attemptsRemaining' in from && from.attemptsRemaining === 0 ? { by: 'TOO_MANY_ATTEMPTS', lock: null } : null,
    resent: null,
    serial,
  };
}
