import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildIfNeeded } from '@/scripts/build';

const EXAMPLE = 'examples/next-app';
/** What the package is made of. */
const PACKAGE = ['components', 'lib', 'styles', 'scripts/build-package.ts', 'package.json', 'tsconfig.json'];
/** A copy of the example, inside the project: a build finds Next.js and React in the folders above its own. */
const COPY = '.next/example-app';
const INSTALLED = path.join(COPY, 'node_modules/@phone-verification/react');

/** Allows what the component needs, and the inline script that Next.js begins with. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "form-action 'self'",
].join('; ');

/**
 * The example's own configuration, except that its other packages lie outside of the copy. The policy makes a test fail
 * if the component needs more.
 */
const CONFIG = `const example = require('./example.config.js');
const root = ${JSON.stringify(path.resolve('.'))};
const policy = { key: 'Content-Security-Policy', value: ${JSON.stringify(POLICY)} };
module.exports = {
  ...example,
  headers: async () => [{ source: '/:path*', headers: [policy] }],
  outputFileTracingRoot: root,
  turbopack: { root },
};
`;

function run(command: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed.\n${stdout}\n${stderr}`);
}

/** Packs the package, and unpacks the file into the folder that `npm install` would use. */
function installPackage(): void {
  run('npm', ['pack', '-w', 'components', '--pack-destination', COPY]);
  const [tarball = ''] = readdirSync(COPY).filter((file) => file.endsWith('.tgz'));
  mkdirSync(INSTALLED, { recursive: true });
  run('tar', ['-xzf', path.join(COPY, tarball), '-C', INSTALLED, '--strip-components=1']);
}

function prepare(): void {
  rmSync(COPY, { recursive: true, force: true });
  cpSync(EXAMPLE, COPY, {
    recursive: true,
    filter: (file) => !/node_modules|\.next|\.tgz$/.test(path.relative(EXAMPLE, file)),
  });
  installPackage();
  renameSync(path.join(COPY, 'next.config.js'), path.join(COPY, 'example.config.js'));
  writeFileSync(path.join(COPY, 'next.config.js'), CONFIG);
  // Next.js would otherwise take the app's own from the folder above.
  writeFileSync(path.join(COPY, 'instrumentation.js'), 'export function register() {}\n');
}

/** Not the example's default, so that the build shows whether the example reads the variable. */
const ANY_SERVER = 'http://127.0.0.1:1';

/**
 * Builds the example with the installed package.
 * @param server the address that the example forwards to. The build contains an address, and this one replaces it, so
 * that an earlier build can be used.
 * @returns the folder of the example, and that of the installed package
 */
export function buildExample(server: string): { folder: string; installed: string } {
  buildIfNeeded(COPY, {
    sources: [EXAMPLE, ...PACKAGE, 'e2e/example-app.ts'],
    variables: { PHONE_VERIFICATION_URL: ANY_SERVER },
    prepare,
  });
  const routes = path.join(COPY, '.next/routes-manifest.json');
  const manifest = readFileSync(routes, 'utf8');
  const built = /http:\/\/127\.0\.0\.1:\d+/g;
  if (!built.test(manifest)) throw new Error('The example does not read PHONE_VERIFICATION_URL.');
  writeFileSync(routes, manifest.replace(built, `http://127.0.0.1:${new URL(server).port}`));
  return { folder: COPY, installed: INSTALLED };
}
