/** @jest-environment jest-fixed-jsdom */
import '@testing-library/jest-dom';
import { act, screen, waitFor } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { answer, disconnect, MASKED, PENDING, requests, server, VERIFIED, WHOLE, WRONG } from './fake-api';
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

const findSuccess = () => screen.findByRole('heading', { name: 'Success! Phone number verified.' });

describe('the code screen', () => {
  it('comes first while a verification is in progress, and sends nothing', () => {
    openPage(PENDING);
    expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('Enter the code');
    expect(screen.getByText(WHOLE)).toBeVisible();
    expect(screen.getByText('Code expires in 5:00')).toBeVisible();
    expect(requests).toEqual([]);
  });

  it('reads out the end of a masked number, without its bullets', () => {
    openPage({ ...PENDING, to: MASKED });
    expect(screen.getByText(MASKED)).toHaveAttribute('aria-hidden', 'true');
    expect(screen.getByText('the number ending in 6 7 1')).toBeInTheDocument();
  });

  it('has one labeled field that phones fill in', () => {
    openPage(PENDING);
    expect(screen.getAllByRole('textbox')).toEqual([codeField()]);
    expect(codeField()).toHaveAttribute('inputmode', 'numeric');
    expect(codeField()).toHaveAttribute('autocomplete', 'one-time-code');
    expect(codeField()).not.toHaveAttribute('maxlength');
    expect(codeField()).toHaveAccessibleDescription('We check it as soon as you enter all 6 digits.');
    expect(codeField().form).toHaveAttribute('method', 'post');
  });

  it('submits a full code once, without a click', async () => {
    answer('verify', 200, VERIFIED, 50);
    const user = openPage(PENDING);
    await user.type(codeField(), '1234567{Enter}');
    await expectFocus(findSuccess());
    expect(requests).toEqual([{ endpoint: 'verify', body: { pin: '123456' } }]);
  });

  it.each([
    ['with a space', '123 456'],
    ['with a dash', '123-456'],
    ['as a whole message', '123456 is your verification code. It works for 5 minutes.'],
    ['from the end of a message', 'Acme: your code for +14155552671 is 123 456.'],
  ])('takes a code pasted %s', async (_how, text) => {
    answer('verify', 200, VERIFIED);
    const user = openPage(PENDING);
    await user.click(codeField());
    await user.paste(text);
    await findSuccess();
    expect(requests).toEqual([{ endpoint: 'verify', body: { pin: '123456' } }]);
  });

  it('lets a pasted code replace the digits typed before', async () => {
    answer('verify', 200, VERIFIED);
    const user = openPage(PENDING);
    await user.type(codeField(), '12');
    await user.paste('123 456');
    await findSuccess();
    expect(requests).toEqual([{ endpoint: 'verify', body: { pin: '123456' } }]);
  });

  it('keeps only digits, and completes a code pasted in two parts', async () => {
    answer('verify', 200, VERIFIED);
    const user = openPage(PENDING);
    await user.type(codeField(), '1a2 3');
    expect(codeField()).toHaveValue('123');
    await user.paste('456');
    await findSuccess();
    expect(requests).toHaveLength(1);
  });

  it('accepts as many digits as the server says, and has a slot for each', async () => {
    answer('verify', 200, VERIFIED);
    const user = openPage({ ...PENDING, pinLength: 4 });
    expect(codeField().parentElement?.querySelectorAll('[aria-hidden] > span')).toHaveLength(4);
    await user.type(codeField(), '1234');
    await findSuccess();
    expect(requests).toEqual([{ endpoint: 'verify', body: { pin: '1234' } }]);
  });

  it('asks for all digits before it sends a code', async () => {
    const user = openPage(PENDING);
    await user.type(codeField(), '123');
    await user.click(button('Verify'));
    expect(codeField()).toHaveFocus();
    expect(codeField()).toHaveAccessibleDescription(/^Enter all digits of the code\./);
    expect(codeField()).toHaveValue('123');
    expect(requests).toEqual([]);
  });

  it('announces a wrong code and the attempts left, clears the field, and clears the error when typing continues', async () => {
    answer('verify', 400, WRONG);
    const user = openPage(PENDING);
    await user.type(codeField(), '111111');
    await waitFor(() => expect(codeField()).toHaveAttribute('aria-invalid', 'true'));
    expect(codeField()).toHaveValue('');
    expect(codeField()).toHaveFocus();
    expect(codeField()).toHaveAccessibleDescription(/^That code isn't correct\. .* 2 attempts left\./);
    expect(announced()).toContain('2 attempts left.');

    await user.keyboard('1');
    expect(codeField()).toHaveAttribute('aria-invalid', 'false');
    expect(screen.queryByText(/That code isn't correct/, { ignore: '[role=status]' })).not.toBeInTheDocument();
  });

  it('keeps the verdict when Enter follows it into the empty field', async () => {
    answer('verify', 400, WRONG);
    const user = openPage(PENDING);
    await user.type(codeField(), '111111');
    await waitFor(() => expect(codeField()).toHaveAttribute('aria-invalid', 'true'));
    await user.keyboard('{Enter}');
    await user.click(button('Verify'));
    expect(codeField()).toHaveAccessibleDescription(/^That code isn't correct\. .* 2 attempts left\./);
    expect(announced()).toContain('2 attempts left.');
    expect(requests).toHaveLength(1);
  });

  it.each([
    ['STORE_UNAVAILABLE', 503, 'Try again'],
    ['INVALID_REQUEST', 400, 'Verify'],
  ])('does not mark the field as invalid after %s', async (code, status, label) => {
    answer('verify', status, { code, message: 'Not shown.' });
    const user = openPage(PENDING);
    await user.type(codeField(), '123456');
    await waitFor(() => expect(codeField()).toHaveAccessibleDescription(/Please try again/));
    expect(codeField()).toHaveAttribute('aria-invalid', 'false');
    expect(button(label)).toBeEnabled();
  });

  it('submits the same digits again after a wrong code, and then succeeds', async () => {
    answer('verify', 400, { ...WRONG, attemptsRemaining: 1 });
    const user = openPage(PENDING);
    await user.type(codeField(), '111111');
    await waitFor(() => expect(codeField()).toHaveAccessibleDescription(/1 attempt left\. This is your last attempt/));
    answer('verify', 200, VERIFIED);
    await user.type(codeField(), '111111');
    await findSuccess();
    expect(requests).toHaveLength(2);
  });

  it('keeps the code when the network fails, sends it only on request, and then succeeds', async () => {
    disconnect('verify');
    const user = openPage(PENDING);
    await user.type(codeField(), '123456');
    await waitFor(() => expect(codeField()).toHaveAccessibleDescription(/couldn't reach the server/));
    expect(codeField()).toHaveValue('123456');
    expect(codeField()).toHaveAttribute('aria-invalid', 'false');
    expect(requests).toHaveLength(1);

    answer('verify', 200, VERIFIED);
    await user.click(button('Try again'));
    await findSuccess();
    expect(requests[1]).toEqual({ endpoint: 'verify', body: { pin: '123456' } });
  });

  it('does not submit a kept code when the person types one digit too many', async () => {
    disconnect('verify');
    const user = openPage(PENDING);
    await user.type(codeField(), '123456');
    await waitFor(() => expect(codeField()).toHaveAccessibleDescription(/couldn't reach the server/));
    await user.keyboard('7');
    expect(codeField()).toHaveValue('123456');
    expect(requests).toHaveLength(1);
  });

  it('goes back to the number when the server knows of no verification', async () => {
    answer('verify', 400, { code: 'MISSING_PIN_ID', message: 'No verification is in progress.' });
    const user = openPage(PENDING);
    await user.type(codeField(), '123456');
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription(/^No verification is in progress\./));
    await waitFor(() => expect(numberField()).toHaveFocus());
  });

  it('counts down, and announces the last seconds', async () => {
    openPage(PENDING);
    passTime(275);
    await screen.findByText(/Code expires in 0:2[45]/);
    expect(announced()).toContain('The code expires in less than 30 seconds.');
  });

  it('changes the number and comes back without sending anything', async () => {
    const user = openPage({ ...PENDING, resendInSeconds: 24 });
    await user.click(link('Change'));
    expect(numberField()).toHaveFocus();
    passTime(10);
    await user.click(link('Back to the code'));
    expect(codeField()).toHaveFocus();
    await waitFor(() => expect(button(/Send again in 1[34] s/)).toBeVisible());
    expect(requests).toEqual([]);
  });

  it('drops an answer that arrives after the person changed the number', async () => {
    let reply = () => {};
    const changed = new Promise<void>((resolve) => {
      reply = resolve;
    });
    server.use(
      http.post('/api/verify-otp', async () => {
        await changed;
        return HttpResponse.json(VERIFIED);
      }),
    );
    const user = openPage(PENDING);
    await user.type(codeField(), '123456');
    await user.click(link('Change'));
    reply();
    await act(() => new Promise((resolve) => setTimeout(resolve, 100)));
    expect(numberField()).toBeVisible();
    expect(button('Send code')).toBeEnabled();
    expect(announced()).not.toContain("couldn't reach");
  });

  it('says after a success that people can close the page if there is nowhere to go', () => {
    openPage(null, { step: 'verified', verifiedNumber: '+14155552671', verifiedNumberText: WHOLE });
    expect(screen.getByText('You can close this page.')).toBeVisible();
    expect(screen.queryByRole('link', { name: 'Continue' })).not.toBeInTheDocument();
  });

  it('links to the next page after a success if there is one', async () => {
    answer('verify', 200, VERIFIED);
    const user = openPage(PENDING, { continueUrl: 'https://example.com/account' });
    await user.type(codeField(), '123456');
    await findSuccess();
    expect(link('Continue')).toHaveAttribute('href', 'https://example.com/account');
    expect(screen.queryByText('You can close this page.')).not.toBeInTheDocument();
  });

  it('shows the verified number, and starts over with an empty field', async () => {
    answer('verify', 200, VERIFIED);
    const user = openPage(PENDING);
    await user.type(await findCodeField(), '123456');
    await findSuccess();
    expect(screen.getByText(WHOLE)).toBeVisible();
    expect(announced()).toContain('Success! Phone number verified.');
    await user.click(link('Verify another number'));
    expect(numberField()).toHaveFocus();
    expect(numberField()).toHaveValue('');
    expect(screen.queryByRole('link', { name: 'Back to the code' })).not.toBeInTheDocument();
  });
});
