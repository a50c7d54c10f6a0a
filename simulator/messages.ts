import parsePhoneNumber from 'libphonenumber-js/min';
import { BoundedMap } from './bounded-map';

/** How many messages to keep. Beyond that, the inbox drops the oldest first. */
const MAX_MESSAGES = 1_000;

/** A message as the phone got it. */
export interface Message {
  /** Rises by one with every message, even across a reset. */
  id: number;
  /** When it arrived, ISO 8601 by the simulator's clock. */
  at: string;
  /** MSISDN, digits only. */
  to: string;
  /** The same as people write it: `+1 415 555 2671`. */
  number: string;
  channel: 'sms' | 'voice';
  from: string;
  text: string;
  pin: string;
  pinId: string;
  /** Calls only: the key that repeats the text, as in the template (`1#`). */
  repeatDTMF?: string;
}

const formatNumber = (msisdn: string) => parsePhoneNumber(`+${msisdn}`)?.formatInternational() ?? `+${msisdn}`;

/** Called when the inbox changes. */
export interface InboxListener {
  arrived(message: Message): void;
  emptied(): void;
}

/** All messages that arrived, to any number. */
export class Inbox {
  readonly #messages = new BoundedMap<number, Message>(MAX_MESSAGES);
  readonly #listeners = new Set<InboxListener>();
  #lastId = 0;

  deliver(fields: Omit<Message, 'id' | 'number'>): void {
    this.#lastId += 1;
    const message: Message = { id: this.#lastId, number: formatNumber(fields.to), ...fields };
    this.#messages.set(message.id, message);
    for (const listener of this.#listeners) listener.arrived(message);
  }

  /** In order of arrival; optionally only those to one number, and those after an id. */
  list(filter: { to?: string | undefined; after?: number | undefined } = {}): Message[] {
    const { to, after = 0 } = filter;
    return this.#messages.values().filter((message) => message.id > after && (to === undefined || message.to === to));
  }

  empty(): void {
    this.#messages.clear();
    for (const listener of this.#listeners) listener.emptied();
  }

  /** Returns a function that ends the subscription. */
  subscribe(listener: InboxListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
