import type { Client } from './clients';
import type { Market } from './markets';

/** A message that somebody asks for. */
export interface Ask {
  readonly client: Client;
  readonly number: string;
  readonly market: Market;
  readonly method: 'sms' | 'voice';
  /** On a device that verified the number before. */
  readonly isKnown?: boolean;
}

/** What became of it. */
export type Answer =
  | { readonly kind: 'sent'; readonly verification: string }
  /** It goes out once a challenge is solved. */
  | { readonly kind: 'challenge'; readonly by: string; readonly level: number }
  /** @property waitMs as the client was told; undefined where waiting does not help */
  | { readonly kind: 'refused'; readonly by: string; readonly waitMs: number | undefined };

/** What stands between those who ask for messages and those who deliver them. */
export interface Defence {
  /** @param solved level of the challenge that was solved */
  send(ask: Ask, solved?: number): Promise<Answer>;
  /** Another message for a verification. */
  resend(ask: Ask, verification: string, solved?: number): Promise<Answer>;
  /** Somebody enters the right code. @returns whether it was accepted */
  verify(ask: Ask, verification: string): Promise<boolean>;
  close?(): Promise<void>;
}

export interface DefenceOptions {
  /** Simulated time, in epoch milliseconds. */
  readonly now: () => number;
  /** Variables in place of the defaults. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

export type CreateDefence = (options: DefenceOptions) => Promise<Defence>;
