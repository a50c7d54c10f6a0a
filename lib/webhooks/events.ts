import type { Channel, FactorType } from '@/lib/contract';
import type { FailureReason } from '@/lib/verification/check';

/** The verification behind an event. */
interface About {
  /** E.164. */
  readonly phoneNumber: string;
  /** ISO 3166-1 alpha-2; undefined for numbers without a country. */
  readonly country: string | undefined;
  /** The code's channel. */
  readonly channel: Channel;
  /** Id of the application or program that started the verification; undefined if neither did. */
  readonly client?: string | undefined;
  /** The purpose that the program gave, if it gave one. */
  readonly purpose?: string | undefined;
}

/** A changed account, for receivers that tell its owner by other means (NIST SP 800-63B-4, §4.6). */
interface Changed extends Pick<About, 'phoneNumber' | 'country'> {
  /** Id of the account. */
  readonly account: string;
}

/**
 * The `data` of each type of event; docs/webhooks.md describes them. None holds a code, a token or a proof: anyone who
 * reads a receiver's log must not be able to act for its users.
 */
export interface WebhookData {
  /** `proofId` is the `jti` of the client's proof. */
  readonly 'verification.succeeded': Omit<About, 'channel'> & {
    readonly method: string;
    readonly channel: Channel | undefined;
    readonly proofId: string;
  };
  readonly 'verification.failed': About & { readonly reason: FailureReason };
  /**
   * `scope`: the clients that are locked out. `strangers`: every client that is not a known device. `device`: one known
   * device.
   */
  readonly 'number.locked': Pick<About, 'phoneNumber' | 'country'> & { readonly scope: 'strangers' | 'device' };
  /** `type`: the factor's type. The factor's name and id concern only its owner. */
  readonly 'factor.added': Changed & { readonly type: FactorType };
  readonly 'factor.removed': Changed & { readonly type: FactorType };
  /** `effectiveAt`: when a code alone may replace the account, in RFC 3339. */
  readonly 'account.reset_requested': Changed & { readonly effectiveAt: string };
  readonly 'budget.reached': { readonly budget: string; readonly percent: 50 | 80 | 100 };
}

export type WebhookType = keyof WebhookData;

/**
 * Events that wait together, and their share of the work. A lane has a queue and connections of its own. Strangers can
 * cause failures and locks, and anybody who gets one code can change an account of their own as fast as the server
 * allows: a flood of such events must neither delay nor crowd out others.
 */
export interface Lane {
  readonly name: 'main' | 'accounts' | 'refusals';
  /** The most events that may wait. A full lane drops new events and keeps those that wait. */
  readonly most: number;
  /** Deliveries at a time in each instance. */
  readonly concurrency: number;
}

export const MAIN: Lane = { name: 'main', most: 10_000, concurrency: 6 };
export const ACCOUNTS: Lane = { name: 'accounts', most: 10_000, concurrency: 4 };
export const REFUSALS: Lane = { name: 'refusals', most: 2_000, concurrency: 2 };
export const LANES: readonly Lane[] = [MAIN, ACCOUNTS, REFUSALS];

/** The lane of each type of event. */
export const LANE_OF: Readonly<Record<WebhookType, Lane>> = {
  'verification.succeeded': MAIN,
  'budget.reached': MAIN,
  'factor.added': ACCOUNTS,
  'factor.removed': ACCOUNTS,
  'account.reset_requested': ACCOUNTS,
  'verification.failed': REFUSALS,
  'number.locked': REFUSALS,
};
