import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openIdClients } from '@/lib/config/openid-clients';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'client-'));
  file = path.join(folder, 'clients.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

function runWith(more: Record<string, string>, ...args: string[]) {
  const { PATH } = process.env;
  const command = ['--import', 'tsx', '--', 'scripts/client.ts', ...args];
  const env = { PATH, APP_ORIGIN: 'https://verify.example', ...more } as unknown as NodeJS.ProcessEnv;
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', env });
  return { status, stdout, stderr };
}

const run = (...args: string[]) => runWith({}, ...args);

const add = (...more: string[]) =>
  run('add', '--name', 'My Shop', '--redirect-uri', 'https://shop.example/cb', '--file', file, ...more);

test('the command adds a client that the server accepts, and prints the lines for its framework', () => {
  const { status, stdout } = add('--for', 'python', '--country', 'US');
  expect(status).toBe(0);
  const [client] = openIdClients.parse(file);
  expect(client).toMatchObject({ id: 'my-shop', name: 'My Shop', countries: ['US'] });
  expect(stdout).toContain(client?.secret);
  expect(stdout).toContain('client_id="my-shop"');
  expect(stdout).toContain('https://verify.example/.well-known/openid-configuration');
  expect(statSync(file).mode & 0o077).toBe(0);
});

test('the command names the issuer under a base path', () => {
  const origins = 'https://verify.example/, https://other.example';
  const args = [
    'add',
    '--name',
    'Shop',
    '--redirect-uri',
    'https://shop.example/cb',
    '--file',
    file,
    '--for',
    'express',
  ];
  const { stdout } = runWith({ APP_ORIGIN: origins, BASE_PATH: '/phone' }, ...args);
  expect(stdout).toContain("new URL('https://verify.example/phone')");
});

test('the command writes its secrets to a file that git ignores', () => {
  expect(spawnSync('git', ['check-ignore', '--no-index', 'clients.json'], { encoding: 'utf8' }).status).toBe(0);
});

test('the command keeps the existing clients', () => {
  add();
  expect(add('--id', 'other', '--public').status).toBe(0);
  expect(openIdClients.parse(file).map(({ id, secret }) => [id, secret === undefined])).toEqual([
    ['my-shop', false],
    ['other', true],
  ]);
});

test.each([
  ['the same client again', ['--id', 'my-shop'], 'same client_id'],
  ['an address without TLS', ['--redirect-uri', 'http://shop.example/cb'], 'must be an https address'],
  ['a named number without a secret', ['--id', 'bank', '--fixed', '--public'], 'client_secret'],
])('the command refuses %s, and changes nothing', (_, more, reason) => {
  add();
  const before = readFileSync(file, 'utf8');
  expect(add(...more)).toMatchObject({ status: 1, stderr: expect.stringContaining(reason) });
  expect(readFileSync(file, 'utf8')).toBe(before);
});

test('the command does not overwrite a file that is not a list', () => {
  writeFileSync(file, '{"clients":');
  expect(add().status).toBe(1);
  expect(readFileSync(file, 'utf8')).toBe('{"clients":');
});

test.each([[[]], [['remove']], [['add', '--name', 'x']], [['add', '--nam', 'x']]])(
  'the command prints its usage after %j',
  (args) => {
    expect(run(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining('Usage: npm run client') });
  },
);
