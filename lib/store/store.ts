import type { Channel } from '@/lib/contract';

/** A verification under way, as the server keeps it. Never leaves the server. */
export interface VerificationRecord {
  /** E.164. */
  readonly phoneNumber: string;
  /** How the code was last sent. */
  readonly channel: Channel;
  /** The message template the PIN was made from. */
  readonly messageId: string;
  /** Infobip's id of the PIN. */
  readonly infobipPinId: string;
  /** Tries used on this PIN, the one in flight included. */
  readonly attemptsUsed: number;
  /** Milliseconds until the PIN expires, by the store's clock; 0 when it has. */
  readonly remainingMs: number;
}

/** What a number was sent of late. */
export interface NumberStanding {
  /** Milliseconds until another message to the number is allowed; 0 for now. */
  readonly waitMs: number;
  /** Messages to the number since its cooldowns last started from the first. */
  readonly messages: number;
}

/** A PIN that a message has just taken to a number. */
export interface NewPin extends Pick<VerificationRecord, 'channel' | 'messageId' | 'infobipPinId'> {
  /** Its lifetime in milliseconds, from now. */
  readonly ttlMs: number;
}

/** At most so many points in a window that the first one opens. */
export interface Allowance {
  readonly name: string;
  readonly points: number;
  readonly windowMs: number;
  /** The only channel it counts; undefined for all. */
  readonly channel: Channel | undefined;
}

/** A number that too many wrong codes were tried for; `retryAfterMs` is undefined where only an operator lifts it. */
export interface Locked {
  readonly kind: 'locked';
  readonly retryAfterMs: number | undefined;
}

/** The exclusive right to send one message to a number, or how long to wait for it. */
export type MessageClaim =
  | { readonly kind: 'granted'; readonly token: string; readonly cooldownMs: number }
  /** `by`: the allowance that makes it wait longest; undefined for the cooldown, or a message in flight. */
  | { readonly kind: 'wait'; readonly retryAfterMs: number; readonly by: string | undefined }
  | Locked;

/** What a claim of a message must respect. */
export interface ClaimTerms {
  /** Waits after the first, second, … message; the last repeats. */
  readonly cooldownsMs: readonly number[];
  /** How many messages a number may get. One that refuses uses up nothing of another. */
  readonly allowances: readonly Allowance[];
  /** How long the claim may stay open. */
  readonly holdMs: number;
}

/** The exclusive right to try one code, or why there is none. */
export type AttemptClaim =
  | { readonly kind: 'granted'; readonly record: VerificationRecord }
  | { readonly kind: 'missing' }
  /** `phoneNumber`: whose try was refused, in E.164. */
  | { readonly kind: 'expired' | 'exhausted' | 'busy'; readonly phoneNumber: string }
  | (Locked & { readonly phoneNumber: string });

/** When wrong codes lock a number (NIST SP 800-63B-4, §3.2.2). They are counted over all verifications of the number. */
export const LOCK = {
  /** Wrong codes in a row that lock the number, each time anew. */
  every: 10,
  /** The first lock; each further one lasts twice as long. */
  firstMs: 60 * 60_000,
  longestMs: 24 * 60 * 60_000,
  /** Wrong codes in a row after which only an operator lifts the lock. */
  forGoodAfter: 100,
  /** How long wrong codes are remembered after the last one. */
  memoryMs: 30 * 24 * 60 * 60_000,
  /** How long a lock for good is kept. */
  forGoodMs: 365 * 24 * 60 * 60_000,
} as const;

/** A verified number's session. Its client holds the handle that the key is the hash of. */
export interface NewSession {
  readonly key: string;
  /** The signed proof, see `lib/verification/proof.ts`. */
  readonly proof: string;
  /** Milliseconds. */
  readonly ttlMs: number;
  /** Key of the client's session before, which ends. */
  readonly replaces: string | undefined;
}

/** How a try ended. `refund`: it never counted upstream. `dead`: the PIN can no longer be verified. */
export type AttemptOutcome =
  | { readonly kind: 'verified'; readonly session: NewSession }
  | { readonly kind: 'counted' | 'refund' | 'exhausted' | 'dead' }
  | { readonly kind: 'wrong'; readonly attemptsRemaining: number | undefined };

/** Where a verification stands after a try. */
export interface SettledAttempt {
  /** Tries used on the PIN. */
  readonly attemptsUsed: number;
  /** Whether this try locked the number. */
  readonly locked: boolean;
}

/**
 * All state of the service. Every operation is atomic, and one round trip where the store is elsewhere: of any number of
 * parallel claims, by any number of processes, one is granted. Times are the store's own, so that processes whose clocks
 * differ agree. `key` is the hash of the client's verification id, never the id itself.
 *
 * Every operation throws an AppError STORE_UNAVAILABLE where the store does not answer.
 */
export interface Store {
  /**
   * Claims the next message to a number. While a claim is open, and for the cooldown after a message, others are told
   * to wait. A claim that is never settled lapses.
   */
  claimMessage(phoneNumber: string, channel: Channel, terms: ClaimTerms): Promise<MessageClaim>;
  /**
   * The same for the number of a verification; undefined where there is no such verification.
   * @param channel default: as its code was sent before
   */
  claimResend(
    key: string,
    channel: Channel | undefined,
    terms: ClaimTerms,
  ): Promise<{ record: VerificationRecord; claim: MessageClaim } | undefined>;
  /**
   * Ends a claim. `sent`: the cooldown holds, counted from the claim, and the next one is longer. `free`: as if nothing
   * had been asked.
   * @param allowances those that the claim used, see {@link allowancesFor}
   * @returns where the number stands then
   */
  settleMessage(
    phoneNumber: string,
    token: string,
    outcome: 'sent' | 'free',
    allowances: readonly Allowance[],
  ): Promise<NumberStanding>;

  create(key: string, phoneNumber: string, pin: NewPin): Promise<void>;
  /** A verification, and where its number stands; undefined where there is no such verification. */
  find(key: string): Promise<(VerificationRecord & NumberStanding) | undefined>;
  remove(key: string): Promise<void>;
  /**
   * Counts a try before it is made, for its PIN and for its number, see {@link LOCK}. One at a time: others meanwhile are
   * `busy`. Lapses after `holdMs`.
   */
  claimAttempt(key: string, holdMs: number): Promise<AttemptClaim>;
  /**
   * Ends the try of that PIN. `verified` spends the verification and opens the session, forgets the number's wrong codes
   * and makes its next cooldown the first one again.
   * @returns undefined if the verification or its PIN had gone meanwhile, and nothing changed.
   */
  settleAttempt(key: string, infobipPinId: string, outcome: AttemptOutcome): Promise<SettledAttempt | undefined>;
  /**
   * Puts a message's PIN into the verification, unless its PIN is no longer `previousPinId`. Another PIN than before
   * starts with its whole lifetime and no tries used; of the same one only the channel changes.
   * @returns whether it did.
   */
  replacePin(key: string, previousPinId: string, pin: NewPin): Promise<boolean>;

  /** The proof of a session; undefined where there is no such session. */
  findSession(key: string): Promise<string | undefined>;
  endSession(key: string): Promise<void>;

  /** Forgets the wrong codes for a number, and lifts its lock. */
  unlock(phoneNumber: string): Promise<void>;
  /** Learns whether the store takes writes. */
  ping(): Promise<void>;
}

/** How long a verification outlives its PIN, so that a person can still ask for a new one. */
export const RESEND_GRACE_MS = 15 * 60_000;
/** After so long without a message to a number its cooldowns start from the first again. */
export const COOLDOWN_MEMORY_MS = 60 * 60_000;

/** How long the lock after the n-th ten wrong codes lasts, in milliseconds. */
export const lockMs = (lock: number): number => Math.min(LOCK.longestMs, LOCK.firstMs * 2 ** (lock - 1));

/** The allowances that a message by that channel uses. */
export const allowancesFor = (channel: Channel, { allowances }: ClaimTerms): readonly Allowance[] =>
  allowances.filter((allowance) => allowance.channel === undefined || allowance.channel === channel);
