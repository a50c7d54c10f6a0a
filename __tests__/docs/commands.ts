import { blocksOf, DOCUMENTS, read } from './markdown';

/** Runs until somebody stops it. */
export const SERVER = 'npm start';

/** `walkthrough.test.ts` runs these: the scripts that end, requests to the app, work on its build, and the server. */
const RUN_HERE = [
  /^\(?(umask 077; )?npm run (-s )?(setup|doctor|keys|unlock|erase|guard|configuration)( -- [^&|;]*)?( >> \.env\.local\))?$/,
  /^curl [^&|;]*localhost:3000\//,
  /^(cp -r|du -sm) [^&|;]*\.next\//,
  new RegExp(`^${SERVER}$`),
];

/** Other files run these; each with words in it that show it. */
export const RUN_ELSEWHERE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'npm ci': { '.ci/smoke-demo': 'npm ci --no-audit --no-fund && npm run demo' },
  'npm run demo': { '.ci/smoke-demo': 'npm ci --no-audit --no-fund && npm run demo' },
  'npm test': { '.ci/run': 'npm run validate', 'package.json': '&& npm test &&' },
  'npm run build': {
    '__tests__/support/build-app.ts': 'buildIfNeeded();',
    'scripts/build.ts': "[NEXT, 'build']",
    'package.json': '"build": "next build"',
  },
  'npm run simulator': {
    '__tests__/simulator/simulator.test.ts': "join('simulator', 'main.ts')",
    'package.json': 'tsx simulator/main.ts"',
  },
  'npm run simulate': {
    '__tests__/simulate/command.test.ts': "runScript('simulate',",
    'package.json': 'tsx -- scripts/simulate.ts"',
  },
  'npm run bench -- --check': { '.ci/run': 'npm run bench -- --check' },
  'npm run bench': { 'package.json': '"bench": "node --import tsx bench/main.ts"' },
  'promtool check rules deploy/monitoring/alerts.yml': {
    '__tests__/monitoring/alerts.test.ts': "promtool(['check', 'rules',",
  },
  'promtool test rules deploy/monitoring/alerts.test.yml': {
    '__tests__/monitoring/alerts.test.ts': "promtool(['test', 'rules',",
  },
};

/** These need what no test has; with the words in which the document itself says that nobody ran them. */
const NOT_RUN = [
  { program: /\bdocker\b/, said: 'there was no Docker engine' },
  { program: /\bsudo\b/, said: 'systemd did not start it' },
];

/** The commands of a block: a backslash continues a line, and a `#` begins words for people. */
export const commandsIn = (text: string): readonly string[] =>
  text
    .replace(/\\\n\s*/g, '')
    .split(/\n| && /)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');

export const isRunHere = (command: string): boolean => RUN_HERE.some((pattern) => pattern.test(command));

const blocks = DOCUMENTS.flatMap((document) =>
  blocksOf(read(document))
    .filter(({ language }) => language === 'sh')
    .map(({ text }) => ({ document, text, said: NOT_RUN.find(({ program }) => program.test(text))?.said })),
);

/** Every command that a document tells people to run, and that somebody can run. */
export const COMMANDS = blocks
  .filter(({ said }) => said === undefined)
  .flatMap(({ document, text }) => commandsIn(text).map((command) => ({ document, command })));

/** The blocks that nobody can run. */
export const BLOCKS_NOT_RUN = blocks.flatMap(({ document, text, said }) =>
  said === undefined ? [] : [{ document, said, start: text.split('\n')[0] ?? '' }],
);
