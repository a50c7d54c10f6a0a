import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '@/__tests__/support/free-port';
import { TestSimulator } from '@/__tests__/support/simulator';
import { runDoctor } from './run-doctor';
import { type Expected, examine, expectFindings, goodEnvironment, makeGood, troublesIn } from './set-up';

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await TestSimulator.start();
});
afterAll(() => simulator.close());
beforeEach(() => makeGood(simulator));

/** Runs the real command, because Jest hides which fault of the system occurred. */
const run = async (more: Record<string, string>) =>
  (await runDoctor({ ...goodEnvironment(simulator), ...more }, ['--json'])).findings;

const look = (more: Record<string, string> = {}) => examine({ ...goodEnvironment(simulator), ...more });

/** Checks that depend on Infobip's replies, and are skipped without them. */
const SKIPPED: readonly Expected[] = [
  ['application', 'skipped'],
  ['application-settings', 'skipped'],
  ['templates', 'skipped'],
];

/** A time as HTTP writes it, which is that far ahead of now. */
const date = (aheadMs: number) => new Date(Date.now() + aheadMs).toUTCString();
const notFound = { requestError: { serviceException: { messageId: 'PIN_NOT_FOUND', text: 'PIN not found' } } };

test('the doctor reports that no server listens there, skips what needs Infobip, and checks the rest', async () => {
  const findings = await run({ INFOBIP_BASE_URL: `http://127.0.0.1:${await freePort()}`, PIN_LENGTH: '4' });
  expectFindings(findings, [
    ['infobip-reachable', 'fail', 'INFOBIP_BASE_URL', 'ECONNREFUSED'],
    ['clock', 'skipped'],
    ['api-key', 'skipped', 'INFOBIP_API_KEY'],
    ...SKIPPED,
    ['codes', 'fail', 'PIN_LENGTH'],
  ]);
  expect(troublesIn(findings)).toEqual(['infobip-reachable fail', 'redis warn', 'codes fail']);
});

test('the doctor reports a name that no host has', async () => {
  const findings = await run({ INFOBIP_BASE_URL: 'https://nobody.invalid' });
  expectFindings(findings, [
    ['base-url', 'warn', 'INFOBIP_BASE_URL', 'nobody.invalid'],
    ['infobip-reachable', 'fail', 'INFOBIP_BASE_URL', 'no host has that name'],
    ['tls', 'skipped'],
  ]);
});

test('the doctor reports an address that all accounts share', async () => {
  // Only the name matters; no call needs to get through.
  const findings = await look({ INFOBIP_BASE_URL: 'https://api.infobip.com', INFOBIP_TIMEOUT_MS: '100' });
  expectFindings(findings, [['base-url', 'warn', 'INFOBIP_BASE_URL', 'api.infobip.com']]);
});

test('the doctor reports an Infobip that hangs after the configured time', async () => {
  await simulator.fault('any', { kind: 'hang' }, { times: 0 });
  const startedAt = Date.now();
  const findings = await look({ INFOBIP_TIMEOUT_MS: '300' });
  expectFindings(findings, [['infobip-reachable', 'fail', 'INFOBIP_BASE_URL', 'no reply'], ...SKIPPED]);
  expect(Date.now() - startedAt).toBeLessThan(20_000);
});

test.each<[string, object, Expected]>([
  ['a wrong key', { kind: 'status', status: 401 }, ['api-key', 'fail', 'INFOBIP_API_KEY', '401']],
  [
    'a key without the scope, or an address not allowed',
    { kind: 'status', status: 403 },
    ['api-key', 'fail', 'INFOBIP_API_KEY', '2fa:pin:send', 'IP'],
  ],
  ['too many calls', { kind: 'status', status: 429 }, ['api-key', 'warn', 'INFOBIP_API_KEY', '429']],
  ['a fault of its own', { kind: 'status', status: 503 }, ['infobip-reachable', 'fail', 'INFOBIP_BASE_URL', '503']],
  ['a web page', { kind: 'html' }, ['infobip-reachable', 'fail', 'INFOBIP_BASE_URL', 'does not come from Infobip']],
  [
    'a 404 of some web server',
    { kind: 'status', status: 404, body: '<h1>Not found</h1>' },
    ['infobip-reachable', 'fail', 'INFOBIP_BASE_URL', 'does not come from Infobip'],
  ],
  ['a redirect', { kind: 'redirect' }, ['infobip-reachable', 'fail', 'INFOBIP_BASE_URL']],
  ['nothing but an end', { kind: 'reset' }, ['infobip-reachable', 'fail', 'INFOBIP_BASE_URL', 'breaks']],
])('the doctor reports %s, and skips what needs more', async (_, fault, expected) => {
  await simulator.fault('verify', fault, { times: 0 });
  expectFindings(await look(), [expected, ...SKIPPED]);
});

test('a refused key leaves reachability fine', async () => {
  expectFindings(await look({ INFOBIP_API_KEY: 'another-key' }), [
    ['infobip-reachable', 'ok'],
    ['api-key', 'fail', 'INFOBIP_API_KEY', '401'],
  ]);
});

test.each([
  [3000, 'ok'],
  [-20_000, 'warn'],
  [30_000, 'warn'],
  [-90_000, 'fail'],
  [3_600_000, 'fail'],
] as const)('a clock of Infobip that differs by %d ms is %s', async (aheadMs, status) => {
  const reply = { kind: 'status', status: 404, body: notFound, headers: { date: date(aheadMs) } };
  await simulator.fault('verify', reply);
  const findings = await look();
  expectFindings(findings, [
    ['clock', status, 'clock', ...(status === 'ok' ? [] : [aheadMs < 0 ? 'ahead' : 'behind'])],
  ]);
});

describe('TLS', () => {
  test('is skipped on plain http, and reported if the server does not speak it', async () => {
    expectFindings(await look(), [['tls', 'skipped', 'INFOBIP_BASE_URL']]);
    const findings = await look({ INFOBIP_BASE_URL: simulator.url.replace('http:', 'https:') });
    expectFindings(findings, [
      ['tls', 'fail', 'INFOBIP_BASE_URL'],
      ['infobip-reachable', 'skipped', 'tls'],
      ...SKIPPED,
    ]);
  });

  test('is reported if nothing checks it', async () => {
    expectFindings(await look({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }), [
      ['tls', 'fail', 'NODE_TLS_REJECT_UNAUTHORIZED'],
    ]);
  });

  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
  if (!hasOpenssl && !process.env.CI)
    process.stderr.write('The test of an unknown certificate is skipped: no openssl found.\n');
  const testWithOpenssl = hasOpenssl || process.env.CI ? test : test.skip;

  testWithOpenssl('is reported if its certificate comes from an unknown authority', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'certificate-'));
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name)) as [string, string];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = spawnSync('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      cert,
      ...subject,
    ]);
    expect(made.status).toBe(0);
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }).listen(0, '127.0.0.1');
    rmSync(folder, { recursive: true });
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const findings = await run({ INFOBIP_BASE_URL: `https://127.0.0.1:${port}` });
    server.close();
    expectFindings(findings, [['tls', 'fail', 'INFOBIP_BASE_URL', 'certificate', 'SELF_SIGNED'], ...SKIPPED]);
  });
});
