import { blocksOf, DOCUMENTS, read } from './markdown';

/** What ends only when it is told to. */
export const SERVER = 'npm start';

/** Run by `walkthrough.test.ts`: the scripts that end by themselves, requests to the app, and the server. */
const RUN_HERE = [
  /^\(?(umask 077; )?npm run (-s )?(setup|doctor|keys|unlock|erase|configuration)( -- [^&|;]*)?( >> \.env\.local\))?$/,
  /^curl [^&|;]*localhost:3000\//,
  new RegExp(`^${SERVER}$`),
];

/** Run by something else: the files that do it, with words in them that show it. */
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
  'promtool check rules deploy/monitoring/alerts.yml': {
    '__tests__/monitoring.test.ts': "promtool(['check', 'rules',",
  },
  'promtool test rules deploy/monitoring/alerts.test.yml': {
    '__tests__/monitoring.test.ts': "promtool(['test', 'rules',",
  },
};

/** The commands of a block: lines that end in a backslash go on, what is behind a `#` is for people. */
export const commandsIn = (text: string): readonly string[] =>
  text
    .replace(/\\\n\s*/g, '')
    .split(/\n| && /)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');

export const isRunHere = (command: string): boolean => RUN_HERE.some((pattern) => pattern.test(command));

/** Every command that a document tells people to run. */
export const COMMANDS = DOCUMENTS.flatMap((document) =>
  blocksOf(read(document))
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => commandsIn(text))
    .map((command) => ({ document, command })),
);
