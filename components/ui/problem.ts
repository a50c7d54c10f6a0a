import type { Challenge, ErrorReply, ProblemPlace } from '@/lib/contract';
import type { ErrorSubject } from '@/lib/errors';
import type { ProblemCode } from '@/lib/i18n/messages';
import type { Wait } from './use-countdown';

/** Why something failed: an error from the server, one that the browser noticed, or a mistake in a field. */
export interface Failure {
  /** The control that the failure belongs to, if it is not the one that the person used. */
  at?: Problem['at'];
  /** The key of its text. */
  code: ProblemCode;
  about: ErrorSubject;
  reason?: ErrorReply['reason'];
  /** Whole seconds until a retry makes sense. */
  retryAfterSeconds?: number;
  attemptsRemaining?: number;
  /** With `CHALLENGE_REQUIRED`: the challenge to solve. */
  challenge?: Challenge;
  /** With `CHALLENGE_REQUIRED`, without script: the ticket that the form sends once the wait is over. */
  ticket?: string;
}

/** A failure to show, and the control it belongs to. */
export interface Problem extends Failure {
  at: ProblemPlace | 'passkey';
  wait: Wait;
}
