import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { VARIABLES } from '@/lib/config/environment';
import { blocksOf, DOCUMENTS, read } from './markdown';

const PROGRAMS = ['ts', 'tsx', 'js', 'jsx', 'python'];

/** Files that are type-checked, and that tests run. */
const examples = ['examples', 'examples/next-app', 'examples/next-app/pages'].flatMap((folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => read(path.join(folder, name))),
);

const blocks = DOCUMENTS.filter((document) => !document.startsWith('simulator/')).flatMap((document) =>
  blocksOf(read(document)).map(({ language, text }) => ({
    document,
    language,
    text,
    start: text.split('\n')[0] ?? '',
  })),
);
const of = (...languages: string[]) => blocks.filter(({ language }) => languages.includes(language));

test.each(of(...PROGRAMS))('the code in $document is the code of a file in examples/: $start', ({ text }) => {
  expect(examples.filter((example) => example.includes(text))).toHaveLength(1);
});

/** The number of lines between the two marks of an example's login, not counting empty ones. */
const lengthOf = (file: string) =>
  (/from here …\n([\s\S]*)\n.*… to here/.exec(read(file))?.[1] ?? '').split('\n').filter((line) => line.trim()).length;

test('the guide counts the lines of each login', () => {
  const guide = read('docs/integrating.md');
  const table = [...guide.matchAll(/\[(examples\/\S+)\]\(\S+\) \| (\d+) \|/g)].map(([, file, lines]) => [
    file,
    Number(lines),
  ]);
  const mobile = Number(/with a key: (\d+) lines/.exec(guide)?.[1]);
  expect([...table, ['mobile', mobile]]).toEqual([
    ['examples/next-auth', lengthOf('examples/next-auth/pages/api/auth/[...nextauth].js')],
    ['examples/openid_flask.py', lengthOf('examples/openid_flask.py')],
    ['examples/openid-express.mjs', lengthOf('examples/openid-express.mjs')],
    ['examples/openid_django.py', lengthOf('examples/openid_django.py')],
    ['mobile', lengthOf('examples/mobile-server.mjs')],
  ]);
});

test.each(of('dotenv'))('the env file in $document sets variables that exist: $start', ({ text }) => {
  const names = Object.keys(parseEnv(text));
  expect(names).not.toEqual([]);
  expect(names.filter((name) => !(VARIABLES as readonly string[]).includes(name))).toEqual([]);
});

test.each(of('json'))('the JSON in $document is valid: $start', ({ text }) => {
  expect(() => JSON.parse(text)).not.toThrow();
});

test('every block names its kind: a command, output, code, or nothing for a text', () => {
  const known = ['', 'sh', 'console', 'css', 'dotenv', 'json', ...PROGRAMS];
  expect(blocks.filter(({ language }) => !known.includes(language))).toEqual([]);
});
