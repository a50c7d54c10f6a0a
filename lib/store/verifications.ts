/** The scope whose counts a verification belongs to: all strangers to its subject, or one known device. */
export type Scope = 'strangers' | `device:${string}`;

/**
 * The destination of messages to a subject and their price, for credit and for budgets. The method of a verification
 * provides it.
 */
export interface Destination {
  /** The number, in E.164, without its last four digits. */
  readonly range: string;
  /** The number without its last six digits. */
  readonly block: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Price of one message, by method, in whole 1/100,000 of the currency. */
  readonly prices: Readonly<Record<string, number>>;
  /** The price of a message that takes one credit of the destination. */
  readonly unitPrice: number;
}

/**
 * Who asked for a verification, and what for. The server keeps it with the verification, and most of it returns in the
 * proof.
 */
export interface VerificationContext {
  /**
   * Id of the client that asked: a program with an API key, or an application that logs people in with OpenID Connect.
   */
  readonly client?: string | undefined;
  /** The program that the proof is for; undefined for the configured one. */
  readonly audience?: string | undefined;
  /** The client's own value, by which it recognizes the proof. */
  readonly nonce?: string | undefined;
  /** The client's reason for the verification. */
  readonly purpose?: 'sign-up' | 'login' | 'confirm' | undefined;
  /** Id of the login at our OpenID provider that the verification belongs to. */
  readonly interaction?: string | undefined;
  /** Values for placeholders of the verification's messages. */
  readonly placeholders?: Readonly<Record<string, string>> | undefined;
}

/** A verification in progress, as the server keeps it. Never leaves the server. Independent of the method. */
export interface VerificationRecord {
  /** The verified subject: for a method by phone the number, in E.164. */
  readonly subject: string;
  /** The method: by phone, the channel that last carried the code. */
  readonly method: string;
  /** State that the method keeps for its own use. */
  readonly methodState: string;
  readonly scope: Scope;
  /** Undefined if messages cost nothing. */
  readonly destination?: Destination | undefined;
  /**
   * Undefined if a program without a key, or the page outside of a login, asked for the verification. Resends keep it.
   */
  readonly context?: VerificationContext | undefined;
  /** Id of the open challenge, such as one PIN; each challenge has its own. */
  readonly challenge: string;
  /** Attempts used on this challenge, the one in flight included. */
  readonly attemptsUsed: number;
  /** Milliseconds until the challenge expires, by the store's clock; 0 once it has. */
  readonly remainingMs: number;
}

/** A challenge that has just been issued. */
export interface NewChallenge extends Pick<VerificationRecord, 'method' | 'methodState' | 'challenge'> {
  /** Its lifetime in milliseconds, from now. */
  readonly ttlMs: number;
}

export type NewVerification = NewChallenge & Pick<VerificationRecord, 'subject' | 'scope' | 'destination' | 'context'>;

/** The recent messages to a subject, in one scope. */
export interface Standing {
  /** Milliseconds until another message is allowed; 0 for now. */
  readonly waitMs: number;
  /** Messages since the cooldowns last started over. */
  readonly messages: number;
}

/**
 * How an attempt ended. `counted`: nobody knows whether the code was correct, so the attempt stays used. `dead`: nobody
 * can answer the challenge anymore.
 */
export type AttemptOutcome =
  | { readonly kind: 'verified' | 'counted' | 'exhausted' | 'dead' }
  | { readonly kind: 'wrong'; readonly attemptsRemaining: number | undefined };

/** How long a verification outlives its challenge, so that a person can still ask for a new code. */
export const RESEND_GRACE_MS = 15 * 60_000;

/**
 * Verifications in progress. `LimitStore` reserves attempts on them together with the limits. `key` is the hash of the
 * client's verification token, never the token itself. Each operation is atomic, and throws an AppError
 * STORE_UNAVAILABLE if the store does not answer.
 */
export interface VerificationStore {
  create(key: string, verification: NewVerification): Promise<void>;
  /** A verification, with its subject's standing in its scope; undefined if there is no such verification. */
  find(key: string): Promise<(VerificationRecord & Standing) | undefined>;
  remove(key: string): Promise<void>;
  /**
   * Ends the attempt on that challenge. `verified` removes the verification.
   * @returns the attempts used by then; undefined if the verification or its challenge was gone, so that nothing
   * changed
   */
  settleAttempt(key: string, challenge: string, outcome: AttemptOutcome): Promise<number | undefined>;
  /**
   * Puts a challenge into the verification, unless the challenge there is no longer that of `before`. A new challenge
   * starts with its whole lifetime and no attempts used; for the same challenge, only the method changes.
   * @returns whether it did
   */
  replaceChallenge(
    key: string,
    before: Pick<VerificationRecord, 'subject' | 'challenge' | 'context'>,
    challenge: NewChallenge,
  ): Promise<boolean>;
}
