import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@/lib/errors';
import type { Privacy } from '@/lib/privacy';
import type { KeyUse } from '@/lib/store/factors';
import type { Database } from '@/lib/store/sql/database';
import { createFactorStore } from '@/lib/store/sql/factor-store';
import { READ_VERSION } from '@/lib/store/sql/migrations';
import { openPostgres } from '@/lib/store/sql/postgres';
import { DATABASE_FILE, openSqlite } from '@/lib/store/sql/sqlite';

/** Deadline for all queries together. */
const DEADLINE_MS = 8000;

/** What PostgreSQL and SQLite say if a table does not exist. */
const NO_TABLE: ReadonlySet<string> = new Set(['42P01', 'SQLITE_ERROR']);

/** The database's answers. The doctor writes nothing into it. */
export interface DatabaseFacts {
  readonly kind: 'ok';
  /** 0 before a server has used it. */
  readonly schema: number;
  /** Undefined without a schema, or without a usable PRIVACY_KEY. */
  readonly keys: KeyUse | undefined;
}

/** Why there is nothing to report. */
export interface DatabaseFailure {
  readonly kind: 'failed';
  /** A code of the system, of PostgreSQL or of SQLite. */
  readonly fault: string;
}

/** The embedded database does not exist yet. */
export interface NoDatabase {
  readonly kind: 'absent';
}

export type DatabaseReport = DatabaseFacts | DatabaseFailure | NoDatabase;

/** Where the database is: one of the two. */
export interface DatabasePlace {
  readonly databaseUrl: string | undefined;
  readonly dataDir: string | undefined;
}

const faultOf = (error: unknown): string =>
  error instanceof AppError ? ((error.details.cause as { fault?: string } | undefined)?.fault ?? 'unknown') : 'unknown';

async function versionOf(database: Database): Promise<number> {
  try {
    const [row] = await database.all<{ version: number }>(READ_VERSION, []);
    return row?.version ?? 0;
  } catch (error) {
    if (NO_TABLE.has(faultOf(error))) return 0;
    throw error;
  }
}

async function ask(database: Database, privacy: Privacy | undefined): Promise<DatabaseFacts> {
  const schema = await versionOf(database);
  if (schema === 0) return { kind: 'ok', schema, keys: undefined };
  const store = privacy && createFactorStore(database, privacy);
  // `ping` checks that writes work, but changes nothing.
  await store?.ping();
  return { kind: 'ok', schema, keys: await store?.keyUse() };
}

/**
 * Asks the database about everything that the server relies on, within a few seconds. Neither creates nor changes the
 * database.
 */
export async function inspectDatabase(
  { databaseUrl, dataDir = '' }: DatabasePlace,
  privacy: Privacy | undefined,
): Promise<DatabaseReport> {
  if (databaseUrl === undefined && !existsSync(path.join(dataDir, DATABASE_FILE))) return { kind: 'absent' };
  const tooLate = sleep(DEADLINE_MS, { kind: 'failed', fault: 'TIMEOUT' } as const, { ref: false });
  let database: Database | undefined;
  try {
    const opening =
      databaseUrl === undefined ? openSqlite(dataDir, { asIs: true }) : openPostgres(databaseUrl, { asIs: true });
    const asked = opening.then((opened) => {
      database = opened;
      return ask(opened, privacy);
    });
    return await Promise.race([asked, tooLate]);
  } catch (error) {
    return { kind: 'failed', fault: faultOf(error) };
  } finally {
    await database?.close().catch(() => undefined);
  }
}
