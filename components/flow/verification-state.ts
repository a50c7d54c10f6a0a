import type { Failure, Problem } from '@/components/ui/problem';
import { NO_WAIT, type Wait } from '@/components/ui/use-countdown';
import type { Channel, PageState, PendingVerification, ResendReply, SendReply } from '@/lib/contract';
import { type Ended, endedBy } from './ended';

/** What may be under way: one thing at a time. */
export type Task = 'send' | 'verify' | 'resend';

/** A code that was sent, as the code screen shows it. */
export interface SentCode {
  /** The number: whole in the browser that it was typed in, else masked. */
  to: string;
  channel: Channel;
  pinLength: number;
  expiry: Wait;
  resend: Wait;
  /** A call can be asked for. */
  callOffered: boolean;
  /** Why the server takes no code any more; null where it does. */
  ended: Ended | null;
  /** What became of a resend; null before one. */
  resent: 'same-code' | 'new-code' | null;
  /** Counts the messages of this page's life: another one is a fresh start for the field. */
  serial: number;
}

/** What to announce; the words are the components'. */
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
  /** As typed, for coming back to the phone screen. */
  typedNumber: string;
  /** ISO 3166-1 alpha-2, as chosen. */
  country: string;
  /** E.164; empty until the step is `verified`. */
  verifiedNumber: string;
  /** The same number as it is shown. */
  verifiedNumberText: string;
  announcement: Announcement | null;
  /** Counts the announcements: the same one again is to be heard again. */
  announcementCount: number;
  /** How often a number was verified in this page's life. */
  successes: number;
}

/** What the server knows of this browser, asked for again. */
export type Restored =
  | { step: 'code'; pending: PendingVerification }
  | { step: 'verified'; phoneNumber: string }
  | { step: 'phone' };

export type VerificationEvent =
  | { type: 'started'; task: Task; typed?: { number: string; country: string } }
  | { type: 'challenged' }
  | { type: 'sent'; reply: SendReply }
  | { type: 'resent'; reply: ResendReply }
  | { type: 'verified'; phoneNumber: string }
  | { type: 'failed'; task: Task; failure: Failure }
  | { type: 'restored'; restored: Restored }
  | { type: 'edited' }
  | { type: 'numberChanged' }
  | { type: 'returnedToCode' };

const AT = { send: 'phone', verify: 'code', resend: 'resend' } as const satisfies Record<Task, Problem['at']>;

export function initialState({
  step,
  pending,
  problem,
  errorSubjects,
  verifiedNumber,
  verifiedNumberText,
  country,
}: PageState): VerificationState {
  const sent = pending && sentCode(pending, 0);
  const shown = step === 'code' && !sent ? 'phone' : step;
  const state: VerificationState = {
    step: shown,
    task: null,
    problem: null,
    sent,
    typedNumber: problem?.typed?.number ?? '',
    country: problem?.typed?.country || country,
    verifiedNumber: verifiedNumber ?? '',
    verifiedNumberText: verifiedNumberText ?? '',
    announcement: null,
    announcementCount: 0,
    successes: 0,
  };
  if (!problem) return state;
  // What is about a code that is gone is told where the person goes on.
  return place(state, shown === 'phone' ? 'phone' : problem.at, { ...problem, about: errorSubjects[problem.code] });
}

/** The whole behaviour of the flow, without network and words: what each event makes of the state. */
export function reduce(state: VerificationState, event: VerificationEvent): VerificationState {
  const next = change(state, event);
  return next.announcement === state.announcement ? next : { ...next, announcementCount: state.announcementCount + 1 };
}

function change(state: VerificationState, event: VerificationEvent): VerificationState {
  switch (event.type) {
    case 'started': {
      const { task, typed } = event;
      const input = typed ? { typedNumber: typed.number, country: typed.country } : {};
      return { ...state, ...input, task, problem: null, announcement: { kind: 'busy', task } };
    }
    case 'challenged':
      return { ...state, announcement: { kind: 'challenged' } };
    case 'sent': {
      const sent = sentCode(event.reply, serialOf(state) + 1);
      return { ...moveTo('code', state), sent, announcement: { kind: 'sent', sent } };
    }
    case 'resent': {
      const sent: SentCode = {
        ...sentCode(event.reply, serialOf(state) + 1),
        resent: event.reply.newPin ? 'new-code' : 'same-code',
      };
      return { ...state, task: null, problem: null, sent, announcement: { kind: 'sent', sent } };
    }
    case 'verified':
      return { ...verified(state, event.phoneNumber), announcement: { kind: 'verified' } };
    case 'failed':
      return fail(state, event.task, event.failure);
    case 'restored':
      return restore(state, event.restored);
    case 'edited':
      return state.problem ? { ...state, problem: null, announcement: null } : state;
    case 'numberChanged':
      return { ...moveTo('phone', state), verifiedNumber: '', announcement: null };
    case 'returnedToCode':
      return { ...moveTo('code', state), announcement: null };
  }
}

function moveTo(step: VerificationState['step'], state: VerificationState): VerificationState {
  return { ...state, step, task: null, problem: null };
}

/** A verified number as it was shown with its code; as it is where that was masked, or another number. */
const textOf = (phoneNumber: string, sent: SentCode | null): string =>
  sent?.to.replace(/[^+\d]/g, '') === phoneNumber ? sent.to : phoneNumber;

const verified = (state: VerificationState, phoneNumber: string): VerificationState => ({
  ...moveTo('verified', state),
  sent: null,
  typedNumber: '',
  verifiedNumber: phoneNumber,
  verifiedNumberText: textOf(phoneNumber, state.sent),
  successes: state.successes + 1,
});

const waitOf = ({ retryAfterSeconds }: Pick<Failure, 'retryAfterSeconds'>): Wait =>
  retryAfterSeconds ? { seconds: retryAfterSeconds } : NO_WAIT;

function fail(state: VerificationState, task: Task, failure: Failure): VerificationState {
  const lost = sessionLost(task, failure);
  if (lost) return announced(place({ ...moveTo('phone', state), sent: null }, 'phone', failure));
  const sent = state.sent && { ...state.sent, resent: null };
  return announced(place({ ...state, task: null, sent }, AT[task], failure, task === 'verify'));
}

/**
 * Puts a failure where it is told: in place of the code's screen, on the button that has to wait, or beside its field.
 * @param isTry whether a code was tried just now; where it was before the page loaded, the server knows better how it stands
 */
function place(state: VerificationState, at: Problem['at'], failure: Failure, isTry = false): VerificationState {
  const { sent } = state;
  const wait = waitOf(failure);
  if (!sent || at === 'phone') return { ...state, problem: { ...failure, at, wait } };
  const ended = endedBy(failure, isTry);
  if (ended) return { ...state, problem: null, sent: { ...sent, ended } };
  if (at === 'code') return { ...state, problem: { ...failure, at, wait } };
  const resend = wait.seconds > 0 ? wait : sent.resend;
  return { ...state, problem: { ...failure, at, wait: NO_WAIT }, sent: { ...sent, resend } };
}

/** The same with what a screen reader is told of it. A screen that takes the place of the field says so by its heading. */
const announced = (state: VerificationState): VerificationState => ({
  ...state,
  announcement: state.problem && { kind: 'problem', problem: state.problem },
});

/**
 * The server knows of no verification any more, so nothing on the code screen can work. A resend replaces a code that has
 * ended: where the server says so of the code all the same, the verification is gone with it.
 */
function sessionLost(task: Task, { about }: Failure): boolean {
  return task !== 'send' && (about === 'verification' || (task === 'resend' && about === 'code'));
}

/** After a while away: another tab may have gone on, or the code may have been used. What was typed stays. */
function restore(state: VerificationState, restored: Restored): VerificationState {
  if (restored.step === 'code') return { ...state, ...restoreCode(state, restored.pending) };
  if (state.step !== 'code') return restored.step === 'phone' ? { ...state, sent: null } : state;
  if (restored.step === 'verified')
    return { ...verified(state, restored.phoneNumber), announcement: { kind: 'verified' } };
  const problem: Problem = { code: 'NO_VERIFICATION', about: 'verification', at: 'phone', wait: NO_WAIT };
  return { ...moveTo('phone', state), sent: null, problem, announcement: { kind: 'problem', problem } };
}

/** The code as the server knows it. Another tab may have had another one sent: then all that was said of the old one goes. */
function restoreCode({ sent, problem }: VerificationState, pending: PendingVerification) {
  const same = sent !== null && sent.to === pending.to && sent.channel === pending.channel;
  const isLocked = sent?.ended?.by === 'NUMBER_LOCKED';
  const isAnother = !same || (sent.ended !== null && !isLocked && pending.attemptsRemaining > 0);
  const restored = sentCode(pending, (sent?.serial ?? 0) + (isAnother ? 1 : 0));
  if (isAnother) return { sent: restored, problem: problem?.at === 'phone' ? problem : null };
  return { sent: { ...restored, ended: isLocked ? sent.ended : restored.ended, resent: sent.resent } };
}

const serialOf = ({ sent }: VerificationState) => sent?.serial ?? 0;

function sentCode(from: SendReply | PendingVerification, serial: number): SentCode {
  return {
    to: from.to,
    channel: from.channel,
    pinLength: from.pinLength,
    expiry: { seconds: from.expiresInSeconds },
    resend: { seconds: from.resendInSeconds },
    callOffered: from.callOffered,
    ended: 'attemptsRemaining' in from && from.attemptsRemaining === 0 ? { by: 'TOO_MANY_ATTEMPTS', lock: null } : null,
    resent: null,
    serial,
  };
}
