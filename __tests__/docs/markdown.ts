import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A fenced block of a document. */
export interface Block {
  /** The language after the fence: `sh`, `console`, `ts`. Empty if there is none. */
  readonly language: string;
  /** The block's text, without the indent of a list around it. */
  readonly text: string;
}

/** A link from a document to a file of the project. */
export interface Link {
  readonly target: string;
  /** The file, from the project's folder. */
  readonly file: string;
  /** The heading's name after the `#`, if there is one. */
  readonly anchor: string | undefined;
}

/** The text between two fences, without the indent of the first. */
const FENCED = /^( *)```(\w*)\n([\s\S]*?)^\1```$/gm;

const markdownIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => path.join(folder, file));

/** Every document for people, relative to the project's folder. */
export const DOCUMENTS: readonly string[] = [
  'README.md',
  'components/README.md',
  'examples/next-app/README.md',
  'simulator/README.md',
  ...markdownIn('docs').sort(),
];

export const read = (file: string): string => readFileSync(path.resolve(file), 'utf8');

export const blocksOf = (text: string): readonly Block[] =>
  [...text.matchAll(FENCED)].map(([, indent = '', language = '', body = '']) => ({
    language,
    text: body.replace(new RegExp(`^${indent}`, 'gm'), ''),
  }));

const withoutBlocks = (text: string) => text.replace(FENCED, '');

/** The anchors of the headings, as GitHub makes them; the second of the same name ends in `-1`. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, title = ''] of withoutBlocks(text).matchAll(/^#+ (.+)$/gm)) {
    const shown = title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = shown.replace(/[^\p{L}\p{M}\p{N}_ -]/gu, '').replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The links of a document that do not leave the project. */
export const linksOf = (document: string): readonly Link[] =>
  [...withoutBlocks(read(document)).matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].map(
    ([, target = '', anchor]) => ({
      target: anchor === undefined ? target : `${target}#${anchor}`,
      file: target === '' ? document : path.join(path.dirname(document), target),
      anchor,
    }),
  );
