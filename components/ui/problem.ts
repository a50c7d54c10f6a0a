import type { Challenge, ErrorReply, ProblemPlace } from '@/lib/contract';
import type { ErrorSubject } from '@/lib/errors';
import type { ProblemCode } from '@/lib/i18n/messages';
import type { Wait } from './use-countdown';

/** Why something did not succeed: the server's word, what the browser saw instead of one, or what is wrong in a field. */
export interface Failure {
  /** Names its text. */
  code: ProblemCode;
  about: ErrorSubject;
  reason?: ErrorReply['reason'];
  /** Whole seconds until asking again makes sense. */
  retryAfterSeconds?: number;
  attemptsRemaining?: number;
  /** With `CHALLENGE_REQUIRED`: what to solve. */
  challenge?: Challenge;
  /** With `CHALLENGE_REQUIRED`, without script: what the form sends once the wait is over. */
  ticket?: string;
}

/** Something to tell the person, and the control it belongs to. */
export interface Problem extends Failure {
  at: ProblemPlace;
  wait: Wait;
}
