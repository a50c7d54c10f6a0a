/** @jest-environment jest-fixed-jsdom */
import '@testing-library/jest-dom';
import { act, screen, within } from '@testing-library/react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server.edge';
import { PhoneVerification } from '@/components/phone-verification';
import { PENDING } from './fake-api';

function serverHtml(pending: typeof PENDING | null): HTMLElement {
  const page = document.createElement('div');
  page.innerHTML = renderToString(<PhoneVerification pending={pending} inboxUrl={null} />);
  document.body.replaceChildren(page);
  return page;
}

describe("the server's HTML", () => {
  it('is usable and labelled before the script runs', () => {
    const page = within(serverHtml(null));
    const field = page.getByLabelText<HTMLInputElement>('Phone number');
    expect(field.form).toHaveAttribute('action', '/');
    expect(field.form).toHaveAttribute('method', 'post');
    expect(page.getByRole('button', { name: 'Send code' })).toBeEnabled();
  });

  it('tells those without script what to do', () => {
    expect(serverHtml(null).querySelector('noscript')).toHaveTextContent(/needs JavaScript .*POST \/api\/send-otp/);
  });

  it('carries no inline style, which a content security policy would refuse', () => {
    for (const pending of [null, PENDING]) expect(serverHtml(pending).querySelectorAll('[style]')).toHaveLength(0);
  });

  it.each([
    ['number', null, 'Phone number', '+1415555'],
    ['code', PENDING, 'Verification code', '123'],
  ])('keeps a %s typed before the script runs', async (_what, pending, label, typed) => {
    const page = serverHtml(pending);
    screen.getByLabelText<HTMLInputElement>(label).value = typed;
    const root = await act(async () => hydrateRoot(page, <PhoneVerification pending={pending} inboxUrl={null} />));
    expect(screen.getByLabelText(label)).toHaveValue(typed);
    await act(async () => root.unmount());
  });
});
