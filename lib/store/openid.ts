/**
 * What the OpenID provider remembers between requests: logins in progress, codes, tokens. Keys are hashes of what the
 * client or the browser holds, and values are encrypted. `consume` is atomic. Every operation throws an AppError
 * STORE_UNAVAILABLE if the store does not answer or is full.
 */
export interface OpenIdStore {
  /**
   * Adds or replaces an entry that begins a login. Anybody can begin one at no cost, so the store refuses new ones if
   * there are too many. `put` still has room then, and logins in progress can continue.
   */
  begin(key: string, value: string, ttlMs: number): Promise<void>;
  /** Adds or replaces an entry. */
  put(key: string, value: string, ttlMs: number): Promise<void>;
  /** Undefined if there is no such entry. */
  find(key: string): Promise<{ readonly value: string; readonly isConsumed: boolean } | undefined>;
  /** Marks an entry as used. @returns whether it existed and was not yet used */
  consume(key: string): Promise<boolean>;
  remove(key: string): Promise<void>;
}
