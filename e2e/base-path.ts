import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildIfNeeded, SOURCES } from '@/scripts/build';

/** A copy of the app's sources, inside the project: a build finds packages in the folders above its own. */
const COPY = '.next/under-a-path';
/** The app's own configuration, with packages outside the copy, and without the type check of the app's build. */
const CONFIG = `const app = require('./app.config.js');
module.exports = async (phase) => {
  const root = ${JSON.stringify(path.resolve('.'))};
  return { ...app(phase), output: undefined, outputFileTracingRoot: root, turbopack: { root }, typescript: { ignoreBuildErrors: true } };
};
`;

function copySources(): void {
  rmSync(COPY, { recursive: true, force: true });
  mkdirSync(COPY, { recursive: true });
  // Another test may be making the package.
  const filter = (file: string) => file !== 'components/dist';
  for (const source of [...SOURCES, 'package.json'])
    cpSync(source, path.join(COPY, source), { recursive: true, filter });
  renameSync(path.join(COPY, 'next.config.js'), path.join(COPY, 'app.config.js'));
  writeFileSync(path.join(COPY, 'next.config.js'), CONFIG);
}

/**
 * Builds the app once more, under a base path.
 * @returns its folder
 */
export function buildUnder(basePath: string): string {
  buildIfNeeded(COPY, {
    sources: [...SOURCES, 'package.json', 'e2e/base-path.ts'],
    variables: { BASE_PATH: basePath },
    prepare: copySources,
  });
  return COPY;
}
