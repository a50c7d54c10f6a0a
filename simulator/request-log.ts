import type { IncomingHttpHeaders } from 'node:http';
import { BoundedMap } from './bounded-map';

/** How many requests to keep. Beyond that, the log drops the oldest first. */
const MAX_REQUESTS = 1_000;

/** An API call as it arrived, for tests to inspect. */
export interface RecordedRequest {
  /** Time of arrival, ISO 8601 by the simulator's clock. */
  at: string;
  method: string;
  path: string;
  query: Record<string, string>;
  /** As received, with names in lower case; the value of `authorization` is `***`. */
  headers: IncomingHttpHeaders;
  /** Parsed JSON, or the text if it is not JSON; null if there is no body. */
  body: unknown;
  /** The operation's name; null for an unknown path or method. */
  operation: string | null;
  /** The status of the reply; null as long as there is no reply (a hang, a reset). */
  status: number | null;
}

/** The API calls to one simulator, in the order of arrival. */
export class RequestLog {
  readonly #requests = new BoundedMap<number, RecordedRequest>(MAX_REQUESTS);
  #count = 0;

  /** Keeps the entry itself, so that its status can be set later. */
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

/** The body for the log: as JSON if it parses. */
export function bodyForLog(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
