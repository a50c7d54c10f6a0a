import type { Lane } from './events';
import type { QueuedEvent, WebhookQueue } from './queue';

interface Entry extends QueuedEvent {
  failures: number;
  /** Epoch milliseconds; infinity during a delivery. */
  dueAt: number;
}

/** {@link WebhookQueue} in this process's memory, which ends with the process. */
export function createMemoryWebhookQueue(now: () => number = Date.now): WebhookQueue {
  const lanes = new Map<string, Map<string, Entry>>();
  /** A lane's entries, in order of arrival. */
  function entriesOf({ name }: Lane): Map<string, Entry> {
    const entries = lanes.get(name) ?? new Map<string, Entry>();
    lanes.set(name, entries);
    return entries;
  }

  return {
    async add(lane, event) {
      const entries = entriesOf(lane);
      const accepted = entries.size < lane.most;
      if (accepted) entries.set(event.id, { ...event, failures: 0, dueAt: now() });
      return { accepted, length: entries.size };
    },

    async claim(lane, count) {
      const entries = entriesOf(lane);
      const due: Entry[] = [];
      let nextAt = Number.POSITIVE_INFINITY;
      for (const entry of entries.values()) {
        if (due.length === count) break;
        if (entry.dueAt <= now()) due.push(entry);
        else nextAt = Math.min(nextAt, entry.dueAt);
      }
      for (const entry of due) entry.dueAt = Number.POSITIVE_INFINITY;
      const nextMs = nextAt === Number.POSITIVE_INFINITY ? undefined : nextAt - now();
      return { due: due.map((entry) => ({ ...entry, lease: '' })), unreadable: 0, nextMs, length: entries.size };
    },

    async remove(lane, { id }) {
      entriesOf(lane).delete(id);
    },

    async postpone(lane, { id }, delayMs) {
      const entry = entriesOf(lane).get(id);
      if (!entry) return;
      entry.failures += 1;
      entry.dueAt = now() + delayMs;
    },

    hurry() {
      for (const entries of lanes.values())
        for (const entry of entries.values()) if (entry.dueAt !== Number.POSITIVE_INFINITY) entry.dueAt = now();
    },
  };
}
