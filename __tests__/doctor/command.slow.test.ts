import { readFileSync } from 'node:fs';
import { describeWithRedis, TestRedis } from '@/__tests__/support/redis';
import { TestSimulator, wrongPin } from '@/__tests__/support/simulator';
import { SECRET, TestReceiver } from '@/__tests__/webhooks/receiver';
import { makeProofKey } from '@/lib/config/keys';
import { CHECKS } from '@/scripts/doctor/checks';
import { optionsFrom } from '@/scripts/doctor/command-line';
import { clean } from '@/scripts/doctor/report';
import { SEED } from '@/simulator/seed';
import { runDoctor } from './run-doctor';
import { configure, expectFindings, goodEnvironment, makeGood } from './set-up';

const NUMBER = '+14155552671';

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await TestSimulator.start();
});
afterAll(() => simulator.close());
beforeEach(() => makeGood(simulator));

const environment = (more: Record<string, string> = {}) => ({ ...goodEnvironment(simulator), ...more });

describe('--json', () => {
  test('prints one array of findings and nothing else, each with four texts, in the order of the checks', async () => {
    const { status, stdout, stderr, findings } = await runDoctor(environment(), ['--json']);
    expect(JSON.parse(stdout)).toEqual(findings);
    for (const one of findings) {
      expect(Object.keys(one)).toEqual(['check', 'status', 'finding', 'remedy']);
      expect(Object.values(one).every((value) => typeof value === 'string')).toBe(true);
      expect(one.finding).not.toBe('');
    }
    expect([...new Set(findings.map(({ check }) => check))]).toEqual(CHECKS.map(({ check }) => check));
    expect([status, findings.filter((one) => one.status === 'fail')]).toEqual([0, []]);
    expect(stderr).toMatch(/and sends no message/);
    expect(await simulator.messages()).toEqual([]);
  });

  test('exits with 1 if something fails', async () => {
    const { status, findings } = await runDoctor(environment({ PIN_LENGTH: '4' }), ['--json']);
    expect(status).toBe(1);
    expectFindings(findings, [['codes', 'fail', 'PIN_LENGTH']]);
  });
});

test('people get a line for each finding with its remedy below, a summary, and no color in a file', async () => {
  const { status, stdout } = await runDoctor(environment({ PIN_LENGTH: '4', FORCE_COLOR: '1' }));
  expect(status).toBe(1);
  expect(stdout).toMatch(/^ok {7}node-version {10}Node\.js \d/m);
  expect(stdout).toMatch(/^FAIL {5}codes {17}PIN_LENGTH is 4.*\n {31}Set it to 6 or more\.$/m);
  expect(stdout).toMatch(
    /\n\n\d+ ok, \d+ to look at \(warn\), \d+ to fix \(FAIL\), \d+ skipped\. Fix what is marked FAIL\.\n$/,
  );
  expect(stdout).not.toContain('\u001b');
});

describe('the environment', () => {
  test('comes from the process first, then from the files that Next reads in production', async () => {
    const { INFOBIP_API_KEY, PRIVACY_KEY = '', ...rest } = environment();
    const files = {
      '.env.local': `INFOBIP_API_KEY=${INFOBIP_API_KEY}\nPIN_LENGTH=5\nPRIVACY_KEY='${PRIVACY_KEY}'\n`,
      '.env': 'PIN_LENGTH=8\nMAX_PIN_ATTEMPTS=7\nPIN_TTL_SECOND=60\n',
      '.env.development': 'PIN_LENGTH=ten\n',
    };
    const { findings } = await runDoctor({ ...rest, MAX_PIN_ATTEMPTS: '6' }, ['--json'], { files });
    expectFindings(findings, [
      ['env-files', 'ok', '.env.local', '.env'],
      ['codes', 'fail', 'PIN_LENGTH is 5'],
      ['codes', 'fail', 'MAX_PIN_ATTEMPTS is 6'],
      ['variables', 'warn', 'PIN_TTL_SECOND.', 'PIN_TTL_SECONDS?'],
    ]);
  });

  test('comes from another file if the command names one, and the doctor reports its traps', async () => {
    const files = { '.env.local': 'PIN_LENGTH=4\n', 'other.env': 'PIN_LENGTH=5\nINFOBIP_2FA_APPID=x\n' };
    const { findings } = await runDoctor(environment(), ['--json', '--env-file', 'other.env'], { files });
    expectFindings(findings, [
      ['env-files', 'ok', 'other.env'],
      ['codes', 'fail', 'PIN_LENGTH is 5'],
      ['variables', 'warn', 'INFOBIP_2FA_APPID.', 'INFOBIP_2FA_APP_ID?'],
    ]);
  });

  test('comes with a warning about a file that everybody can read, or that has a PORT or a $ in a value', async () => {
    const files = { '.env': 'PORT=8080\nMETRICS_TOKEN=begins-with$REST-and-is-long-enough-for-it\n' };
    const { findings } = await runDoctor(environment({ METRICS_TOKEN: '' }), ['--json'], { files, mode: 0o644 });
    expectFindings(findings, [
      ['env-files', 'warn', '.env'],
      ['env-files', 'warn', 'METRICS_TOKEN', '$'],
      ['env-files', 'warn', 'PORT'],
    ]);
  });
});

describe('misuse', () => {
  test.each([
    ['an unknown option', ['--jason'], {}, /--jason[\s\S]*Usage/],
    ['a file that is not there', ['--env-file', 'nowhere.env'], {}, /nowhere\.env.*ENOENT/],
    ['options that npm took as its own', [], { npm_config_json: 'true' }, /^npm took --json as its own/],
    [
      'an option of which npm left only the value',
      [NUMBER],
      { npm_config_send: 'true' },
      /^npm took --send .*: npm run doctor -- --send …/,
    ],
  ])('exits with 2, and prints nothing on standard output: %s', async (_, words, env, says) => {
    const { status, stdout, stderr } = await runDoctor(env as Record<string, string>, words);
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(says)]);
  });

  test.each([
    ['an argument too many', ['now'], /^There is one argument too many(?![\s\S]*\bnow\b)[\s\S]*Usage/],
    ['no number', ['--send', 'hello', '--yes'], /phone number/],
    ['nobody to ask', ['--send', NUMBER], /--yes/],
    ['an unknown channel', ['--send', NUMBER, '--yes', '--channel', 'email'], /sms or voice/],
    ['a channel without a number', ['--channel', 'sms'], /--send/],
  ])('is reported: %s', (_, words, says) => {
    expect(() => optionsFrom(words, {} as NodeJS.ProcessEnv, false)).toThrow(says);
  });
});

test('--help prints the options and the exit codes', async () => {
  const { status, stdout } = await runDoctor({}, ['--help']);
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^Usage: npm run[\s\S]*--env-file[\s\S]*Exit codes/)]);
});

describe('--webhook', () => {
  const judgementOf = async (receiver: TestReceiver, env: Record<string, string> = {}) => {
    const settings = { WEBHOOK_URL: receiver.url, WEBHOOK_SECRET: SECRET, ...env };
    const { findings } = await runDoctor(environment(settings), ['--json', '--webhook']);
    return findings.find(({ check }) => check === 'webhook');
  };

  test('sends a signed test event, and says what the receiver answered', async () => {
    const receiver = await TestReceiver.start();
    expect(await judgementOf(receiver)).toMatchObject({ status: 'ok', finding: expect.stringMatching(/204/) });
    expect(receiver.received).toMatchObject([{ type: 'webhook.test', data: {} }]);
    const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32).toString('base64')}`;
    const refused = { status: 'fail', finding: expect.stringMatching(/401/), remedy: expect.stringMatching(/SECRET/) };
    expect(await judgementOf(receiver, { WEBHOOK_SECRET })).toMatchObject(refused);
    await receiver.stop();
    expect(await judgementOf(receiver)).toMatchObject({
      status: 'fail',
      finding: expect.stringMatching(/ECONNREFUSED/),
    });
  });

  test('has nothing to do without a receiver', async () => {
    const { findings } = await runDoctor(environment({}), ['--json', '--webhook']);
    expect(findings).toContainEqual(expect.objectContaining({ check: 'webhook', status: 'skipped' }));
  });
});

test('an Infobip that hangs keeps nobody waiting, and the process exits', async () => {
  await simulator.fault('any', { kind: 'hang' }, { times: 0 });
  const startedAt = Date.now();
  const { status } = await runDoctor(environment({ INFOBIP_TIMEOUT_MS: '500' }), ['--json']);
  expect([status, Date.now() - startedAt < 20_000]).toEqual([1, true]);
});

describe('--send', () => {
  const send = (answers: readonly string[], more: Record<string, string> = {}, words: readonly string[] = []) =>
    runDoctor(
      environment({ ALLOWED_COUNTRIES: 'US', HOME_COUNTRY: '', ...more }),
      ['--json', '--send', NUMBER, '--yes', ...words],
      {
        answers: answers.map((answer) => {
          const pin = () => simulator.pinFor(NUMBER);
          const type = async () => (answer === 'wrong' ? wrongPin(await pin()) : answer === 'right' ? pin() : answer);
          return [/digits\): $/, type] as const;
        }),
      },
    );

  test('sends one message, asks for the code and verifies it, even after wrong codes', async () => {
    const { status, findings, stdout, stderr } = await send(['wrong', '12', 'right']);
    expect(status).toBe(0);
    expect(findings.slice(-2)).toEqual([
      { check: 'send', status: 'ok', finding: expect.stringMatching(/sms/), remedy: '' },
      { check: 'verification', status: 'ok', finding: expect.stringMatching(/correct/), remedy: '' },
    ]);
    const messages = await simulator.messages();
    expect(messages.map(({ to, channel }) => [to, channel])).toEqual([[NUMBER.slice(1), 'sms']]);
    for (const secret of [messages[0]?.pin ?? '?', NUMBER.slice(1)]) expect(stdout + stderr).not.toContain(secret);
  });

  test('makes a call on request', async () => {
    const { findings } = await send(['right'], {}, ['--channel', 'voice']);
    expectFindings(findings, [['verification', 'ok']]);
    expect((await simulator.messages()).map(({ channel }) => channel)).toEqual(['voice']);
  });

  test('ends after as many wrong codes as there are tries', async () => {
    await configure(simulator, { pinAttempts: 2 });
    const { status, findings } = await send(['wrong', 'wrong'], { MAX_PIN_ATTEMPTS: '2' });
    expect(status).toBe(1);
    expectFindings(findings, [['verification', 'fail', 'MAX_PIN_ATTEMPTS']]);
  });

  test('ends without a code all the same', async () => {
    const { status, findings } = await runDoctor(environment({ ALLOWED_COUNTRIES: 'US', HOME_COUNTRY: '' }), [
      '--json',
      '--send',
      NUMBER,
      '--yes',
    ]);
    expect(status).toBe(1);
    expectFindings(findings, [['verification', 'fail', 'no code']]);
  });

  test('sends nothing if a check fails, or the server would not send to the number', async () => {
    const broken = await send([], { PIN_LENGTH: '5' });
    expectFindings(broken.findings, [
      ['send', 'skipped'],
      ['verification', 'skipped'],
    ]);
    const abroad = await send([], { ALLOWED_COUNTRIES: 'GB' });
    expectFindings(abroad.findings, [
      ['send', 'fail', 'ALLOWED_COUNTRIES'],
      ['verification', 'skipped'],
    ]);
    expect([broken.status, abroad.status, await simulator.messages()]).toEqual([1, 1, []]);
  });

  test('sends to the simulator even if APP_ORIGIN is public', async () => {
    const { status, findings } = await send(['right'], { APP_ORIGIN: 'https://verify.example.com' });
    expectFindings(findings, [
      ['templates', 'fail', 'APP_ORIGIN'],
      ['simulator-leftovers', 'fail', 'INFOBIP_BASE_URL'],
      ['send', 'ok'],
      ['verification', 'ok'],
    ]);
    expect(status).toBe(1);
  });

  test('names an application or a template that a send-only key cannot read, with the remedy', async () => {
    const sendOnly = { INFOBIP_API_KEY: SEED.sendOnlyApiKey, INFOBIP_2FA_MESSAGE_ID: 'NOT0THERE' };
    const { findings } = await send([], sendOnly);
    expectFindings(findings, [
      ['templates', 'skipped'],
      ['send', 'fail', '404'],
    ]);
    expect(findings.at(-2)?.remedy).toMatch(/INFOBIP_2FA_MESSAGE_ID/);
  });

  test("reports Infobip's reply to the send", async () => {
    await simulator.fault('send', { kind: 'status', status: 403 });
    const refused = await send([]);
    expectFindings(refused.findings, [['send', 'fail', '403']]);
    expect(refused.findings.at(-2)?.remedy).toMatch(/INFOBIP_API_KEY/);
  });
});

describeWithRedis('secrets', () => {
  test('appear in nothing that is printed, whatever is wrong', async () => {
    const redis = await TestRedis.start();
    const { d = '' } = makeProofKey();
    const secrets = {
      INFOBIP_API_KEY: 'Infobip-key-0123456789',
      REDIS_URL: redis.url.replace('//', '//someone:sesame-opens@'),
      PRIVACY_KEY: 'cHJpdmFjeS1rZXktb2Ytd2hvbQ==',
      PROOF_PRIVATE_JWK: JSON.stringify({ ...makeProofKey(), d }),
      METRICS_TOKEN: 'metrics-tok',
      WEBHOOK_SECRET: 'whsec_dG9vLXNob3J0,whsec_c2hvcnQ=',
      INFOBIP_PLACEHOLDERS: '{"pin":"placed-secret"}',
    };
    const detail = { requestError: { serviceException: { messageId: 'X', text: `not with ${SEED.apiKey}` } } };
    await simulator.fault('applications', { kind: 'status', status: 400, body: detail }, { times: 0 });
    const runs = await Promise.all(
      [
        {},
        { REDIS_URL: redis.url, INFOBIP_BASE_URL: 'https://me:url-password@x.invalid' },
        { INFOBIP_API_KEY: 'App Infobip-key-0123456789', REDIS_URL: `${secrets.REDIS_URL}/999` },
        { INFOBIP_API_KEY: SEED.apiKey, REDIS_URL: 'rediss://someone:sesame-opens@redis.invalid' },
      ].map((more, i) => runDoctor(environment({ ...secrets, ...more }), i % 2 ? ['--json'] : [])),
    );
    await redis.kill();
    const printed = runs.map(({ stdout, stderr }) => stdout + stderr).join('\n');
    expect(runs.map(({ status }) => status)).toEqual([1, 1, 1, 1]);
    const hidden = [
      'Infobip-key',
      'sesame-opens',
      'cHJpdmFjeS',
      d,
      'metrics-tok',
      'dG9vLXNob3J0',
      'c2hvcnQ=',
      'placed-secret',
      'url-password',
      SEED.apiKey,
    ];
    // The output says that Infobip gave a reason, but without the key.
    expect(printed).toMatch(/INFOBIP_2FA_APP_ID: the doctor could not read the application \(400, X: not with …\)/);
    expect(hidden.filter((secret) => printed.includes(secret))).toEqual([]);
  });
});

test("characters that control a terminal are removed from other people's words, like secrets", () => {
  const env = { INFOBIP_API_KEY: 'key-of-mine', REDIS_URL: 'rediss://u:pass%2Fword@h' } as unknown as NodeJS.ProcessEnv;
  const [cleaned] = clean(
    [{ check: 'x', status: 'ok', finding: 'a \u001b[31mkey-of-mine\nb', remedy: 'pass/word, pass%2Fword' }],
    env,
  );
  expect(cleaned).toEqual({ check: 'x', status: 'ok', finding: 'a  [31m… b', remedy: '…, …' });
});

describe('docs/doctor.md', () => {
  const guide = readFileSync('docs/doctor.md', 'utf8');

  test('has a row for every check, in order, and no others', () => {
    const rows = [...guide.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
    expect(rows).toEqual([...CHECKS.map(({ check }) => check), 'webhook', 'send', 'verification']);
  });
});
