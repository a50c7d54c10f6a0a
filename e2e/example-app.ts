import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { NEXT } from '@/scripts/build';

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

function run(command: string, args: readonly string[], more: Record<string, string> = {}): void {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...more } });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed.\n${stdout}\n${stderr}`);
}

/**
 * Packs the package, and unpacks the file into the folder that `npm install` would use.
 * @returns the folder of the installed package
 */
export function installPackage(): string {
  rmSync(COPY, { recursive: true, force: true });
  cpSync('examples/next-app', COPY, {
    recursive: true,
    filter: (file) => !/node_modules|\.next|\.tgz$/.test(path.relative('examples/next-app', file)),
  });
  run('npm', ['pack', '-w', 'components', '--pack-destination', COPY]);
  const [tarball = ''] = readdirSync(COPY).filter((file) => file.endsWith('.tgz'));
  mkdirSync(INSTALLED, { recursive: true });
  run('tar', ['-xzf', path.join(COPY, tarball), '-C', INSTALLED, '--strip-components=1']);
  return INSTALLED;
}

/**
 * Builds the example with the installed package.
 * @param server the address that the example forwards to
 * @returns its folder
 */
export function buildExample(server: string): string {
  renameSync(path.join(COPY, 'next.config.js'), path.join(COPY, 'example.config.js'));
  writeFileSync(path.join(COPY, 'next.config.js'), CONFIG);
  // Next.js would otherwise take the app's own from the folder above.
  writeFileSync(path.join(COPY, 'instrumentation.js'), 'export function register() {}\n');
  run(process.execPath, [NEXT, 'build', COPY], {
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    PHONE_VERIFICATION_URL: server,
  });
  return COPY;
}
