/**
 * What page, routes and documentation agree on: the JSON of requests and replies.
 * Browser-safe: types only. `docs/openapi.json` says the same for programs.
 */
import type { ErrorCode, ErrorReply, ErrorSubjects } from '@/lib/errors';
import type { Language } from '@/lib/i18n/languages';
import type { Messages } from '@/lib/i18n/messages';

export type { Challenge } from 'altcha-lib';
export type { ErrorReply } from '@/lib/errors';

/** How a code travels: text message or phone call. */
export type Channel = 'sms' | 'voice';

/** `POST /api/send-otp` */
export interface SendRequest {
  /** International with `+`, or national together with `country`. At most 32 characters. */
  phoneNumber: string;
  /** ISO 3166-1 alpha-2, upper case. */
  country?: string;
  /** Default `sms`. */
  channel?: Channel;
  /** Of the message. Default `en`. */
  language?: Language;
  /** Of the challenge in a reply of 428 to the same request: base64url of the JSON `{ challenge, solution }`. */
  solution?: string;
}

/** A code is on its way. */
export interface SendReply {
  message: string;
  /** The number, masked: `+1 •••••••671`. */
  to: string;
  channel: Channel;
  /** Digits in the code. */
  pinLength: number;
  /** Whole seconds until the code expires. */
  expiresInSeconds: number;
  /** Whole seconds until another message to this number is allowed. */
  resendInSeconds: number;
  /** True where a call can be asked for instead: the number takes calls, and was sent at least two messages. */
  callOffered: boolean;
  /** The verification's token, for clients that are not browsers; browsers hold it as a cookie. */
  pinId?: string;
}

/** `POST /api/resend-otp` */
export interface ResendRequest {
  /** Default: as the code was sent before. */
  channel?: Channel;
  /** Of the message. Default: that of the message before. */
  language?: Language;
  pinId?: string;
  /** As with {@link SendRequest}. */
  solution?: string;
}

export interface ResendReply extends SendReply {
  /** True where a new code was made, and codes sent before no longer count. */
  newPin: boolean;
}

/** `POST /api/verify-otp` */
export interface VerifyRequest {
  /** The digits as typed; spaces and dashes are fine. */
  pin: string;
  pinId?: string;
}

export interface VerifyReply {
  verified: true;
  message: string;
  /** The verified number in E.164. */
  phoneNumber: string;
  /** A signed JWT that says so to other programs, for clients that are no browser; browsers hold a session instead. */
  proof?: string;
}

/** `GET /api/session`: what this browser has verified. */
export interface SessionReply {
  /** E.164. */
  phoneNumber: string;
  channel: Channel;
  /** Time of the verification, and when session and proof end (RFC 3339, in UTC). */
  verifiedAt: string;
  expiresAt: string;
  /** A signed JWT that says so to other programs. */
  proof: string;
}

/** `GET /api/ready` */
export interface ReadyReply {
  status: 'ready';
  /** Variables that do not fit what arrives, and `clock` while this machine's differs from Infobip's. */
  warnings: string[];
}

/** `GET /api/verification`: the verification under way, as the page shows it after a reload. */
export interface PendingVerification {
  to: string;
  channel: Channel;
  pinLength: number;
  /** 0 when the code has expired; a resend then makes a new one. */
  expiresInSeconds: number;
  resendInSeconds: number;
  callOffered: boolean;
  attemptsRemaining: number;
}

/**
 * `GET /api/phone-metadata`: the part of libphonenumber's metadata for one calling code, in the form that
 * `libphonenumber-js/core` takes.
 */
export interface PhoneMetadata {
  version: number;
  /** One calling code, and its countries: ISO 3166-1 alpha-2, the main one first. */
  country_calling_codes: Record<string, readonly string[]>;
  /** libphonenumber's own data on each of them. */
  countries: Record<string, unknown>;
}

/** Where the page shows what went wrong: with the number, the code, or sending it again. */
export type ProblemPlace = 'phone' | 'code' | 'resend';

/** A number as a person typed it. */
export interface TypedNumber {
  readonly number: string;
  /** ISO 3166-1 alpha-2; for numbers without a plus. */
  readonly country: string;
}

/** What went wrong with a form that the browser submitted without script. */
export interface PageProblem {
  code: ErrorCode;
  at: ProblemPlace;
  reason?: NonNullable<ErrorReply['reason']>;
  retryAfterSeconds?: number;
  attemptsRemaining?: number;
  /** With `CHALLENGE_REQUIRED`: what the form sends as its `solution` once the wait is over. */
  ticket?: string;
  /** With a ticket, which is for this number alone. */
  typed?: TypedNumber;
}

/** A country to choose from. */
export interface PageCountry {
  /** ISO 3166-1 alpha-2. */
  code: string;
  /** In the language of the page. */
  name: string;
  /** Digits only: `44`. */
  callingCode: string;
}

/** What the server tells the page when it loads. */
export interface PageState {
  language: Language;
  /** The texts in that language. */
  messages: Messages;
  /** What each error code is about. */
  errorSubjects: ErrorSubjects;
  /** Those that codes are sent to, by name. */
  countries: readonly PageCountry[];
  /** The one the person is likely in; one of `countries`. */
  country: string;
  /** Those that calls go to; null for all. */
  callCountries: readonly string[] | null;
  /** The screen to show. */
  step: 'phone' | 'code' | 'verified';
  /** The verification of this browser, also where another screen is to be shown; null where there is none. */
  pending: PendingVerification | null;
  /** What this browser has verified, in E.164; null where it has not. */
  verifiedNumber: string | null;
  /** What went wrong with a form that the browser submitted without script; null where nothing did. */
  problem: PageProblem | null;
  /** The simulator's inbox, in demo mode only. */
  inboxUrl: string | null;
}
