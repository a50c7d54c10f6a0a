import { unavailable } from './database';

/**
 * The schema, step by step. A step is never changed once it is released: servers record the steps that they have taken.
 * Times are epoch milliseconds.
 */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    // key_id: the id of the privacy key that encrypts everything of the account; another text if several keys do.
    `CREATE TABLE account (
      id TEXT NOT NULL PRIMARY KEY,
      number_sealed TEXT NOT NULL,
      user_handle TEXT NOT NULL UNIQUE,
      phone_verified_at BIGINT NOT NULL,
      created_at BIGINT NOT NULL,
      last_used_at BIGINT NOT NULL,
      sessions_since BIGINT NOT NULL,
      reset_at BIGINT,
      recovery_key_sealed TEXT,
      key_id TEXT NOT NULL
    )`,
    'CREATE INDEX account_by_use ON account (last_used_at)',
    // The number's hash under each key that the writing server knew, so that a server that knows only the older key
    // finds it.
    `CREATE TABLE account_number (
      hash TEXT NOT NULL PRIMARY KEY,
      account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
      key_id TEXT NOT NULL
    )`,
    'CREATE INDEX account_number_by_account ON account_number (account_id)',
    `CREATE TABLE factor (
      id TEXT NOT NULL PRIMARY KEY,
      account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
      type TEXT NOT NULL,
      name TEXT NOT NULL,
      created_at BIGINT NOT NULL,
      last_used_at BIGINT,
      is_synced BIGINT NOT NULL,
      credential_id TEXT UNIQUE,
      public_key TEXT,
      counter BIGINT,
      transports TEXT,
      secret_sealed TEXT,
      last_step BIGINT
    )`,
    'CREATE INDEX factor_by_account ON factor (account_id)',
    `CREATE TABLE recovery (
      account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
      code_hash TEXT NOT NULL,
      used_at BIGINT,
      PRIMARY KEY (account_id, code_hash)
    )`,
    'CREATE TABLE spent (id TEXT NOT NULL PRIMARY KEY, expires_at BIGINT NOT NULL)',
    'CREATE INDEX spent_by_end ON spent (expires_at)',
  ],
];

/** The schema that this version of the service needs. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** What {@link unavailable} says if a newer version of this service has changed the schema. */
export const NEWER_SCHEMA = 'schema of a newer version';

export const CREATE_VERSION = 'CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)';
export const READ_VERSION = 'SELECT COALESCE(MAX(version), 0) AS version FROM schema_version';

/**
 * The statements that bring a database up to date, for one transaction in which nobody else does the same.
 * @param version the database's; 0 for an empty one
 * @param migrations only tests replace them
 * @throws {AppError} STORE_UNAVAILABLE if the database is newer than this version of the service
 */
export function stepsFrom(version: number, migrations: readonly (readonly string[])[] = MIGRATIONS): readonly string[] {
  if (version > migrations.length) throw unavailable(NEWER_SCHEMA);
  return migrations
    .slice(version)
    .flatMap((statements, index) => [
      ...statements,
      `INSERT INTO schema_version (version) VALUES (${version + index + 1})`,
    ]);
}
