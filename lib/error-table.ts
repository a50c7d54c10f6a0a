import type { Challenge } from 'altcha-lib';

/**
 * What an error is about, which decides how the page reacts to it:
 * - `value`: the typed value is wrong.
 * - `code`: the code no longer works; only a new one helps.
 * - `verification`: there is no verification, or session, to continue.
 * - `login`: the login at another application has ended; only that application can start a new one.
 * - `limit`: the request came too soon.
 * - `outage`: nothing is wrong with the request; the same one may work a moment later.
 * - `request`: the client program made a mistake; repeating the request does not help.
 */
export type ErrorSubject = 'value' | 'code' | 'verification' | 'login' | 'limit' | 'outage' | 'request';

/** A row for each error code; `ERRORS` in errors.ts says what the columns mean, and checks them. */
export const TABLE = {
  METHOD_NOT_ALLOWED: {
    status: 405,
    about: 'request',
    message: 'This address does not support that method. See the Allow header.',
  },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, about: 'request', message: 'Send the request body as application/json.' },
  REQUEST_TIMEOUT: { status: 408, about: 'outage', message: 'The request body did not arrive in time. Send it again.' },
  INVALID_REQUEST: { status: 400, about: 'request', message: 'The request is not valid.' },
  BODY_TOO_LARGE: {
    status: 413,
    about: 'request',
    message: 'The request body is too large. The limit is 4 kB.',
  },
  FORBIDDEN_ORIGIN: {
    status: 403,
    about: 'request',
    event: 'request.cross_site',
    message: 'Requests from other sites are not accepted.',
  },
  INVALID_PHONE_NUMBER: {
    status: 400,
    about: 'value',
    message: 'That is not a valid phone number. Write it with a plus and the country code, like +1 415 555 2671.',
  },
  PHONE_NUMBER_NOT_SUPPORTED: {
    status: 422,
    about: 'value',
    message: 'Codes cannot be sent to this kind of number. Use a mobile number.',
  },
  INVALID_PIN_FORMAT: {
    status: 400,
    about: 'value',
    message: 'The code does not have the right format. Enter all its digits.',
  },
  MISSING_PIN_ID: {
    status: 400,
    about: 'verification',
    message: 'No verification is in progress. Request a code first.',
  },
  PIN_NOT_FOUND: { status: 404, about: 'code', message: 'This code is no longer valid. Ask for a new one.' },
  NO_VERIFICATION: {
    status: 404,
    about: 'verification',
    message: 'No verification is in progress. Request a code first.',
  },
  LOGIN_NOT_FOUND: {
    status: 404,
    about: 'login',
    message:
      'This request has expired or belongs to another browser. Go back to the application that sent you here, and start again.',
  },
  NO_SESSION: { status: 401, about: 'verification', message: 'No number is verified. Verify one first.' },
  STEP_UP_REQUIRED: {
    status: 403,
    about: 'verification',
    event: 'factor.step_up_required',
    message: 'This number has other ways to verify. Verify with one of them first.',
  },
  CEREMONY_NOT_FOUND: {
    status: 400,
    about: 'verification',
    message: 'This has expired, has already been finished, or was started elsewhere. Start again.',
  },
  PASSKEY_REJECTED: {
    status: 422,
    about: 'value',
    message: 'This passkey cannot be accepted. Use another way to verify.',
  },
  NUMBER_STALE: {
    status: 409,
    about: 'verification',
    message: 'This number was last verified with a code a long time ago. Verify it with a code as well.',
  },
  WRONG_CODE: {
    status: 400,
    about: 'value',
    message: "That code isn't correct, or was used before. Enter the next one.",
  },
  TOO_MANY_FACTORS: {
    status: 409,
    about: 'request',
    message: 'This account has no room for another one. Remove one first.',
  },
  FACTOR_NOT_FOUND: { status: 404, about: 'verification', message: 'There is no such way to verify in this account.' },
  PIN_EXPIRED: { status: 410, about: 'code', message: 'This code has expired. Ask for a new one.' },
  WRONG_PIN: { status: 400, about: 'value', message: "That code isn't correct. Check it and try again." },
  TOO_MANY_ATTEMPTS: {
    status: 429,
    about: 'code',
    event: 'verification.exhausted',
    message: 'Too many wrong codes. Ask for a new code.',
  },
  NUMBER_LOCKED: {
    status: 429,
    about: 'limit',
    message: 'Too many wrong codes were entered for this number. Try again later.',
  },
  RATE_LIMITED: { status: 429, about: 'limit', message: 'That was too soon. Wait a moment and try again.' },
  CHALLENGE_REQUIRED: {
    status: 428,
    about: 'limit',
    event: 'challenge.required',
    message: 'Solve the challenge in this reply, and send the request again with its solution.',
  },
  DESTINATION_SUSPENDED: {
    status: 429,
    about: 'limit',
    event: 'destination.suspended',
    message: 'Codes to numbers like this one are on hold for now. Use another number, or try again later.',
  },
  BUDGET_EXHAUSTED: {
    status: 429,
    about: 'limit',
    message: "We can't send any more codes right now. Please try again later.",
  },
  QUOTA_EXHAUSTED: {
    status: 429,
    about: 'limit',
    message: 'This API client has used up its messages or its budget for the day. Try again later.',
  },
  NOT_DELIVERED: {
    status: 422,
    about: 'value',
    message: 'The code could not be delivered to this number. Check the number, or use another one.',
  },
  UPSTREAM_REJECTED_US: {
    status: 503,
    about: 'outage',
    event: 'upstream.rejected_us',
    message: "We can't send or check codes right now. Please try again later.",
  },
  UPSTREAM_UNAVAILABLE: {
    status: 503,
    about: 'outage',
    message: "We can't send or check codes right now. Please try again shortly.",
  },
  UPSTREAM_BAD_REPLY: {
    status: 502,
    about: 'outage',
    message: 'The messaging service did not answer properly. Please try again.',
  },
  UPSTREAM_TIMEOUT: { status: 504, about: 'outage', message: 'The messaging service took too long. Please try again.' },
  STORE_UNAVAILABLE: {
    status: 503,
    about: 'outage',
    message: "We can't send or check codes right now. Please try again shortly.",
  },
  API_KEY_REQUIRED: {
    status: 401,
    about: 'request',
    event: 'api_key.refused',
    message: "Send a valid API key: Authorization: Basic …, with the client's id and its secret.",
  },
  FACTORS_NOT_ALLOWED: {
    status: 403,
    about: 'request',
    message: 'This API client may not change factors. Its entry in API_CLIENTS needs "manageFactors": true.',
  },
  UNAUTHORIZED: {
    status: 401,
    about: 'request',
    event: 'metrics.unauthorized',
    message: 'Send a valid token: Authorization: Bearer …',
  },
  NOT_FOUND: { status: 404, about: 'request', message: 'There is nothing at this address.' },
  NOT_READY: { status: 503, about: 'outage', message: 'This instance cannot serve requests at the moment.' },
  UNKNOWN_CALLING_CODE: {
    status: 404,
    about: 'request',
    message: 'No country that gets codes has this calling code.',
  },
  INTERNAL_ERROR: {
    status: 500,
    about: 'outage',
    event: 'internal.error',
    message: 'Something went wrong on our side. Please try again.',
  },
} as const;

/** One of the stable codes in {@link TABLE}. */
export type ErrorCode = keyof typeof TABLE;

/**
 * What each code is about. The page gets this with its state, because importing the whole table would add its messages
 * to the page's script.
 */
export type ErrorSubjects = Readonly<Record<ErrorCode, ErrorSubject>>;

/** Why a number cannot get a code, for pages that explain it in their own words. */
export const REFUSAL_REASONS = ['country', 'landline', 'no-calls'] as const;

/**
 * `country`: the country gets no codes. `landline`: a landline cannot take a text message. `no-calls`: the country gets
 * no calls.
 */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** With `RATE_LIMITED`: the client's network requested too many codes, and verified too few. */
export type LimitReason = 'network';

/** Any reply with a status of 400 and above. */
export interface ErrorReply {
  code: ErrorCode;
  message: string;
  /** With `PHONE_NUMBER_NOT_SUPPORTED` and `RATE_LIMITED`, if there is a more specific reason. */
  reason?: RefusalReason | LimitReason;
  /** On `/api/verify-otp` only. */
  verified?: false;
  /** Whole seconds; the same as the `Retry-After` header. */
  retryAfterSeconds?: number;
  /** With `WRONG_PIN`. */
  attemptsRemaining?: number;
  /** With `STEP_UP_REQUIRED`: `passkey`, `totp`, `recovery-code`. */
  methods?: readonly string[];
  /** With `NUMBER_STALE`, for programs: send it with the code that completes the verification. */
  ceremony?: string;
  /** With `NOT_READY`: which of `store`, `database` and `breaker` are not ready. */
  missing?: readonly string[];
  /** With `CHALLENGE_REQUIRED`: the challenge to solve, in the form that altcha-lib's `solveChallenge` takes. */
  challenge?: Challenge;
}
