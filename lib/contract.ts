/**
 * The JSON of requests and replies that the page, the routes and the documentation agree on. Browser-safe: types only.
 * `docs/openapi.json` says the same for programs.
 */
import type { ErrorCode, ErrorReply, ErrorSubjects } from '@/lib/error-table';
import type { Language } from '@/lib/i18n/languages';
import type { Messages } from '@/lib/i18n/messages';
import type { SignInMessages, WaysMessages } from '@/lib/i18n/ways/messages';

export type { Challenge } from 'altcha-lib';
export type { ErrorReply } from '@/lib/error-table';

/** How a code travels: by text message or phone call. */
export type Channel = 'sms' | 'voice';

/** Fields that only a program with an API key may add to a request. */
export interface ProgramFields {
  /** IP address of the person for whom the program acts. Rate limits count it in place of the program's own. */
  clientAddress?: string;
  /** Audience of the proof: one of those configured for the program, by default the first. */
  audience?: string;
  /** Comes back in the proof. 1 to 128 visible ASCII characters. */
  nonce?: string;
  /** Comes back in the proof. */
  purpose?: 'sign-up' | 'login' | 'confirm';
}

/** `POST /api/send-otp` */
export interface SendRequest extends ProgramFields {
  /** International with `+`, or national together with `country`. At most 32 characters. */
  phoneNumber: string;
  /** ISO 3166-1 alpha-2, upper case. */
  country?: string;
  /** Default `sms`. */
  channel?: Channel;
  /** Language of the message. Default `en`. */
  language?: Language;
  /**
   * Solution of the challenge that the same request got with status 428: base64url of the JSON `{ challenge, solution
   * }`.
   */
  solution?: string;
}

/** The server has sent a code. */
export interface SendReply {
  message: string;
  /**
   * The number: in full (`+1 415 555 2671`) in the browser where the person typed it, otherwise masked
   * (`+1 •••••••671`).
   */
  to: string;
  channel: Channel;
  /** Digits in the code. */
  pinLength: number;
  /** Whole seconds until the code expires. */
  expiresInSeconds: number;
  /** Whole seconds until this number may get another message. */
  resendInSeconds: number;
  /** True if the client may request a call instead: the number takes calls, and at least two messages went to it. */
  callOffered: boolean;
  /** The verification's token, for clients that are not browsers. Browsers hold it as a cookie. */
  pinId?: string;
}

/** `POST /api/resend-otp` */
export interface ResendRequest extends Pick<ProgramFields, 'clientAddress'> {
  /** Default: the channel of the last message. */
  channel?: Channel;
  /** Language of the message. Default: that of the last message. */
  language?: Language;
  pinId?: string;
  /** As in {@link SendRequest}. */
  solution?: string;
}

export interface ResendReply extends SendReply {
  /** True if the message contains a new code, which replaces all earlier ones. */
  newPin: boolean;
}

/** `POST /api/verify-otp` */
export interface VerifyRequest extends Pick<ProgramFields, 'clientAddress'> {
  /** The digits as typed; spaces and dashes are fine. */
  pin: string;
  pinId?: string;
  /**
   * For programs: the token from a `NUMBER_STALE` reply. With it, the code completes the verification that a factor
   * began.
   */
  ceremony?: string;
  /**
   * Token of the program's session with this person. A new session replaces it, and a factor used in it counts together
   * with the code.
   */
  session?: string;
}

export interface VerifyReply {
  verified: true;
  message: string;
  /** The verified number in E.164. */
  phoneNumber: string;
  /**
   * The same number as people write it: `+1 415 555 2671`. Only after a passkey, because nobody types a number for one.
   */
  phoneNumberText?: string;
  /**
   * A signed JWT that proves the verification to other programs, for clients that are not browsers. Browsers hold a
   * session instead.
   */
  proof?: string;
  /** Token of the session, for clients that are not browsers; missing if factors are switched off. */
  session?: string;
  /**
   * Types of factors that the number has, if a code alone verified it. Empty if a factor was used or added in the same
   * session; missing if factors are switched off.
   */
  factors?: FactorType[];
  /** Where the person goes next: a path on this origin, or a URL. The page goes there. */
  redirectTo?: string;
}

/** A way to verify besides codes by phone. */
export type FactorType = 'passkey' | 'totp';

/** Ways to verify with a code that does not come in a message. */
export type CodeFactorType = 'totp' | 'recovery-code';

/** A way to verify that a person has added. */
export interface FactorReply {
  id: string;
  type: FactorType;
  name: string;
  /** RFC 3339, in UTC. */
  createdAt: string;
  /** Null until somebody uses it. */
  lastUsedAt: string | null;
  /** Whether a passkey is kept on several devices. */
  synced: boolean;
}

/** `GET /api/factors` */
export interface FactorsReply {
  factors: FactorReply[];
  /** Number of unused recovery codes. */
  recoveryCodesLeft: number;
  /** When the requested reset takes effect, or took effect; null if none is pending. */
  resetAt: string | null;
}

/**
 * A program's tokens: of its session with a person, and of the ceremony that it has begun. Browsers hold both as
 * cookies.
 */
export interface ProgramTokens {
  session?: string;
  ceremony?: string;
}

/** `POST /api/passkeys/enrol-options`, `/api/totp/enrol`, `/api/recovery-codes` and `/api/factors/reset` */
export type SessionRequest = Pick<ProgramTokens, 'session'>;

/** Options for `navigator.credentials`, and the token of the ceremony for clients that are not browsers. */
export interface PasskeyOptionsReply<Options = object> {
  /** In the JSON form of WebAuthn Level 3, §5.1.8 and §5.1.9. */
  publicKey: Options;
  expiresInSeconds: number;
  ceremony?: string;
}

/** `POST /api/passkeys/enrol` */
export interface PasskeyEnrollRequest extends ProgramTokens {
  /** What `toJSON` of the browser's `PublicKeyCredential` returned. */
  credential: Record<string, unknown>;
  /** The person's name for the passkey, at most 64 characters. */
  name?: string;
}

/** `POST /api/passkeys/verify` */
export interface PasskeyVerifyRequest extends ProgramTokens, ProgramFields {
  credential: Record<string, unknown>;
}

/** A factor was added. The session that added it continues under a new token. */
export interface FactorAddedReply {
  factor: FactorReply;
  session?: string;
}

/** `POST /api/totp/enrol` */
export interface TotpEnrollReply {
  /** The secret in base32, for people who cannot scan the QR code. */
  secret: string;
  /** The `otpauth:` address from which an app learns the secret. */
  uri: string;
  /** The same address as a QR code, in SVG. */
  qr: string;
  expiresInSeconds: number;
  ceremony?: string;
}

/** `POST /api/totp/confirm` */
export interface TotpConfirmRequest extends ProgramTokens {
  /** Digits as typed. */
  code: string;
  name?: string;
}

export interface TotpConfirmReply extends FactorAddedReply {
  /** New codes, with the first authenticator app; missing if the person still has some, which stay valid. */
  recoveryCodes?: string[];
}

/** `POST /api/totp/verify` and `/api/recovery-codes/verify` */
export interface FactorCodeRequest extends Pick<ProgramTokens, 'session'>, ProgramFields {
  /** As in {@link SendRequest}. */
  phoneNumber: string;
  country?: string;
  /** The code as typed. */
  code: string;
}

/** `POST /api/recovery-codes` */
export interface RecoveryCodesReply {
  recoveryCodes: string[];
}

/** `POST /api/factors/reset` */
export interface ResetReply {
  /** RFC 3339, in UTC. */
  effectiveAt: string;
}

/** `GET /api/session`: the number that this browser has verified. */
export interface SessionReply {
  /** E.164. */
  phoneNumber: string;
  /** The code's channel; missing if the person used no code by phone. */
  channel?: Channel;
  /**
   * How strong the verification is: `phr` with a passkey, `otp` with an authenticator app or a recovery code,
   * `restricted` with a code by phone alone.
   */
  acr: 'phr' | 'otp' | 'restricted';
  /** Id of the account, if one of its factors was used or added in this session. */
  account?: string;
  /** When the person verified the number, and when the session and its proof expire (RFC 3339, in UTC). */
  verifiedAt: string;
  expiresAt: string;
  /** A signed JWT that proves the verification to other programs. */
  proof: string;
}

/** `GET /api/ready` */
export interface ReadyReply {
  status: 'ready';
  /**
   * Configuration variables that do not fit the incoming requests, and `clock` while this machine's clock differs from
   * Infobip's.
   */
  warnings: string[];
}

/** `GET /api/verification`: the verification in progress, as the page shows it after a reload. */
export interface PendingVerification {
  /** As in {@link SendReply}. */
  to: string;
  channel: Channel;
  pinLength: number;
  /** 0 when the code has expired; a resend then sends a new one. */
  expiresInSeconds: number;
  resendInSeconds: number;
  callOffered: boolean;
  attemptsRemaining: number;
}

/**
 * `GET /api/phone-metadata`: the part of libphonenumber's metadata for one calling code, in the form that
 * `libphonenumber-js/core` takes, with an example for each of its countries.
 */
export interface PhoneMetadata {
  version: number;
  /** One calling code, and its countries: ISO 3166-1 alpha-2, the main one first. */
  country_calling_codes: Record<string, readonly string[]>;
  /** libphonenumber's own data on each of them. */
  countries: Record<string, unknown>;
  /** A mobile number of each, as people there write it: `(201) 555-0123`. */
  examples: Record<string, string>;
}

/**
 * The part of a page that shows a problem. On the main page: the number, the code, or the resend. On the page for other
 * factors: the form for an authenticator app, or for a recovery code. `factors` is the page where people change their
 * factors.
 */
export type ProblemPlace = 'phone' | 'code' | 'resend' | 'totp' | 'recovery-code' | 'factors';

/** A number as the person typed it. */
export interface TypedNumber {
  readonly number: string;
  /** ISO 3166-1 alpha-2, for numbers without a plus. */
  readonly country: string;
}

/** The problem with a form that the browser submitted without script. */
export interface PageProblem {
  code: ErrorCode;
  at: ProblemPlace;
  reason?: NonNullable<ErrorReply['reason']>;
  retryAfterSeconds?: number;
  attemptsRemaining?: number;
  /** With `CHALLENGE_REQUIRED`: the ticket that the form sends as its `solution` once the wait is over. */
  ticket?: string;
}

/** A country to choose from. */
export interface PageCountry {
  /** ISO 3166-1 alpha-2. */
  code: string;
  /** Name, in the language of the page. */
  name: string;
  /** Digits only: `44`. */
  callingCode: string;
}

/** How people write the numbers of a country. */
export interface ExampleNumber {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** A mobile number as people there write it: `(201) 555-0123`; may be empty. */
  readonly number: string;
}

/** The brand that the page shows, from `BRAND_…`. Whatever is not configured is null. */
export interface PageBrand {
  name: string | null;
  /** Address of the logo. */
  logo: string | null;
  /** Address of the style sheet with the colors; null without colors. */
  styles: string | null;
}

/** The login at another application that a person verifies a number for. */
export interface PageLogin {
  /** Path of this page. */
  page: string;
  /** The last part of that path; requests to the API send it as `login` in their query. */
  token: string;
  clientName: string;
  /** Address of the application's logo. */
  clientLogo: string | null;
  /** The number that the application named, masked; null if the person types one. */
  fixedNumber: string | null;
  /** What the code confirms. */
  confirmation: { text: string; amount: string | null; payee: string | null } | null;
  /**
   * The strengths that the application asks for: `phr`, `otp`, `restricted`. Null if it asks for none. If `restricted`
   * is not among them, and the number has a factor that provides one of them, the server answers a code with
   * `STEP_UP_REQUIRED`.
   */
  acr: string[] | null;
}

/** Factors besides codes by phone, as the page shows them. */
export interface PageFactors {
  /**
   * The verified number's factors that are stronger than what this browser verified with. If there are none, the page
   * offers to add a passkey. Null if no number is verified, or if a passkey verified it.
   */
  unused: readonly FactorType[] | null;
}

/** The server's data for the page when it loads. */
export interface PageState {
  brand: PageBrand;
  language: Language;
  /** The page's texts in `language`. */
  messages: Messages;
  /** What each error code is about. */
  errorSubjects: ErrorSubjects;
  /** Countries that codes may go to, by name. */
  countries: readonly PageCountry[];
  /** The person's likely country, one of `countries`. */
  country: string;
  /** An example of the numbers of `country`, or of the country in `typed`. */
  example: ExampleNumber;
  /** Countries that calls may go to; null for all. */
  callCountries: readonly string[] | null;
  /** The screen to show. */
  step: 'phone' | 'code' | 'verified';
  /** This browser's verification, even while another screen shows; null if there is none. */
  pending: PendingVerification | null;
  /** The number that this browser has verified, in E.164; null if there is none. */
  verifiedNumber: string | null;
  /** The verified number as people write it. */
  verifiedNumberText: string | null;
  /** The problem with a form that the browser submitted without script; null if there is none. */
  problem: PageProblem | null;
  /**
   * The number to fill in. It comes from a form that the browser submitted without script, for example to change the
   * language, or from the application. Null if there is none.
   */
  typed: TypedNumber | null;
  /** Null unless another application sent the person here. */
  login: PageLogin | null;
  /**
   * Null if other factors are switched off, and for pages of other apps, because passkeys belong to the host of our own
   * pages.
   */
  factors: PageFactors | null;
  /** Address that "Continue" leads to after a success; null if the flow ends on this page. */
  continueUrl: string | null;
  /** URL of the simulator's inbox, in demo mode only. */
  inboxUrl: string | null;
}

/** The server's data for the page where people verify with a code that does not come in a message. */
export interface SignInState extends PageState {
  words: SignInMessages;
  /** What the form asks for. */
  method: CodeFactorType;
}

/** A way to verify, as the page lists it. */
export interface ListedWay extends Pick<FactorReply, 'id' | 'type' | 'name' | 'synced'> {
  /** A day in words: `May 3, 2026`. */
  addedOn: string;
  /** The same, for the last use; null until somebody uses the way. */
  usedOn: string | null;
}

/** What the page where people change their ways to verify shows. */
export type WaysView =
  /** Nobody has verified a number in this browser. */
  | { kind: 'no-session' }
  /** The number has ways, and the person used none of them. */
  | { kind: 'step-up'; methods: readonly string[]; mayReset: boolean; resetAt: string | null }
  /**
   * `resetAt`: when a requested reset takes effect, in words. `isResetOpen`: whether it has taken effect, so that the
   * next way that the person adds replaces all others.
   */
  | {
      kind: 'list';
      ways: readonly ListedWay[];
      recoveryCodesLeft: number;
      resetAt: string | null;
      isResetOpen: boolean;
    }
  /** Asks whether to remove a way. */
  | { kind: 'removal'; way: ListedWay; isLast: boolean }
  /** A new authenticator app; `name` as typed. */
  | { kind: 'app'; secret: string; uri: string; qr: string; name: string }
  /** New recovery codes. The page shows them only once. */
  | { kind: 'codes'; codes: readonly string[] }
  /** The server cannot read the ways at the moment. */
  | { kind: 'outage' };

/** The server's data for the page where people change their ways to verify. */
export interface WaysState extends Pick<PageState, 'brand' | 'language' | 'messages' | 'errorSubjects'> {
  words: WaysMessages;
  /** The verified number as people write it; null if there is none. */
  number: string | null;
  view: WaysView;
  problem: PageProblem | null;
}
