/** @jest-environment jest-fixed-jsdom */
import '@testing-library/jest-dom';
import { act, screen, within } from '@testing-library/react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server.edge';
import { laterFor } from '@/components/flow/split-screens';
import { VerificationPage } from '@/components/flow/verification-page';
import type { PageState } from '@/lib/contract';
import { FRESH, PENDING } from './fake-api';

// Loads the later screens. The server always has them, and a browser has them before it shows the page.
beforeAll(() => laterFor(FRESH).load());

const stateOf = (pending: typeof PENDING | null): PageState => ({
  ...FRESH,
  step: pending ? 'code' : 'phone',
  pending,
});

function serverHtml(pending: typeof PENDING | null): HTMLElement {
  const page = document.createElement('div');
  page.innerHTML = renderToString(<VerificationPage {...stateOf(pending)} />);
  document.body.replaceChildren(page);
  return page;
}

describe("the server's HTML", () => {
  it('is usable and labeled before the script runs', () => {
    const page = within(serverHtml(null));
    const field = page.getByLabelText<HTMLInputElement>('Phone number');
    expect(field.form).toHaveAttribute('action', '/api/send-otp');
    expect(field.form).toHaveAttribute('method', 'post');
    expect(page.getByRole('button', { name: 'Send code' })).toBeEnabled();
  });

  it('has no inline style, which a content security policy would refuse', () => {
    for (const pending of [null, PENDING]) expect(serverHtml(pending).querySelectorAll('[style]')).toHaveLength(0);
  });

  it.each([
    ['number', null, 'Phone number', '+1415555'],
    ['code', PENDING, 'Verification code', '123'],
  ])('keeps a %s typed before the script runs', async (_what, pending, label, typed) => {
    const page = serverHtml(pending);
    screen.getByLabelText<HTMLInputElement>(label).value = typed;
    const root = await act(async () => hydrateRoot(page, <VerificationPage {...stateOf(pending)} />));
    expect(screen.getByLabelText(label)).toHaveValue(typed);
    await act(async () => root.unmount());
  });

  it.each([
    ['number', null],
    ['code', PENDING],
    ['code that has ended', { ...PENDING, expiresInSeconds: 0 }],
  ])('leaves the focus alone when a page for a %s has just loaded', async (_what, pending) => {
    const page = serverHtml(pending);
    const root = await act(async () => hydrateRoot(page, <VerificationPage {...stateOf(pending)} />));
    expect(document.body).toHaveFocus();
    await act(async () => root.unmount());
  });
});
