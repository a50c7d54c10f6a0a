/** Entries to sweep for each one that is added: more than one, so that sweeping outpaces adding. */
const SWEPT_PER_ADDITION = 2;
/** Entries to sweep for a new key when the map is full. */
const SWEPT_WHEN_FULL = 1000;

/**
 * A map whose entries expire, and which never drops a live one: when it is full of live entries, it has no room. It
 * sweeps expired entries a few at a time, since a pass over a million would stop the process for a tenth of a second.
 */
export class ExpiringMap<V> {
  readonly #entries = new Map<string, { value: V; endsAt: number }>();
  #sweep = this.#entries.entries();
  readonly #max: number;
  readonly #now: () => number;

  /** @param now the clock, in epoch milliseconds */
  constructor(max: number, now: () => number) {
    this.#max = max;
    this.#now = now;
  }

  /** @param now the time, if the caller has already read the clock */
  get(key: string, now = this.#now()): V | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.endsAt > now ? entry.value : undefined;
  }

  /** When the entry expires, in epoch milliseconds; 0 if there is none. */
  endsAt(key: string): number {
    return this.#entries.get(key)?.endsAt ?? 0;
  }

  /**
   * Whether the key exists, or can be added.
   * @param share the share of the map's entries at which the map counts as full
   */
  hasRoomFor(key: string, share = 1): boolean {
    const max = share * this.#max;
    if (this.#entries.size < max || this.#entries.has(key)) return true;
    this.#sweepSome(SWEPT_WHEN_FULL);
    return this.#entries.size < max;
  }

  /** Adds or replaces an entry. Check for room first. */
  set(key: string, value: V, endsAt: number): void {
    const entry = this.#entries.get(key);
    if (entry) {
      entry.value = value;
      entry.endsAt = endsAt;
      return;
    }
    this.#sweepSome(SWEPT_PER_ADDITION);
    this.#entries.set(key, { value, endsAt });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Keys of live entries. */
  *keys(): Iterable<string> {
    for (const [key, { endsAt }] of this.#entries) if (endsAt > this.#now()) yield key;
  }

  get size(): number {
    return this.#entries.size;
  }

  #sweepSome(count: number): void {
    const now = this.#now();
    for (let looked = 0; looked < count; looked += 1) {
      let next = this.#sweep.next();
      if (next.done) {
        this.#sweep = this.#entries.entries();
        next = this.#sweep.next();
      }
      if (next.done) return;
      if (next.value[1].endsAt <= now) this.#entries.delete(next.value[0]);
    }
  }
}
