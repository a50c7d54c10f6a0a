import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NEXT } from '@/scripts/build';
import { startAnotherApp } from './another-app';
import { violationsOn } from './axe';
import { buildExample } from './example-app';
import { onlyCodeFor } from './inbox';
import { EMBEDDED_APP_URL, EXAMPLE_URL } from './servers';
import { expect, test } from './test';

const FREE_MESSAGES = 4;
const PLENTY = '1000000,1000000,0.35';

const running: ChildProcess[] = [];
let installed: string;

/** Starts the built example. */
async function startExample(folder: string): Promise<void> {
  const { port } = new URL(EXAMPLE_URL);
  const args = [NEXT, 'start', folder, '-p', port];
  const example = spawn(process.execPath, args, { stdio: 'ignore', env: { ...process.env, NODE_ENV: 'production' } });
  running.push(example);
  const answers = () =>
    fetch(EXAMPLE_URL).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers())) {
    if (example.exitCode !== null) throw new Error('The example did not start.');
    await sleep(50);
  }
}

test.beforeAll(async () => {
  test.setTimeout(400_000);
  const example = buildExample(EMBEDDED_APP_URL);
  installed = example.installed;
  const plenty = ['SITE', 'NETWORK', 'RANGE', 'BLOCK', 'COUNTRY', 'MAIN_COUNTRY', 'HOME_COUNTRY'];
  running.push(
    await startAnotherApp(EMBEDDED_APP_URL, {
      APP_ORIGIN: EXAMPLE_URL,
      CREDIT_PER_ADDRESS: `${FREE_MESSAGES},0.001,0.35`,
      ...Object.fromEntries(plenty.map((name) => [`CREDIT_PER_${name}`, PLENTY])),
    }),
  );
  await startExample(example.folder);
});
test.afterAll(() => {
  for (const child of running) child.kill();
});

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(installed, path.join(entry.parentPath, entry.name)));

const read = (file: string) => readFileSync(path.join(installed, file), 'utf8');

/** The modules that a built file names. */
const modulesIn = (file: string) =>
  [...read(file).matchAll(/(?:\bfrom |\bimport |\bimport\(|new URL\()["']([^"']+)["']/g)].map(([, name = '']) => name);

const nameOf = (module: string) =>
  module
    .split('/')
    .slice(0, module.startsWith('@') ? 2 : 1)
    .join('/');

test.describe('the packed file', () => {
  test('contains the build, the types, the styles, and what npm shows', () => {
    const files = filesIn(installed);
    expect(files.filter((file) => !file.startsWith('dist/')).sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
    expect(files).toEqual(
      expect.arrayContaining([
        'dist/index.js',
        'dist/challenge-worker.js',
        'dist/styles.css',
        'dist/types/components/index.d.ts',
      ]),
    );
    expect(files.filter((file) => !/\.(js|css|d\.ts)$/.test(file)).length).toBe(3);
    expect(existsSync('components/dist')).toBe(false);
  });

  test('imports nothing but its dependencies and its own files', () => {
    const { dependencies, peerDependencies } = JSON.parse(read('package.json')) as Record<string, object>;
    const declared = Object.keys({ ...dependencies, ...peerDependencies });
    const named = filesIn(path.join(installed, 'dist')).flatMap((file) =>
      /\.(js|ts)$/.test(file) ? modulesIn(file).map((module) => ({ file, module })) : [],
    );
    const bare = named.filter(({ module }) => !module.startsWith('.')).map(({ module }) => nameOf(module));
    expect([...new Set(bare)].sort()).toEqual(['altcha-lib', 'libphonenumber-js', 'react']);
    expect(bare.filter((name) => !declared.includes(name))).toEqual([]);
    expect(Object.keys(dependencies ?? {}).length).toBeLessThanOrEqual(3);
    const missing = named
      .filter(({ module }) => module.startsWith('.'))
      .map(({ file, module }) => path.join(path.dirname(file), module))
      .map((file) => (file.startsWith('dist/types/') ? file.replace(/\.js$/, '.d.ts') : file))
      .filter((file) => !existsSync(path.join(installed, file)));
    expect(missing).toEqual([]);
  });

  test('has types of the component and the client, and no others of the page', () => {
    expect(filesIn(path.join(installed, 'dist/types')).filter((file) => /login|fixed|screens/i.test(file))).toEqual([]);
    expect(read('dist/types/components/flow/props.d.ts')).not.toContain('screens');
    const usage = path.join(installed, '../../../usage.tsx');
    writeFileSync(
      usage,
      `import { fetchPageState, PhoneVerification, sendCode, type PageState } from '@phone-verification/react';
export const flow = (state: PageState) => <PhoneVerification state={state} onVerified={(number: string) => number} />;
export async function send(): Promise<number | string> {
  const page = await fetchPageState('de');
  if (!page.ok) return page.failure.code satisfies string;
  const sent = await sendCode({ phoneNumber: '+1' });
  return sent.ok ? sent.reply.pinLength : (sent.failure.retryAfterSeconds ?? 0);
}
// @ts-expect-error a screen of logins is no prop
export const login = (state: PageState) => <PhoneVerification state={state} screens={{}} />;
`,
    );
    for (const resolution of [
      ['--module', 'esnext', '--moduleResolution', 'bundler'],
      ['--module', 'nodenext'],
    ]) {
      const options = ['--noEmit', '--strict', '--jsx', 'react-jsx', '--target', 'es2022', '--types', 'react'];
      const args = ['node_modules/typescript/bin/tsc', '--ignoreConfig', ...options, ...resolution, usage];
      const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      expect([status, stdout]).toEqual([0, '']);
    }
  });

  test('styles only the component', () => {
    const css = read('dist/styles.css').replace(/\/\*[\s\S]*?\*\//g, '');
    const withoutFrames = css.replace(/@keyframes [^{]+\{(?:[^{}]*\{[^}]*\})*[^{}]*\}/g, '');
    const rules = [...withoutFrames.matchAll(/([^{}]+)\{/g)].map(
      ([, rule = '']) => rule.split(';').at(-1)?.trim() ?? '',
    );
    const selectors = rules.filter((rule) => !rule.startsWith('@')).flatMap((rule) => rule.split(/,(?![^(]*\))/));
    expect(selectors.length).toBeGreaterThan(50);
    expect(selectors.map((one) => one.trim()).filter((one) => !/^\.phone[-_]verification/.test(one))).toEqual([]);
  });
});

test.describe('an app that installed the package', () => {
  test.use({ baseURL: EXAMPLE_URL, expectedReplies: ['428 /api/send-otp'] });

  test('verifies a number, and gets it in onVerified', async ({ verification, page }) => {
    const number = '+14155554101';
    await verification.open();
    const button = verification.button('Send code');
    await expect(button).toHaveCSS('background-color', 'rgb(11, 102, 99)');
    await expect(button).toHaveCSS('border-radius', '10px');
    await expect(page.getByRole('heading')).toHaveCSS('margin', '0px');
    // The host's own elements keep the browser's styles.
    await expect(page.locator('body')).toHaveCSS('margin', '8px');
    expect(await violationsOn(page, { part: '.phone-verification' })).toEqual([]);
    await verification.country.click();
    await page.locator('input[role=combobox]').fill('+1');
    await page.getByRole('listbox').getByText('United States').click();
    await verification.number.pressSequentially('4155554101');
    await expect(verification.number).toHaveValue('(415) 555-4101');
    await button.click();
    await expect(verification.code).toBeFocused();
    await page.reload();
    await verification.ready();
    await expect(page.getByText('Your number is')).toHaveCount(0);
    await verification.code.fill(await onlyCodeFor(number));
    await expect(verification.success).toBeFocused();
    await expect(page.getByText(`Your number is ${number}.`)).toBeVisible();
    await page.reload();
    await expect(verification.success).toBeVisible();
  });

  test('solves a challenge', async ({ verification, page }) => {
    for (let sent = 0; sent < FREE_MESSAGES + 2; sent += 1) {
      await fetch(`${EMBEDDED_APP_URL}/api/send-otp`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ phoneNumber: `+141555541${10 + sent}` }),
      });
    }
    await verification.open();
    const worker = page.waitForEvent('worker');
    await verification.sendTo('+14155554102');
    expect((await worker).url()).toContain(`${EXAMPLE_URL}/_next/static/`);
    await verification.code.fill(await onlyCodeFor('+14155554102'));
    await expect(verification.success).toBeFocused();
  });

  test('speaks the language of the browser, in its direction', async ({ browser }) => {
    const context = await browser.newContext({ locale: 'ar', baseURL: EXAMPLE_URL });
    const page = await context.newPage();
    await page.goto('/');
    const root = page.locator('.phone-verification');
    await expect(root).toHaveAttribute('dir', 'rtl');
    await expect(root).toHaveAttribute('lang', 'ar');
    await context.close();
  });

  test('forwards X-Forwarded-For unchanged', async () => {
    const warnings = async () => {
      const reply = (await (await fetch(`${EMBEDDED_APP_URL}/api/ready`)).json()) as { warnings: string[] };
      return reply.warnings;
    };
    await fetch(`${EXAMPLE_URL}/api/health`);
    expect(await warnings()).not.toContain('TRUSTED_PROXY_HOPS');
    await fetch(`${EXAMPLE_URL}/api/health`, { headers: { 'X-Forwarded-For': '203.0.113.7' } });
    expect(await warnings()).toContain('TRUSTED_PROXY_HOPS');
  });

  test('does not forward routes that the component does not need', async () => {
    const replies = await Promise.all(['metrics', 'ready', 'jwks'].map((name) => fetch(`${EXAMPLE_URL}/api/${name}`)));
    expect(replies.map(({ status }) => status)).toEqual([404, 404, 404]);
  });
});
