/** A map of at most `max` entries: the oldest one makes room. */
export class BoundedMap<K, V> {
  readonly #max: number;
  readonly #entries = new Map<K, V>();
  // One iterator serves all calls: it is live, and a new one would step over every entry deleted so far.
  #oldestFirst: Iterator<K>;

  constructor(max: number) {
    this.#max = max;
    this.#oldestFirst = this.#entries.keys();
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#max) return;
    const oldest = this.#oldestFirst.next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }

  values(): V[] {
    return [...this.#entries.values()];
  }

  clear(): void {
    this.#entries.clear();
    this.#oldestFirst = this.#entries.keys();
  }
}
