import type { Config } from '@/lib/config/config';
import type { Privacy } from '@/lib/privacy';
import type { FactorStore } from '@/lib/store/factors';
import type { Database } from './database';
import { createEnrolling } from './enrolling';
import { createFinding } from './finding';
import { createLazyDatabase, type OnConnection } from './lazy-database';
import { openPostgres } from './postgres';
import { createResealing } from './resealing';
import { createSealing } from './sealing';
import { openSqlite } from './sqlite';
import { createUpkeep } from './upkeep';
import { createUsing } from './using';

/** {@link FactorStore} in a SQL database. */
export function createFactorStore(database: Database, privacy: Privacy, now = Date.now): FactorStore {
  const [newestKeyId] = privacy.keyIds;
  const context = { database, privacy, sealing: createSealing(privacy), newestKeyId, now };
  return {
    ...createFinding(context),
    ...createEnrolling(context),
    ...createUsing(context),
    ...createResealing(context),
    ...createUpkeep(context),
  };
}

/** A store that opens its database at the first operation, and tries again at the next one if that fails. */
export interface LazyFactorStore extends FactorStore {
  /** Opens the database, and brings its schema up to date. @throws {AppError} STORE_UNAVAILABLE */
  ready(): Promise<void>;
}

/**
 * The store that the configuration names: PostgreSQL, or else the embedded database in `dataDir`.
 * @param onConnection called when the database does not answer, once for each outage, and when it is back
 */
export function createLazyFactorStore(
  { databaseUrl, dataDir }: Pick<NonNullable<Config['factors']>, 'databaseUrl' | 'dataDir'>,
  privacy: Privacy,
  onConnection: OnConnection = () => undefined,
): LazyFactorStore {
  const database =
    databaseUrl === undefined
      ? createLazyDatabase(() => openSqlite(dataDir ?? ''), '', onConnection)
      : createLazyDatabase(() => openPostgres(databaseUrl), 'FOR UPDATE SKIP LOCKED', onConnection);
  return { ...createFactorStore(database, privacy), ready: database.ready };
}
