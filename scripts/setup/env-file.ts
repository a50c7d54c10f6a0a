import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chownSync,
  constants,
  lstatSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { CommandError } from '@/scripts/command';

/** The mode of the file: only its owner may read and write it. */
const PRIVATE = 0o600;

/** An env file on the disk. */
export interface EnvFile {
  /** Its name as the person gave it. */
  readonly name: string;
  /** The file itself, behind symbolic links. */
  readonly target: string;
  /** Empty if there is no file yet. */
  readonly text: string;
  /** Whether others may read it, or write to it. */
  readonly isOpen: boolean;
}

function fail(name: string, error: unknown): never {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  throw new CommandError(`${name} cannot be used as the env file (${code}).`);
}

function look(name: string): { target: string; stats: Stats | undefined } {
  const exists = lstatSync(name, { throwIfNoEntry: false }) !== undefined;
  const target = exists ? realpathSync(name) : path.join(realpathSync(path.dirname(name)), path.basename(name));
  return { target, stats: exists ? statSync(target) : undefined };
}

function readText(name: string, target: string): string {
  // Open it for writing, too, so that a read-only file fails here.
  const bytes = readFileSync(target, { flag: 'r+' });
  if (!isUtf8(bytes)) throw new CommandError(`${name} is not UTF-8.`);
  return bytes.toString('utf8');
}

/**
 * Reads an env file, and finds out whether anything would prevent writing it.
 * @throws {CommandError}
 */
export function readEnvFile(name: string): EnvFile {
  try {
    const { target, stats } = look(name);
    accessSync(path.dirname(target), constants.W_OK);
    if (!stats) return { name, target, text: '', isOpen: false };
    if (!stats.isFile()) throw new CommandError(`${name} is not a file.`);
    return { name, target, text: readText(name, target), isOpen: (stats.mode & 0o077) !== 0 };
  } catch (error) {
    return fail(name, error);
  }
}

/**
 * The path of a temporary file in the same folder. That file will hold secrets, so .gitignore covers its name, whatever
 * the env file is called.
 */
export const draftFor = (target: string): string =>
  path.join(path.dirname(target), `.env.${randomBytes(6).toString('hex')}.tmp`);

/**
 * Fails if it cannot create a file beside the env file. It creates and removes one, because permissions alone do not
 * tell.
 * @throws {CommandError}
 */
export function tryWriting({ name, target }: EnvFile): void {
  const probe = draftFor(target);
  try {
    writeFileSync(probe, '', { flag: 'wx', mode: PRIVATE });
  } catch (error) {
    fail(name, error);
  } finally {
    rmSync(probe, { force: true });
  }
}

/** Keeps the file's owner; only root can give files away. */
function keepOwner(draft: string, target: string): void {
  const stats = statSync(target, { throwIfNoEntry: false });
  if (stats && process.getuid?.() === 0) chownSync(draft, stats.uid, stats.gid);
}

/**
 * Replaces the text of an env file, completely or not at all, readable for its owner alone.
 * @throws {CommandError}
 */
export function writeEnvFile({ name, target }: EnvFile, edit: (text: string) => string): void {
  const draft = draftFor(target);
  try {
    // The file may have changed while the command asked questions.
    const exists = statSync(target, { throwIfNoEntry: false }) !== undefined;
    const text = edit(exists ? readText(name, target) : '');
    writeFileSync(draft, text, { flag: 'wx', mode: PRIVATE, flush: true });
    keepOwner(draft, target);
    renameSync(draft, target);
  } catch (error) {
    fail(name, error);
  } finally {
    rmSync(draft, { force: true });
  }
}
