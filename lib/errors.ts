import type { Challenge } from 'altcha-lib';
import type { EventName } from '@/lib/observability/events';
import {
  type ErrorCode,
  type ErrorReply,
  type ErrorSubject,
  type LimitReason,
  type RefusalReason,
  TABLE,
} from './error-table';

export {
  type ErrorCode,
  type ErrorReply,
  type ErrorSubject,
  type ErrorSubjects,
  type LimitReason,
  REFUSAL_REASONS,
  type RefusalReason,
} from './error-table';

/** The properties of an error code. */
interface ErrorRow {
  /** Status of the HTTP reply. */
  readonly status: number;
  readonly about: ErrorSubject;
  /** The event to log, if the error matters for security or operations. */
  readonly event?: EventName;
  /** Tells a person what to do. Never contains text from upstream. */
  readonly message: string;
}

/** Every error code in replies of this service. Codes are stable: programs may rely on them. Browser-safe. */
export const ERRORS: Readonly<Record<ErrorCode, ErrorRow>> = TABLE;

/** Details of an error besides its code. */
export interface ErrorDetails {
  /** HTTP status in place of the table's, for a `PASSKEY_REJECTED` that ends a verification and not an enrollment. */
  status?: 401;
  /** For people, instead of the table's message. Never contains text from upstream. */
  message?: string;
  /** With `PHONE_NUMBER_NOT_SUPPORTED` and `RATE_LIMITED`. */
  reason?: RefusalReason | LimitReason;
  /** Whole seconds until a retry makes sense; also sent as `Retry-After`. */
  retryAfterSeconds?: number;
  /** With `WRONG_PIN`: attempts left on the code. */
  attemptsRemaining?: number;
  /** With `STEP_UP_REQUIRED`: what the number's owner can verify with instead. */
  methods?: readonly string[];
  /** With `NUMBER_STALE`: the token that lets a code complete the verification. Only programs get it in the body. */
  ceremony?: string;
  /** With `NOT_READY`: what the instance is waiting for. */
  missing?: readonly string[];
  /**
   * With `CHALLENGE_REQUIRED`, for the function that creates the challenge: how hard it should be, from 1 to 4. Never
   * sent.
   */
  challengeLevel?: number;
  /** With `CHALLENGE_REQUIRED`. */
  challenge?: Challenge;
  /**
   * With `CHALLENGE_REQUIRED`, for a form that the browser submits without script: the ticket that replaces a solution
   * after a wait.
   */
  ticket?: { readonly text: string; readonly waitSeconds: number };
  /**
   * For operators only, like `cause`: the name of the limit that refused the request, such as `LIMIT_SEND_PER_NUMBER`,
   * `NUMBER_LOCK` or `INFOBIP`.
   */
  limit?: string;
  /** For operators only: the event, if it differs from that of the code. */
  event?: EventName;
  /** For operators only: logged, never sent. Contains no PIN, key or phone number. */
  cause?: unknown;
}

const BRAND = Symbol.for('phone-verification.app-error');

/**
 * The error with which use cases and guards refuse a request. The route turns it into a reply. Next gives each entry
 * point its own instances of modules, so `instanceof` looks for a symbol instead of comparing classes.
 */
export class AppError extends Error {
  static override [Symbol.hasInstance](value: unknown): value is AppError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  readonly [BRAND] = true;
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    const { stackTraceLimit } = Error;
    // Nobody reads the stack of a refusal, and refusals must stay cheap during a flood of requests.
    Error.stackTraceLimit = 0;
    super(code, { cause: details.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }

  /** HTTP status of the reply. */
  get status(): number {
    return this.details.status ?? ERRORS[this.code].status;
  }

  /** Body of the reply. */
  toReply(): ErrorReply {
    const { message, reason, retryAfterSeconds, attemptsRemaining, methods, ceremony, missing, challenge } =
      this.details;
    return {
      code: this.code,
      message: message ?? ERRORS[this.code].message,
      ...(reason !== undefined && { reason }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...(attemptsRemaining !== undefined && { attemptsRemaining }),
      ...(methods !== undefined && { methods }),
      ...(ceremony !== undefined && { ceremony }),
      ...(missing !== undefined && { missing }),
      ...(challenge !== undefined && { challenge }),
    };
  }
}
