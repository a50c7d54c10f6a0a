import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BASE_PATH } from '@/lib/base-path';

/** Next's command, run by node directly: a signal would not reach the server through npx. */
export const NEXT = path.resolve('node_modules/next/dist/bin/next');

/** The sources of the production build. */
const SOURCES = [
  'components',
  'lib',
  'pages',
  'public',
  'styles',
  'instrumentation.ts',
  'next.config.js',
  'package-lock.json',
  'tsconfig.json',
];
const STAMP = '.next/sources.sha256';

function filesOf(source: string): string[] {
  if (!existsSync(source)) return [];
  if (statSync(source).isFile()) return [source];
  const entries = readdirSync(source, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

function hashSources(): string {
  const hash = createHash('sha256').update(BASE_PATH);
  for (const file of SOURCES.flatMap(filesOf).sort()) hash.update(`${file}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

/**
 * Creates the production build, unless the last one came from the same sources.
 * @throws when the build fails; the message contains its output
 */
export function buildIfNeeded(): void {
  const current = hashSources();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === current) return;
  process.stderr.write('Building the app …\n');
  const { status, stdout, stderr } = spawnSync(process.execPath, [NEXT, 'build'], {
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', BASE_PATH },
  });
  if (status !== 0) throw new Error(`The build failed.\n${stdout}\n${stderr}`);
  writeFileSync(STAMP, current);
}
