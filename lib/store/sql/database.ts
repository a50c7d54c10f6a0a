import { AppError } from '@/lib/errors';

/** Booleans are 0 and 1, because neither database client accepts a boolean for an integer. */
export type Value = string | number | null;

export interface Statement {
  /** With `?` for each parameter, in the dialect that SQLite and PostgreSQL share. */
  readonly sql: string;
  readonly params: readonly Value[];
  /** The first of a batch: if it changes nothing, the others do not run. */
  readonly isCondition?: true;
}

/**
 * What the factors need from a database. There are no interactive transactions, because the embedded database has one
 * connection for all requests: a step that depends on what is stored says so in SQL. Every operation throws an AppError
 * STORE_UNAVAILABLE if the database does not answer.
 */
export interface Database {
  /** Ends the subquery of a DELETE that several servers may run at once, so that none waits for another. */
  readonly skipLocked: '' | 'FOR UPDATE SKIP LOCKED';
  all<Row>(sql: string, params: readonly Value[]): Promise<readonly Row[]>;
  /** @returns how many rows it changed */
  run(sql: string, params: readonly Value[]): Promise<number>;
  /**
   * Runs statements in one transaction: all or none.
   * @returns how many rows each statement that ran has changed; undefined if a value that must be unique already
   * exists, so that nothing changed
   */
  batch(statements: readonly Statement[]): Promise<readonly number[] | undefined>;
  /**
   * Overwrites deleted data on disk, unless another process is reading at that moment. PostgreSQL eventually does so on
   * its own.
   */
  forget(): Promise<void>;
  close(): Promise<void>;
}

/** @param fault a code or words of ours, never the database's message, which may quote values */
export const unavailable = (fault: string): AppError =>
  new AppError('STORE_UNAVAILABLE', { cause: { store: 'database', fault } });

/** The code of a client's or the system's error: SQLITE_BUSY, a SQLSTATE or ECONNREFUSED. */
export function codeOf(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

/**
 * Runs an operation, and turns an error that is not ours into an AppError with only the name of the fault.
 * @param faultOf names the fault of an error that is not ours
 */
export async function orUnavailable<T>(work: () => Promise<T>, faultOf: (error: unknown) => string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof AppError ? error : unavailable(faultOf(error));
  }
}

/** @returns `?, ?, ?` for a list of values */
export const placeholders = (values: readonly unknown[]): string => values.map(() => '?').join(', ');
