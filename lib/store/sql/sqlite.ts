import { accessSync, closeSync, constants, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database as Connection, Statement as Prepared } from 'libsql';
import { codeOf, type Database, orUnavailable, type Statement, type Value } from './database';
import { CREATE_VERSION, READ_VERSION, stepsFrom } from './migrations';

export const DATABASE_FILE = 'factors.db';

/**
 * Another process may be writing. SQLite waits within the call, which blocks this process, so we do most of the waiting
 * ourselves.
 */
const BUSY_TIMEOUT_MS = 5;
const RETRY_MS = 15;
/** After this long, the database counts as unavailable. */
const PATIENCE_MS = 2000;

/** Modes that let only this user in: the file holds public keys and times in the clear. */
export const FOLDER_MODE = 0o700;
export const FILE_MODE = 0o600;

function prepareFile(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: FOLDER_MODE });
  // SQLite gives its other files the mode of this one.
  closeSync(openSync(path.join(directory, DATABASE_FILE), 'a', FILE_MODE));
}

const isBusy = (error: unknown) => /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error) ?? '');
const isConflict = (error: unknown) => /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)$/.test(codeOf(error) ?? '');

/** Repeats work while another process has the database locked. */
async function patiently<T>(work: () => T): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error;
      await sleep(Math.random() * RETRY_MS);
    }
  }
}

/** Runs work in a transaction that starts as a writer: one that reads first cannot always continue as a writer. */
function inTransaction<T>(connection: Connection, work: () => T): T {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    // If the disk is full, SQLite has already ended the transaction.
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

function prepareConnection(connection: Connection): void {
  connection.pragma('journal_mode = WAL');
  // Waits for the disk at each commit, so that what a reply has promised survives a power failure.
  connection.pragma('synchronous = FULL');
  connection.pragma('foreign_keys = ON');
  // Overwrites what is deleted, so that an erased number is gone from the file.
  connection.pragma('secure_delete = ON');
}

function migrate(connection: Connection): void {
  inTransaction(connection, () => {
    connection.exec(CREATE_VERSION);
    const { version } = connection.prepare(READ_VERSION).get([]) as { version: number };
    for (const sql of stepsFrom(version)) connection.exec(sql);
  });
}

const unlessFailed = <T>(work: () => Promise<T>) => orUnavailable(work, (error) => codeOf(error) ?? 'unknown');

/**
 * Opens the embedded database, creates it if there is none, and brings its schema up to date.
 * @param options.asIs neither creates nor changes it
 * @throws {AppError} STORE_UNAVAILABLE
 */
export function openSqlite(directory: string, { asIs = false }: { asIs?: boolean } = {}): Promise<Database> {
  return unlessFailed(async () => {
    const file = path.join(directory, DATABASE_FILE);
    if (asIs) accessSync(file, constants.R_OK | constants.W_OK);
    else prepareFile(directory);
    // A native module: only servers that use it load it.
    const { default: Libsql } = await import('libsql');
    const connection: Connection = new Libsql(file, { timeout: BUSY_TIMEOUT_MS });
    try {
      await patiently(() => prepareConnection(connection));
      if (!asIs) await patiently(() => migrate(connection));
    } catch (error) {
      connection.close();
      throw error;
    }
    return databaseOn(connection);
  });
}

function databaseOn(connection: Connection): Database {
  const statements = new Map<string, Prepared>();
  function prepared(sql: string): Prepared {
    const statement = statements.get(sql) ?? connection.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }
  // The client takes the parameters as one array.
  const changes = ({ sql, params }: Statement): number => prepared(sql).run([...params]).changes;

  function runAll(batch: readonly Statement[]): readonly number[] {
    const counts: number[] = [];
    for (const statement of batch) {
      const count = changes(statement);
      counts.push(count);
      if (statement.isCondition && count === 0) break;
    }
    return counts;
  }

  return {
    skipLocked: '',
    all: <Row>(sql: string, params: readonly Value[]) =>
      unlessFailed(() => patiently(() => prepared(sql).all([...params]) as Row[])),
    run: (sql, params) => unlessFailed(() => patiently(() => changes({ sql, params }))),
    batch: (batch) =>
      unlessFailed(async () => {
        try {
          return await patiently(() => inTransaction(connection, () => runAll(batch)));
        } catch (error) {
          if (isConflict(error)) return undefined;
          throw error;
        }
      }),
    // Deleted rows are still in the log until it is copied to the file, which overwrites them (secure_delete).
    forget: () =>
      unlessFailed(async () => {
        try {
          connection.pragma('wal_checkpoint(TRUNCATE)');
        } catch (error) {
          if (!isBusy(error)) throw error;
        }
      }),
    async close() {
      statements.clear();
      connection.close();
    },
  };
}
