import type { Lane } from './events';

/** An event on its way to the receiver. */
export interface QueuedEvent {
  /** `webhook-id`: the same for each attempt. */
  readonly id: string;
  /** The body, the same for each attempt. */
  readonly payload: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** The number that it is about, in E.164, by which it can be found and erased. */
  readonly subject: string | undefined;
}

/** An event that this process delivers, until it settles it or the lease lapses. */
export interface Due extends Pick<QueuedEvent, 'id' | 'payload' | 'createdAt'> {
  /** Attempts that failed. */
  readonly failures: number;
  /** Id of the lease: once it has lapsed and another process holds one, this one settles nothing. */
  readonly lease: string;
}

/** Events that wait in a lane, those in delivery included. */
export interface Waiting {
  readonly length: number;
}

/** How long an event stays with the process that claimed it: longer than the slowest attempt. */
export const LEASE_MS = 45_000;

/** How long the sender tries to deliver an event. */
export const LIFETIME_MS = 24 * 60 * 60_000;

/**
 * Events that wait for their delivery. Every operation may throw where the store does not answer; then nothing or all of
 * it has happened, and `add` may be repeated.
 */
export interface WebhookQueue {
  /** @returns whether there was room for it */
  add(lane: Lane, event: QueuedEvent): Promise<Waiting & { readonly accepted: boolean }>;
  /**
   * Leases events whose time has come, the longest due first.
   * @returns also when to ask again, in milliseconds, undefined where nothing waits; and how many had to be removed
   * because the key that encrypted them is gone
   */
  claim(
    lane: Lane,
    count: number,
  ): Promise<
    Waiting & { readonly due: readonly Due[]; readonly unreadable: number; readonly nextMs: number | undefined }
  >;
  /** It was delivered, or is given up. */
  remove(lane: Lane, due: Due): Promise<void>;
  /** It failed, and is due again after that time. */
  postpone(lane: Lane, due: Due, delayMs: number): Promise<void>;
  /** Only where the queue ends with the process: makes everything due now. */
  hurry?(): void;
}
