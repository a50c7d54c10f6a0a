import { chmodSync, lstatSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestApp } from '@/__tests__/support/app';
import type { Run } from '@/__tests__/support/script';
import { runSetup, runSetupAtTerminal, SetupFolder, testAtTerminal } from '@/__tests__/support/setup';
import { TestSimulator, type UpstreamCall } from '@/__tests__/support/simulator';
import packageJson from '@/package.json';
import { readVariables } from '@/scripts/setup/env-lines';
import { SEED } from '@/simulator/seed';

const NUMBER = '+14155552671';
const SETTINGS = {
  pinTimeToLive: '5m',
  pinAttempts: 5,
  allowMultiplePinVerifications: false,
  sendPinPerPhoneNumberLimit: '5/1d',
  sendPinPerApplicationLimit: '10000/1d',
  verifyPinLimit: '1/1s',
};
const KEYS = ['PRIVACY_KEY', 'PROOF_PRIVATE_JWK', 'METRICS_TOKEN'];

let simulator: TestSimulator;
let folder: SetupFolder;

beforeAll(async () => {
  simulator = await TestSimulator.start();
});
afterAll(() => simulator.close());
beforeEach(async () => {
  await simulator.reset();
  folder = new SetupFolder();
  writeFileSync(folder.keyFile, `${SEED.apiKey}\n`);
});
afterEach(() => folder.remove());

const setup = (...more: string[]): Promise<Run> => runSetup(folder.words(simulator.url, ...more));
const setUp = (...more: string[]): Promise<Run> => setup('--yes', ...more);

const envFile = () => readFileSync(folder.envFile, 'utf8');
const variables = () => readVariables(envFile());

/** The requests that changed something at Infobip. */
const changes = async (): Promise<UpstreamCall[]> =>
  (await simulator.calls()).filter(({ method, operation }) => method !== 'GET' && operation !== 'verify');

const made = async () => (await changes()).map(({ method, operation }) => `${method} ${operation}`);

/** Calls the simulator like somebody else with access to the account. */
async function api(method: string, path: string, body?: object) {
  const reply = await fetch(`${simulator.url}/2fa/2/applications${path}`, {
    method,
    headers: { Authorization: `App ${SEED.apiKey}`, 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: replies of many shapes
  return (await reply.json()) as any;
}

/** Expects nothing secret from the env file or the input in the output. */
function expectNoSecrets({ stdout, stderr }: Run): void {
  const printed = stdout + stderr;
  const { d } = JSON.parse(variables().PROOF_PRIVATE_JWK ?? '{}') as { d?: string };
  const secrets = [SEED.apiKey, d, ...KEYS.map((name) => variables()[name])];
  for (const secret of secrets) expect(printed).not.toContain(secret ?? '?');
}

describe('npm run setup', () => {
  test('turns an account into an env file that the app starts and verifies with', async () => {
    const run = await setUp('--languages', 'en,de');
    expect([run.status, run.stderr]).toEqual([0, '']);
    expectNoSecrets(run);
    expect(run.stdout).toMatch(/npm run doctor/);
    expect(run.stdout).toMatch(/only needs the scope 2fa:pin:send/);
    expect(statSync(folder.envFile).mode & 0o777).toBe(0o600);

    const app = await TestApp.start(simulator.url, variables());
    try {
      const { body } = await app.send(NUMBER, { language: 'de' });
      const [message] = await simulator.messages(NUMBER);
      const lines = [/^\d{6} ist Ihr Bestätigungscode\. /, /^@verify\.example\.com #\d{6}$/];
      expect(message?.text.split('\n')).toEqual(lines.map((line) => expect.stringMatching(line)));
      expect((await app.verify(body.pinId, message?.pin ?? '')).body.verified).toBe(true);
      await app.send('+14155552672', { channel: 'voice' });
      expect((await simulator.messages('+14155552672'))[0]?.text).toMatch(/^Your verification code is/);
    } finally {
      await app.stop();
    }
  });

  test('creates the application and the templates with safe settings', async () => {
    await setUp('--languages', 'en,ar', '--name', 'Shop');
    const [application, english, arabic, call, ...others] = await changes();
    expect(others).toEqual([]);
    expect(application?.body).toEqual({ name: 'Shop', enabled: true, configuration: SETTINGS });
    const code = { pinType: 'NUMERIC', pinLength: 6 };
    const text = expect.stringMatching(/^\{\{pin\}\} .*\n@verify\.example\.com #\{\{pin\}\}$/);
    expect(english?.body).toEqual({ ...code, messageText: text, language: 'en' });
    expect(arabic?.body).toEqual({ ...code, messageText: text });
    const spoken = expect.not.stringContaining('@');
    expect(call?.body).toEqual({ ...code, messageText: spoken, language: 'en', repeatDTMF: '1#', speechRate: 0.8 });
    const found = variables();
    expect(found.INFOBIP_2FA_MESSAGE_ID).toBe(found.INFOBIP_2FA_MESSAGE_ID_EN);
    expect(found.INFOBIP_2FA_VOICE_MESSAGE_ID).toBe(found.INFOBIP_2FA_VOICE_MESSAGE_ID_EN);
    expect(found.INFOBIP_2FA_VOICE_MESSAGE_ID_AR).toBeUndefined();
  });

  test('puts the name of a brand into the env file and the messages, and a new one in its place', async () => {
    const { stdout } = await setUp('--brand', 'Example', '--languages', 'en,ar');
    expect(stdout).toMatch(/add BRAND_NAME Example\n/);
    expect(variables().BRAND_NAME).toBe('Example');
    const texts = (await changes()).flatMap(({ body }) => body.messageText ?? []);
    expect(texts).toHaveLength(3);
    for (const text of texts) expect(text).toContain('Example');
    const renamed = await setUp('--brand', 'Shop', '--languages', 'en,ar');
    const { INFOBIP_2FA_MESSAGE_ID: id } = variables();
    expect(renamed.stdout).toMatch(new RegExp(`SMS template, English: change messageText of ${id}\n.*is your Shop`));
    expect((await setUp('--languages', 'en,ar')).stdout).toMatch(/There is nothing to do\./);
  });

  test('writes the home country and the budgets, and an hour gets two fifths of a day', async () => {
    await setUp();
    expect(variables()).toMatchObject({ BUDGET_PER_DAY: '50', BUDGET_PER_HOUR: '20' });
    expect(variables().HOME_COUNTRY).toBeUndefined();
    const { stdout } = await setUp('--home-country', 'us', '--budget-per-day', '12.5');
    expect(stdout).toMatch(/add HOME_COUNTRY US\n/);
    expect(variables()).toMatchObject({ HOME_COUNTRY: 'US', BUDGET_PER_DAY: '12.5', BUDGET_PER_HOUR: '5' });
    expect((await setUp()).stdout).toMatch(/There is nothing to do\./);
    writeFileSync(folder.envFile, envFile().replace('BUDGET_PER_HOUR=5', 'BUDGET_PER_HOUR=3'));
    expect((await setUp()).stdout).toMatch(/There is nothing to do\./);
    expect(variables()).toMatchObject({ BUDGET_PER_DAY: '12.5', BUDGET_PER_HOUR: '3' });
  });

  test('refuses a home country that gets no codes', async () => {
    writeFileSync(folder.envFile, 'ALLOWED_COUNTRIES=GB\n');
    const { status, stderr } = await setUp('--home-country', 'US');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/HOME_COUNTRY is not in ALLOWED_COUNTRIES/)]);
  });

  test('follows what the env file says about codes', async () => {
    writeFileSync(
      folder.envFile,
      'PIN_TTL_SECONDS=120\nMAX_PIN_ATTEMPTS=6\nPIN_LENGTH=4\nLIMIT_SEND_PER_NUMBER=3/1d\n',
    );
    const { stdout } = await setUp();
    const [application, sms] = await changes();
    const configuration = { pinTimeToLive: '2m', pinAttempts: 6, sendPinPerPhoneNumberLimit: '3/1d' };
    expect(application?.body).toMatchObject({ configuration });
    expect(sms?.body).toMatchObject({ pinLength: 4, messageText: expect.stringContaining('2 minutes') });
    expect(stdout).toMatch(/Warning: PIN_LENGTH is 4/);
    expect(stdout).toMatch(/Warning: MAX_PIN_ATTEMPTS is 6/);
  });

  test('with --dry-run shows what it would do, and changes nothing', async () => {
    const run = await setup('--dry-run');
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/Application "Phone verification": create\n {4}pinTimeToLive 5m\n/);
    expect(run.stdout).toMatch(/add INFOBIP_API_KEY \(not shown\)/);
    expect(run.stdout).not.toContain(SEED.apiKey);
    expect(await made()).toEqual([]);
    expect(lstatSync(folder.envFile, { throwIfNoEntry: false })).toBeUndefined();
  });

  test('finds and reuses what it created, with the env file and without it', async () => {
    await setUp('--languages', 'de,en');
    const before = envFile();
    const ids = { ...variables() };
    const count = (await made()).length;
    const again = await runSetup(['--env-file', folder.envFile, '--yes']);
    expect([again.status, again.stdout]).toEqual([0, expect.stringMatching(/There is nothing to do\./)]);
    expect(envFile()).toBe(before);
    rmSync(folder.envFile);
    expect((await setUp('--languages', 'de,en')).status).toBe(0);
    for (const key of KEYS) delete ids[key];
    expect(variables()).toMatchObject(ids);
    expect((await made()).length).toBe(count);
  });

  test('for another page changes the templates that the env file names, and leaves those of other servers alone', async () => {
    await setUp();
    const { INFOBIP_2FA_APP_ID: app, INFOBIP_2FA_MESSAGE_ID: first } = variables();
    const textOf = async (id?: string) => (await api('GET', `/${app}/messages/${id}`)).messageText;
    const moved = await setUp('--origin', 'https://new.example.com');
    expect(moved.stdout).toMatch(new RegExp(`SMS template, English: change messageText of ${first}`));
    expect(variables()).toMatchObject({ INFOBIP_2FA_MESSAGE_ID: first, APP_ORIGIN: 'https://new.example.com' });
    expect(await textOf(first)).toMatch(/\n@new\.example\.com #/);
    rmSync(folder.envFile);
    await setUp('--origin', 'http://localhost:3000');
    expect(variables().INFOBIP_2FA_MESSAGE_ID).not.toBe(first);
    expect(await textOf(first)).toMatch(/\n@new\.example\.com #/);
    expect(await textOf(variables().INFOBIP_2FA_MESSAGE_ID)).toMatch(/\n@localhost #/);
  });

  test('keeps a text that people wrote themselves at Infobip, and creates another', async () => {
    await setUp();
    const { INFOBIP_2FA_APP_ID: app, INFOBIP_2FA_MESSAGE_ID: id } = variables();
    await api('PUT', `/${app}/messages/${id}`, { messageText: 'ACME: {{pin}}' });
    await setUp();
    expect((await api('GET', `/${app}/messages/${id}`)).messageText).toBe('ACME: {{pin}}');
    expect(variables().INFOBIP_2FA_MESSAGE_ID).not.toBe(id);
  });

  test('changes unsafe settings, and prints old and new values', async () => {
    const configuration = { pinTimeToLive: '300s', sendPinPerApplicationLimit: '20000/1d' };
    const { applicationId } = await api('POST', '', { name: 'Phone verification', configuration });
    const { stdout } = await setUp();
    const changes = stdout.slice(stdout.indexOf('Application'), stdout.indexOf('SMS')).trimEnd().split('\n    ');
    expect(changes).toEqual([
      `Application "Phone verification": change ${applicationId}`,
      'pinAttempts from 10 to 5',
      'allowMultiplePinVerifications from true to false',
      'sendPinPerPhoneNumberLimit from 3/1d to 5/1d',
      'sendPinPerApplicationLimit from 20000/1d to 10000/1d',
      'verifyPinLimit from 1/3s to 1/1s',
    ]);
    expect(await api('GET', `/${applicationId}`)).toMatchObject({ enabled: true, configuration: SETTINGS });
    expect((await setUp()).stdout).toMatch(/There is nothing to do/);
  });

  test.each(['500/1d', '100/12h', '5000/30d'])('keeps the lower ceiling of %s', async (sendPinPerApplicationLimit) => {
    const ceiling = { sendPinPerApplicationLimit };
    const { applicationId } = await api('POST', '', { name: 'Phone verification', configuration: ceiling });
    expect((await setUp()).status).toBe(0);
    const { configuration } = await api('GET', `/${applicationId}`);
    expect(configuration).toEqual({ ...SETTINGS, ...ceiling });
  });

  test('leaves an application disabled that somebody disabled, and warns about it', async () => {
    const { applicationId } = await api('POST', '', { name: 'Phone verification', enabled: false });
    const { status, stdout } = await setUp();
    expect(status).toBe(0);
    expect(stdout).toContain(`Application "Phone verification": change ${applicationId}, which stays disabled\n`);
    expect(stdout).toMatch(/Warning: .* is disabled at Infobip: no codes are sent\. Enable it in the portal\./);
    const now = await api('GET', `/${applicationId}`);
    expect(now).toMatchObject({ enabled: false, configuration: SETTINGS });
  });

  test('does not guess between applications with one name; the id in the env file decides', async () => {
    const [one, other] = [await api('POST', '', { name: 'Twin' }), await api('POST', '', { name: 'Twin' })];
    const run = await setUp('--name', 'Twin');
    expect([run.status, run.stderr]).toEqual([1, expect.stringMatching(/^Infobip has 2 applications .*"Twin"/)]);
    for (const { applicationId } of [one, other]) expect(run.stderr).toContain(applicationId);
    writeFileSync(folder.envFile, `INFOBIP_2FA_APP_ID=${other.applicationId}\n`);
    expect((await setUp('--name', 'Twin')).status).toBe(0);
    expect(variables().INFOBIP_2FA_APP_ID).toBe(other.applicationId);
    expect((await api('GET', `/${one.applicationId}`)).configuration.allowMultiplePinVerifications).toBe(true);
  });

  test('warns of templates in the env file that it does not touch, and of variables that win over the file', async () => {
    writeFileSync(folder.envFile, 'INFOBIP_2FA_MESSAGE_ID_FR=OLD\n');
    const words = folder.words(simulator.url, '--dry-run', '--languages', 'en');
    const { stdout } = await runSetup(words, '', { APP_ORIGIN: 'https://other.example.com' });
    expect(stdout).toMatch(/Warning: INFOBIP_2FA_MESSAGE_ID_FR stays as it is, unchecked/);
    expect(stdout).toMatch(/Warning: APP_ORIGIN is also set in this shell/);
  });

  test('takes missing answers from the environment, then from the env file, and warns if they differ', async () => {
    const before = 'PIN_TTL_SECONDS=60\nPIN_LENGTH=8\nAPP_ORIGIN=https://old.example.com\n';
    writeFileSync(folder.envFile, before);
    const environment = {
      INFOBIP_BASE_URL: simulator.url,
      INFOBIP_API_KEY: SEED.apiKey,
      APP_ORIGIN: 'https://shell.example.com',
      PIN_TTL_SECONDS: '120',
      MAX_PIN_ATTEMPTS: '4',
      PRIVACY_KEY: 'kOQRGZPB2mgNS47lpdp7Z8zlwQ3R5SyHwbDJgv6oy94=',
    };
    const run = await runSetup(['--env-file', folder.envFile, '--yes'], '', environment);
    expect([run.status, run.stderr]).toEqual([0, '']);
    expectNoSecrets(run);
    expect(run.stdout).not.toContain(environment.PRIVACY_KEY);
    const [application, sms] = await changes();
    expect(application?.body).toMatchObject({ configuration: { pinTimeToLive: '2m', pinAttempts: 4 } });
    expect(sms?.body).toMatchObject({ pinLength: 8, messageText: expect.stringContaining('@shell.example.com #') });
    const { INFOBIP_BASE_URL, INFOBIP_API_KEY, APP_ORIGIN } = environment;
    expect(variables()).toMatchObject({ INFOBIP_BASE_URL, INFOBIP_API_KEY, APP_ORIGIN, PIN_TTL_SECONDS: '60' });
    // A second key, which no app started here would use, would hide numbers differently.
    expect(variables().PRIVACY_KEY).toBeUndefined();
    const warnings = run.stdout.split('\n').filter((line) => line.startsWith('Warning: '));
    expect(warnings).toEqual([
      expect.stringMatching(/ PIN_TTL_SECONDS is also set in this shell\./),
      expect.stringMatching(/ Set only in this shell, .*: MAX_PIN_ATTEMPTS, PRIVACY_KEY\.$/),
    ]);
  });

  test('prints old and new ids when it replaces them, and whose they were', async () => {
    await setUp('--name', 'Shop');
    const shop = variables();
    const { stdout } = await setUp();
    const id = '[0-9A-F]{32}';
    for (const name of ['INFOBIP_2FA_APP_ID', 'INFOBIP_2FA_MESSAGE_ID_EN'])
      expect(stdout).toContain(`set ${name} from ${shop[name]} to (its id)\n`);
    expect(stdout).toContain(
      `Warning: The env file has the ids of another application (${shop.INFOBIP_2FA_APP_ID}), "Shop".`,
    );
    expect((await setUp('--name', 'Shop')).stdout).toMatch(new RegExp(`set INFOBIP_2FA_APP_ID from ${id} to ${id}\n`));
    writeFileSync(folder.envFile, 'INFOBIP_2FA_APP_ID=\u009bNOT-HERE\n');
    expect((await setup('--dry-run')).stdout).toMatch(
      /another application \(\?NOT-HERE\), which this account does not/,
    );
  });
});

describe('the env file', () => {
  const EXISTING = [
    '# mine',
    'LOG_LEVEL=warn',
    'export INFOBIP_API_KEY="your_api_key" # from the portal',
    'PRIVACY_KEY=kOQRGZPB2mgNS47lpdp7Z8zlwQ3R5SyHwbDJgv6oy94=',
    'METRICS_TOKEN=',
    'APP_ORIGIN=https://old.example.com',
  ];

  test('keeps everything else in it, and its keys, through a link, and is private afterwards', async () => {
    const target = folder.file('shared.env');
    writeFileSync(target, EXISTING.join('\r\n'), { mode: 0o644 });
    symlinkSync(target, folder.envFile);
    const run = await setUp();
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/so that only its owner may read it \(mode 600\)/);
    expectNoSecrets(run);
    const lines = readFileSync(target, 'utf8').split('\r\n');
    expect(lines.slice(0, 7)).toEqual([
      ...EXISTING.slice(0, 2),
      `export INFOBIP_API_KEY=${SEED.apiKey} # from the portal`,
      EXISTING[3],
      expect.stringMatching(/^METRICS_TOKEN=[0-9a-f]{64}$/),
      'APP_ORIGIN=https://verify.example.com',
      '# Added by npm run setup',
    ]);
    expect([lstatSync(folder.envFile).isSymbolicLink(), statSync(target).mode & 0o777]).toEqual([true, 0o600]);
  });

  test("keeps the server's key in it, unless Infobip does not know that key", async () => {
    const lines = (key: string, url = simulator.url) => `INFOBIP_BASE_URL=${url}\nINFOBIP_API_KEY=${key}\n`;
    writeFileSync(folder.envFile, lines(SEED.sendOnlyApiKey));
    const kept = await setUp();
    expect([kept.status, variables().INFOBIP_API_KEY]).toEqual([0, SEED.sendOnlyApiKey]);
    expect(kept.stdout).toMatch(
      /^INFOBIP_API_KEY stays as it is; the command does not write the key that you gave\.$/m,
    );
    expect(kept.stdout).not.toMatch(/The file's INFOBIP_API_KEY is the key that you gave/);
    expect(kept.stdout).not.toContain(SEED.sendOnlyApiKey);

    writeFileSync(folder.envFile, lines('deleted-key'));
    const replaced = await setUp();
    expect([replaced.status, variables().INFOBIP_API_KEY]).toEqual([0, SEED.apiKey]);
    expect(replaced.stdout).toMatch(
      /^Infobip does not know the INFOBIP_API_KEY of the env file: this command replaces it\.$/m,
    );
  });

  test('has its key sent only to its own base URL, and replaced with the URL', async () => {
    const before = `INFOBIP_BASE_URL=https://other.api.infobip.com\nINFOBIP_API_KEY=${SEED.sendOnlyApiKey}\n`;
    writeFileSync(folder.envFile, before);
    expect((await setUp()).status).toBe(0);
    expect(variables()).toMatchObject({ INFOBIP_BASE_URL: simulator.url, INFOBIP_API_KEY: SEED.apiKey });
    // The command makes one request with the given key, and none with the other.
    expect(await simulator.calls('verify')).toHaveLength(1);
  });

  test('becomes private if others may read it, even if there is nothing else to do', async () => {
    await setUp();
    const before = envFile();
    chmodSync(folder.envFile, 0o640);
    expect((await setUp()).status).toBe(0);
    expect([envFile(), statSync(folder.envFile).mode & 0o777]).toEqual([before, 0o600]);
  });

  test('stops the command before it creates anything if it is unusable', async () => {
    writeFileSync(folder.file('broken'), 'REDIS_URL=nonsense\n');
    const cases: [string, RegExp][] = [
      [folder.path, /is not a file\.$/m],
      [folder.file('x'.repeat(256)), /cannot be used as the env file \(ENAMETOOLONG\)/],
      [folder.file('broken'), /the app would not start:\n {2}- REDIS_URL must be/],
    ];
    for (const [file, message] of cases) {
      const run = await setUp('--env-file', file);
      expect([run.status, run.stderr]).toEqual([1, expect.stringMatching(message)]);
    }
    expect(await made()).toEqual([]);
  });
});

describe('a failure', () => {
  const setUpWith = (key: string, baseUrl = simulator.url) => {
    writeFileSync(folder.keyFile, key);
    return runSetup(folder.words(baseUrl, '--yes'));
  };

  test('caused by the key is explained in plain words: no key, one that may only send, one that may not send', async () => {
    expect(await setUpWith('no-key')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/does not know the API/),
    });
    const sendOnly = await setUpWith(SEED.sendOnlyApiKey);
    expect([sendOnly.status, sendOnly.stderr]).toEqual([
      1,
      expect.stringMatching(/needs one that also has .* 2fa:manage/),
    ]);
    await simulator.fault('verify', { kind: 'status', status: 403 });
    expect(await setUpWith(SEED.apiKey)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/2fa:pin:send\.$/m),
    });
    expect(await made()).toEqual([]);
  });

  test('to reach Infobip is explained with its cause, and never with the key', async () => {
    const closed = await TestSimulator.start();
    await closed.close();
    const refused = await setUpWith(SEED.apiKey, closed.url);
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/no server accepts the connection \(ECONNREFUSED\)/),
    ]);

    await simulator.fault('verify', { kind: 'html' });
    const html = await setUpWith(SEED.apiKey);
    expect([html.status, html.stderr]).toEqual([1, expect.stringMatching(/does not come from Infobip/)]);

    const serviceException = { messageId: 'BAD_REQUEST', text: `The key ${SEED.apiKey} is odd` };
    await simulator.fault('applications', {
      kind: 'status',
      status: 400,
      body: { requestError: { serviceException } },
    });
    const odd = await setUpWith(SEED.apiKey);
    expect([odd.status, odd.stderr]).toEqual([1, expect.stringMatching(/BAD_REQUEST: The key … is odd/)]);
    expect(odd.stdout + odd.stderr).not.toContain(SEED.apiKey);

    await simulator.fault('applications', { kind: 'status', status: 503 });
    const trouble = await setUpWith(SEED.apiKey);
    expect(trouble.stderr).toMatch(/has an internal problem \(HTTP 503.*\)\. Try again later/);
    await simulator.fault('applications', { kind: 'huge' });
    expect((await setUpWith(SEED.apiKey)).stderr).toMatch(/the reply is far too large/);

    writeFileSync(folder.envFile, 'INFOBIP_TIMEOUT_MS=300\n');
    await simulator.fault('applications', { kind: 'hang' });
    const hang = await setUpWith(SEED.apiKey);
    expect([hang.status, hang.stderr]).toEqual([1, expect.stringMatching(/no reply arrives in time/)]);
    expect(await made()).toEqual([]);
  });

  test('in the middle leaves the env file alone, and the next run continues from there', async () => {
    await simulator.fault('templates', { kind: 'delay', ms: 0 });
    await simulator.fault('templates', { kind: 'status', status: 400 });
    const broken = await setUp();
    expect([broken.status, broken.stderr]).toEqual([
      1,
      expect.stringMatching(/^Call template, English: the request to Infobip failed/),
    ]);
    expect(broken.stderr).toMatch(/Run the same command again: it continues from here\./);
    expect(broken.stdout).toMatch(/Created application "Phone verification": [0-9A-F]{32}\nCreated SMS template/);
    expect(lstatSync(folder.envFile, { throwIfNoEntry: false })).toBeUndefined();
    expect((await setUp()).status).toBe(0);
    expect(await made()).toEqual(['POST applications', 'POST templates', 'POST templates', 'POST templates']);
    expect(await api('GET', `/${variables().INFOBIP_2FA_APP_ID}/messages`)).toHaveLength(2);
  });

  test('to get the answer to a create is no reason to repeat it: the command checks what exists', async () => {
    // The list request, which comes before the create, uses up the first fault.
    await simulator.fault('applications', { kind: 'delay', ms: 0 });
    await simulator.fault('applications', { kind: 'reset' }, { processed: true });
    await simulator.fault('templates', { kind: 'html' }, { processed: true });
    const run = await setUp();
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(await made()).toEqual(['POST applications', 'POST templates', 'POST templates']);
    const { INFOBIP_2FA_APP_ID: app, INFOBIP_2FA_MESSAGE_ID: sms } = variables();
    const templates = (await api('GET', `/${app}/messages`)) as { messageId: string }[];
    expect(templates.map(({ messageId }) => messageId)).toContain(sms);
  });

  test('to carry out a create ends the run', async () => {
    await simulator.fault('applications', { kind: 'delay', ms: 0 });
    await simulator.fault('applications', { kind: 'reset' });
    const run = await setUp();
    expect([run.status, run.stderr]).toEqual([1, expect.stringMatching(/It may have happened all the same/)]);
    expect(await made()).toEqual(['POST applications']);
  });

  test('to be the only run that creates the application ends the run, which prints the ids', async () => {
    await simulator.fault('applications', { kind: 'delay', ms: 0 });
    await simulator.fault('applications', { kind: 'delay', ms: 3000 });
    const running = setUp();
    while (!(await made()).includes('POST applications')) await sleep(20);
    const { applicationId } = await api('POST', '', { name: 'Phone verification' });
    const run = await running;
    const [, own] = /Created application "Phone verification": (\S+)/.exec(run.stdout) ?? [];
    expect([run.status, run.stderr]).toEqual([
      1,
      expect.stringMatching(/^Infobip has 2 applications .*INFOBIP_2FA_APP_ID/s),
    ]);
    for (const id of [applicationId, own]) expect(run.stderr).toContain(id);
    expect(lstatSync(folder.envFile, { throwIfNoEntry: false })).toBeUndefined();
  });

  test('of Infobip to keep the settings ends the run', async () => {
    const configuration = { ...SETTINGS, allowMultiplePinVerifications: true };
    await simulator.fault('applications', { kind: 'delay', ms: 0 });
    await simulator.fault('applications', { kind: 'patch', fields: { configuration } });
    const run = await setUp();
    const reason = /keeps allowMultiplePinVerifications at true instead of false/;
    expect([run.status, run.stderr]).toEqual([1, expect.stringMatching(reason)]);
  });
});

describe('called wrongly', () => {
  test.each([
    [['--bas-url', 'x'], /Unknown option '--bas-url'[\s\S]*Usage: npm run setup/],
    [['--yes', '--origin', 'https://{{pin}}.example.com'], /^--origin must be an https origin/],
    [['--yes', '--languages', 'en,xx'], /^--languages must be from en,de,es,fr,ar,hr/],
    [[], /^There is no terminal for questions: add --yes, or --dry-run/],
  ])('with %j, it says what is wrong, and ends with 2', async (words, message) => {
    const run = await setup(...words);
    expect([run.status, run.stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(await simulator.calls()).toEqual([]);
  });

  test('with a key file that has more than the key in it, it says so without repeating it', async () => {
    writeFileSync(folder.keyFile, `App ${SEED.apiKey}`);
    const run = await setUp();
    expect([run.status, run.stderr]).toEqual([2, expect.stringMatching(/^--api-key-file must be the key alone/)]);
    expect(run.stdout + run.stderr).not.toContain(SEED.apiKey);
  });

  test('with an extra word, it does not repeat it', async () => {
    const run = await setUp(SEED.apiKey);
    expect([run.status, run.stderr]).toEqual([2, expect.stringMatching(/^There is one argument too many/)]);
    expect(run.stdout + run.stderr).not.toContain(SEED.apiKey);
  });

  test('without the -- that npm needs, it says so, and changes nothing', async () => {
    const run = await runSetup(folder.words(simulator.url, '--yes'), '', { npm_config_dry_run: 'true' });
    expect([run.status, run.stderr]).toEqual([2, expect.stringMatching(/^npm took --dry-run as its own/)]);
    // npm takes an option that it does not know, and leaves the option's value as an argument.
    const left = await runSetup([folder.keyFile], '', { npm_config_api_key_file: 'true' });
    const hint = /^npm took --api-key-file as its own\. .*: npm run setup -- --api-key-file …$/m;
    expect([left.status, left.stderr]).toEqual([2, expect.stringMatching(hint)]);
    expect(await simulator.calls()).toEqual([]);
  });

  test('its npm script keeps Node from taking --env-file for itself', () => {
    expect(packageJson.scripts.setup).toBe('node --import tsx -- scripts/setup.ts');
  });

  test('with --help it shows every option, and ends with 0', async () => {
    const { status, stdout } = await runSetup(['--help']);
    expect(status).toBe(0);
    const options = ['base-url', 'api-key-file', 'name', 'origin', 'languages', 'env-file', 'dry-run', 'yes', 'help'];
    for (const option of options) expect(stdout).toContain(`\n  --${option} `);
  });
});

test('the API key can come by standard input', async () => {
  const run = await runSetup(folder.words(simulator.url, '--yes', '--api-key-file', '-'), `${SEED.apiKey}\n`);
  expect(run.status).toBe(0);
  expect(variables().INFOBIP_API_KEY).toBe(SEED.apiKey);
});

describe('at a terminal', () => {
  const ANSWERS = [
    ['Base URL', 'ftp://nowhere\r'],
    ['It must be an https origin', ''],
    ['API key', `${SEED.apiKey}\r`],
    ['Public address', 'https://verify.example.com\r'],
    ['Name that the page', '\r'],
    ['Name of', '\r'],
    ['Languages', 'en,hr\r'],
    ['Country of most', 'hr\r'],
    ['What messages may cost', '\r'],
    ['Registered senders', 'HR:Example\r'],
  ] as const;
  const answers = (last: string) =>
    [
      ...ANSWERS.map(([question, answer]) => [question, answer || `${simulator.url}\r`] as const),
      ['Continue?', last],
    ] as const;
  const words = () => ['--env-file', folder.envFile];

  testAtTerminal('it asks for everything it needs, shows no key, and continues when told to', async () => {
    const { status, screen } = await runSetupAtTerminal(words(), answers('y\r'));
    expect(status).toBe(0);
    expect(screen).toMatch(/is ready\. Next:/);
    expect(screen).not.toContain(SEED.apiKey);
    expect(variables()).toMatchObject({ INFOBIP_API_KEY: SEED.apiKey, INFOBIP_2FA_MESSAGE_ID_HR: expect.any(String) });
    expect(variables()).toMatchObject({ HOME_COUNTRY: 'HR', BUDGET_PER_DAY: '50', BUDGET_PER_HOUR: '20' });
    expect(variables().INFOBIP_SENDER_IDS).toBe('HR:Example');
  });

  testAtTerminal.each([
    ['a right answer', () => simulator.url, 1],
    ['a wrong one', () => 'ftp://nowhere', 0],
  ])('it shows no key that is pasted after %s, and asks for it', async (_, first, next) => {
    const [[baseUrl], ...others] = answers('y\r');
    // In the second case, the paste has no line end, so that the next question would show it.
    const pasted = `${first()}\r${SEED.apiKey}${'\r'.repeat(next)}`;
    const { status, screen } = await runSetupAtTerminal(words(), [[baseUrl, pasted], ...others.slice(next)]);
    expect(status).toBe(0);
    expect(screen).toMatch(/What you typed before this question does not count\. Type it again\./);
    expect(screen).not.toContain(SEED.apiKey);
    expect(variables()).toMatchObject({ INFOBIP_API_KEY: SEED.apiKey, APP_ORIGIN: 'https://verify.example.com' });
  });

  testAtTerminal.each(['n\r', '\u0004', '\u0003'])('it changes nothing when answered %j', async (last) => {
    const { status } = await runSetupAtTerminal(words(), answers(last));
    expect(status).toBe(last === '\u0003' ? 130 : 1);
    expect(await made()).toEqual([]);
    expect(lstatSync(folder.envFile, { throwIfNoEntry: false })).toBeUndefined();
  });
});
