interface Entry<T> {
  readonly at: number;
  /** Events at one moment happen in the order of insertion. */
  readonly order: number;
  readonly event: T;
}

const isBefore = <T>(one: Entry<T>, other: Entry<T>) =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

/** Events in the order of simulated time: a binary heap. */
export class EventQueue<T> {
  readonly #heap: Entry<T>[] = [];
  #added = 0;

  add(at: number, event: T): void {
    const entry = { at, order: this.#added, event };
    this.#added += 1;
    let place = this.#heap.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#heap[parent] as Entry<T>;
      if (!isBefore(entry, above)) break;
      this.#heap[place] = above;
      place = parent;
    }
    this.#heap[place] = entry;
  }

  /** The earliest event; undefined if there is none. */
  take(): { readonly at: number; readonly event: T } | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(entry: Entry<T>): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      const right = heap[child + 1];
      if (right && isBefore(right, heap[child] as Entry<T>)) child += 1;
      const below = heap[child];
      if (!below || !isBefore(below, entry)) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = entry;
  }
}
