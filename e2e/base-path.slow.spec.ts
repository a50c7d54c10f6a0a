import type { ChildProcess } from 'node:child_process';
import { startAnotherApp } from './another-app';
import { buildUnder } from './base-path';
import { addApp, becomeOwner, codeOf, leave, signIn } from './factors';
import { type FactorsApp, startFactorsApp } from './factors-app';
import { onlyCodeFor } from './inbox';
import { BASE_PATH, UNDER_PATH_URL, WAYS_UNDER_PATH_URL } from './servers';
import { expect, test } from './test';

const { origin } = new URL(UNDER_PATH_URL);
const FREE_MESSAGES = 4;
const PLENTY = '1000000,1000000,0.35';

let app: ChildProcess;
let withWays: FactorsApp;
test.beforeAll(async () => {
  test.setTimeout(400_000);
  const build = buildUnder(BASE_PATH);
  const plenty = ['SITE', 'NETWORK', 'RANGE', 'BLOCK', 'COUNTRY', 'MAIN_COUNTRY', 'HOME_COUNTRY'];
  app = await startAnotherApp(
    UNDER_PATH_URL,
    {
      CREDIT_PER_ADDRESS: `${FREE_MESSAGES},0.001,0.35`,
      ...Object.fromEntries(plenty.map((name) => [`CREDIT_PER_${name}`, PLENTY])),
      APP_ORIGIN: origin,
      OIDC_CLIENTS: JSON.stringify([
        { client_id: 'shop', client_name: 'Shop', redirect_uris: ['https://shop.example/callback'] },
      ]),
      BRAND_NAME: 'Example',
      BRAND_COLOR: 'b4232a',
      BRAND_LOGO: 'favicon.svg',
    },
    build,
  );
  withWays = await startFactorsApp(WAYS_UNDER_PATH_URL, {}, build);
});
test.afterAll(() => {
  app?.kill();
  withWays?.stop();
});

// The fixture then fails on every request to another path, too.
test.use({
  baseURL: UNDER_PATH_URL,
  expectedReplies: [
    '404 /verify/nope',
    '404 /verify/api/verification',
    '401 /verify/api/session',
    '428 /verify/api/send-otp',
  ],
});

const pathOf = (address: string) => new URL(address).pathname + new URL(address).search;

test('under a base path, a person verifies a number, and changes the language', async ({ verification, page }) => {
  const number = '+14155553921';
  await page.goto(UNDER_PATH_URL);
  await verification.ready();
  const logo = page.getByRole('img', { name: 'Example' });
  await expect.poll(() => logo.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  await verification.number.fill('4155553921');
  await verification.button('Deutsch').click();
  await expect(page.getByRole('button', { name: 'Code senden' })).toBeVisible();
  await page.getByRole('button', { name: 'English' }).click();
  await verification.button('Send code').click();
  await expect(verification.code).toBeFocused();
  await page.reload();
  await verification.ready();
  await verification.code.fill(await onlyCodeFor(number));
  await expect(verification.success).toBeFocused();
  await verification.link('About verification codes').click();
  await expect(page).toHaveURL(`${UNDER_PATH_URL}/about`);
  await page.getByRole('link', { name: 'Back' }).click();
  await expect(page).toHaveURL(UNDER_PATH_URL);
});

test('under a base path, the page solves a challenge', async ({ verification, page }) => {
  for (let sent = 0; sent < FREE_MESSAGES + 2; sent += 1) {
    await fetch(`${UNDER_PATH_URL}/api/send-otp`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ phoneNumber: `+141555527${10 + sent}` }),
    });
  }
  await page.goto(UNDER_PATH_URL);
  await verification.ready();
  const worker = page.waitForEvent('worker');
  await verification.sendTo('+14155553922');
  expect((await worker).url()).toContain(`${UNDER_PATH_URL}/_next/static/`);
  await verification.code.fill(await onlyCodeFor('+14155553922'));
  await expect(verification.success).toBeFocused();
});

test('under a base path, every reply has its headers, and addresses outside the path serve nothing', async () => {
  const get = (path: string, init: RequestInit = {}) => fetch(origin + path, { redirect: 'manual', ...init });
  for (const path of ['/verify', '/verify/about', '/verify/nope', '/verify/favicon.svg', '/', '/nope', '/api/health'])
    expect([path, (await get(path)).headers.get('referrer-policy')]).toEqual([path, 'same-origin']);
  const policies = await Promise.all(
    ['/verify', '/verify/nope', '/', '/verify/api/health'].map(async (path) =>
      (await get(path)).headers.get('content-security-policy'),
    ),
  );
  expect(policies).toEqual([
    expect.stringMatching(/script-src 'self' 'nonce-/),
    expect.not.stringMatching(/script-src/),
    expect.not.stringMatching(/script-src/),
    "default-src 'none'; frame-ancestors 'none'",
  ]);
  const keys = await get('/verify/.well-known/jwks.json');
  expect(await keys.json()).toEqual({ keys: [expect.objectContaining({ kty: 'EC' })] });
  const statuses = async (paths: readonly string[], init?: RequestInit) =>
    Promise.all(paths.map(async (path) => [path, (await get(path, init)).status]));
  expect(await statuses(['/', '/about', '/api/health', '/.well-known/jwks.json'])).toEqual(
    ['/', '/about', '/api/health', '/.well-known/jwks.json'].map((path) => [path, 404]),
  );
  const form = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: origin };
  const post = { method: 'POST', headers: form, body: 'lang=de&phoneNumber=' };
  expect(await statuses(['/', '/verify/about', '/api/send-otp'], post)).toEqual([
    ['/', 405],
    ['/verify/about', 405],
    ['/api/send-otp', 405],
  ]);
  const changed = await get('/verify', post);
  expect([changed.status, changed.headers.get('location')]).toEqual([303, '/verify']);
  expect(changed.headers.getSetCookie()).toContainEqual(expect.stringMatching(/^language=de; Path=\/;/));
  expect((await fetch(`${UNDER_PATH_URL}?lang=de&step=phone`)).url).toBe(`${UNDER_PATH_URL}?step=phone`);
});

test.describe('with other factors', () => {
  test.use({ baseURL: WAYS_UNDER_PATH_URL });

  test('under a base path, a passkey and an app replace messages', async ({ verification, page }) => {
    const number = '+14155553924';
    await page.goto(WAYS_UNDER_PATH_URL);
    await verification.ready();
    await becomeOwner(page, number);
    const secret = await addApp(page);
    await verification.link("I've saved them").click();
    await expect(page).toHaveURL(`${WAYS_UNDER_PATH_URL}/ways`);

    await leave(page);
    await page.goto(WAYS_UNDER_PATH_URL);
    await verification.ready();
    await verification.button('Use a passkey').click();
    await expect(verification.success).toBeFocused();

    await leave(page);
    await page.goto(WAYS_UNDER_PATH_URL);
    await verification.link('Authenticator app or recovery code').click();
    await expect(page).toHaveURL(`${WAYS_UNDER_PATH_URL}/sign-in`);
    await signIn(page, number, codeOf(secret, 1));
    await expect(verification.success).toBeVisible();
    await expect(page).toHaveURL(WAYS_UNDER_PATH_URL);

    await verification.link('Ways to verify').click();
    await verification.link('Remove Authenticator app').click();
    await verification.button('Remove Authenticator app').click();
    await expect(page).toHaveURL(`${WAYS_UNDER_PATH_URL}/ways`);
    await expect(verification.link('Remove Authenticator app')).toHaveCount(0);
  });
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('under a base path, plain forms verify a number', async ({ verification, page }) => {
    const number = '+14155553923';
    await page.goto(UNDER_PATH_URL);
    await verification.number.fill(number);
    await verification.button('Deutsch').click();
    await page.getByRole('button', { name: 'English' }).click();
    await expect(verification.number).toHaveValue(number);
    await verification.button('Send code').click();
    await expect(verification.code).toBeVisible();
    expect(pathOf(page.url())).toBe('/verify');
    await verification.link(/change/i).click();
    expect(pathOf(page.url())).toBe('/verify?step=phone');
    await verification.link(/back/i).click();
    expect(pathOf(page.url())).toBe('/verify');
    await verification.code.fill(await onlyCodeFor(number));
    await verification.button('Verify').click();
    await expect(verification.success).toBeVisible();
    await page.goto(`${UNDER_PATH_URL}/nope`);
    await page.getByRole('link', { name: 'Verify a phone number' }).click();
    await expect(verification.success).toBeVisible();
  });
});

test('under a base path, a login reaches its page and, once canceled, the application', async () => {
  const discovery = await fetch(`${UNDER_PATH_URL}/.well-known/openid-configuration`);
  const { issuer, authorization_endpoint, token_endpoint } = (await discovery.json()) as Record<string, string>;
  expect({ issuer, authorization_endpoint, token_endpoint }).toEqual({
    issuer: UNDER_PATH_URL,
    authorization_endpoint: `${UNDER_PATH_URL}/connect/authorize`,
    token_endpoint: `${UNDER_PATH_URL}/api/openid/token`,
  });
  expect((await fetch(token_endpoint ?? '', { method: 'POST' })).status).toBe(400);
  const request = new URLSearchParams({
    client_id: 'shop',
    response_type: 'code',
    redirect_uri: 'https://shop.example/callback',
    scope: 'openid phone',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  const begun = await fetch(`${authorization_endpoint}?${request}`, { redirect: 'manual' });
  const cookie = begun.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const address = new URL(begun.headers.get('location') ?? '', UNDER_PATH_URL).href;
  expect(address).toContain(`${UNDER_PATH_URL}/connect/verify/`);
  const answer = (fields: Record<string, string>) =>
    fetch(address, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { cookie, 'Sec-Fetch-Site': 'same-origin' },
      redirect: 'manual',
    });
  const translated = await answer({ lang: 'de' });
  expect([translated.status, origin + translated.headers.get('location')]).toEqual([303, address]);
  const canceled = await answer({ action: 'cancel' });
  const back = canceled.headers.get('refresh')?.replace('0; url=', '') ?? '';
  expect(back).toMatch(/^\/verify\/connect\/authorize\//);
  const gone = await fetch(origin + back, { headers: { cookie }, redirect: 'manual' });
  expect(gone.headers.get('location')).toContain('https://shop.example/callback?error=access_denied');
});
