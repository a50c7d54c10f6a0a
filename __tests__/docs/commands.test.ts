import { freePort, TestApp, testEnvironment } from '@/__tests__/support/app';
import { describeWithRedis, TestRedis } from '@/__tests__/support/redis';
import { TestSimulator } from '@/__tests__/support/simulator';
import { createClient, type Sent } from '@/examples/client';
import packageJson from '@/package.json';
import { SEED } from '@/simulator/seed';
import { Clone } from './clone';
import { blocksOf, DOCUMENTS, read } from './markdown';

const METRICS_TOKEN = 'a-token-of-the-metrics-in-this-test';
/** Both are read from the first line to the last; the others are about a server that runs. */
const FROM_A_CLONE = ['README.md', 'docs/going-live.md'];
const NUMBER = '+14155552671';

/** Run here: the scripts that end by themselves, and requests to the app. */
const RUN_HERE = [
  /^\(?(umask 077; )?npm run (-s )?(setup|doctor|keys|unlock|erase|configuration)( -- ((?!--send)[^&|;])*)?( >> \.env\.local\))?$/,
  /^curl [^&|;]*localhost:3000\//,
];
/** Run here too, and ended at the end. */
const SERVER = 'npm start';

/** Run elsewhere: the files that do it, with words in them that show it. */
const RUN_ELSEWHERE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
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
const commandsIn = (text: string) =>
  text
    .replace(/\\\n\s*/g, '')
    .split(/\n| && /)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');

const isRunHere = (command: string) => command === SERVER || RUN_HERE.some((pattern) => pattern.test(command));

const shown = DOCUMENTS.flatMap((document) =>
  blocksOf(read(document))
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => commandsIn(text))
    .map((command) => ({ document, command })),
);

describe('the commands of the documents', () => {
  test.each(shown)('$document: somebody runs `$command`', ({ document, command }) => {
    const remedy = isRunHere(command)
      ? ''
      : `Nobody runs \`${command}\` of ${document}. Name the test or the script that does in RUN_ELSEWHERE (${__filename}), or have it run here by RUN_HERE.`;
    if (remedy && !(command in RUN_ELSEWHERE)) throw new Error(remedy);
  });

  test.each(Object.entries(RUN_ELSEWHERE))(
    'what is said to run `%s` does, and a document has it',
    (command, places) => {
      for (const [file, words] of Object.entries(places))
        expect([file, words, read(file).includes(words)]).toEqual([file, words, true]);
      expect(shown.map((one) => one.command)).toContain(command);
    },
  );
});

describe.each(DOCUMENTS)('%s', (document) => {
  const text = read(document);

  test('names npm scripts that exist', () => {
    const named = [...text.matchAll(/\bnpm run (?:-s )?([a-z-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in packageJson.scripts))).toEqual([]);
  });

  test('asks for routes that exist, in the way that they are asked', () => {
    const { paths } = JSON.parse(read('docs/openapi.json')) as { paths: Record<string, object> };
    const consoles = blocksOf(text).filter(({ language }) => ['sh', 'console'].includes(language));
    const lines = consoles.flatMap((block) => block.text.replace(/\\\n\s*/g, '').split('\n'));
    const asked = lines.flatMap((line) => {
      const [, route] = /^(?:\$ )?curl .*?localhost:3000(\/[^\s'"?]*)/.exec(line) ?? [];
      const method = /-X (\w+)/.exec(line)?.[1] ?? (/ -d /.test(line) ? 'POST' : 'GET');
      return route === undefined
        ? []
        : [`${method.toLowerCase()} ${route.replace('/.well-known/jwks.json', '/api/jwks')}`];
    });
    const known = Object.entries(paths).flatMap(([route, item]) =>
      Object.keys(item).map((method) => `${method} ${route}`),
    );
    expect(asked.filter((one) => !known.includes(one))).toEqual([]);
  });
});

describeWithRedis('run as they are written', () => {
  let simulator: TestSimulator;
  let redis: TestRedis;
  let app: TestApp;
  beforeAll(async () => {
    [simulator, redis] = await Promise.all([TestSimulator.start(), TestRedis.start()]);
    app = await TestApp.start(simulator.url, { REDIS_URL: redis.url, METRICS_TOKEN });
  });
  afterAll(async () => {
    await app.stop();
    await redis.kill();
    await simulator.close();
  });
  beforeEach(() => simulator.reset());

  /** What a person has in the place of a document's examples. */
  const own = (text: string, url: string) =>
    text
      .replaceAll('https://xxxxx.api.infobip.com', simulator.url)
      .replaceAll('https://verify.example.com', url)
      .replaceAll('localhost:3000', new URL(url).host);

  /** What a person writes into an env file for the `…` of a document. */
  const filledIn = (): Record<string, string> => ({
    ...testEnvironment(simulator.url),
    INFOBIP_API_KEY: SEED.sendOnlyApiKey,
    REDIS_URL: redis.url,
    METRICS_TOKEN,
  });

  /** What a person writes into an env file, with the document's own values where it has some. */
  const envFile = (text: string, url: string) =>
    own(text, url).replace(/^(\w+)=.*…$/gm, (_, name: string) => `${name}=${filledIn()[name]}`);

  async function runHere(command: string, clone: Clone, url: string): Promise<void> {
    const failure =
      command === SERVER
        ? await clone.start(`${SERVER} -- -H 127.0.0.1`, `${url}/api/ready`)
        : await clone.run(own(command, url)).then(({ status, output }) => (status === 0 ? '' : output));
    expect([command, failure]).toEqual([command, '']);
  }

  /** Follows a document in a clone: its env files are written, its commands are run. */
  async function follow(document: string, clone: Clone, url: string): Promise<void> {
    for (const { language, text } of blocksOf(read(document))) {
      if (language === 'dotenv') clone.append('.env.local', `\n${envFile(text, url)}`);
      if (language !== 'sh') continue;
      for (const command of commandsIn(text).filter(isRunHere)) await runHere(command, clone, url);
    }
  }

  /** What it was all for. */
  async function verifyNumber(url: string): Promise<void> {
    const client = createClient(url);
    const sent = await client.send(NUMBER);
    expect(sent).toMatchObject({ ok: true });
    const { pinId } = sent as Sent;
    expect(await client.verify(pinId, await simulator.pinFor(NUMBER))).toMatchObject({ ok: true, phoneNumber: NUMBER });
  }

  const documents = DOCUMENTS.filter((document) =>
    shown.some((one) => one.document === document && isRunHere(one.command)),
  );

  test.each(documents)('%s', async (document) => {
    const isFromClone = FROM_A_CLONE.includes(document);
    const port = isFromClone ? await freePort() : new URL(app.url).port;
    const url = `http://localhost:${port}`;
    const running = { ...testEnvironment(simulator.url), REDIS_URL: redis.url, METRICS_TOKEN };
    const clone = new Clone(isFromClone ? { PORT: String(port) } : running);
    try {
      clone.write('infobip-api-key', SEED.apiKey);
      await follow(document, clone, url);
      await verifyNumber(url);
    } finally {
      await clone.remove();
    }
  });
});
