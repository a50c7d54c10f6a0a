import type { Page } from '@playwright/test';
import { addAuthenticator } from './authenticator';
import { becomeOwner, leave, verifyByCode } from './factors';
import { type FactorsApp, startFactorsApp } from './factors-app';
import { callsAbout, messagesTo, newestCodeFor } from './inbox';
import { loginOf, OIDC_CLIENTS } from './login-begin';
import { PASSKEYS_APP_URL } from './servers';
import { expect, test } from './test';

let app: FactorsApp;
test.beforeAll(async () => {
  test.setTimeout(60_000);
  app = await startFactorsApp(PASSKEYS_APP_URL, { OIDC_CLIENTS });
});
test.afterAll(() => app.stop());
test.use({ baseURL: PASSKEYS_APP_URL });

const usePasskey = (page: Page) => page.getByRole('button', { name: 'Use a passkey' });
const problemOf = (page: Page) => page.locator('#passkey-problem');

test('a person verifies with a code once, adds a passkey, and never needs a message again', async ({
  verification,
  page,
}) => {
  const number = '+14155554001';
  const authenticator = await addAuthenticator(page);
  await verification.open();
  await verification.sendTo(number);
  await verification.code.fill(await newestCodeFor(number));
  await expect(verification.success).toBeFocused();

  await expect(page.getByText('Text messages are less secure')).toBeVisible();
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(page.getByText('Passkey added. Next time, choose “Use a passkey”.')).toBeFocused();
  expect(await authenticator.count()).toBe(1);
  const calls = await callsAbout(number);
  expect(calls).toBe(2);

  for (let day = 0; day < 2; day += 1) {
    await leave(page);
    await verification.open();
    await usePasskey(page).click();
    await expect(verification.success).toBeFocused();
    await expect(page.getByText('+1 415 555 4001')).toBeVisible();
    // The number has a passkey, so the page offers none.
    await expect(page.getByRole('button', { name: 'Add a passkey' })).toHaveCount(0);
    await page.reload();
    await expect(page.getByText('+1 415 555 4001')).toBeVisible();
  }
  expect(await callsAbout(number)).toBe(calls);
  expect(await messagesTo(number)).toHaveLength(1);
});

test('the page suggests passkeys only once the number field has the focus', async ({ verification, page }) => {
  await verification.open();
  await becomeOwner(page, '+14155554002');
  await leave(page);
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') asked.push(new URL(request.url()).pathname);
  });
  await verification.open();
  await expect(verification.number).toHaveAttribute('autocomplete', 'tel webauthn');
  await page.waitForLoadState('networkidle');
  expect(asked).toEqual([]);
  // The browser's list offers the passkey. The authenticator chooses it at once.
  await verification.number.focus();
  await expect(verification.success).toBeFocused();
  expect(asked).toEqual(['/api/passkeys/verify-options', '/api/passkeys/verify']);
});

test('after a dialog without an answer, the page says so and restores the focus, and the next dialog works', async ({
  verification,
  page,
}) => {
  await verification.open();
  const authenticator = await becomeOwner(page, '+14155554003');
  await leave(page);
  await authenticator.refuse();
  await verification.open();
  await usePasskey(page).click();
  await expect(problemOf(page)).toHaveText('No passkey was used. Try again, or get a code.');
  await expect(usePasskey(page)).toBeFocused();
  await expect(usePasskey(page)).toHaveAccessibleDescription(/^No passkey was used/);
  await expect(page.getByRole('status').filter({ hasText: 'No passkey was used' })).toHaveCount(1);
  await authenticator.accept();
  await usePasskey(page).click();
  await expect(verification.success).toBeFocused();
});

test('if the dialog adds no passkey, its button has the focus and works again', async ({ verification, page }) => {
  const authenticator = await addAuthenticator(page);
  await verification.open();
  await verifyByCode(page, '+14155554004');
  await authenticator.refuse();
  const add = page.getByRole('button', { name: 'Add a passkey' });
  await add.click();
  await expect(add).toHaveAccessibleDescription('No passkey was added. You can try again.');
  await expect(add).toBeFocused();
  await authenticator.accept();
  await add.click();
  await expect(page.getByText('Passkey added.')).toBeFocused();
});

test('a person who does not want a passkey is not asked again', async ({ verification, page }) => {
  const number = '+14155554005';
  await verification.open();
  await verifyByCode(page, number);
  await page.getByRole('button', { name: 'Not now' }).click();
  await expect(page.getByRole('link', { name: 'Ways to verify' })).toBeFocused();
  await expect(page.getByRole('button', { name: 'Add a passkey' })).toHaveCount(0);
  await leave(page);
  await verification.open();
  await verifyByCode(page, number);
  await expect(page.getByRole('link', { name: 'Ways to verify' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Add a passkey' })).toHaveCount(0);
});

test.describe('a passkey whose answer is wrong', () => {
  test.use({ expectedReplies: ['401 /api/passkeys/verify', '422 /api/passkeys/enrol'] });

  for (const [i, how] of (['signature', 'user verification'] as const).entries()) {
    test(`opens nothing: ${how}`, async ({ verification, page }) => {
      await verification.open();
      const authenticator = await becomeOwner(page, `+1415555401${i}`);
      await leave(page);
      await authenticator.spoil(how);
      await verification.open();
      await usePasskey(page).click();
      await expect(problemOf(page)).toHaveText("We couldn't accept that passkey. Use another way to verify.");
      expect((await page.request.get('/api/session')).status()).toBe(401);
    });
  }

  test('cannot be added', async ({ verification, page }) => {
    const authenticator = await addAuthenticator(page);
    await verification.open();
    await verifyByCode(page, '+14155554012');
    await authenticator.spoil('user verification');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await expect(page.getByText("We couldn't accept that passkey.")).toBeVisible();
    await page.goto('/ways');
    await expect(page.getByText('Added on')).toHaveCount(0);
  });
});

test.describe('the ways', () => {
  test.use({ expectedReplies: ['401 /api/passkeys/verify', '403 /api/factors'] });

  test('have the names that people gave them, and a removed passkey opens nothing', async ({ verification, page }) => {
    await verification.open();
    await becomeOwner(page, '+14155554020', "Ana's phone");
    await expect(page.getByRole('listitem').filter({ hasText: "Ana's phone" })).toContainText(
      /Added on .*Not used yet/,
    );
    await leave(page);
    await verification.open();
    await usePasskey(page).click();
    await verification.link('Ways to verify').click();
    await expect(page.getByRole('listitem').filter({ hasText: "Ana's phone" })).toContainText('Last used on');

    await verification.link("Remove Ana's phone").click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText("Remove Ana's phone?");
    await expect(page.getByText('This is your last way to verify besides codes by phone.')).toBeVisible();
    await verification.link('Keep it').click();
    await verification.link("Remove Ana's phone").click();
    await verification.button("Remove Ana's phone").click();
    // The last passkey is gone. Nobody entered a code in this session, so it may not start a new account.
    await expect(page.getByText('Verify your phone number first.')).toBeVisible();

    await leave(page);
    await verification.open();
    await usePasskey(page).click();
    await expect(problemOf(page)).toHaveText("We couldn't accept that passkey. Use another way to verify.");
  });

  test('stay closed to a person without one of them, and the owner cancels a reset', async ({ verification, page }) => {
    const number = '+14155554021';
    await verification.open();
    const authenticator = await becomeOwner(page, number);
    await leave(page);
    await authenticator.refuse();
    await verification.open();
    await verifyByCode(page, number);
    await expect(page.getByText("Next time, use your passkey. It's more secure than a text message.")).toBeVisible();
    await verification.link('Ways to verify').click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText("Confirm it's you");
    expect((await page.request.get('/api/factors')).status()).toBe(403);

    await verification.button('Request a reset').click();
    await expect(page.getByText(/^A reset was requested\. It takes effect on .* UTC\./)).toBeVisible();
    await expect(verification.button('Request a reset')).toHaveCount(0);
    // The owner's passkey opens the list, and cancels the reset.
    await authenticator.accept();
    await usePasskey(page).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ways to verify');
    await expect(page.getByText('Last used on')).toBeVisible();
    await expect(page.getByText('A reset was requested')).toHaveCount(0);
  });

  test('a device gets no second passkey for the same number', async ({ verification, page }) => {
    await verification.open();
    const authenticator = await becomeOwner(page, '+14155554022');
    const add = page.getByRole('button', { name: 'Add a passkey' });
    await add.click();
    await expect(add).toHaveAccessibleDescription('This device already has a passkey for your number.');
    await expect(add).toBeFocused();
    expect(await authenticator.count()).toBe(1);
  });
});

test('nothing moves when the script arrives', async ({ page }) => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/*.js', async (route) => {
    await held;
    await route.continue();
  });
  const places = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('main a, main button, main input, main select')].map((control) => {
        const { x, y, width, height } = control.getBoundingClientRect();
        return [control.textContent, x, y, width, height].join(' ');
      }),
    );
  await page.goto('/', { waitUntil: 'commit' });
  await page.getByRole('link', { name: 'Authenticator app or recovery code' }).waitFor();
  await page.waitForFunction(
    () =>
      document.readyState !== 'loading' &&
      [...document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]')].every(({ sheet }) => sheet),
  );
  const before = await places();
  await expect(page.getByText('Use a passkey')).toBeHidden();
  release();
  await expect(usePasskey(page)).toBeVisible();
  expect(await places()).toEqual(before);
});

test('a passkey logs a person in at another application', async ({ page }) => {
  await page.goto('/');
  await becomeOwner(page, '+14155554030');
  await leave(page);
  await page.goto(await loginOf(PASSKEYS_APP_URL, 'shop'));
  await expect(page.getByText('Shop asks you to verify your phone number.')).toBeVisible();
  const back = page.waitForRequest(/^https:\/\/shop\.example\/callback\?code=/);
  await usePasskey(page).click();
  await back;
});

test('a passkey of another number opens nothing if the application named one', async ({ page }) => {
  await page.goto('/');
  await becomeOwner(page, '+14155554031');
  await leave(page);
  await page.goto(await loginOf(PASSKEYS_APP_URL, 'bank', { login_hint: '+14155554032' }));
  await usePasskey(page).click();
  await expect(problemOf(page)).toHaveText("We couldn't accept that passkey. Use another way to verify.");
  await leave(page);
  await page.goto(await loginOf(PASSKEYS_APP_URL, 'bank', { login_hint: '+14155554031' }));
  const back = page.waitForRequest(/^https:\/\/bank\.example\/callback\?code=/);
  await usePasskey(page).click();
  await back;
});

test.describe('a number that no code has confirmed for a long time', () => {
  test.use({ expectedReplies: ['409 /api/passkeys/verify'] });

  test('needs a code besides the passkey, and the page says why', async ({ verification, page }) => {
    const number = '+14155554040';
    await verification.open();
    const authenticator = await becomeOwner(page, number);
    app.moveClock(46);
    await expect.poll(async () => (await page.request.get('/api/session')).status()).toBe(401);
    await verification.open();
    await usePasskey(page).click();
    await expect(verification.number).toBeFocused();
    await expect(verification.number).toHaveAccessibleDescription(
      /^It's been a while since you confirmed your number\. Confirm it with a code\./,
    );
    await authenticator.refuse();
    await verification.sendTo(number);
    await verification.code.fill(await newestCodeFor(number));
    await expect(verification.success).toBeFocused();
    expect(await (await page.request.get('/api/session')).json()).toMatchObject({ acr: 'phr' });
    await expect(page.getByRole('button', { name: 'Add a passkey' })).toHaveCount(0);
    // From now on, the passkey is enough again.
    await authenticator.accept();
    await leave(page);
    await verification.open();
    await usePasskey(page).click();
    await expect(verification.success).toBeFocused();
  });
});
