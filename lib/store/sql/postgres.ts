import type { ClientBase, Pool, PoolClient } from 'pg';
import { AppError } from '@/lib/errors';
import { codeOf, type Database, orUnavailable, type Statement, type Value } from './database';
import { CREATE_VERSION, READ_VERSION, stepsFrom } from './migrations';

const CONNECT_WITHIN_MS = 2000;
/** The server stops a statement, and the client no longer waits for one, after about this long. */
const ANSWER_WITHIN_MS = 3000;
/** A migration may wait for that of another server. */
const MIGRATE_WITHIN_MS = 60_000;
const MAX_CONNECTIONS = 10;

const SETTINGS = [
  `SET statement_timeout = ${ANSWER_WITHIN_MS}`,
  `SET idle_in_transaction_session_timeout = ${2 * ANSWER_WITHIN_MS}`,
  // PostgreSQL's own default. Under a stricter level, it would abort most of several simultaneous uses of one account.
  "SET default_transaction_isolation = 'read committed'",
].join(';');

/** How often to repeat a transaction that PostgreSQL aborted in favor of another one. */
const RETRIES = 3;

/** An arbitrary number, the same for all servers of this service. */
const MIGRATION_LOCK = 7_204_185_366;
const INT8 = 20;

/** SQLSTATEs; see the PostgreSQL manual, appendix A. */
const UNIQUE_VIOLATION = '23505';
const BROKEN_OFF = ['40001', '40P01'];

/** Errors that the client raises itself have no code. */
const FAULTS: readonly [RegExp, string][] = [
  [/timeout/i, 'TIMEOUT'],
  [/terminated|closed|ended/i, 'CONNECTION_LOST'],
  [/SSL|certificate/i, 'TLS'],
];

function faultOf(error: unknown): string {
  const { message } = error as { message?: unknown };
  return codeOf(error) ?? FAULTS.find(([pattern]) => pattern.test(String(message)))?.[1] ?? 'unknown';
}

const unlessFailed = <T>(work: () => Promise<T>) => orUnavailable(work, faultOf);

const numbered = new Map<string, string>();

/** PostgreSQL numbers its parameters. None of our statements has a question mark in a string literal. */
function withNumbers(sql: string): string {
  let count = 0;
  const known =
    numbered.get(sql) ??
    sql.replace(/\?/g, () => {
      count += 1;
      return `$${count}`;
    });
  numbered.set(sql, known);
  return known;
}

/** Whether PostgreSQL has answered: otherwise the connection may still be busy. */
const isAnswer = (error: unknown) => /^[0-9A-Z]{5}$/.test(codeOf(error) ?? '');

/** Runs work in a transaction on a connection of its own, and closes the connection if the transaction did not end. */
async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let isOver = false;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    isOver = true;
    return result;
  } catch (error) {
    if (isAnswer(error) || error instanceof AppError)
      await client.query('ROLLBACK').then(
        () => {
          isOver = true;
        },
        () => undefined,
      );
    throw error;
  } finally {
    client.release(!isOver);
  }
}

async function repeated<T>(work: () => Promise<T>): Promise<T> {
  for (let retry = 0; ; retry += 1) {
    try {
      return await work();
    } catch (error) {
      if (retry === RETRIES || !BROKEN_OFF.includes(codeOf(error) ?? '')) throw error;
    }
  }
}

function migrate(pool: Pool): Promise<void> {
  return inTransaction(pool, async (client) => {
    const query = (text: string) => client.query({ text, query_timeout: MIGRATE_WITHIN_MS } as { text: string });
    await query(`SET LOCAL statement_timeout = ${MIGRATE_WITHIN_MS}`);
    await query(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    await query(CREATE_VERSION);
    const { rows } = await query(READ_VERSION);
    for (const sql of stepsFrom((rows[0] as { version: number }).version)) await query(sql);
  });
}

async function createPool(url: string): Promise<Pool> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'phone-verification',
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS + 500,
    keepAlive: true,
    // Sent as statements, because PgBouncer refuses these settings at the start of a connection.
    onConnect: (client: ClientBase) => client.query(SETTINGS).then(() => undefined),
    // PostgreSQL's 64-bit integers become numbers: times and counters are below 2^53.
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
  // The pool replaces an idle connection that breaks. If it cannot, the next operation fails.
  pool.on('error', () => undefined);
  return pool;
}

/**
 * Connects to PostgreSQL and brings the schema up to date.
 * @param url with `sslmode` for TLS
 * @param options.asIs leaves the schema as it is
 * @throws {AppError} STORE_UNAVAILABLE
 */
export function openPostgres(url: string, { asIs = false }: { asIs?: boolean } = {}): Promise<Database> {
  return unlessFailed(async () => {
    const pool = await createPool(url);
    try {
      if (!asIs) await migrate(pool);
    } catch (error) {
      await pool.end();
      throw error;
    }
    return databaseOn(pool);
  });
}

function databaseOn(pool: Pool): Database {
  const query = (on: Pool | PoolClient, { sql, params }: Statement) => on.query(withNumbers(sql), [...params]);

  async function runAll(client: PoolClient, batch: readonly Statement[]): Promise<readonly number[]> {
    const changes: number[] = [];
    for (const statement of batch) {
      const count = (await query(client, statement)).rowCount ?? 0;
      changes.push(count);
      if (statement.isCondition && count === 0) break;
    }
    return changes;
  }

  return {
    skipLocked: 'FOR UPDATE SKIP LOCKED',
    all: <Row>(sql: string, params: readonly Value[]) =>
      unlessFailed(async () => (await repeated(() => query(pool, { sql, params }))).rows as Row[]),
    run: (sql, params) => unlessFailed(async () => (await repeated(() => query(pool, { sql, params }))).rowCount ?? 0),
    batch: (batch) =>
      unlessFailed(async () => {
        try {
          return await repeated(() => inTransaction(pool, (client) => runAll(client, batch)));
        } catch (error) {
          if (codeOf(error) === UNIQUE_VIOLATION) return undefined;
          throw error;
        }
      }),
    forget: async () => undefined,
    close: () => pool.end(),
  };
}
