import type { Database, Value } from './database';

/** A database that is opened at its first use, and again after a failure to open it. */
export interface LazyDatabase extends Database {
  /** Opens it. @throws {AppError} STORE_UNAVAILABLE */
  ready(): Promise<void>;
}

/** @param open the kinds of databases differ in `skipLocked` */
export function createLazyDatabase(open: () => Promise<Database>, skipLocked: Database['skipLocked']): LazyDatabase {
  let opening: Promise<Database> | undefined;

  function opened(): Promise<Database> {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  return {
    skipLocked,
    async ready() {
      await opened();
    },
    all: async <Row>(sql: string, params: readonly Value[]) => (await opened()).all<Row>(sql, params),
    run: async (sql, params) => (await opened()).run(sql, params),
    batch: async (statements) => (await opened()).batch(statements),
    async close() {
      await (await opening)?.close();
    },
  };
}
