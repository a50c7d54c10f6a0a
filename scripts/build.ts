import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BASE_PATH } from '@/lib/base-path';

/** Next's command, run by node directly: a signal would not reach the server through npx. */
export const NEXT = path.resolve('node_modules/next/dist/bin/next');

/** What a build is made from. */
interface Build {
  /** Its files and folders. Packages count in any case. */
  readonly sources: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  /** Creates the folder before a build. */
  readonly prepare?: () => void;
}

/** The sources of the production build. */
export const SOURCES = [
  'components',
  'lib',
  'pages',
  'public',
  'styles',
  'instrumentation.ts',
  'next.config.js',
  'tsconfig.json',
];
const PACKAGES = 'package-lock.json';
/** `next build` and the packing of the component write these. */
const MADE = /(?:^|\/)(?:\.next|components\/dist|next-env\.d\.ts|node_modules)(?:\/|$)/;

function filesOf(source: string): string[] {
  if (!existsSync(source)) return [];
  if (statSync(source).isFile()) return [source];
  const entries = readdirSync(source, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return files.filter((file) => !MADE.test(file));
}

function hashSources(sources: readonly string[], variables: object): string {
  const hash = createHash('sha256').update(JSON.stringify(variables));
  for (const file of [PACKAGES, ...sources].flatMap(filesOf).sort()) {
    hash.update(`${file}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/**
 * Creates a production build, by default the app's, unless the folder's last one came from the same sources.
 * @throws when the build fails; the message contains its output
 */
export function buildIfNeeded(folder = '.', { sources, variables, prepare }: Build = { sources: SOURCES }): void {
  const current = hashSources(sources, { node: process.version, at: path.resolve('.'), BASE_PATH, ...variables });
  const stamp = path.join(folder, '.next/sources.sha256');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === current) return;
  process.stderr.write(`Building ${folder === '.' ? 'the app' : folder} …\n`);
  rmSync(stamp, { force: true });
  prepare?.();
  const { status, stdout, stderr } = spawnSync(process.execPath, [NEXT, 'build', folder], {
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', BASE_PATH, ...variables },
  });
  if (status !== 0) throw new Error(`The build failed.\n${stdout}\n${stderr}`);
  writeFileSync(stamp, current);
}
