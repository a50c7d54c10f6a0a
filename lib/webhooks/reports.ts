import type { Report } from '@/lib/observability/events';
import type { Lane } from './events';
import type { Posted } from './post';

/** Failed attempts in a row, of any events, before the log reports them. */
const FAILING_AFTER = 3;
/** A flood of dropped events must not become a flood of log lines. */
const EVERY_MS = 60_000;

/**
 * Why an event is dropped. `full`: too many wait. `expired`: a day of attempts failed. `gone`: the receiver answered
 * 410. `store`: Redis did not accept it. `unreadable`: its privacy key is gone. `stopped`: the process ended, and its
 * queue with it.
 */
export type DropReason = 'full' | 'expired' | 'gone' | 'store' | 'unreadable' | 'stopped';

/** How recent deliveries of a lane went in this process. */
export interface Health {
  isFailing(): boolean;
  see(posted: Posted): void;
}

/** Reports once when deliveries keep failing, and once when they work again. */
export function createHealth({ name: lane }: Lane, report: Report): Health {
  let failures = 0;
  return {
    isFailing: () => failures >= FAILING_AFTER,
    see(posted) {
      if (posted.kind === 'delivered') {
        if (failures >= FAILING_AFTER) report('webhook.recovered', { lane });
        failures = 0;
        return;
      }
      failures += 1;
      const cause = 'status' in posted ? { status: posted.status } : { fault: posted.fault };
      if (failures === FAILING_AFTER) report('webhook.failing', { lane, cause });
    },
  };
}

/** Counts dropped events. */
export interface Drops {
  /** @param count default: 1 */
  add(lane: Lane, reason: DropReason, count?: number): void;
  /** Reports the counts since the last report. */
  flush(): void;
}

/** Reports dropped events with their number: the first at once, further ones once a minute. */
export function createDrops(report: Report): Drops {
  const counts = new Map<string, { lane: string; reason: DropReason; count: number }>();
  let timer: NodeJS.Timeout | undefined;
  function flush() {
    for (const counted of counts.values()) report('webhook.dropped', counted);
    counts.clear();
  }
  return {
    flush,
    add({ name: lane }, reason, count = 1) {
      if (count === 0) return;
      const key = `${lane} ${reason}`;
      counts.set(key, { lane, reason, count: count + (counts.get(key)?.count ?? 0) });
      if (timer) return;
      flush();
      timer = setTimeout(() => {
        timer = undefined;
        flush();
      }, EVERY_MS).unref();
    },
  };
}
