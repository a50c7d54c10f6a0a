import type { Lane } from './events';

/** An event on its way to the receiver. */
export interface QueuedEvent {
  /** `webhook-id`: the same for each attempt. */
  readonly id: string;
  /** The body, the same for each attempt. */
  readonly payload: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /**
   * The number that the event is about, in E.164, so that the event can be found and erased; undefined if it is about
   * none.
   */
  readonly subject: string | undefined;
}

/** An event that this process delivers. The process holds it until it settles the event or the lease lapses. */
export interface Due extends Pick<QueuedEvent, 'id' | 'payload' | 'createdAt'> {
  /** The number of failed attempts. */
  readonly failures: number;
  /** Id of the lease. Once it has lapsed and another process holds the event, this id settles nothing. */
  readonly lease: string;
}

/** How many events wait in a lane, those in delivery included. */
export interface Waiting {
  readonly length: number;
}

/** How long an event stays with the process that claimed it: longer than the slowest attempt. */
export const LEASE_MS = 45_000;

/** How long the sender tries to deliver an event. */
export const LIFETIME_MS = 24 * 60 * 60_000;

/**
 * Events that wait for delivery. Every operation may throw if the store does not answer. The operation has then
 * happened completely or not at all. `add` is safe to repeat.
 */
export interface WebhookQueue {
  /** @returns whether there was room for the event */
  add(lane: Lane, event: QueuedEvent): Promise<Waiting & { readonly accepted: boolean }>;
  /**
   * Leases due events.
   * @returns the events; in how many milliseconds to ask again, undefined if nothing waits; and how many events it
   * removed because the key that encrypted them is gone
   */
  claim(
    lane: Lane,
    count: number,
  ): Promise<
    Waiting & { readonly due: readonly Due[]; readonly unreadable: number; readonly nextMs: number | undefined }
  >;
  /** Removes an event that was delivered or that the sender gives up on. */
  remove(lane: Lane, due: Due): Promise<void>;
  /** Makes an event due again after a failed attempt. */
  postpone(lane: Lane, due: Due, delayMs: number): Promise<void>;
  /** Makes everything due now. Only a queue that ends with the process has this. */
  hurry?(): void;
}
