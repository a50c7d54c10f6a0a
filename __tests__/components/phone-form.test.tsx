/** @jest-environment jest-fixed-jsdom */
import '@testing-library/jest-dom';
import { act, screen, waitFor } from '@testing-library/react';
import { answer, answerWithPage, disconnect, NUMBER, requests, SENT } from './fake-api';
import { announced, button, findCodeField, numberField, openPage, passTime, useFakeApi } from './page';

useFakeApi();

describe('the phone screen', () => {
  it('labels the field, hints at the country code, and lets browsers fill it in', () => {
    openPage();
    expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('Verify your phone number');
    expect(numberField()).toHaveAttribute('type', 'tel');
    expect(numberField()).toHaveAttribute('autocomplete', 'tel');
    expect(numberField()).toHaveAccessibleDescription('With country code, like +1 415 555 2671');
    expect(numberField()).toHaveAttribute('aria-invalid', 'false');
    expect(button('Send code')).toBeEnabled();
  });

  it('leaves the focus alone when the page has just loaded', () => {
    openPage();
    expect(document.body).toHaveFocus();
  });

  it('posts rather than gets, so that a submit before the script runs puts no number into an address', () => {
    openPage();
    expect(numberField().form).toHaveAttribute('method', 'post');
  });

  it('says what codes are good for, and nothing of an inbox outside of a demo', () => {
    openPage();
    expect(screen.getByText(/low-risk uses only, and your number is used only to send/)).toBeVisible();
    expect(screen.queryByRole('link')).not.toBeInTheDocument();
  });

  it('links to the inbox of a demo', () => {
    openPage(null, 'http://127.0.0.1:4010/inbox');
    const link = screen.getByRole('link', { name: 'Open the demo inbox' });
    expect(link).toHaveAttribute('href', 'http://127.0.0.1:4010/inbox');
    expect(link).toHaveAttribute('target', '_blank');
    expect(link).toHaveAttribute('rel', 'noopener');
  });

  it('sends the number as typed and moves on to the code field', async () => {
    answer('send', 200, SENT);
    const user = openPage();
    await user.type(numberField(), ' +1 415 555 2671 {Enter}');
    await waitFor(async () => expect(await findCodeField()).toHaveFocus());
    expect(requests).toEqual([{ endpoint: 'send', body: { phoneNumber: '+1 415 555 2671' } }]);
    expect(announced()).toContain('A code is on its way to +1 •••••••671.');
  });

  it('asks for a number before sending nothing', async () => {
    const user = openPage();
    await user.click(button('Send code'));
    expect(numberField()).toHaveFocus();
    expect(numberField()).toHaveAccessibleDescription(/^Enter your phone number\./);
    expect(requests).toEqual([]);
  });

  it('ties an error to the field, moves there, and takes it back with the next keystroke', async () => {
    const message = 'That is not a valid phone number.';
    answer('send', 400, { code: 'INVALID_PHONE_NUMBER', message });
    const user = openPage();
    await user.type(numberField(), '12');
    await user.click(button('Send code'));
    await screen.findAllByText(message);
    expect(numberField()).toHaveFocus();
    expect(numberField()).toHaveAttribute('aria-invalid', 'true');
    expect(numberField()).toHaveAccessibleDescription(/^That is not a valid phone number\./);
    expect(numberField()).toHaveValue('12');
    expect(announced()).toContain(message);

    await user.keyboard('3');
    expect(numberField()).toHaveAttribute('aria-invalid', 'false');
    expect(numberField()).toHaveAccessibleDescription('With country code, like +1 415 555 2671');
  });

  it('sends once, however often it is submitted', async () => {
    answer('send', 200, SENT, 80);
    const user = openPage();
    await user.type(numberField(), NUMBER);
    await user.dblClick(button('Send code'));
    expect(button('Sending…')).toHaveAttribute('aria-disabled', 'true');
    expect(button('Sending…')).toHaveFocus();
    await user.type(numberField(), '{Enter}{Enter}');
    await findCodeField();
    expect(requests).toHaveLength(1);
  });

  it('sends once when two submits come before anything is shown', async () => {
    answer('send', 200, SENT, 20);
    const user = openPage();
    await user.type(numberField(), NUMBER);
    act(() => {
      numberField().form?.requestSubmit();
      numberField().form?.requestSubmit();
    });
    await findCodeField();
    expect(requests).toHaveLength(1);
  });

  it('counts down how long a limit lasts, and is right after the tab slept', async () => {
    answer('send', 429, { code: 'RATE_LIMITED', message: 'That was too soon.', retryAfterSeconds: 12 });
    const user = openPage();
    await user.type(numberField(), `${NUMBER}{Enter}`);
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription(/That was too soon\. Try again in 12 s\./));
    expect(numberField()).toHaveAttribute('aria-invalid', 'false');

    passTime(9);
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription(/Try again in [23] s\./));
    passTime(60);
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription(/You can try again now\./));
  });

  it('says how long to wait when the messaging service is slow', async () => {
    const message = 'The messaging service took too long. Please try again.';
    answer('send', 504, { code: 'UPSTREAM_TIMEOUT', message, retryAfterSeconds: 5 });
    const user = openPage();
    await user.type(numberField(), `${NUMBER}{Enter}`);
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription(/took too long.*Try again in 5 s\./));
    expect(button('Try again')).toBeVisible();
  });

  it('keeps the number when the network fails, and offers to try again', async () => {
    disconnect('send');
    const user = openPage();
    await user.type(numberField(), `${NUMBER}{Enter}`);
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription(/server could not be reached/));
    expect(numberField()).toHaveValue(NUMBER);
    expect(numberField()).toHaveFocus();

    answer('send', 200, SENT);
    await user.click(button('Try again'));
    await findCodeField();
    expect(requests.map(({ body }) => body)).toEqual([{ phoneNumber: NUMBER }, { phoneNumber: NUMBER }]);
  });

  it('makes a clear error of a reply that is no JSON', async () => {
    answerWithPage('send', 502, { 'Retry-After': '7' });
    const user = openPage();
    await user.type(numberField(), `${NUMBER}{Enter}`);
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription(/did not answer properly.*Try again in 7 s/));
  });

  it('does not take a page for a success', async () => {
    answerWithPage('send', 200);
    const user = openPage();
    await user.type(numberField(), `${NUMBER}{Enter}`);
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription(/did not answer properly/));
  });
});
