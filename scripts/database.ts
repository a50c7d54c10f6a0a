/** Shared by the commands that work on the database of factors. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { environment } from '@/lib/config/environment';
import { AppError } from '@/lib/errors';
import { createPrivacy, type Privacy } from '@/lib/privacy';
import type { FactorStore } from '@/lib/store/factors';
import { createLazyFactorStore } from '@/lib/store/sql/factor-store';
import { DATABASE_FILE } from '@/lib/store/sql/sqlite';
import { CommandError, UsageError } from './command';
import { surroundings } from './surroundings';

const SETTINGS = environment.pick({ DATABASE_URL: true, DATA_DIR: true, PRIVACY_KEY: true });

const fileIn = (folder: string) => path.resolve(folder, DATABASE_FILE);

/** Whether the settings name a database. With `FACTORS=off`, a database that exists counts: it may still hold data. */
export function namesDatabase(): boolean {
  const { DATABASE_URL, DATA_DIR, FACTORS } = surroundings();
  if (DATABASE_URL !== undefined) return true;
  return DATA_DIR !== undefined && (FACTORS !== 'off' || existsSync(fileIn(DATA_DIR)));
}

function settings(): z.infer<typeof SETTINGS> & { readonly PRIVACY_KEY: readonly string[] } {
  const { data, error } = SETTINGS.safeParse(surroundings());
  if (error) throw new UsageError(error.issues.map(({ path, message }) => `${path.join()} ${message}`).join('\n'));
  const { DATABASE_URL, DATA_DIR, PRIVACY_KEY } = data;
  if (DATABASE_URL === undefined && DATA_DIR === undefined)
    throw new UsageError('Neither DATA_DIR nor DATABASE_URL is set: there is no database of factors.');
  // A new, empty database would look as if nobody had any data.
  if (DATABASE_URL === undefined && !existsSync(fileIn(DATA_DIR ?? '')))
    throw new UsageError(
      `There is no database at DATA_DIR: ${fileIn(DATA_DIR ?? '')} does not exist. Run this where the server runs.`,
    );
  if (!PRIVACY_KEY) throw new UsageError('PRIVACY_KEY is not set. It must be the same as on the servers.');
  return { ...data, PRIVACY_KEY };
}

/** Fails if the servers have another key: the command would find nothing, as if there were no data. */
async function checkKeys(store: FactorStore): Promise<void> {
  const { accounts, underMissingKeys } = await store.keyUse();
  if (accounts > 0 && underMissingKeys === accounts)
    throw new UsageError(
      'No account in the database is under this PRIVACY_KEY. It must be the same as on the servers.',
    );
}

function failureOf(error: unknown, isPostgres: boolean): unknown {
  if (!(error instanceof AppError)) return error;
  const { fault = error.code } = (error.details.cause ?? {}) as { fault?: string };
  const variable = isPostgres ? 'DATABASE_URL' : 'DATA_DIR';
  return new CommandError(`The database does not answer as expected (${fault}). Check ${variable}.`);
}

/**
 * Acts on the servers' database.
 * @throws {UsageError | CommandError}
 */
export async function inDatabase<T>(act: (store: FactorStore, privacy: Privacy) => Promise<T>): Promise<T> {
  const { DATABASE_URL: databaseUrl, DATA_DIR: dataDir, PRIVACY_KEY } = settings();
  const privacy = createPrivacy(PRIVACY_KEY);
  const store = createLazyFactorStore({ databaseUrl, dataDir }, privacy);
  try {
    await checkKeys(store);
    return await act(store, privacy);
  } catch (error) {
    throw failureOf(error, databaseUrl !== undefined);
  } finally {
    await store.close().catch(() => undefined);
  }
}
