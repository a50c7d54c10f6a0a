import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, type Page, test } from '@playwright/test';
import { buildIfNeeded, NEXT } from '@/scripts/build';
import { violationsOn } from './axe';
import { onlyCodeFor } from './inbox';
import { scriptRuns } from './script-runs';
import { EXPRESS_URL, FLASK_URL, LOGINS_APP_URL, NEXT_AUTH_URL, STRICT_URL } from './servers';
import { startTwoInstances } from './two-instances';

const SECRET = 's'.repeat(43);

const clients = [
  { client_id: 'express', client_name: 'Express', redirect_uris: [`${EXPRESS_URL}/callback`] },
  { client_id: 'strict', client_name: 'Strict', redirect_uris: [`${STRICT_URL}/callback`] },
  { client_id: 'flask', client_name: 'Flask', redirect_uris: [`${FLASK_URL}/callback`] },
  { client_id: 'next-auth', client_name: 'NextAuth', redirect_uris: [`${NEXT_AUTH_URL}/api/auth/callback/phone`] },
  { client_id: 'bank', client_name: 'Bank', redirect_uris: ['https://bank.example/callback'], number: 'fixed' },
].map((client) => ({ ...client, client_secret: SECRET }));

/** The first Python that has what the example needs. */
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import authlib, flask, requests']).status === 0,
);
const hasFlask = python !== undefined || Boolean(process.env.CI);

const FLASK_VARIABLES = {
  FLASK_PHONE_CLIENT_ID: 'flask',
  FLASK_PHONE_CLIENT_SECRET: SECRET,
  FLASK_PHONE_SERVER_METADATA_URL: `${LOGINS_APP_URL}/.well-known/openid-configuration`,
};

const running: ChildProcess[] = [];
let stopInstances: (() => void) | undefined;

/** Starts an example application, as its first lines say. */
async function startExample(command: string, args: string[], url: string, more: object = {}): Promise<void> {
  const { PATH } = process.env;
  const env = { PATH, ISSUER: LOGINS_APP_URL, CLIENT_SECRET: SECRET, PORT: new URL(url).port, ...more };
  const example = spawn(command, args, {
    env: env as unknown as NodeJS.ProcessEnv,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  running.push(example);
  let said = '';
  example.stderr?.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const answers = () =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers())) {
    if (example.exitCode !== null) throw new Error(`${args.join(' ')} did not start: ${said}`);
    await sleep(50);
  }
}

/** The example with next-auth, which is an application of its own. */
const NEXT_AUTH = 'examples/next-auth';

async function startNextAuth(): Promise<void> {
  const started = [NEXT, 'start', NEXT_AUTH, '-p', new URL(NEXT_AUTH_URL).port];
  const variables = { CLIENT_ID: 'next-auth', NEXTAUTH_URL: NEXT_AUTH_URL, NEXTAUTH_SECRET: SECRET };
  await startExample(process.execPath, started, NEXT_AUTH_URL, variables);
}

test.beforeAll(async () => {
  test.setTimeout(400_000);
  // This comes first, because it blocks this process, and so would block the proxy.
  buildIfNeeded(NEXT_AUTH, { sources: [NEXT_AUTH] });
  stopInstances = await startTwoInstances(LOGINS_APP_URL, {
    APP_ORIGIN: LOGINS_APP_URL,
    OIDC_CLIENTS: JSON.stringify(clients),
    FRAUD_GUARD: 'off',
  });
  await Promise.all([
    startExample(process.execPath, ['examples/openid-express.mjs'], EXPRESS_URL),
    startExample(process.execPath, ['examples/openid-express.mjs'], STRICT_URL, {
      CLIENT_ID: 'strict',
      ACR_VALUES: 'phr otp',
    }),
    hasFlask && startExample(python ?? 'python3', ['examples/openid_flask.py'], FLASK_URL, FLASK_VARIABLES),
    startNextAuth(),
  ]);
});
test.afterAll(() => {
  for (const child of running) child.kill();
  stopInstances?.();
});

/** Collects errors and warnings of the browser's console, and exceptions of the page. */
function watch(page: Page): string[] {
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(message.text());
  });
  page.on('pageerror', (error) => troubles.push(error.message));
  return troubles;
}

/** @param press whether to press the button, because no script submits the code */
async function verify(page: Page, number: string, press = false): Promise<void> {
  await page.getByLabel('Phone number', { exact: true }).fill(number);
  await page.getByRole('button', { name: 'Send code' }).click();
  const code = page.getByLabel('Verification code');
  await expect(code).toBeVisible();
  if (!press) await scriptRuns(page);
  await code.fill(await onlyCodeFor(number));
  if (press) await page.getByRole('button', { name: 'Verify', exact: true }).click();
}

for (const [name, url, number] of [
  ['Express', EXPRESS_URL, '+14155553901'],
  ['Flask', FLASK_URL, '+14155553902'],
  ['NextAuth', NEXT_AUTH_URL, '+14155553906'],
] as const) {
  test(`a person logs in at an application with ${name}`, async ({ page }) => {
    test.skip(name === 'Flask' && !hasFlask, 'python3 with Authlib, Flask and requests is not installed');
    const troubles = watch(page);
    await page.goto(url);
    await page.getByText('Log in with your phone').click();
    await expect(page.getByText(`${name} asks you to verify your phone number.`)).toBeVisible();
    await verify(page, number);
    await expect(page).toHaveURL(`${url}/`);
    await expect(page.getByText(`Your number is ${number}.`)).toBeVisible();
    expect(troubles).toEqual([]);
  });
}

test('an application that requires another factor refuses a login by code', async ({ page }) => {
  await page.goto(STRICT_URL);
  await page.getByText('Log in with your phone').click();
  await expect(page).toHaveURL(/connect\/verify/);
  await verify(page, '+14155553907');
  await expect(page.getByText('Not logged in.')).toBeVisible();
});

test('an application shows no markup from the address of its callback', async () => {
  for (const url of [EXPRESS_URL, ...(hasFlask ? [FLASK_URL] : [])]) {
    const reply = await fetch(`${url}/callback?error=${encodeURIComponent('<b>made up</b>')}`);
    expect(await reply.text()).not.toContain('<b>');
  }
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('a person logs in, although our policy restricts where forms lead', async ({ page }) => {
    await page.goto(EXPRESS_URL);
    await page.getByRole('link', { name: 'Log in with your phone' }).click();
    await verify(page, '+14155553903', true);
    await expect(page.getByText('Your number is +14155553903.')).toBeVisible();
  });

  test('a person cancels the login', async ({ page }) => {
    await page.goto(EXPRESS_URL);
    await page.getByRole('link', { name: 'Log in with your phone' }).click();
    await page.getByRole('button', { name: 'Cancel and return to Express' }).click();
    await expect(page.getByText('Not logged in.')).toBeVisible();
  });
});

test('a login continues after a reload, and in German', async ({ page }) => {
  await page.goto(EXPRESS_URL);
  await page.getByRole('link', { name: 'Log in with your phone' }).click();
  await page.getByLabel('Phone number', { exact: true }).fill('+14155553904');
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await expect(page.getByText('Express bittet Sie, Ihre Telefonnummer zu bestätigen.')).toBeVisible();
  await expect(page.getByLabel('Telefonnummer', { exact: true })).toHaveValue(/415.*3904/);
  await page.getByRole('button', { name: 'Code senden' }).click();
  await expect(page.getByLabel('Bestätigungscode')).toBeVisible();
  await page.reload();
  await scriptRuns(page);
  await page.getByLabel('Bestätigungscode').fill(await onlyCodeFor('+14155553904'));
  await expect(page.getByText('Your number is +14155553904.')).toBeVisible();
});

test('a person confirms an action with a number that the application named, and every screen shows the action', async ({
  page,
}) => {
  const request = new URLSearchParams({
    client_id: 'bank',
    response_type: 'code',
    redirect_uri: 'https://bank.example/callback',
    scope: 'openid phone',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    login_hint: '+14155553905',
    authorization_details: JSON.stringify([
      { type: 'confirmation', text: 'Pay order 1234', amount: '120.00 EUR', payee: 'Books Ltd' },
    ]),
  });
  const pushed = await fetch(`${LOGINS_APP_URL}/api/openid/par`, {
    method: 'POST',
    body: request,
    headers: { Authorization: `Basic ${btoa(`bank:${SECRET}`)}` },
  });
  const { request_uri } = (await pushed.json()) as { request_uri: string };
  await page.goto(`${LOGINS_APP_URL}/connect/authorize?${new URLSearchParams({ client_id: 'bank', request_uri })}`);
  for (const screen of ['number', 'code']) {
    await expect(page.getByText('Bank asks you to confirm:')).toBeVisible();
    for (const text of ['Pay order 1234', '120.00 EUR', 'Books Ltd']) await expect(page.getByText(text)).toBeVisible();
    expect(await violationsOn(page)).toEqual([]);
    if (screen === 'code') break;
    await page.getByRole('button', { name: 'Send code' }).click();
    await expect(page.getByLabel('Verification code')).toBeVisible();
  }
  await expect(page.getByText('555 3905')).toHaveCount(0);
  await scriptRuns(page);
  const back = page.waitForRequest(/^https:\/\/bank\.example\/callback\?code=/);
  await page.getByLabel('Verification code').fill(await onlyCodeFor('+14155553905'));
  await back;
});
