import type { Client } from './clients';
import type { Market } from './markets';

/** A message that somebody requests. */
export interface Ask {
  readonly client: Client;
  readonly number: string;
  readonly market: Market;
  readonly method: 'sms' | 'voice';
  /** Whether the device verified the number before. */
  readonly isKnown?: boolean;
}

/** The outcome of a message. */
export type Answer =
  | { readonly kind: 'sent'; readonly verification: string }
  /** The message leaves once the sender has solved a challenge. */
  | { readonly kind: 'challenge'; readonly by: string; readonly level: number }
  /** @property waitMs what the reply tells the client to wait; undefined if waiting does not help */
  | { readonly kind: 'refused'; readonly by: string; readonly waitMs: number | undefined };

/** A defense decides which of the requested messages go out. */
export interface Defense {
  /** @param solved level of the solved challenge */
  send(ask: Ask, solved?: number): Promise<Answer>;
  /** Another message for a verification. */
  resend(ask: Ask, verification: string, solved?: number): Promise<Answer>;
  /** Somebody enters the correct code. @returns whether the defense accepted it */
  verify(ask: Ask, verification: string): Promise<boolean>;
  close?(): Promise<void>;
}

export interface DefenseOptions {
  /** Simulated time, in epoch milliseconds. */
  readonly now: () => number;
  /** Variables that replace the defaults. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

export type CreateDefense = (options: DefenseOptions) => Promise<Defense>;
