import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TestSimulator } from '@/__tests__/support/simulator';
import { judgeNode } from '@/scripts/doctor/variable-checks';
import { SEED } from '@/simulator/seed';
import { configure, type Expected, examine, expectFindings, goodEnvironment, makeGood, troublesIn } from './set-up';

const clientOf = (redirectUri: string) => ({
  client_id: 'shop',
  client_secret: 's'.repeat(32),
  client_name: 'Shop',
  redirect_uris: [redirectUri],
});
const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32).toString('base64')}`;

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await TestSimulator.start();
});
afterAll(() => simulator.close());
beforeEach(() => makeGood(simulator));

const look = (more: Record<string, string> = {}) => examine({ ...goodEnvironment(simulator), ...more });

test('the doctor reports faults one by one, each with its variable, and still checks what it can', async () => {
  await configure(simulator, { pinAttempts: 9, pinTimeToLive: '11m' });
  const findings = await look({
    PIN_LENGTH: 'six',
    MAX_PIN_ATTEMPTS: '0',
    PIN_TTL_SECONDS: '601',
    LOG_LEVEL: 'loud',
    TRUSTED_PROXY_HOPS: '-1',
    INFOBIP_SENDER_ID: 'ä',
    INFOBIP_PLACEHOLDERS: '{',
    ALLOWED_COUNTRIES: 'Germany',
    HOME_COUNTRY: '',
    INFOBIP_TIMEOUT_MS: 'soon',
  });
  const faults = findings.filter(({ check, status }) => check === 'variables' && status === 'fail');
  expect(faults.map(({ finding }) => finding.split(' ')[0]).sort()).toEqual([
    'ALLOWED_COUNTRIES',
    'INFOBIP_PLACEHOLDERS',
    'INFOBIP_SENDER_ID',
    'INFOBIP_TIMEOUT_MS',
    'LOG_LEVEL',
    'MAX_PIN_ATTEMPTS',
    'PIN_LENGTH',
    'PIN_TTL_SECONDS',
    'TRUSTED_PROXY_HOPS',
  ]);
  for (const { remedy } of faults) expect(remedy).toMatch(/\S/);
  expectFindings(findings, [
    ['api-key', 'warn', 'INFOBIP_API_KEY'],
    ['application', 'ok'],
    ['application-settings', 'fail', 'pinTimeToLive', '10 minutes'],
    ['application-settings', 'skipped', 'pinAttempts', 'MAX_PIN_ATTEMPTS'],
    ['templates', 'skipped', 'PIN_LENGTH'],
    ['codes', 'skipped', 'PIN_LENGTH'],
    ['countries', 'skipped', 'ALLOWED_COUNTRIES'],
    ['proxy-hops', 'skipped', 'TRUSTED_PROXY_HOPS'],
    ['timeout', 'skipped', 'INFOBIP_TIMEOUT_MS'],
    ['sender', 'skipped', 'INFOBIP_SENDER_ID'],
  ]);
});

test('without a key, the doctor still checks reachability and the clock', async () => {
  expectFindings(await look({ INFOBIP_API_KEY: 'App key', INFOBIP_2FA_APP_ID: '../x' }), [
    ['variables', 'fail', 'INFOBIP_API_KEY'],
    ['variables', 'fail', 'INFOBIP_2FA_APP_ID'],
    ['infobip-reachable', 'ok'],
    ['clock', 'ok'],
    ['api-key', 'skipped', 'INFOBIP_API_KEY'],
    ['application', 'skipped', 'INFOBIP_API_KEY'],
  ]);
});

test('without an application id, the doctor still checks the key', async () => {
  expectFindings(await look({ INFOBIP_2FA_APP_ID: 'your_app_id' }), [
    ['variables', 'fail', 'INFOBIP_2FA_APP_ID'],
    ['api-key', 'warn', 'INFOBIP_API_KEY', 'manage'],
    ['application', 'skipped', 'INFOBIP_2FA_APP_ID'],
  ]);
  const sendOnly = { INFOBIP_2FA_APP_ID: '', INFOBIP_API_KEY: SEED.sendOnlyApiKey };
  expectFindings(await look(sendOnly), [['api-key', 'ok', 'INFOBIP_API_KEY']]);
});

test('an empty environment names the four required variables', async () => {
  const findings = await examine({});
  expectFindings(
    findings,
    ['INFOBIP_BASE_URL', 'INFOBIP_API_KEY', 'INFOBIP_2FA_APP_ID', 'INFOBIP_2FA_MESSAGE_ID'].map(
      (name) => ['variables', 'fail', name] as const,
    ),
  );
  expect(findings.filter(({ status }) => status === 'fail')).toHaveLength(4);
});

test.each([
  ['INFOBIP_APP_ID', 'INFOBIP_2FA_APP_ID'],
  ['INFOBIP_APPLICATION_ID', 'INFOBIP_2FA_APP_ID'],
  ['INFOBIP_MESSAGE_ID', 'INFOBIP_2FA_MESSAGE_ID'],
  ['INFOBIP_BASEURL', 'INFOBIP_BASE_URL'],
  ['INFOBIP_APIKEY', 'INFOBIP_API_KEY'],
  ['infobip_api_key', 'INFOBIP_API_KEY'],
  ['INFOBIP_2FA_MESAGE_ID_DE', 'INFOBIP_2FA_MESSAGE_ID_DE'],
  ['LIMIT_SEND_GLOBL', 'LIMIT_SEND_GLOBAL'],
  ['REDIS_URI', 'REDIS_URL'],
])('the doctor suggests for %s the name %s', async (name, meant) => {
  expectFindings(await look({ [name]: 'x' }), [['variables', 'warn', `${name}.`, `${meant}?`]]);
});

test('the doctor reports an unknown name with our prefix, and ignores names of others', async () => {
  const others = { EDITOR: 'vi', LOGLEVEL: 'x', PRIVATE_KEY: 'x', PORTS: '1', HOME_COUNTRIES: 'x', METRIC_TOKEN: 'x' };
  const findings = await look({ INFOBIP_SOMETHING_ELSE: 'x', LIMIT_SEND_PER_MOON: '1/1d', ...others });
  expectFindings(findings, [
    ['variables', 'warn', 'INFOBIP_SOMETHING_ELSE'],
    ['variables', 'warn', 'LIMIT_SEND_PER_MOON'],
  ]);
  expect(findings.filter(({ check }) => check === 'variables')).toHaveLength(2);
});

test.each<[string, Record<string, string>, Expected]>([
  [
    'a placeholder in an optional variable',
    { APP_ORIGIN: 'https://your-domain.example' },
    ['variables', 'warn', 'APP_ORIGIN', 'placeholder'],
  ],
  ['no origin', { APP_ORIGIN: '' }, ['origins', 'warn', 'APP_ORIGIN']],
  [
    'a local origin next to a public one',
    { APP_ORIGIN: 'https://a.example,http://localhost:3000' },
    ['origins', 'warn', 'APP_ORIGIN'],
  ],
  [
    'https without a proxy',
    { APP_ORIGIN: 'https://a.example' },
    ['proxy-hops', 'warn', 'TRUSTED_PROXY_HOPS', 'APP_ORIGIN'],
  ],
  ['proxies in front of a local origin', { TRUSTED_PROXY_HOPS: '1' }, ['proxy-hops', 'warn', 'TRUSTED_PROXY_HOPS']],
  [
    'https with the proxies’ addresses',
    { APP_ORIGIN: 'https://a.example', TRUSTED_PROXIES: '10.0.0.0/8' },
    ['proxy-hops', 'ok', 'TRUSTED_PROXIES'],
  ],
  [
    'proxies’ addresses in front of a local origin',
    { TRUSTED_PROXIES: '10.0.0.0/8' },
    ['proxy-hops', 'warn', 'TRUSTED_PROXIES'],
  ],
  ['invalid addresses of proxies', { TRUSTED_PROXIES: '10.0.0.0/99' }, ['variables', 'fail', 'TRUSTED_PROXIES']],
  [
    'that it skips what needs the addresses of proxies',
    { TRUSTED_PROXIES: '10.0.0.0/99' },
    ['proxy-hops', 'skipped', 'TRUSTED_PROXIES'],
  ],
  ['https with a proxy', { APP_ORIGIN: 'https://a.example', TRUSTED_PROXY_HOPS: '1' }, ['proxy-hops', 'ok']],
  [
    'the simulator behind a public origin',
    { APP_ORIGIN: 'https://a.example' },
    ['simulator-leftovers', 'fail', 'INFOBIP_BASE_URL'],
  ],
  [
    "the simulator's key behind a public origin",
    { APP_ORIGIN: 'https://a.example' },
    ['simulator-leftovers', 'fail', 'INFOBIP_API_KEY'],
  ],
  [
    'the inbox behind a public origin',
    { APP_ORIGIN: 'https://a.example', DEMO_INBOX_URL: 'http://127.0.0.1:4010/inbox' },
    ['simulator-leftovers', 'fail', 'DEMO_INBOX_URL'],
  ],
  [
    'the inbox in the demo',
    { DEMO_INBOX_URL: 'http://127.0.0.1:4010/inbox' },
    ['simulator-leftovers', 'warn', 'DEMO_INBOX_URL'],
  ],
  [
    "the simulator's key for Infobip",
    { INFOBIP_BASE_URL: 'https://x.invalid' },
    ['simulator-leftovers', 'fail', 'INFOBIP_API_KEY'],
  ],
  ['no privacy key', { PRIVACY_KEY: '' }, ['keys', 'warn', 'PRIVACY_KEY']],
  ['no key for proofs', { PROOF_PRIVATE_JWK: '' }, ['keys', 'warn', 'PROOF_PRIVATE_JWK']],
  ['a short token', { METRICS_TOKEN: 'fifteen-letters' }, ['metrics', 'fail', 'METRICS_TOKEN']],
  ['a token that is not long', { METRICS_TOKEN: 'sixteen-letters!' }, ['metrics', 'warn', 'METRICS_TOKEN']],
  ['no token', { METRICS_TOKEN: '' }, ['metrics', 'skipped', 'METRICS_TOKEN']],
  ['no receiver', {}, ['webhooks', 'skipped', 'WEBHOOK_URL']],
  [
    'events that a restart loses',
    { WEBHOOK_URL: 'https://a.example/x', WEBHOOK_SECRET },
    ['webhooks', 'warn', 'REDIS_URL'],
  ],
  [
    'a receiver on this machine',
    { WEBHOOK_URL: 'http://localhost:1/x', WEBHOOK_SECRET, APP_ORIGIN: 'https://a.example' },
    ['webhooks', 'warn', 'WEBHOOK_URL'],
  ],
  ['no client', {}, ['clients', 'skipped']],
  [
    'an application on this machine',
    { OIDC_CLIENTS: JSON.stringify([clientOf('http://localhost:1/x')]), APP_ORIGIN: 'https://a.example' },
    ['clients', 'warn', 'OIDC_CLIENTS', 'shop'],
  ],
  [
    'applications elsewhere',
    { OIDC_CLIENTS: JSON.stringify([clientOf('https://b.example/x')]), APP_ORIGIN: 'https://a.example' },
    ['clients', 'ok', 'Applications: 1'],
  ],
  [
    'a program without a quota',
    { API_CLIENTS: JSON.stringify([{ id: 'shop', secretHash: 'a'.repeat(64) }]) },
    ['clients', 'warn', 'API_CLIENTS', 'shop'],
  ],
  ['keys that no program has', { API_ACCESS: 'keys' }, ['clients', 'warn', 'API_ACCESS']],
  ['clients that are not a list', { API_CLIENTS: '{}' }, ['clients', 'skipped', 'API_CLIENTS']],
  ['a receiver without a secret', { WEBHOOK_URL: 'https://a.example/x' }, ['variables', 'fail', 'WEBHOOK_SECRET']],
  ['short codes', { PIN_LENGTH: '5' }, ['codes', 'fail', 'PIN_LENGTH']],
  ['many tries', { MAX_PIN_ATTEMPTS: '6' }, ['codes', 'fail', 'MAX_PIN_ATTEMPTS']],
  ['no wait', { RESEND_COOLDOWN_SECONDS: '0' }, ['codes', 'warn', 'RESEND_COOLDOWN_SECONDS']],
  ['the default global limit', { LIMIT_SEND_GLOBAL: '' }, ['limits', 'warn', 'LIMIT_SEND_GLOBAL']],
  ['a limit that stops nobody', { LIMIT_SEND_PER_NUMBER: '1000/1d' }, ['limits', 'warn', 'LIMIT_SEND_PER_NUMBER']],
  ['every country', { ALLOWED_COUNTRIES: '' }, ['countries', 'warn', 'ALLOWED_COUNTRIES']],
  ['calls to countries that get no codes', { VOICE_COUNTRIES: 'FR' }, ['countries', 'warn', 'VOICE_COUNTRIES', 'FR']],
  [
    'a limit above a ceiling beside the guard, which is higher by default',
    { LIMIT_SEND_PER_ADDRESS: '300/1h' },
    ['limits', 'warn', 'LIMIT_SEND_PER_ADDRESS'],
  ],
  ['a guard that only records', { FRAUD_GUARD: 'record' }, ['guard', 'warn', 'FRAUD_GUARD', 'record']],
  ['no guard', { FRAUD_GUARD: 'off' }, ['guard', 'warn', 'FRAUD_GUARD', 'off']],
  ['no home country', { HOME_COUNTRY: '' }, ['guard', 'warn', 'HOME_COUNTRY']],
  [
    'an hourly budget above the daily one',
    { BUDGET_PER_HOUR: '60' },
    ['budgets', 'warn', 'BUDGET_PER_HOUR', 'BUDGET_PER_DAY'],
  ],
  [
    'a budget that one call is too expensive for',
    { BUDGET_PER_HOUR: '0.2', PRICES: '{"DE":{"sms":0.09,"voice":0.5}}' },
    ['budgets', 'warn', 'BUDGET_PER_HOUR', 'a call to DE costs 0.5 USD'],
  ],
  [
    'a share of a budget that a message abroad is too expensive for',
    { BUDGET_PER_DAY: '0.1' },
    ['budgets', 'warn', 'BUDGET_PER_DAY', 'a text message to GB'],
  ],
  [
    'a budget that a limit stops short',
    { BUDGET_PER_DAY: '5000', LIMIT_SEND_GLOBAL_PER_DAY: '1000/1d' },
    ['budgets', 'warn', 'BUDGET_PER_DAY', '55,555', 'LIMIT_SEND_GLOBAL_PER_DAY allows 1,000'],
  ],
  ['prices that nobody set', { PRICES: '' }, ['prices', 'warn', 'GB', 'list of 2023-03-31']],
  ['a country without a price', { ALLOWED_COUNTRIES: 'DE,KP' }, ['prices', 'warn', 'ALLOWED_COUNTRIES', 'KP']],
  ['prices that cannot be read', { PRICES: '{' }, ['prices', 'skipped', 'PRICES']],
  [
    'a blocklist that is not there',
    { BLOCKED_NUMBERS_FILE: '/nowhere/blocked.txt' },
    ['blocked-numbers', 'fail', 'BLOCKED_NUMBERS_FILE', 'ENOENT'],
  ],
  ['a logo that is not there', { BRAND_LOGO: 'nowhere.svg' }, ['brand', 'fail', 'BRAND_LOGO', 'ENOENT']],
  ['a logo in public/', { BRAND_LOGO: 'favicon.svg' }, ['brand', 'ok', 'BRAND_LOGO']],
  ['a pale brand', { BRAND_COLOR: 'ffcc00' }, ['variables', 'fail', 'BRAND_COLOR', '1.3:1']],
  ['no brand', {}, ['brand', 'ok', 'shows no brand']],
  ['no blocklist', {}, ['blocked-numbers', 'ok', 'No numbers are blocked']],
  ['a short deadline', { INFOBIP_TIMEOUT_MS: '2000' }, ['timeout', 'warn', 'INFOBIP_TIMEOUT_MS']],
  ['a long deadline', { INFOBIP_TIMEOUT_MS: '90000' }, ['timeout', 'warn', 'INFOBIP_TIMEOUT_MS']],
  ['Vercel without Redis', { VERCEL: '1' }, ['variables', 'fail', 'REDIS_URL']],
  [
    'Redis over a network without TLS',
    { REDIS_URL: 'redis://redis.invalid' },
    ['variables', 'fail', 'REDIS_URL', 'rediss://'],
  ],
])('the doctor reports %s', async (_, environment, expected) => {
  expectFindings(await look(environment), [expected]);
});

test('a budget is no share for other countries where there is no home country', async () => {
  const budgets = { BUDGET_PER_HOUR: '0.1', BUDGET_PER_DAY: '0.1' };
  expect(troublesIn(await look(budgets))).toContain('budgets warn');
  expect(troublesIn(await look({ ...budgets, HOME_COUNTRY: '' }))).not.toContain('budgets warn');
});

test('the doctor counts a blocklist, and names faulty lines without their content', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'blocklist-'));
  const file = path.join(folder, 'blocked.txt');
  try {
    writeFileSync(file, '+252612\n# a comment\n+14155552671\n');
    expectFindings(await look({ BLOCKED_NUMBERS_FILE: file }), [
      ['blocked-numbers', 'ok', '2 in BLOCKED_NUMBERS_FILE'],
    ]);
    writeFileSync(file, '+252612\n4155552671\n');
    const findings = await look({ BLOCKED_NUMBERS_FILE: file });
    expectFindings(findings, [['blocked-numbers', 'fail', 'BLOCKED_NUMBERS_FILE', ': 2.']]);
    expect(JSON.stringify(findings)).not.toContain('4155552671');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(Object.entries(SEED))(
  "behind a public origin, the doctor reports that %s is the simulator's",
  async (_, value) => {
    const findings = await look({ APP_ORIGIN: 'https://a.example', INFOBIP_2FA_MESSAGE_ID_DE: value });
    expectFindings(findings, [['simulator-leftovers', 'fail', 'INFOBIP_2FA_MESSAGE_ID_DE', "the simulator's"]]);
  },
);

test('a template for calls in a language needs one for text messages in it, and the other way round', async () => {
  const findings = await look({
    INFOBIP_2FA_MESSAGE_ID_DE: SEED.smsMessageId,
    INFOBIP_2FA_VOICE_MESSAGE_ID_EN: SEED.voiceMessageId,
  });
  expectFindings(findings, [
    ['languages', 'warn', 'INFOBIP_2FA_MESSAGE_ID_DE', 'INFOBIP_2FA_VOICE_MESSAGE_ID_DE'],
    ['languages', 'warn', 'INFOBIP_2FA_VOICE_MESSAGE_ID_EN', 'INFOBIP_2FA_MESSAGE_ID_EN'],
  ]);
  const both = { INFOBIP_2FA_MESSAGE_ID_EN: SEED.smsMessageId, INFOBIP_2FA_VOICE_MESSAGE_ID_EN: SEED.voiceMessageId };
  expect(troublesIn(await look(both))).not.toContain('languages warn');
});

test('a language without calls needs only a template for text messages', async () => {
  const findings = await look({ INFOBIP_2FA_MESSAGE_ID_AR: SEED.smsMessageId });
  expectFindings(findings, [['languages', 'ok', 'ar']]);
});

test.each([
  ['20.18.1', 'ok'],
  ['20.20.2', 'ok'],
  ['24.0.0', 'ok'],
  ['20.18.0', 'fail'],
  ['20.9.9', 'fail'],
  ['18.20.4', 'fail'],
])('Node.js %s is %s', (version, status) => {
  expect(judgeNode(version).status).toBe(status);
});
