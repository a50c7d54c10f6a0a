/** @jest-environment jest-fixed-jsdom */
import '@testing-library/jest-dom';
import { screen, waitFor } from '@testing-library/react';
import { answer, PENDING, requests, VERIFIED, WHOLE, WRONG } from './fake-api';
import {
  announced,
  button,
  codeField,
  expectFocus,
  findCodeField,
  link,
  numberField,
  openPage,
  passTime,
  useFakeApi,
} from './page';

useFakeApi();

const findHeading = (name: string) => screen.findByRole('heading', { level: 1, name });

/** The controls, blocked or not, except for the link that changes the number, the footer and the languages. */
const pressable = () =>
  [...screen.queryAllByRole('button'), ...screen.queryAllByRole('textbox'), ...screen.queryAllByRole('link')]
    .filter((element) => !element.closest('footer, nav'))
    .map(({ textContent }) => textContent)
    .filter((text) => text !== 'Change');

describe('a code that has ended', () => {
  it.each([
    ['TOO_MANY_ATTEMPTS', 429, {}, 'Too many wrong codes'],
    ['WRONG_PIN', 400, { attemptsRemaining: 0 }, 'Too many wrong codes'],
    ['PIN_NOT_FOUND', 404, {}, 'This code no longer works'],
    ['PIN_EXPIRED', 410, {}, 'This code has expired'],
  ])('leaves one message and one button after %s', async (code, status, more, message) => {
    answer('verify', status, { ...WRONG, attemptsRemaining: undefined, ...more, code });
    const user = openPage(PENDING);
    await user.type(codeField(), '123456');
    await expectFocus(findHeading(message));
    expect(screen.getByText(WHOLE)).toBeVisible();
    expect(pressable()).toEqual(['Send a new code']);
    expect(screen.queryByText(/No attempts left|Try again/i)).not.toBeInTheDocument();

    answer('resend', 200, { ...PENDING, newPin: true });
    await user.click(button('Send a new code'));
    await expectFocus(findCodeField());
    await screen.findAllByText('New code sent. Earlier codes no longer work.');
    answer('verify', 200, VERIFIED);
    await user.keyboard('654321');
    await screen.findByRole('heading', { name: /^Success!/ });
  });

  it('shows the wait for a new one on that button', async () => {
    answer('verify', 429, { code: 'TOO_MANY_ATTEMPTS', message: '' });
    const user = openPage({ ...PENDING, resendInSeconds: 24 });
    await user.type(codeField(), '123456');
    await findHeading('Too many wrong codes');
    expect(pressable()).toEqual([expect.stringMatching(/^New code available in 2\d s$/)]);
    passTime(30);
    expect(await screen.findByRole('button', { name: 'Send a new code' })).toBeEnabled();
  });

  it('replaces the field when the time is up, and takes the focus', async () => {
    openPage({ ...PENDING, callOffered: true });
    passTime(305);
    await expectFocus(findHeading('This code has expired'));
    expect(pressable()).toEqual(['Send a new code']);
  });

  it('shows at once on a page that loads after the end, and leaves the focus alone', () => {
    openPage({ ...PENDING, expiresInSeconds: 0 });
    expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('This code has expired');
    expect(button('Send a new code')).toBeEnabled();
    expect(requests).toEqual([]);
  });

  it('is nothing to go back to from another number', async () => {
    const user = openPage({ ...PENDING, expiresInSeconds: 60 });
    await user.click(link('Change'));
    expect(link('Back to the code')).toBeVisible();
    passTime(65);
    await waitFor(() => expect(screen.queryByRole('link', { name: 'Back to the code' })).not.toBeInTheDocument());
  });

  it('waits for the answer to a code submitted at the last moment', async () => {
    answer('verify', 200, VERIFIED, 1500);
    const user = openPage({ ...PENDING, expiresInSeconds: 60 });
    await user.type(codeField(), '123456');
    passTime(65);
    await screen.findByRole('heading', { name: /^Success!/ });
  });

  it('shows why sending a new one failed, with the wait on the button', async () => {
    answer('resend', 429, { code: 'BUDGET_EXHAUSTED', message: '', retryAfterSeconds: 900 });
    const user = openPage({ ...PENDING, expiresInSeconds: 0 });
    await user.click(button('Send a new code'));
    await waitFor(() =>
      expect(button('New code available in 15 minutes')).toHaveAccessibleDescription("We can't send codes right now."),
    );
    expect(announced()).toContain('Try again in 15 minutes.');
  });
});

describe('a locked number', () => {
  const LOCKED = { code: 'NUMBER_LOCKED', message: '', verified: false, retryAfterSeconds: 3540 };

  it('shows one message, one wait and a link to another number', async () => {
    answer('verify', 429, LOCKED);
    const user = openPage(PENDING);
    await user.type(codeField(), '123456');
    await expectFocus(findHeading('Too many wrong codes'));
    expect(screen.getByText(/^You can try/)).toHaveTextContent(`You can try ${PENDING.to} again in 59 minutes.`);
    expect(pressable()).toEqual(['Use another number']);
    await user.click(link('Use another number'));
    expect(numberField()).toHaveFocus();
    expect(requests).toHaveLength(1);
  });

  it('looks the same when a resend finds the lock', async () => {
    answer('resend', 429, LOCKED);
    const user = openPage(PENDING);
    await user.click(button('Send the code again'));
    await findHeading('Too many wrong codes');
    expect(pressable()).toEqual(['Use another number']);
  });

  it('refers people to support if the lock does not end', async () => {
    answer('verify', 429, { ...LOCKED, retryAfterSeconds: undefined });
    const user = openPage(PENDING);
    await user.type(codeField(), '123456');
    expect(await screen.findByText('Contact support to unlock this number.')).toBeVisible();
    expect(pressable()).toEqual(['Use another number']);
  });

  it('gives the field back once the lock is over, while the code still works', async () => {
    answer('verify', 429, { ...LOCKED, retryAfterSeconds: 20 });
    // Otherwise the countdown goes on during the checks.
    passTime(0);
    const user = openPage(PENDING);
    await user.type(codeField(), '123456');
    expect(await screen.findByText(/^You can try/)).toHaveTextContent(/again in (19|20) s\.$/);
    passTime(25);
    expect(await findCodeField()).toBeVisible();
  });
});
