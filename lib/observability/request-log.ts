import type { EventName } from './events';

/** Fields of a request's log line. */
export type LogFields = Readonly<Record<string, string | undefined>>;

/** Collects what the log should say about a request. Never a PIN, a key, a token or a whole phone number. */
export interface RequestLog {
  /** Adds fields to the request's log line. */
  note(fields: LogFields): void;
  /** Records an event. Each counts once per request, and the line is named after the most severe one. */
  event(name: EventName): void;
}

/** The log of one request, and what it has collected so far. */
export interface RequestNotes extends RequestLog {
  readonly fields: LogFields;
  /** In the order in which they happened. */
  readonly events: ReadonlySet<EventName>;
}

export function createRequestNotes(): RequestNotes {
  const fields: Record<string, string | undefined> = {};
  const events = new Set<EventName>();
  return {
    fields,
    events,
    note: (more) => void Object.assign(fields, more),
    event: (name) => void events.add(name),
  };
}
