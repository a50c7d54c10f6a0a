import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '@/lib/observability/events';
import { LANE_OF, LANES, type Lane, type WebhookData, type WebhookType } from './events';
import { createPost, type Receiver } from './post';
import type { QueuedEvent, WebhookQueue } from './queue';
import { createDrops, createHealth, type Drops } from './reports';
import { retryDelayMs } from './retries';
import { startSender } from './sender';

/** How an attempt, or an event, ended; for metrics. */
export const WEBHOOK_OUTCOMES = ['delivered', 'refused', 'timeout', 'unreachable', 'gone', 'dropped'] as const;
export type WebhookOutcome = (typeof WEBHOOK_OUTCOMES)[number];

/** Tells the operator's own server what happened. */
export interface Webhooks {
  /** Queues an event. Neither waits nor throws, and what becomes of it changes no reply. */
  send<T extends WebhookType>(type: T, data: WebhookData[T]): void;
  /** Events that wait, by lane, as this process last saw it. */
  waiting(): Readonly<Record<string, number>>;
  /** Finishes what can be finished within some seconds, before the process ends. */
  stop(): Promise<void>;
}

/** How long the process tries to hand an event to a queue that does not answer, and waits at first. */
const ADD_WITHIN_MS = 60_000;
const ADD_AGAIN_MS = 100;
/** Events of a lane that may wait for that. */
const MOST_PENDING = 1_000;
/** Supervisors give a process ten seconds and more to end. */
const STOP_WITHIN_MS = 5_000;

/** The dependencies of webhooks. */
export interface WebhookOptions {
  readonly receiver: Receiver;
  readonly queue: WebhookQueue;
  readonly report: Report;
  readonly count: (outcome: WebhookOutcome) => void;
  /** For tests, which wait less. */
  readonly timeoutMs?: number;
  readonly stopWithinMs?: number;
  readonly retryDelayMs?: typeof retryDelayMs;
}

const eventOf = <T extends WebhookType>(type: T, data: WebhookData[T]): QueuedEvent => {
  const createdAt = Date.now();
  return {
    // Standard Webhooks: no dots, because the signature separates its parts by them.
    id: `msg_${randomUUID()}`,
    payload: JSON.stringify({ type, timestamp: new Date(createdAt).toISOString(), data }),
    createdAt,
    subject: 'phoneNumber' in data ? data.phoneNumber : undefined,
  };
};

/** Starts to deliver what is in the queue, events of an earlier process included. */
export function createWebhooks({ receiver, queue, report, count, ...options }: WebhookOptions): Webhooks {
  const lengths = new Map<Lane, number>(LANES.map((lane) => [lane, 0]));
  const reports = createDrops(report);
  const drops: Drops = {
    ...reports,
    add(lane, reason, dropped = 1) {
      for (let i = 0; i < dropped; i += 1) count('dropped');
      reports.add(lane, reason, dropped);
    },
  };
  const senders = new Map(
    LANES.map((lane) => [
      lane,
      startSender({
        lane,
        queue,
        drops,
        post: createPost(receiver, lane.concurrency, options.timeoutMs),
        health: createHealth(lane, report),
        retryDelayMs: options.retryDelayMs ?? retryDelayMs,
        onPosted: ({ kind }) => count(kind),
        onLength: (length) => void lengths.set(lane, length),
      }),
    ]),
  );
  const pending = new Map(LANES.map((lane) => [lane, new Set<Promise<void>>()]));

  async function enqueue(lane: Lane, event: QueuedEvent): Promise<void> {
    const until = Date.now() + ADD_WITHIN_MS;
    for (let waitMs = ADD_AGAIN_MS; ; waitMs *= 2) {
      try {
        const { accepted, length } = await queue.add(lane, event);
        lengths.set(lane, length);
        if (accepted) senders.get(lane)?.wake();
        else drops.add(lane, 'full');
        return;
      } catch {
        if (Date.now() + waitMs > until) return drops.add(lane, 'store');
      }
      await sleep(waitMs, undefined, { ref: false });
    }
  }

  async function finish(withinMs: number): Promise<void> {
    await Promise.all([...pending.values()].flatMap((adding) => [...adding]));
    queue.hurry?.();
    await Promise.all([...senders.values()].map((sender) => sender.stop(withinMs)));
  }

  return {
    send(type, data) {
      const lane = LANE_OF[type];
      const others = pending.get(lane);
      if (!others || others.size >= MOST_PENDING) return drops.add(lane, 'store');
      const adding = enqueue(lane, eventOf(type, data)).finally(() => others.delete(adding));
      others.add(adding);
    },
    waiting: () => Object.fromEntries([...lengths].map(([{ name }, length]) => [name, length])),
    async stop() {
      const { stopWithinMs = STOP_WITHIN_MS } = options;
      await Promise.race([finish(stopWithinMs), sleep(stopWithinMs, undefined, { ref: false })]);
      for (const lane of LANES) {
        drops.add(lane, 'store', pending.get(lane)?.size);
        // A queue that outlives the process keeps what is in it.
        if (queue.hurry) drops.add(lane, 'stopped', (await queue.claim(lane, 0)).length);
      }
      drops.flush();
    },
  };
}
