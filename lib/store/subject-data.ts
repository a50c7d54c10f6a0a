/** One entry that is held about a number. */
export interface HeldEntry {
  readonly what:
    | 'verification'
    | 'session'
    | 'webhook'
    | 'waits'
    | 'wrong codes'
    | 'limit'
    | 'solved challenge'
    | 'blocked'
    | 'erasure'
    | 'account'
    | 'passkey'
    | 'authenticator app'
    | 'recovery codes';
  /** Fields that are not encrypted, under readable names; times in RFC 3339. */
  readonly values: Readonly<Record<string, string | number | boolean>>;
  /** When the server removes the entry; in words if there is no such time. */
  readonly heldUntil: string;
}

/** Everything that is held about a number, for the person it belongs to. */
export interface SubjectData {
  readonly phoneNumber: string;
  /** Pseudonyms of the number in Redis, in the database and in logs, the newest first. */
  readonly pseudonyms: readonly string[];
  readonly entries: readonly HeldEntry[];
}
