import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '@/lib/observability/events';
import { LANE_OF, LANES, type Lane, type WebhookData, type WebhookType } from './events';
import { createPost, type Receiver } from './post';
import type { QueuedEvent, WebhookQueue } from './queue';
import { createDrops, createHealth, type Drops } from './reports';
import { retryDelayMs } from './retries';
import { startSender } from './sender';

/** The result of an attempt or of an event, for metrics. */
export const WEBHOOK_OUTCOMES = ['delivered', 'refused', 'timeout', 'unreachable', 'gone', 'dropped'] as const;
export type WebhookOutcome = (typeof WEBHOOK_OUTCOMES)[number];

/** Sends events to the operator's own server. */
export interface Webhooks {
  /** Queues an event. Neither waits nor throws, and a failed delivery changes no reply. */
  send<T extends WebhookType>(type: T, data: WebhookData[T]): void;
  /** How many events wait in each lane, as this process last saw it. */
  waiting(): Readonly<Record<string, number>>;
  /** Delivers what it can within a few seconds, before the process ends. */
  stop(): Promise<void>;
}

/** How long the process tries to hand an event to a queue that does not answer. */
const ADD_WITHIN_MS = 60_000;
/** The first wait between these tries. Each further one is twice as long. */
const ADD_AGAIN_MS = 100;
/** The most events of a lane that may wait for the queue to answer. */
const MOST_PENDING = 1_000;
/** Supervisors give a process at least ten seconds to end, and webhooks may take half of that. */
const STOP_WITHIN_MS = 5_000;

/** The dependencies of webhooks. */
export interface WebhookOptions {
  readonly receiver: Receiver;
  readonly queue: WebhookQueue;
  readonly report: Report;
  readonly count: (outcome: WebhookOutcome) => void;
  /** Only tests set these, to wait less. */
  readonly timeoutMs?: number;
  readonly stopWithinMs?: number;
  readonly retryDelayMs?: typeof retryDelayMs;
}

const eventOf = <T extends WebhookType>(type: T, data: WebhookData[T]): QueuedEvent => {
  const createdAt = Date.now();
  return {
    // Without dots, because they separate the parts that Standard Webhooks signs.
    id: `msg_${randomUUID()}`,
    payload: JSON.stringify({ type, timestamp: new Date(createdAt).toISOString(), data }),
    createdAt,
    subject: 'phoneNumber' in data ? data.phoneNumber : undefined,
  };
};

/** Starts to deliver what is in the queue, including events from before this process. */
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
        // A queue that outlives the process keeps its events.
        if (queue.hurry) drops.add(lane, 'stopped', (await queue.claim(lane, 0)).length);
      }
      drops.flush();
    },
  };
}
