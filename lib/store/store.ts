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
  /** When the PIN expires, in epoch milliseconds. */
  readonly expiresAt: number;
}

/** A PIN, as a new message puts it into a record. */
export type NewPin = Pick<VerificationRecord, 'channel' | 'messageId' | 'infobipPinId' | 'expiresAt'>;

/** The exclusive right to send one message to a number, or how long to wait for it. */
export type MessageClaim =
  | { readonly granted: true; readonly token: string; readonly cooldownMs: number }
  | { readonly granted: false; readonly retryAfterMs: number };

/** The exclusive right to try one code, or why there is none. */
export type AttemptClaim =
  | { readonly kind: 'granted'; readonly record: VerificationRecord }
  | { readonly kind: 'missing' | 'expired' | 'exhausted' | 'busy' };

/** How a try ended. `refund`: it never counted upstream. `dead`: the PIN can no longer be verified. */
export type AttemptOutcome =
  | { readonly kind: 'verified' | 'counted' | 'refund' | 'exhausted' | 'dead' }
  | { readonly kind: 'wrong'; readonly attemptsRemaining: number | undefined };

/**
 * All state of the service. Every operation is atomic: of any number of parallel claims one is granted.
 * `key` is the hash of the client's verification id, never the id itself.
 */
export interface Store {
  /**
   * Claims the next message to a number. While a claim is open, and for the cooldown after a message, others are told
   * to wait. A claim that is never settled lapses after `holdMs`.
   */
  claimMessage(phoneNumber: string, cooldownsMs: readonly number[], holdMs: number): Promise<MessageClaim>;
  /** Ends a claim. `sent`: the cooldown starts and the next one is longer. `free`: as if nothing had been asked. */
  settleMessage(phoneNumber: string, token: string, outcome: 'sent' | 'free'): Promise<void>;
  /** Milliseconds until another message to the number is allowed; 0 for now. */
  messageWait(phoneNumber: string): Promise<number>;
  /** Makes the next cooldown the first one again. */
  resetCooldown(phoneNumber: string): Promise<void>;

  create(key: string, record: VerificationRecord): Promise<void>;
  find(key: string): Promise<VerificationRecord | undefined>;
  remove(key: string): Promise<void>;
  /** Counts a try before it is made. One at a time: others meanwhile are `busy`. Lapses after `holdMs`. */
  claimAttempt(key: string, maxAttempts: number, holdMs: number): Promise<AttemptClaim>;
  /**
   * Ends the try of that PIN. `verified` spends the verification.
   * @returns the record as it was when it ended; undefined if it or its PIN had gone meanwhile, and nothing changed.
   */
  settleAttempt(key: string, infobipPinId: string, outcome: AttemptOutcome): Promise<VerificationRecord | undefined>;
  /**
   * Puts a message's PIN into the record, unless the record's PIN is no longer `previousPinId`. Another PIN than before
   * starts with no tries used.
   * @returns whether it did.
   */
  replacePin(key: string, previousPinId: string, pin: NewPin): Promise<boolean>;
}

/** How long a verification outlives its PIN, so that a person can still ask for a new one. */
export const RESEND_GRACE_MS = 15 * 60_000;
/** After so long without a message to a number its cooldowns start from the first again. */
export const COOLDOWN_MEMORY_MS = 60 * 60_000;
