import type { PendingVerification, ResendReply, SendReply, VerifyReply } from '@/lib/contract';
import type { Failure } from './api';
import { NO_WAIT, type Wait } from './use-countdown';
import { waitInWords } from './wait-in-words';

/** What may be under way: one thing at a time. */
export type Task = 'send' | 'verify' | 'resend';

/** Something to tell the person, and the control it belongs to. */
export interface Problem extends Failure {
  at: 'phone' | 'code' | 'resend';
  wait: Wait;
}

/** A code that was sent, as the code screen shows it. */
export interface SentCode {
  /** The masked number. */
  to: string;
  channel: SendReply['channel'];
  pinLength: number;
  expiry: Wait;
  resend: Wait;
  /** The server takes this code no more: only a new one helps. */
  spent: boolean;
  /** Shown after a resend: what became of the codes before. */
  notice: string;
}

export interface VerificationState {
  step: 'phone' | 'code' | 'verified';
  /** False until the first change of step: a page that just loaded leaves the focus alone. */
  moved: boolean;
  task: Task | null;
  problem: Problem | null;
  sent: SentCode | null;
  /** As typed, for coming back to the phone screen. */
  typedNumber: string;
  /** E.164; empty until the step is `verified`. */
  verifiedNumber: string;
  /** For the live region. */
  announcement: string;
}

export type VerificationEvent =
  | { type: 'started'; task: Task; typedNumber?: string }
  | { type: 'sent'; reply: SendReply }
  | { type: 'resent'; reply: ResendReply }
  | { type: 'verified'; reply: VerifyReply }
  | { type: 'failed'; task: Task; failure: Failure }
  | { type: 'edited' }
  | { type: 'numberChanged' }
  | { type: 'returnedToCode' }
  | { type: 'restarted' };

/** These end a code; the person stays on its screen, where a new one is a button away. */
const SPENT: ReadonlySet<string> = new Set(['TOO_MANY_ATTEMPTS', 'PIN_NOT_FOUND', 'PIN_EXPIRED']);

const BUSY_WORDS = {
  send: 'Sending a code…',
  verify: 'Checking the code…',
  resend: 'Sending the code again…',
} as const;

export function initialState(pending: PendingVerification | null): VerificationState {
  return {
    step: pending ? 'code' : 'phone',
    moved: false,
    task: null,
    problem: null,
    sent: pending && { ...sentCode(pending), spent: pending.attemptsRemaining === 0 },
    typedNumber: '',
    verifiedNumber: '',
    announcement: '',
  };
}

/** The whole behaviour of the page, without the network: what each event makes of the state. */
export function reduce(state: VerificationState, event: VerificationEvent): VerificationState {
  switch (event.type) {
    case 'started':
      return {
        ...state,
        task: event.task,
        problem: null,
        typedNumber: event.typedNumber ?? state.typedNumber,
        announcement: BUSY_WORDS[event.task],
      };
    case 'sent':
      return {
        ...moveTo('code', state),
        sent: sentCode(event.reply),
        announcement: `A code is on its way to ${event.reply.to}.`,
      };
    case 'resent': {
      const notice = event.reply.newPin
        ? 'A new code is on its way; earlier ones no longer work.'
        : 'The code is on its way again.';
      return { ...state, task: null, sent: { ...sentCode(event.reply), notice }, announcement: notice };
    }
    case 'verified':
      return {
        ...moveTo('verified', state),
        sent: null,
        typedNumber: '',
        verifiedNumber: event.reply.phoneNumber,
        announcement: 'Success! Phone number verified.',
      };
    case 'failed':
      return fail(state, event.task, event.failure);
    case 'edited':
      return state.problem ? { ...state, problem: null } : state;
    case 'numberChanged':
      return { ...moveTo('phone', state), announcement: '' };
    case 'returnedToCode':
      return { ...moveTo('code', state), announcement: '' };
    case 'restarted':
      return { ...initialState(null), moved: true };
  }
}

function moveTo(step: VerificationState['step'], state: VerificationState): VerificationState {
  return { ...state, step, moved: true, task: null, problem: null };
}

function fail(state: VerificationState, task: Task, failure: Failure): VerificationState {
  const wait = failure.retryAfterSeconds ? { seconds: failure.retryAfterSeconds } : NO_WAIT;
  const announcement = describe(failure);

  if (sessionLost(task, failure)) {
    return { ...moveTo('phone', state), sent: null, problem: { ...failure, wait, at: 'phone' }, announcement };
  }
  const at = task === 'send' ? 'phone' : task === 'verify' ? 'code' : 'resend';
  const sent = state.sent && {
    ...state.sent,
    spent: state.sent.spent || (task === 'verify' && (SPENT.has(failure.code) || failure.attemptsRemaining === 0)),
    resend: task === 'resend' && wait.seconds > 0 ? wait : state.sent.resend,
    notice: '',
  };
  return { ...state, task: null, sent, problem: { ...failure, wait, at }, announcement };
}

/** The server knows of no verification any more, so nothing on the code screen can work. */
function sessionLost(task: Task, { code }: Failure): boolean {
  return task !== 'send' && (code === 'MISSING_PIN_ID' || (task === 'resend' && code === 'PIN_NOT_FOUND'));
}

function sentCode(from: SendReply | PendingVerification): SentCode {
  return {
    to: from.to,
    channel: from.channel,
    pinLength: from.pinLength,
    expiry: { seconds: from.expiresInSeconds },
    resend: { seconds: from.resendInSeconds },
    spent: false,
    notice: '',
  };
}

/** "2 tries left." */
export function triesLeft(attempts: number): string {
  return `${attempts === 0 ? 'No' : attempts} ${attempts === 1 ? 'try' : 'tries'} left.`;
}

function describe({ message, attemptsRemaining, retryAfterSeconds }: Failure): string {
  const parts = [message];
  if (attemptsRemaining !== undefined) parts.push(triesLeft(attemptsRemaining));
  if (retryAfterSeconds) parts.push(`Try again in ${waitInWords(retryAfterSeconds)}.`);
  return parts.join(' ');
}
