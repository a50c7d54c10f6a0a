import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { NEXT } from '@/scripts/build';

/** A copy of the app's sources, inside the project: a build finds packages in the folders above its own. */
const COPY = '.next/under-a-path';
const SOURCES = [
  'components',
  'lib',
  'pages',
  'public',
  'styles',
  'instrumentation.ts',
  'package.json',
  'tsconfig.json',
];

/** The app's own configuration, except that packages lie outside of the copy. */
const CONFIG = `const app = require('./app.config.js');
module.exports = async (phase) => {
  const root = ${JSON.stringify(path.resolve('.'))};
  return { ...app(phase), output: undefined, outputFileTracingRoot: root, turbopack: { root } };
};
`;

/**
 * Builds the app once more, under a base path.
 * @returns its folder
 */
export function buildUnder(basePath: string): string {
  rmSync(COPY, { recursive: true, force: true });
  mkdirSync(COPY, { recursive: true });
  // Another test may be making the package.
  const filter = (file: string) => file !== 'components/dist';
  for (const source of SOURCES) cpSync(source, path.join(COPY, source), { recursive: true, filter });
  cpSync('next.config.js', path.join(COPY, 'app.config.js'));
  writeFileSync(path.join(COPY, 'next.config.js'), CONFIG);
  const { status, stdout, stderr } = spawnSync(process.execPath, [NEXT, 'build', COPY], {
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', BASE_PATH: basePath },
  });
  if (status !== 0) throw new Error(`The build under ${basePath} failed.\n${stdout}\n${stderr}`);
  return COPY;
}
