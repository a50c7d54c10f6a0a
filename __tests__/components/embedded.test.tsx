/** @jest-environment jest-fixed-jsdom */
import '@testing-library/jest-dom';
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { StrictMode } from 'react';
import { PhoneVerification } from '@/components/embedded';
import { answer, FRESH, NUMBER, PENDING, SENT, VERIFIED } from './fake-api';
import { findCodeField, useFakeApi } from './page';

useFakeApi();

const idsIn = (element: Element) => [...element.querySelectorAll('[id]')].map(({ id }) => id);

test('two components beside fields of the host share no id, and each label finds its own field', () => {
  const { container } = render(
    <>
      <input id="country" aria-label="Country of birth" />
      <input id="phone-number" aria-label="Phone at work" />
      <input id="code" aria-label="Coupon" />
      <PhoneVerification state={FRESH} />
      <PhoneVerification state={{ ...FRESH, step: 'code', pending: PENDING }} />
    </>,
  );
  const ids = idsIn(container);
  expect(new Set(ids).size).toBe(ids.length);
  const [one, other] = [...container.querySelectorAll<HTMLElement>('.phone-verification')] as [
    HTMLElement,
    HTMLElement,
  ];
  expect(one).toContainElement(screen.getByLabelText('Phone number'));
  expect(one).toContainElement(screen.getByRole('combobox', { name: 'Country' }));
  expect(within(one).getByLabelText('Phone number')).toHaveAccessibleDescription(/\(201\) 555-0123/);
  expect(other).toContainElement(screen.getByLabelText('Verification code'));
});

test('in strict mode, a success calls onVerified once, even if the host renders again', async () => {
  const user = userEvent.setup();
  const onVerified = jest.fn();
  const show = () => (
    <StrictMode>
      <PhoneVerification state={FRESH} onVerified={(number) => onVerified(number)} />
    </StrictMode>
  );
  const { rerender } = render(show());
  answer('send', 200, SENT);
  answer('verify', 200, VERIFIED);
  await user.type(screen.getByLabelText('Phone number'), `${NUMBER}{Enter}`);
  await user.type(await findCodeField(), '123456');
  await screen.findByRole('heading', { name: /^Success!/ });
  rerender(show());
  await waitFor(() => expect(onVerified).toHaveBeenCalledWith(NUMBER));
  expect(onVerified).toHaveBeenCalledTimes(1);
});

test('a component that the host removes in the middle of a request breaks nothing, and another one starts over', async () => {
  const user = userEvent.setup();
  const onVerified = jest.fn();
  const { unmount } = render(<PhoneVerification state={FRESH} onVerified={onVerified} />);
  answer('send', 200, SENT, 50);
  await user.type(screen.getByLabelText('Phone number'), `${NUMBER}{Enter}`);
  unmount();
  render(<PhoneVerification state={{ ...FRESH, step: 'code', pending: PENDING }} onVerified={onVerified} />);
  answer('verify', 200, VERIFIED);
  await user.type(await findCodeField(), '123456');
  await waitFor(() => expect(onVerified).toHaveBeenCalledTimes(1));
});

test.each([
  ['/?plan=pro&step=phone&x=1#form', '/?plan=pro&x=1#form'],
  ['/?step=phone', '/'],
  ['/?step=phone-number', '/?step=phone-number'],
])('at the address %s only the name of the screen goes: %s', (before, after) => {
  window.history.replaceState(null, '', before);
  render(<PhoneVerification state={FRESH} />);
  const { pathname, search, hash } = window.location;
  expect(pathname + search + hash).toBe(after);
  window.history.replaceState(null, '', '/');
});
