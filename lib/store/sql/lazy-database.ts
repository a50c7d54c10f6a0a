import { AppError } from '@/lib/errors';
import type { Database, Value } from './database';

/** A database that opens at its first use. If that fails, the next use tries again. */
export interface LazyDatabase extends Database {
  /** Opens the database. @throws {AppError} STORE_UNAVAILABLE */
  ready(): Promise<void>;
}

/** Called when the database does not answer, once for each outage, and when it is back. */
export type OnConnection = (event: { connected: boolean; reason?: string | undefined }) => void;

const reasonOf = (error: unknown): string | undefined =>
  error instanceof AppError ? (error.details.cause as { fault?: string } | undefined)?.fault : undefined;

/** @param skipLocked the database's own, which is needed before it opens */
export function createLazyDatabase(
  open: () => Promise<Database>,
  skipLocked: Database['skipLocked'],
  onConnection: OnConnection,
): LazyDatabase {
  let opening: Promise<Database> | undefined;
  let isLost = false;

  function opened(): Promise<Database> {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  async function use<T>(work: (database: Database) => Promise<T> | T): Promise<T> {
    try {
      const value = await work(await opened());
      if (isLost) onConnection({ connected: true });
      isLost = false;
      return value;
    } catch (error) {
      if (!isLost) onConnection({ connected: false, reason: reasonOf(error) });
      isLost = true;
      throw error;
    }
  }

  return {
    skipLocked,
    ready: () => use(() => undefined),
    all: <Row>(sql: string, params: readonly Value[]) => use((database) => database.all<Row>(sql, params)),
    run: (sql, params) => use((database) => database.run(sql, params)),
    batch: (statements) => use((database) => database.batch(statements)),
    forget: () => use((database) => database.forget()),
    async close() {
      await (await opening)?.close();
    },
  };
}
