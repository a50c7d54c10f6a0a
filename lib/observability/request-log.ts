import type { EventName } from './events';

/** Fields of a request's log line. */
export type LogFields = Readonly<Record<string, string | undefined>>;

/** Collects what the log says about a request. Never a PIN, a key, a token or a whole phone number. */
export interface RequestLog {
  /** Adds fields to the request's log line. */
  note(fields: LogFields): void;
  /** Records an event. Each counts once per request, and the line is named after the most severe one. */
  event(name: EventName): void;
  /** Adds up the time that the request waits for the store. Returns its argument. */
  store<T>(reply: Promise<T>): Promise<T>;
  /** Adds up the time that the request waits for Infobip. Returns its argument. */
  upstream<T>(reply: Promise<T>): Promise<T>;
}

/** The log of one request, and what it has collected so far. */
export interface RequestNotes extends RequestLog {
  readonly fields: LogFields;
  /** In the order in which they happened. */
  readonly events: ReadonlySet<EventName>;
  /** Milliseconds. */
  readonly waited: { readonly store: number; readonly upstream: number };
}

/** Callers pass these notes along. An AsyncLocalStorage would slow down every promise of the process on Node 20. */
export function createRequestNotes(): RequestNotes {
  const fields: Record<string, string | undefined> = {};
  const events = new Set<EventName>();
  const waited = { store: 0, upstream: 0 };
  async function wait<T>(whom: keyof typeof waited, reply: Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await reply;
    } finally {
      waited[whom] += performance.now() - startedAt;
    }
  }
  return {
    fields,
    events,
    waited,
    note: (more) => void Object.assign(fields, more),
    event: (name) => void events.add(name),
    store: (reply) => wait('store', reply),
    upstream: (reply) => wait('upstream', reply),
  };
}
