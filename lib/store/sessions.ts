/** A session that holds the proof of a verification. The key is the hash of the token that its client holds. */
export interface NewSession {
  readonly key: string;
  /** The verified subject, by which its sessions can be found and erased. */
  readonly subject: string;
  /** The signed proof and what goes with it, see `lib/verification/session.ts`. */
  readonly proof: string;
  /** Milliseconds. */
  readonly ttlMs: number;
  /** Key of the client's previous session, which this one ends. */
  readonly replaces: string | undefined;
}

/** Sessions of browsers. Every operation throws an AppError STORE_UNAVAILABLE if the store does not answer. */
export interface SessionStore {
  open(session: NewSession): Promise<void>;
  /** The proof of a session; undefined if there is no such session. */
  find(key: string): Promise<string | undefined>;
  end(key: string): Promise<void>;
}
