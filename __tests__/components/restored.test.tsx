/** @jest-environment jest-fixed-jsdom */
import '@testing-library/jest-dom';
import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { PhoneVerification } from '@/components/flow/phone-verification';
import { answer, FRESH, NUMBER, PENDING, SENT, stands, VERIFIED } from './fake-api';
import {
  announced,
  button,
  codeField,
  expectFocus,
  findCodeField,
  link,
  numberField,
  openPage,
  useFakeApi,
} from './page';

useFakeApi();

const NONE = { code: 'NO_VERIFICATION', message: '' };
const SESSION = { phoneNumber: NUMBER, channel: 'sms', verifiedAt: '', expiresAt: '', proof: 'a.b.c' };
/** A person comes back a moment later at the earliest. */
const lookAgain = () =>
  act(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    document.dispatchEvent(new Event('visibilitychange'));
  });

describe('a page that the person returns to', () => {
  it('keeps the typed text, and takes over the server’s figures', async () => {
    const user = openPage(PENDING);
    await user.type(codeField(), '12');
    stands('verification', 200, { ...PENDING, resendInSeconds: 17 });
    await lookAgain();
    await waitFor(() => expect(button(/^Send again in 1[67] s$/)).toBeVisible());
    expect(codeField()).toHaveValue('12');
  });

  it('shows a success from another tab', async () => {
    openPage(PENDING);
    stands('verification', 404, NONE);
    stands('session', 200, SESSION);
    await lookAgain();
    await expectFocus(screen.findByRole('heading', { name: /^Success!/ }));
  });

  it('says so if nothing is in progress anymore', async () => {
    openPage(PENDING);
    stands('verification', 404, NONE);
    stands('session', 401, { code: 'NO_SESSION', message: '' });
    await lookAgain();
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription(/^No verification is in progress\./));
    expect(announced()).toContain('No verification is in progress.');
  });

  it('switches to a new code that another tab requested, after the old one was used', async () => {
    const user = openPage(PENDING);
    answer('verify', 429, { code: 'TOO_MANY_ATTEMPTS', message: '' });
    await user.type(codeField(), '123456');
    await screen.findByRole('heading', { name: 'Too many wrong codes' });
    stands('verification', 200, PENDING);
    await lookAgain();
    await expectFocus(findCodeField());
    expect(codeField()).toHaveAttribute('aria-invalid', 'false');
  });

  it('ignores an answer that arrives after the person moved on', async () => {
    const user = openPage(PENDING);
    stands('verification', 200, { ...PENDING, to: '+1 415 555 9999' }, 150);
    await lookAgain();
    await user.click(link('Change'));
    answer('send', 200, { ...SENT, to: '+1 415 555 2222' });
    await user.type(numberField(), `${NUMBER}{Enter}`);
    await findCodeField();
    await act(() => new Promise((resolve) => setTimeout(resolve, 250)));
    expect(screen.getByText('+1 415 555 2222')).toBeVisible();
  });

  it('stays as it is if the server is unreachable', async () => {
    openPage(PENDING);
    stands('verification', 503, { code: 'STORE_UNAVAILABLE', message: '' });
    await lookAgain();
    await act(() => new Promise((resolve) => setTimeout(resolve, 50)));
    expect(codeField()).toBeVisible();
  });
});

describe('onVerified', () => {
  const show = (onVerified: (phoneNumber: string) => void) =>
    render(<PhoneVerification state={{ ...FRESH, step: 'code', pending: PENDING }} onVerified={onVerified} />);

  it('is called once for a success, with the number', async () => {
    answer('verify', 200, VERIFIED);
    const seen: string[] = [];
    show((phoneNumber) => seen.push(phoneNumber));
    await userEvent.setup().type(codeField(), '123456');
    await waitFor(() => expect(seen).toEqual([NUMBER]));
  });

  it('is also called for a success in another tab', async () => {
    const seen: string[] = [];
    show((phoneNumber) => seen.push(phoneNumber));
    stands('verification', 404, NONE);
    stands('session', 200, SESSION);
    await lookAgain();
    await waitFor(() => expect(seen).toEqual([NUMBER]));
  });
});

describe('the outcome of a form', () => {
  const at = (problem: object, more: object = {}) => openPage(null, { problem: problem as never, ...more });

  it('appears where the person continues, even if the code is gone', () => {
    at({ code: 'MISSING_PIN_ID', at: 'code' });
    expect(numberField()).toHaveAccessibleDescription(/^No verification is in progress\./);
  });

  it('does not end a good code', () => {
    openPage(PENDING, { problem: { code: 'TOO_MANY_ATTEMPTS', at: 'code' } });
    expect(codeField()).toBeVisible();
  });

  it('replaces the field if the number is locked', () => {
    openPage(PENDING, { problem: { code: 'NUMBER_LOCKED', at: 'code', retryAfterSeconds: 3540 } });
    expect(screen.getByText(/^You can try/)).toHaveTextContent(/again in 59 minutes\.$/);
    expect(link('Use another number')).toHaveAttribute('href', '?step=phone');
    expect(screen.queryByRole('textbox')).not.toBeInTheDocument();
  });
});
