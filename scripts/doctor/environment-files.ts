import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { loadEnvConfig } from '@next/env';

/** An env file and its content. */
export interface EnvironmentFile {
  /** Its name in messages. */
  readonly name: string;
  readonly contents: string;
  /** Whether every user of this machine can read it. */
  readonly readableByAll: boolean;
}

/** The variables that the server would see, and their sources. */
export interface Environment {
  readonly env: NodeJS.ProcessEnv;
  readonly files: readonly EnvironmentFile[];
  /** Whether Next reads the files. If so, it replaces `$NAME` in their values. */
  readonly expands: boolean;
}

const READ_BY_OTHERS = 0o004;

const describeFile = (name: string, contents: string): EnvironmentFile => ({
  name,
  contents,
  readableByAll: process.platform !== 'win32' && (statSync(name).mode & READ_BY_OTHERS) !== 0,
});

const silent = { info: () => undefined, error: () => undefined };

/**
 * Reads the process's own variables first, then env files.
 * @param file read instead of those that Next reads in production
 * @throws if that file cannot be read
 */
export function readEnvironment(file?: string): Environment {
  if (file !== undefined) {
    const contents = readFileSync(file, 'utf8');
    const env = { ...parseEnv(contents), ...process.env } as NodeJS.ProcessEnv;
    return { env, files: [describeFile(file, contents)], expands: false };
  }
  const { combinedEnv, loadedEnvFiles } = loadEnvConfig(process.cwd(), false, silent);
  const files = loadedEnvFiles.map(({ path: name, contents }) => describeFile(path.relative('.', name), contents));
  return { env: { ...combinedEnv } as NodeJS.ProcessEnv, files, expands: true };
}
