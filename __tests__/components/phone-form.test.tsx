/** @jest-environment jest-fixed-jsdom */
import '@testing-library/jest-dom';
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { ERRORS } from '@/lib/errors';
import { answer, answerWithPage, disconnect, NUMBER, PENDING, requests, SENT, server } from './fake-api';
import {
  announced,
  button,
  codeField,
  countryField,
  findCodeField,
  link,
  numberField,
  openPage,
  passTime,
  useFakeApi,
} from './page';

useFakeApi();

/** These tests have no workers; e2e/challenge.spec.ts solves challenges. */
const CHALLENGE = { code: 'CHALLENGE_REQUIRED', message: 'Solve it.', challenge: { parameters: {}, signature: '' } };

describe('the phone screen', () => {
  it('labels the field, gives an example number, and lets browsers fill it in', () => {
    openPage();
    expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('Verify your phone number');
    expect(numberField()).toHaveAttribute('type', 'tel');
    expect(numberField()).toHaveAttribute('autocomplete', 'tel');
    expect(numberField()).toHaveAccessibleDescription('For example, (201) 555-0123');
    expect(numberField()).toHaveAttribute('aria-invalid', 'false');
    expect(button('Send code')).toBeEnabled();
  });

  it('posts rather than gets, so that a submit before the script runs puts no number into an address', () => {
    openPage();
    expect(numberField().form).toHaveAttribute('method', 'post');
  });

  it('says what the number is for, asks people to keep the code secret, and mentions an inbox only in a demo', () => {
    openPage();
    expect(screen.getByText("We'll send a code to confirm this number is yours.")).toBeVisible();
    expect(screen.getByText(/Never share your codes\./)).toBeVisible();
    expect(link('About verification codes')).toHaveAttribute('href', '/about');
    expect(screen.queryByRole('link', { name: /inbox/ })).not.toBeInTheDocument();
  });

  it('links to the inbox of a demo', () => {
    openPage(null, { inboxUrl: 'http://127.0.0.1:4010/inbox' });
    const inbox = link('Open the demo inbox');
    expect(inbox).toHaveAttribute('href', 'http://127.0.0.1:4010/inbox');
    expect(inbox).toHaveAttribute('target', '_blank');
    expect(inbox).toHaveAttribute('rel', 'noopener');
  });

  it('sends the number in E.164 and moves on to the code field', async () => {
    answer('send', 200, SENT);
    const user = openPage();
    await user.type(numberField(), ' +1 415 555 2671 {Enter}');
    // The first look at a number loads the metadata that it takes.
    await waitFor(() => expect(codeField()).toHaveFocus(), { timeout: 5000 });
    expect(requests).toEqual([{ endpoint: 'send', body: { phoneNumber: NUMBER, channel: 'sms', language: 'en' } }]);
    expect(announced()).toContain('A code is on its way to +1 415 555 2671.');
  });

  it('asks for a number before it sends anything', async () => {
    const user = openPage();
    await user.click(button('Send code'));
    expect(numberField()).toHaveFocus();
    expect(numberField()).toHaveAccessibleDescription(/^Enter your phone number\./);
    expect(requests).toEqual([]);
  });

  it('ties an error to the field, moves the focus there, and removes the error with the next keystroke', async () => {
    answer('send', 422, { code: 'NOT_DELIVERED', message: 'Not shown.' });
    const user = openPage();
    await user.type(numberField(), NUMBER);
    await user.click(button('Send code'));
    await waitFor(() => expect(numberField()).toHaveAttribute('aria-invalid', 'true'));
    await waitFor(() => expect(numberField()).toHaveFocus());
    expect(numberField()).toHaveAccessibleDescription(/^We couldn't deliver the code to this number\./);
    expect(announced()).toContain("We couldn't deliver the code to this number.");

    await user.keyboard('{Backspace}');
    expect(numberField()).toHaveAttribute('aria-invalid', 'false');
    expect(numberField()).toHaveAccessibleDescription('For example, (201) 555-0123');
  });

  it('gives an example from the chosen country, and none while it does not know one', async () => {
    const user = openPage();
    await user.selectOptions(countryField(), 'DE');
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription('For example, 01512 3456789'));
    await user.selectOptions(countryField(), 'GB');
    expect(numberField()).toHaveAccessibleDescription('');
    await user.type(numberField(), '+1');
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription('For example, (201) 555-0123'));
  });

  it('says that the number is invalid before sending anything, and keeps it', async () => {
    const user = openPage();
    await user.type(numberField(), '415 555{Enter}');
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription(/^That isn't a valid phone number\./));
    expect(numberField()).toHaveFocus();
    expect(numberField().value.replace(/\D/g, '')).toBe('415555');
    expect(requests).toEqual([]);
  });

  it('groups digits during typing, without moving the caret', async () => {
    const user = openPage();
    await user.type(numberField(), '4155552671');
    await waitFor(() => expect(numberField()).toHaveValue('(415) 555-2671'));
    await user.keyboard('{Backspace}');
    numberField().setSelectionRange(7, 7);
    await user.keyboard('9');
    expect(numberField()).toHaveValue('(415) 595-5267');
    expect(numberField().selectionStart).toBe(8);
  });

  it('lets the person delete all digits', async () => {
    const user = openPage();
    await user.type(numberField(), '4155552671');
    await waitFor(() => expect(numberField()).toHaveValue('(415) 555-2671'));
    await user.keyboard('{Backspace>20/}');
    expect(numberField()).toHaveValue('');
  });

  it('leaves a composition alone until it is complete', async () => {
    openPage();
    const field = numberField();
    fireEvent.compositionStart(field);
    fireEvent.input(field, { target: { value: '41555526' }, isComposing: true });
    expect(field).toHaveValue('41555526');
    fireEvent.compositionEnd(field);
    await waitFor(() => expect(field).toHaveValue('(415) 555-26'));
  });

  it('leaves a number with a prefix for international calls to the server', async () => {
    answer('send', 200, SENT);
    const user = openPage();
    await user.selectOptions(countryField(), 'GB');
    await user.type(numberField(), '0049 1512 3456701{Enter}');
    await findCodeField();
    expect(JSON.stringify(requests[0]?.body).replace(/ /g, '')).toContain('004915123456701');
  });

  it('announces the same problem again when it happens again', async () => {
    const user = openPage();
    await user.click(button('Send code'));
    const first = announced();
    await user.click(button('Send code'));
    expect(first).toContain('Enter your phone number.');
    expect(announced()).toContain('Enter your phone number.');
    expect(announced()).not.toBe(first);
  });

  it('finds the country of a number with a plus, typed or pasted', async () => {
    const user = openPage();
    await user.click(numberField());
    await user.paste('\u202a+44 7400 123456\u202c');
    await waitFor(() => expect(countryField()).toHaveValue('GB'));
    expect(numberField()).toHaveValue('+44 7400 123456');
    await user.clear(numberField());
    await user.type(numberField(), '+49');
    await waitFor(() => expect(countryField()).toHaveValue('DE'));
  });

  it('keeps the chosen country if it shares the calling code, unless the number belongs to another one', async () => {
    const user = openPage(null, { country: 'CA' });
    await user.type(numberField(), '+1');
    expect(countryField()).toHaveValue('CA');
    await user.type(numberField(), '4155552671');
    await waitFor(() => expect(countryField()).toHaveValue('US'));
  });

  it('understands a number in local format, even with a trunk zero', async () => {
    answer('send', 200, SENT);
    const user = openPage();
    await user.selectOptions(countryField(), 'DE');
    await user.type(numberField(), '01512 3456789{Enter}');
    await findCodeField();
    expect(requests[0]?.body).toMatchObject({ phoneNumber: '+4915123456789' });
  });

  it('lets the server decide whether a number is valid when the page cannot', async () => {
    server.use(http.get('/api/phone-metadata', () => HttpResponse.error()));
    answer('send', 200, SENT);
    const user = openPage();
    await user.selectOptions(countryField(), 'FR');
    await user.type(numberField(), '06 12 34 56 78{Enter}');
    await findCodeField();
    expect(requests[0]?.body).toEqual({
      phoneNumber: '06 12 34 56 78',
      country: 'FR',
      channel: 'sms',
      language: 'en',
    });
  });

  it('requests a call if the person prefers one, and offers none if the country gets none', async () => {
    answer('send', 200, { ...SENT, channel: 'voice' });
    const user = openPage();
    await user.type(numberField(), NUMBER);
    await user.click(button('Get a call instead'));
    await findCodeField();
    expect(requests[0]?.body).toMatchObject({ channel: 'voice' });
    cleanup();
    openPage(null, { callCountries: [] });
    expect(screen.queryByRole('button', { name: 'Get a call instead' })).not.toBeInTheDocument();
  });

  it('offers a call for the countries that get one', async () => {
    const user = openPage(null, { callCountries: ['DE', 'GB'] });
    const call = button('Get a call instead');
    expect(call).toHaveClass('absent');
    await user.selectOptions(countryField(), 'DE');
    expect(call).not.toHaveClass('absent');
    await user.type(numberField(), '+1 415');
    await waitFor(() => expect(call).toHaveClass('absent'));
  });

  it('sends once, however often it is submitted', async () => {
    answer('send', 200, SENT, 2000);
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

  it('counts down how long a limit lasts, and is still right after the tab slept', async () => {
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

  it.each(Object.entries(ERRORS))('offers to try again after %s only if it is an outage', async (code, row) => {
    answer('send', row.status, { code, message: row.message });
    const user = openPage();
    await user.type(numberField(), `${NUMBER}{Enter}`);
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription());
    await waitFor(() => expect(button(/^(Try again|Send code)$/)).toBeEnabled());
    expect(button(/^(Try again|Send code)$/)).toHaveTextContent(row.about === 'outage' ? 'Try again' : 'Send code');
    const invalid = row.about === 'value' || row.about === 'code';
    expect(numberField()).toHaveAttribute('aria-invalid', String(invalid));
  });

  it('offers to try again after a code from a newer server', async () => {
    answer('send', 500, { code: 'SOMETHING_NEW', message: 'Something new.' });
    const user = openPage();
    await user.type(numberField(), `${NUMBER}{Enter}`);
    await waitFor(() => expect(button('Try again')).toBeVisible());
  });

  it('keeps the number when the network fails, and offers to try again', async () => {
    disconnect('send');
    const user = openPage();
    await user.type(numberField(), `${NUMBER}{Enter}`);
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription(/couldn't reach the server/));
    expect(numberField()).toHaveValue('+1 415 555 2671');
    expect(numberField()).toHaveFocus();

    answer('send', 200, SENT);
    await user.click(button('Try again'));
    await findCodeField();
    expect(requests).toHaveLength(2);
  });

  it('shows a clear error when a reply is not JSON', async () => {
    answerWithPage('send', 502, { 'Retry-After': '7' });
    const user = openPage();
    await user.type(numberField(), `${NUMBER}{Enter}`);
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription(/didn't respond properly.*Try again in 7 s/));
  });

  it('does not mistake a page for a success', async () => {
    answerWithPage('send', 200);
    const user = openPage();
    await user.type(numberField(), `${NUMBER}{Enter}`);
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription(/didn't respond properly/));
  });
});

describe('a challenge that the browser cannot solve', () => {
  it('shows the problem, and keeps the number', async () => {
    answer('send', 428, CHALLENGE);
    const user = openPage();
    await user.type(numberField(), NUMBER);
    await user.click(button('Send code'));
    await waitFor(() => expect(announced()).toContain("We couldn't check your browser. Please try again."));
    expect(numberField()).toHaveAccessibleDescription(/^We couldn't check your browser\. Please try again\./);
    expect(numberField().value.replace(/\D/g, '')).toBe(NUMBER.slice(1));
    expect(button('Send code')).not.toHaveAttribute('aria-disabled');
    expect(requests).toHaveLength(1);
  });
});

describe('without script', () => {
  it('a wait replaces a challenge: the ticket goes with the form, and the number is still there', () => {
    const typed = { number: '030 123456', country: 'DE' };
    openPage(null, {
      problem: { code: 'CHALLENGE_REQUIRED', at: 'phone', retryAfterSeconds: 60, ticket: 'a ticket' },
      typed,
    });
    expect(numberField()).toHaveAccessibleDescription(/^Please wait one minute, .* Try again in 60 s\./);
    expect([numberField().value, countryField().value]).toEqual(['030 123456', 'DE']);
    expect(numberField().form).toHaveFormValues({ solution: 'a ticket' });
  });

  it('a wait also replaces the challenge of a resend', () => {
    openPage(PENDING, {
      problem: { code: 'CHALLENGE_REQUIRED', at: 'resend', retryAfterSeconds: 60, ticket: 'a ticket' },
    });
    const again = button('Send again in 60 s');
    expect(again).toHaveAccessibleDescription(/^Please wait one minute,/);
    expect(again.closest('form')).toHaveFormValues({ solution: 'a ticket' });
  });
});
