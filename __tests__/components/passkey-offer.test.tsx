/** @jest-environment jest-fixed-jsdom */
import '@testing-library/jest-dom';
import { cleanup, screen, waitFor } from '@testing-library/react';
import type { UserEvent } from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { answer, PENDING, server, VERIFIED } from './fake-api';
import { asked, cancel, choose, exists, noPasskeys, usePasskeys } from './fake-credentials';
import { button, codeField, link, openPage, useFakeApi } from './page';

useFakeApi();

const CREATION = {
  publicKey: {
    challenge: '-_8',
    rp: { id: 'localhost', name: 'Example' },
    user: { id: 'AQI', name: 'a', displayName: 'a' },
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    excludeCredentials: [{ id: 'AwQ', type: 'public-key' }],
  },
  expiresInSeconds: 300,
};

/** The bodies of the requests that end an enrollment. */
const enrolled: unknown[] = [];

/** Verifies a number that has no other way, so that the page offers to add a passkey. */
async function offered(): Promise<UserEvent> {
  answer('verify', 200, { ...VERIFIED, factors: [] });
  server.use(
    http.post('/api/passkeys/enrol-options', () => HttpResponse.json(CREATION)),
    http.post('/api/passkeys/enrol', async ({ request }) => {
      enrolled.push(await request.json());
      return HttpResponse.json({ factor: {} }, { status: 201 });
    }),
  );
  const user = openPage(PENDING, { factors: { unused: null } });
  await user.type(codeField(), '123456');
  await screen.findByRole('heading', { name: 'Success! Phone number verified.' });
  return user;
}

const add = () => button('Add a passkey');

beforeEach(() => {
  enrolled.length = 0;
  localStorage.clear();
});
afterEach(noPasskeys);

test('the offer says why, and adds a passkey right there', async () => {
  usePasskeys(choose);
  const user = await offered();
  expect(screen.getByRole('region', { name: 'Skip the text message next time' })).toHaveTextContent(
    /Text messages are less secure: others can intercept them\./,
  );
  await user.click(add());
  await waitFor(() => expect(screen.getByText('Passkey added. Next time, choose “Use a passkey”.')).toHaveFocus());
  expect(asked).toMatchObject([
    {
      publicKey: {
        challenge: new Uint8Array([0xfb, 0xff]),
        user: { id: new Uint8Array([1, 2]), name: 'a' },
        excludeCredentials: [{ id: new Uint8Array([3, 4]), type: 'public-key' }],
        pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      },
    },
  ]);
  expect(enrolled).toMatchObject([{ name: 'Passkey', credential: { id: 'AQID' } }]);
  expect(screen.queryByRole('button', { name: 'Add a passkey' })).not.toBeInTheDocument();
  expect(link('Ways to verify')).toBeVisible();
});

test.each([
  ['the person closes the dialog', cancel, 'No passkey was added. You can try again.'],
  ['the device has one', exists, 'This device already has a passkey for your number.'],
])('the offer stays and gives the focus back if %s', async (_what, dialog, text) => {
  usePasskeys(dialog);
  const user = await offered();
  await user.click(add());
  await waitFor(() => expect(add()).toHaveAccessibleDescription(text));
  await waitFor(() => expect(add()).toHaveFocus());
  expect(screen.getByRole('alert')).toHaveTextContent(text);
  expect(enrolled).toEqual([]);
});

test('the server’s refusal appears in words', async () => {
  usePasskeys(choose);
  const user = await offered();
  const refused = { code: 'TOO_MANY_FACTORS', message: '' };
  server.use(http.post('/api/passkeys/enrol-options', () => HttpResponse.json(refused, { status: 409 })));
  await user.click(add());
  await waitFor(() => expect(add()).toHaveAccessibleDescription("You can't add any more. Remove one first."));
});

test('a dismissed offer does not come back in this browser', async () => {
  usePasskeys(choose);
  const user = await offered();
  await user.click(button('Not now'));
  expect(link('Ways to verify')).toHaveFocus();
  cleanup();
  await offered();
  expect(screen.queryByRole('button', { name: 'Add a passkey' })).not.toBeInTheDocument();
});

test('a browser that keeps nothing gets the offer again', async () => {
  usePasskeys(choose);
  jest.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('', 'QuotaExceededError');
  });
  const user = await offered();
  await user.click(button('Not now'));
  expect(screen.queryByRole('button', { name: 'Add a passkey' })).not.toBeInTheDocument();
});
