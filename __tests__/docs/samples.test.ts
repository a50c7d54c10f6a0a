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
