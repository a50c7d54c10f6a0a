/**
 * Builds `@phone-verification/react`, the component and the client of components/, into components/dist.
 * `npm pack -w components` runs it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';

/** npm runs this in the folder of the package. */
const ROOT = path.resolve('..');
const SOURCES = path.join(ROOT, 'components');
const DIST = path.join(SOURCES, 'dist');
const CLASS = '.phone-verification';

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

/** Class names begin with the package's name and the file's, because a host app has buttons and fields of its own. */
const namedStyles: Plugin = {
  name: 'named-styles',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.module\.css$/ }, ({ path: file, resolveDir }) => {
      const found = file.startsWith('@/') ? path.join(ROOT, file.slice(2)) : path.join(resolveDir, file);
      const name = `phone-verification-${path.basename(found, '.module.css')}.css`;
      return {
        path: path.join(path.relative(ROOT, path.dirname(found)), name),
        namespace: 'styles',
        pluginData: found,
      };
    });
    onLoad({ filter: /.*/, namespace: 'styles' }, ({ pluginData }) => ({
      contents: readFileSync(pluginData as string, 'utf8'),
      loader: 'local-css',
      resolveDir: path.dirname(pluginData as string),
    }));
  },
};

/** esbuild leaves `new URL(…)` alone, and the built worker has another name. */
const builtWorker: Plugin = {
  name: 'built-worker',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]challenge\.ts$/ }, ({ path: file }) => ({
      contents: readFileSync(file, 'utf8').replace("'./challenge-worker.ts'", "'./challenge-worker.js'"),
      loader: 'ts',
    }));
  },
};

/** Bundles the script, with the parts that load later in files of their own, and all styles into one file. */
async function bundle(): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: { index: 'components/index.ts', 'challenge-worker': 'components/flow/challenge-worker.ts' },
    outdir: DIST,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    chunkNames: '[name]-[hash]',
    // Packages that package.json declares stay outside.
    packages: 'external',
    define: { 'process.env.BASE_PATH': '""' },
    plugins: [namedStyles, builtWorker],
    write: false,
  });
  const isStyle = (file: { path: string }) => file.path.endsWith('.css');
  // The styles of parts that load later come last, as in our own page.
  const byLoading = outputFiles.filter(isStyle).sort((a) => (path.basename(a.path) === 'index.css' ? -1 : 1));
  const styles = [
    read('styles/tokens.css').replaceAll(':root', CLASS),
    read('components/embedded.css'),
    ...byLoading.map(({ text }) => text),
  ];
  mkdirSync(DIST, { recursive: true });
  writeFileSync(path.join(DIST, 'styles.css'), styles.join('\n'));
  for (const file of outputFiles.filter((file) => !isStyle(file))) writeFileSync(file.path, file.contents);
}

/** The declarations of all modules that the entry imports. */
function emitDeclarations(folder: string): void {
  const config = path.join(folder, 'tsconfig.json');
  const options = { declaration: true, emitDeclarationOnly: true, noEmit: false, incremental: false };
  writeFileSync(
    config,
    JSON.stringify({
      extends: path.join(ROOT, 'tsconfig.json'),
      // Next has the types of style sheets.
      compilerOptions: { ...options, rootDir: ROOT, outDir: folder, types: ['node', 'next'] },
      files: [path.join(SOURCES, 'index.ts')],
      include: [],
    }),
  );
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', config], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The declarations were not made.\n${stdout}`);
}

/** A module that a declaration names: relative, or by its path from the project's folder. */
const OWN_MODULE = /(from |import\()(['"])(@\/|\.\.?\/)([^'"]+)\2/g;

/** Keeps the entry's declarations and all that they import, and makes the paths in them relative. */
function keepDeclarations(folder: string): void {
  const kept = new Set<string>();
  const keep = (module: string) => {
    if (kept.has(module)) return;
    kept.add(module);
    const here = path.dirname(module);
    const text = readFileSync(path.join(folder, `${module}.d.ts`), 'utf8').replace(
      OWN_MODULE,
      (_, before: string, quote: string, start: string, rest: string) => {
        const target = start === '@/' ? path.normalize(rest) : path.join(here, start, rest);
        keep(target);
        const relative = path.relative(here, target);
        return `${before}${quote}${relative.startsWith('.') ? '' : './'}${relative}.js${quote}`;
      },
    );
    const to = path.join(DIST, 'types', `${module}.d.ts`);
    mkdirSync(path.dirname(to), { recursive: true });
    writeFileSync(to, text);
  };
  keep('components/index');
}

async function main(): Promise<void> {
  rmSync(DIST, { recursive: true, force: true });
  await bundle();
  // Inside the project, so that the compiler finds packages with types.
  mkdirSync(path.join(ROOT, '.next'), { recursive: true });
  const folder = mkdtempSync(path.join(ROOT, '.next/declarations-'));
  try {
    emitDeclarations(folder);
    keepDeclarations(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

void main();
