/** @jest-environment jest-fixed-jsdom */
import '@testing-library/jest-dom';
import { screen, waitFor } from '@testing-library/react';
import { answer, disconnect, PENDING, requests, SENT } from './fake-api';
import { announced, button, codeField, numberField, openPage, passTime, useFakeApi } from './page';

useFakeApi();

describe('the resend button', () => {
  it("counts down the server's figure, sends nothing meanwhile, and then sends once", async () => {
    answer('resend', 200, { ...SENT, resendInSeconds: 60, newPin: false }, 50);
    const user = openPage({ ...PENDING, resendInSeconds: 24 });
    await user.click(button('Send again in 24 s'));
    expect(requests).toEqual([]);

    passTime(5);
    await waitFor(() => expect(button(/^Send again in (18|19) s$/)).toHaveAttribute('aria-disabled', 'true'));
    passTime(30);
    await user.dblClick(await screen.findByRole('button', { name: 'Send the code again' }));
    await waitFor(() => expect(button('Send again in 60 s')).toBeVisible());
    expect(requests).toEqual([{ endpoint: 'resend', body: { language: 'en' } }]);
  });

  it('says that the server sent the code again, and returns to the field', async () => {
    answer('resend', 200, { ...SENT, newPin: false });
    const user = openPage(PENDING);
    await user.click(button('Send the code again'));
    await screen.findAllByText('We sent the code again.');
    expect(announced()).toContain('We sent the code again.');
    await waitFor(() => expect(codeField()).toHaveFocus());
  });

  it('says that earlier codes no longer work after a new one, and empties the field', async () => {
    answer('resend', 200, { ...SENT, newPin: true });
    const user = openPage(PENDING);
    await user.type(codeField(), '123');
    await user.click(button('Send the code again'));
    await screen.findAllByText('New code sent. Earlier codes no longer work.');
    expect(announced()).toContain('New code sent. Earlier codes no longer work.');
    await waitFor(() => expect(codeField()).toHaveValue(''));
    await waitFor(() => expect(codeField()).toHaveFocus());
  });

  it('shows the wait of a limit, and ties the error to the button', async () => {
    answer('resend', 429, { code: 'RATE_LIMITED', message: 'That was too soon.', retryAfterSeconds: 12 });
    // Otherwise the countdown goes on during the checks.
    passTime(0);
    const user = openPage(PENDING);
    await user.click(button('Send the code again'));
    await waitFor(() => expect(button('Send again in 12 s')).toBeVisible());
    expect(button('Send again in 12 s')).toHaveFocus();
    expect(button('Send again in 12 s')).toHaveAccessibleDescription('That was too soon.');
    expect(announced()).toContain('That was too soon. Try again in 12 s.');
    expect(codeField()).toHaveAttribute('aria-invalid', 'false');
  });

  it('keeps the typed digits when the network fails, and lets the person try again', async () => {
    disconnect('resend');
    const user = openPage(PENDING);
    await user.type(codeField(), '123');
    await user.click(button('Send the code again'));
    await waitFor(() => expect(button('Send the code again')).toHaveAccessibleDescription(/couldn't reach the server/));
    expect(codeField()).toHaveValue('123');
    answer('resend', 200, { ...SENT, newPin: false });
    await user.click(button('Send the code again'));
    await screen.findAllByText('We sent the code again.');
  });

  it.each([
    ['PIN_NOT_FOUND', 404, 'This code is no longer valid.'],
    ['MISSING_PIN_ID', 400, 'No verification is in progress.'],
  ])('goes back to the number with the message when there is nothing to resend (%s)', async (code, status, words) => {
    answer('resend', status, { code, message: 'Not shown.' });
    const user = openPage(PENDING);
    await user.click(button('Send the code again'));
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription(new RegExp(`^${words}`)));
    await waitFor(() => expect(numberField()).toHaveFocus());
    expect(announced()).toContain(words);
  });
});
