import { TestApp, testEnvironment } from '@/__tests__/support/app';
import { freePort } from '@/__tests__/support/free-port';
import { describeWithRedis, TestRedis } from '@/__tests__/support/redis';
import { TestSimulator } from '@/__tests__/support/simulator';
import { SECRET, TestReceiver } from '@/__tests__/webhooks/receiver';
import { createClient, type Sent } from '@/examples/client';
import { SEED } from '@/simulator/seed';
import { Clone } from './clone';
import { type Block, blocksOf, DOCUMENTS, read } from './markdown';

/** Documents for beginners, to read from start to end; the others are about a running server. */
const FROM_A_CLONE = ['README.md', 'docs/going-live.md'];
/** This command ends only when something stops it. */
const SERVER = 'npm start';
/** The commands to run: scripts that end on their own, requests to the app, work on its build, and the server. */
const RUN = [
  /^\(?(umask 077; )?npm run (-s )?(setup|doctor|keys|unlock|erase|guard|configuration)( -- [^&|;]*)?( >> \.env\.local\))?$/,
  /^curl [^&|;]*localhost:3000\//,
  /^(cp -r|du -sm) [^&|;]*\.next\//,
  new RegExp(`^${SERVER}$`),
];
/** The number in the documents, and another one. */
const NUMBER = '+14155552671';
const ANOTHER_NUMBER = '+14155552672';
const METRICS_TOKEN = 'a-token-of-the-metrics-in-this-test';
/** For all commands of a document, even on a busy machine. */
const DOCUMENT_WITHIN_MS = 180_000;

/** The commands to run in a block. A backslash continues a line, and a `#` starts a comment for people. */
const commandsIn = ({ language, text }: Block): readonly string[] =>
  (language === 'sh' ? text.replace(/\\\n\s*/g, '').split(/\n| && /) : [])
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((command) => RUN.some((pattern) => pattern.test(command)));

describeWithRedis('the commands of a document work as written, one after the other', () => {
  let simulator: TestSimulator;
  let redis: TestRedis;
  let app: TestApp;
  let receiver: TestReceiver;
  beforeAll(async () => {
    [simulator, redis, receiver] = await Promise.all([TestSimulator.start(), TestRedis.start(), TestReceiver.start()]);
    app = await TestApp.start(simulator.url, { REDIS_URL: redis.url, METRICS_TOKEN });
  });
  afterAll(async () => {
    await app.stop();
    await redis.kill();
    await receiver.stop();
    await simulator.close();
  });
  beforeEach(() => simulator.reset());

  /** Settings of a running server. In an env file, a person writes them in place of a document's `…`. */
  const settings = (): Record<string, string> => ({
    ...testEnvironment(simulator.url),
    REDIS_URL: redis.url,
    METRICS_TOKEN,
  });

  /** Replaces a document's example addresses with our own; adds `--yes`, because there is no terminal. */
  const own = (text: string, url: string) =>
    text
      .replaceAll('https://xxxxx.api.infobip.com', simulator.url)
      .replaceAll('https://verify.example.com', url)
      .replaceAll('https://example.com/webhooks/phone', receiver.url)
      .replaceAll('localhost:3000', new URL(url).host)
      .replace(/ --send \S+/, '$& --yes');

  /** Fills in an env file. Its Infobip key can only send and verify, because a server needs no more. */
  const envFile = (text: string, url: string) =>
    own(text, url).replace(
      /^(\w+)=.*…$/gm,
      (_, name: string) =>
        `${name}=${{ ...settings(), INFOBIP_API_KEY: SEED.sendOnlyApiKey, WEBHOOK_SECRET: SECRET }[name]}`,
    );

  async function run(command: string, clone: Clone, url: string): Promise<void> {
    if (command === SERVER) return clone.start(`${SERVER} -- -H 127.0.0.1`, `${url}/api/ready`);
    const typeCode = { asked: 'The code', answer: () => simulator.pinFor(NUMBER) };
    const { status, output } = await clone.run(own(command, url), typeCode);
    expect([command, status === 0 ? '' : output]).toEqual([command, '']);
  }

  async function verifyNumber(url: string): Promise<void> {
    const client = createClient(url);
    const { pinId } = (await client.send(ANOTHER_NUMBER)) as Sent;
    const verified = await client.verify(pinId, await simulator.pinFor(ANOTHER_NUMBER));
    expect(verified).toMatchObject({ ok: true, phoneNumber: ANOTHER_NUMBER });
  }

  test.each(DOCUMENTS.filter((document) => blocksOf(read(document)).flatMap(commandsIn).length > 0))(
    '%s',
    async (document) => {
      const isFromClone = FROM_A_CLONE.includes(document);
      const port = isFromClone ? String(await freePort()) : new URL(app.url).port;
      const url = `http://localhost:${port}`;
      const clone = new Clone(isFromClone ? { PORT: port } : settings());
      try {
        clone.append('infobip-api-key', SEED.apiKey);
        const lines = Object.entries(settings()).map(([name, value]) => `${name}='${value}'\n`);
        clone.append('production.env', lines.join(''));
        for (const block of blocksOf(read(document))) {
          if (block.language === 'dotenv') clone.append('.env.local', `\n${envFile(block.text, url)}`);
          for (const command of commandsIn(block)) await run(command, clone, url);
        }
        if (isFromClone) await verifyNumber(url);
      } finally {
        await clone.remove();
      }
    },
    DOCUMENT_WITHIN_MS,
  );
});
