import type { IncomingHttpHeaders } from 'node:http';
import { BoundedMap } from './bounded-map';

/** Requests kept; the oldest is dropped first. */
const MAX_REQUESTS = 1_000;

/** An API call as it came in, for tests to look at. */
export interface RecordedRequest {
  /** When it came, ISO 8601 by the simulator's clock. */
  at: string;
  method: string;
  path: string;
  query: Record<string, string>;
  /** As received, names in lower case; the value of `authorization` is `***`. */
  headers: IncomingHttpHeaders;
  /** Parsed JSON, the text itself where it is none, null where there is none. */
  body: unknown;
  /** The operation's name; null for an unknown path or method. */
  operation: string | null;
  /** The status answered; null as long as none was (a hang, a reset). */
  status: number | null;
}

/** The API calls of one simulator, in the order they came. */
export class RequestLog {
  readonly #requests = new BoundedMap<number, RecordedRequest>(MAX_REQUESTS);
  #count = 0;

  /** Keeps the entry itself: its status is set once there is one. */
  add(entry: RecordedRequest): void {
    const { authorization, ...headers } = entry.headers;
    entry.headers = authorization === undefined ? headers : { ...headers, authorization: '***' };
    this.#requests.set(this.#count++, entry);
  }

  list(): RecordedRequest[] {
    return this.#requests.values();
  }

  clear(): void {
    this.#requests.clear();
  }
}

/** The body for the log: JSON where it parses. */
export function bodyForLog(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
