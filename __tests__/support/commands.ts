import path from 'node:path';
import { build } from 'esbuild';

const FOLDER = path.resolve('node_modules/.cache/test-commands');

/** The commands that tests run dozens of times. */
const BUNDLED = ['doctor', 'erase', 'guard', 'reseal', 'setup', 'unlock'] as const;
type Bundled = (typeof BUNDLED)[number];

const isBundled = (name: string): name is Bundled => (BUNDLED as readonly string[]).includes(name);

/**
 * Bundles these commands. Jest does this once, because compiling TypeScript takes most of a command's time. The
 * walkthrough runs the commands unbundled.
 */
export async function bundleCommands(): Promise<void> {
  await build({
    entryPoints: BUNDLED.map((name) => `scripts/${name}.ts`),
    outdir: FOLDER,
    bundle: true,
    // Without `minifyIdentifiers`, because some commands print names of classes.
    minifySyntax: true,
    minifyWhitespace: true,
    platform: 'node',
    format: 'cjs',
    // This package loads a native library whose name it builds at run time.
    external: ['libsql'],
    outExtension: { '.js': '.cjs' },
    logLevel: 'warning',
  });
}

/** What Node.js runs for a command of `scripts/`. Without the `--`, Node 20 would take `--env-file` as its own. */
export const programOf = (name: string): readonly string[] =>
  isBundled(name) ? ['--', path.join(FOLDER, `${name}.cjs`)] : ['--import', 'tsx', '--', `scripts/${name}.ts`];
