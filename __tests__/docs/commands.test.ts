import packageJson from '@/package.json';
import { BLOCKS_NOT_RUN, COMMANDS, isRunHere, RUN_ELSEWHERE } from './commands';
import { blocksOf, DOCUMENTS, read } from './markdown';

const REMEDY =
  'Name the test or the script that runs it in RUN_ELSEWHERE of __tests__/docs/commands.ts, or let RUN_HERE there match it.';

describe('the commands of the documents', () => {
  test.each(COMMANDS)('$document: something runs `$command`', ({ document, command }) => {
    if (isRunHere(command) || command in RUN_ELSEWHERE) return;
    throw new Error(`Nobody runs \`${command}\` of ${document}. ${REMEDY}`);
  });

  test.each(BLOCKS_NOT_RUN)('$document: says that nobody ran `$start`', ({ document, said }) => {
    const [, ...confession] = read(document).split('\n## What was run, and what was not\n');
    expect(confession.join()).toContain(said);
  });

  test.each(Object.entries(RUN_ELSEWHERE))('`%s` runs where the list says, and is in a document', (command, places) => {
    for (const [file, words] of Object.entries(places))
      expect([file, words, read(file).includes(words)]).toEqual([file, words, true]);
    expect(COMMANDS.map((one) => one.command)).toContain(command);
  });
});

const { paths } = JSON.parse(read('docs/openapi.json')) as { paths: Record<string, object> };
const routes = Object.entries(paths).flatMap(([route, item]) =>
  Object.keys(item).map((method) => `${method} ${route}`),
);

/** Method and route of a line with curl, like `post /api/send-otp`; the keys have two addresses. */
function routeOf(line: string): string | undefined {
  const [, route] = /^(?:\$ )?curl .*?localhost:3000(\/[^\s'"?]*)/.exec(line) ?? [];
  const method = /-X (\w+)/.exec(line)?.[1] ?? (/ -d /.test(line) ? 'POST' : 'GET');
  return route && `${method.toLowerCase()} ${route.replace('/.well-known/jwks.json', '/api/jwks')}`;
}

describe.each(DOCUMENTS)('%s', (document) => {
  test('name npm scripts that exist', () => {
    const named = [...read(document).matchAll(/\bnpm run (?:-s )?([a-z-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in packageJson.scripts))).toEqual([]);
  });

  test('call routes that exist, with the right method', () => {
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
