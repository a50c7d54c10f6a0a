import { setTimeout as sleep } from 'node:timers/promises';
import type { Lane } from './events';
import type { Post, Posted } from './post';
import { type Due, LIFETIME_MS, type WebhookQueue } from './queue';
import type { Drops, Health } from './reports';

/**
 * Other processes may add events, or crash while they hold some, so each process looks for due events at least this
 * often.
 */
const POLL_MS = 2_000;
const STOP_POLL_MS = 20;

/** The dependencies of a sender. */
export interface Work {
  readonly lane: Lane;
  readonly queue: WebhookQueue;
  readonly post: Post;
  readonly health: Health;
  readonly drops: Drops;
  /** @param failures failed attempts, including this one */
  readonly retryDelayMs: (failures: number, askedMs?: number) => number;
  readonly onPosted: (posted: Posted) => void;
  readonly onLength: (length: number) => void;
}

/** Delivers the events of one lane. */
export interface Sender {
  /** Looks for due events now. */
  wake(): void;
  /**
   * Waits for the deliveries in progress, and starts no more. If the queue ends with the process, it first tries to
   * deliver everything that is due.
   * @param withinMs how long to try
   */
  stop(withinMs: number): Promise<void>;
}

/** Settles an event after an attempt. */
async function settle({ lane, queue, drops, retryDelayMs }: Work, due: Due, posted: Posted): Promise<void> {
  if (posted.kind === 'delivered') return queue.remove(lane, due);
  const delayMs = retryDelayMs(due.failures + 1, posted.kind === 'refused' ? posted.retryAfterMs : 0);
  const isLate = Date.now() + delayMs > due.createdAt + LIFETIME_MS;
  if (posted.kind !== 'gone' && !isLate) return queue.postpone(lane, due, delayMs);
  await queue.remove(lane, due);
  drops.add(lane, isLate ? 'expired' : 'gone');
}

/**
 * Starts to deliver the events of a lane. While deliveries fail, it makes one at a time. That spares an overloaded
 * receiver, and still shows when it is back.
 */
export function startSender(work: Work): Sender {
  const { lane, queue, post, health, drops, onPosted, onLength } = work;
  const inFlight = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let isClaiming = false;
  /** Whether somebody asked for a claim during the current one, which may have missed their event. */
  let isWanted = false;
  let isStopped = false;

  function wakeIn(ms: number): void {
    if (isClaiming) isWanted ||= ms === 0;
    else {
      clearTimeout(timer);
      if (!isStopped) timer = setTimeout(() => void claim(), ms).unref();
    }
  }

  async function deliver(due: Due): Promise<void> {
    const posted = await post(due);
    health.see(posted);
    onPosted(posted);
    // If the store does not answer, the lease lapses, and some process delivers the event again.
    await settle(work, due, posted).catch(() => undefined);
  }

  function start(due: Due): void {
    const delivery = deliver(due).finally(() => {
      inFlight.delete(delivery);
      wakeIn(0);
    });
    inFlight.add(delivery);
  }

  /** Starts as many deliveries as there are due events and free slots. @returns how many */
  async function claim(): Promise<number> {
    const free = (health.isFailing() ? 1 : lane.concurrency) - inFlight.size;
    // The end of the next delivery calls this again.
    if (free <= 0) return 0;
    isClaiming = true;
    isWanted = false;
    let nextMs = POLL_MS;
    let started = 0;
    try {
      const claimed = await queue.claim(lane, free);
      onLength(claimed.length);
      if (claimed.unreadable > 0) drops.add(lane, 'unreadable', claimed.unreadable);
      for (const due of claimed.due) start(due);
      started = claimed.due.length;
      nextMs = Math.min(POLL_MS, claimed.nextMs ?? POLL_MS);
    } catch {
      // Ignore the error, because the store reports its own outages.
    }
    isClaiming = false;
    wakeIn(isWanted ? 0 : nextMs);
    return started;
  }

  wakeIn(0);
  return {
    wake: () => wakeIn(0),
    async stop(withinMs) {
      const endsAt = performance.now() + withinMs;
      const isLate = () => performance.now() > endsAt;
      isStopped = true;
      clearTimeout(timer);
      const claimsOn = queue.hurry !== undefined;
      while (!isLate() && (isClaiming || (claimsOn && (await claim()) > 0) || inFlight.size > 0))
        await Promise.race([...inFlight, sleep(STOP_POLL_MS)]);
    },
  };
}
