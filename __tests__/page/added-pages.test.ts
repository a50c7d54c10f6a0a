import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PHASE_PRODUCTION_BUILD } from 'next/constants';
import { getPathMatch } from 'next/dist/shared/lib/router/utils/path-match';

interface Rule {
  readonly source: string;
  readonly headers: readonly { readonly key: string; readonly value: string }[];
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'added-pages-'));
  for (const file of ['next.config.js', 'pages', 'lib/http/security-headers.json'])
    cpSync(file, path.join(folder, file), { recursive: true });
  symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function add(...files: readonly string[]): void {
  for (const file of files) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), '');
  }
}

/** Returns the addresses that get a header by the rules of a copy of this app, as Next reads these rules. */
async function withHeader(key: string, addresses: readonly string[]): Promise<string[]> {
  const load = createRequire(path.join(folder, 'load.js'));
  const { headers } = (load('./next.config.js') as (phase: string) => { headers: () => Promise<Rule[]> })(
    PHASE_PRODUCTION_BUILD,
  );
  const rules = (await headers()).filter((rule) => rule.headers.some((header) => header.key === key));
  const matchers = rules.map(({ source }) => getPathMatch(source, { strict: true, sensitive: true }));
  return addresses.filter((address) => matchers.some((matches) => matches(address)));
}

const OURS = [
  '/',
  '/about',
  '/nope',
  '/nope/hello',
  '/favicon.svg',
  '/api/nope',
  '/.well-known/jwks.json',
  '/demo',
  '/demo/nope',
  '/brand/nope',
];

test('everything of ours gets the policy that allows no script, even unknown addresses', async () => {
  expect(await withHeader('Content-Security-Policy', [...OURS, '/hello'])).toEqual([...OURS, '/hello']);
});

test('added pages do not get the policy that allows no script, but still get the other headers', async () => {
  add('app/layout.tsx', 'app/hello/page.tsx', 'app/(shop)/cart/[id]/page.tsx', 'app/@side/panel/page.tsx');
  add(
    'pages/api/refunds.ts',
    'app/api/orders/route.ts',
    'app/_parts/button.tsx',
    'pages/terms.tsx',
    'pages/blog/[slug].jsx',
    'pages/v1.0.tsx',
  );
  const added = ['/hello', '/hello/', '/hello/deeper', '/cart/7', '/panel', '/terms', '/blog/first', '/v1.0'];
  const others = ['/hello2', '/v1x0', '/terms.pdf', '/_parts/button', '/api/orders', '/api/refunds'];
  const all = [...OURS, ...added, ...others];
  expect(await withHeader('Content-Security-Policy', all)).toEqual([...OURS, ...others]);
  expect(await withHeader('X-Content-Type-Options', all)).toEqual(all);
});

test('if an added page may be at any address, only the start page keeps the policy that allows no script', async () => {
  add('app/[name]/page.tsx');
  expect(await withHeader('Content-Security-Policy', ['/', '/hello'])).toEqual(['/']);
});
