import packageJson from '@/package.json';
import { blocksOf, DOCUMENTS, read } from './markdown';

const { paths } = JSON.parse(read('docs/openapi.json')) as { paths: Record<string, object> };
const routes = Object.entries(paths).flatMap(([route, item]) =>
  Object.keys(item).map((method) => `${method} ${route}`),
);

/** Method and route of a line with curl, like `post /api/send-otp`; the keys have two addresses, and ids stand for any. */
function routeOf(line: string): string | undefined {
  const [, route] = /^(?:\$ )?curl .*?localhost:3000(\/[^\s'"?]*)/.exec(line) ?? [];
  const method = /-X (\w+)/.exec(line)?.[1] ?? (/ -d /.test(line) ? 'POST' : 'GET');
  const named = route
    ?.replace('/.well-known/jwks.json', '/api/jwks')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4,12}){4}/, '{id}');
  return named && `${method.toLowerCase()} ${named}`;
}

describe.each(DOCUMENTS)('%s', (document) => {
  test('names npm scripts that exist', () => {
    const named = [...read(document).matchAll(/\bnpm run (?:-s )?([a-z-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in packageJson.scripts))).toEqual([]);
  });

  test('calls routes that exist, with the right method', () => {
    const blocks = blocksOf(read(document)).filter(({ language }) => language === 'sh' || language === 'console');
    const asked = blocks.flatMap(({ text }) =>
      text
        .replace(/\\\n\s*/g, '')
        .split('\n')
        .map(routeOf),
    );
    expect(asked.filter((one) => one !== undefined && !routes.includes(one))).toEqual([]);
  });
});
