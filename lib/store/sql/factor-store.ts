import type { Config } from '@/lib/config/config';
import type { Privacy } from '@/lib/privacy';
import type { FactorStore } from '@/lib/store/factors';
import type { Database } from './database';
import { createEnrolling } from './enrolling';
import { createFinding } from './finding';
import { createLazyDatabase } from './lazy-database';
import { openPostgres } from './postgres';
import { createSealing } from './sealing';
import { openSqlite } from './sqlite';
import { createUpkeep } from './upkeep';
import { createUsing } from './using';

/** {@link FactorStore} in a SQL database. */
export function createFactorStore(database: Database, privacy: Privacy, now = Date.now): FactorStore {
  const [newestKeyId] = privacy.keyIds;
  const context = { database, privacy, sealing: createSealing(privacy), newestKeyId, now };
  return { ...createFinding(context), ...createEnrolling(context), ...createUsing(context), ...createUpkeep(context) };
}

/** A store that opens its database at the first operation, and tries again at the next one where that fails. */
export interface LazyFactorStore extends FactorStore {
  /** Opens the database, and brings its schema up to date. @throws {AppError} STORE_UNAVAILABLE */
  ready(): Promise<void>;
}

/** The store that the configuration names: PostgreSQL, or else the embedded database in `dataDir`. */
export function createLazyFactorStore(
  { databaseUrl, dataDir }: Pick<NonNullable<Config['factors']>, 'databaseUrl' | 'dataDir'>,
  privacy: Privacy,
): LazyFactorStore {
  const database =
    databaseUrl === undefined
      ? createLazyDatabase(() => openSqlite(dataDir ?? ''), '')
      : createLazyDatabase(() => openPostgres(databaseUrl), 'FOR UPDATE SKIP LOCKED');
  return { ...createFactorStore(database, privacy), ready: database.ready };
}
