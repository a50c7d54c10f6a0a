import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { testEnvironment } from '@/__tests__/support/app';
import { spawnApp } from '@/__tests__/support/app-process';
import { freePort } from '@/__tests__/support/free-port';

/** Starts the built app and waits for it to exit. */
async function bootAndEnd(environment: Record<string, string>): Promise<{ code: number; output: string }> {
  const app = spawnApp(await freePort(), environment);
  let output = '';
  for (const stream of [app.stdout, app.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(app, 'close')) as [number];
  return { code, output };
}

test('the server refuses to start with a bad configuration, and names every fault and remedy, but no secret', async () => {
  const { code, output } = await bootAndEnd({
    ...testEnvironment('http://infobip.example'),
    INFOBIP_API_KEY: 'App 0123456789secret',
    PIN_LENGTH: 'six',
    APP_ORIGIN: 'verify.example.com',
  });
  expect(code).toBe(1);
  expect(output).toMatch(/INFOBIP_BASE_URL must be an https origin/);
  expect(output).toMatch(/INFOBIP_API_KEY must be the key alone/);
  expect(output).toMatch(/PIN_LENGTH must be a whole number from 4 to 10/);
  expect(output).toMatch(/APP_ORIGIN must be an https origin/);
  expect(output).not.toContain('0123456789secret');
});

test('the server refuses to start without the four required variables, and names them', async () => {
  const { code, output } = await bootAndEnd({});
  expect(code).toBe(1);
  for (const name of ['INFOBIP_BASE_URL', 'INFOBIP_API_KEY', 'INFOBIP_2FA_APP_ID', 'INFOBIP_2FA_MESSAGE_ID']) {
    expect(output).toMatch(new RegExp(`${name} is missing`));
  }
});

test('the server refuses to start with a blocklist that it cannot read', async () => {
  const environment = { ...testEnvironment('http://127.0.0.1:9'), BLOCKED_NUMBERS_FILE: '/nowhere/blocked.txt' };
  const { code, output } = await bootAndEnd(environment);
  expect([code, output]).toEqual([1, expect.stringContaining('BLOCKED_NUMBERS_FILE cannot be read (ENOENT)')]);
});

test.each([
  ['that does not exist', 'nowhere.svg', /BRAND_LOGO cannot be read \(ENOENT\)\. Put the file into public\//],
  [
    'that is too large',
    `data:image/png;base64,${'A'.repeat(90_000)}`,
    /BRAND_LOGO is 66 kB\. Make it smaller than 64 kB/,
  ],
  ['of another type', 'data:image/png,GIF89a', /BRAND_LOGO is not an image of the type image\/png/],
])('the server refuses to start with a logo %s', async (_kind, BRAND_LOGO, fault) => {
  const { code, output } = await bootAndEnd({ ...testEnvironment('http://127.0.0.1:9'), BRAND_LOGO });
  expect([code, output]).toEqual([1, expect.stringMatching(fault)]);
});

/** The exit code and output of `npm start` when it cannot start. */
async function startAndEnd(variables: Record<string, string>, folder = process.cwd(), words: string[] = []) {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...variables } as NodeJS.ProcessEnv;
  const app = spawn(process.execPath, [path.resolve('scripts/start.mjs'), '-H', '127.0.0.1', ...words], {
    cwd: folder,
    env,
  });
  let output = '';
  app.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(app, 'close')) as [number];
  return { code, output };
}

test.each(['99999', 'abc'])('npm start with PORT=%s fails with a clear error', async (port) => {
  expect(await startAndEnd({ PORT: port })).toEqual({
    code: 1,
    output: 'PORT must be a whole number from 0 to 65535.\n',
  });
});

test.each(['99999', 'abc'])('npm start with -p %s fails with a clear error', async (port) => {
  expect(await startAndEnd({}, process.cwd(), ['-p', port])).toEqual({
    code: 1,
    output: '--port must be a whole number from 0 to 65535.\n',
  });
});

test('npm start on a taken port prints a sentence with the remedy', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  expect(await startAndEnd({ PORT: String(port) })).toEqual({
    code: 1,
    output: `Port ${port} is taken. Set PORT to a free one, or stop the program that uses it.\n`,
  });
  other.close();
});

test('npm start without a build prints a sentence with the remedy', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'unbuilt-'));
  expect(await startAndEnd({}, folder)).toEqual({
    code: 1,
    output: 'There is no build yet. Run npm run build, then start again.\n',
  });
  rmSync(folder, { recursive: true });
});
