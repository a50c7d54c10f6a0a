/** `npm run configuration`: writes the documents on the variables; with `--check` says whether they are up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { takenByNpm } from './command';
import { envExample, tables } from './configuration-documents';

const USAGE = `Usage: npm run configuration [-- --check]

Writes docs/configuration.md and .env.example from lib/config/environment.ts and lib/config/documentation.ts.
--check writes nothing, and ends with 1 where one of them is out of date.`;

/** Between these the guide is made; what is around them is written by hand. */
const MADE = /(<!-- Made by [^>]* -->\n).*(\n<!-- End of what is made -->)/s;

/** @throws where the guide has no place for the tables */
function withTables(guide: string): string {
  if (!MADE.test(guide)) throw new Error('docs/configuration.md has lost the comments that the tables stand between.');
  return guide.replace(MADE, (_, begin: string, end: string) => `${begin}\n${tables()}\n${end}`);
}

const DOCUMENTS: Readonly<Record<string, (before: string) => string>> = {
  'docs/configuration.md': withTables,
  '.env.example': envExample,
};

function outdated(): { file: string; text: string }[] {
  return Object.entries(DOCUMENTS).flatMap(([file, make]) => {
    const before = readFileSync(file, 'utf8');
    const text = make(before);
    return text === before ? [] : [{ file, text }];
  });
}

function main(words: readonly string[]): number {
  if (takenByNpm(['check']) || words.some((word) => word !== '--check')) {
    process.stderr.write(`${USAGE}\n`);
    return words[0] === '--help' ? 0 : 2;
  }
  const files = outdated();
  for (const { file, text } of files) {
    if (words.length === 0) writeFileSync(file, text);
    else process.stderr.write(`${file} is out of date. Run: npm run configuration\n`);
  }
  return words.length > 0 && files.length > 0 ? 1 : 0;
}

process.exitCode = main(process.argv.slice(2));
