/** @jest-environment jest-fixed-jsdom */
import '@testing-library/jest-dom';
import { screen, waitFor } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import type { PageState } from '@/lib/contract';
import { server, VERIFIED } from './fake-api';
import { asked, cancel, choose, noPasskeys, usePasskeys } from './fake-credentials';
import { button, numberField, openPage, useFakeApi } from './page';

useFakeApi();

const FACTORS: Pick<PageState, 'factors'> = { factors: { unused: null } };
const OPTIONS = { publicKey: { challenge: '-_8', rpId: 'localhost' }, expiresInSeconds: 300 };

/** The requests to the routes for passkeys, in order. */
const routes: string[] = [];

beforeEach(() => {
  routes.length = 0;
  server.use(
    http.post('/api/passkeys/:route', ({ params }) => {
      routes.push(String(params.route));
      return HttpResponse.json(params.route === 'verify' ? VERIFIED : OPTIONS);
    }),
  );
});
afterEach(noPasskeys);

const findSuccess = () => screen.findByRole('heading', { name: 'Success! Phone number verified.' });

describe('suggestions in the number field', () => {
  it('begin with the first touch, once, and a dialog takes over their options', async () => {
    usePasskeys(choose);
    const user = openPage(null, FACTORS);
    expect(numberField()).toHaveAttribute('autocomplete', 'tel webauthn');
    await user.click(numberField());
    await waitFor(() => expect(asked).toHaveLength(1));
    await user.tab();
    await user.click(numberField());
    expect(asked.map(({ mediation }) => mediation)).toEqual(['conditional']);
    await user.click(button('Use a passkey'));
    await findSuccess();
    expect(asked.map(({ mediation }) => mediation)).toEqual(['conditional', undefined]);
    expect(routes).toEqual(['verify-options', 'verify']);
  });

  it('verify the number once the person chooses one', async () => {
    usePasskeys(cancel, choose);
    const user = openPage(null, FACTORS);
    await user.click(numberField());
    await findSuccess();
    expect(routes).toEqual(['verify-options', 'verify']);
  });

  it('end for this page once the server refuses, and the button still works', async () => {
    usePasskeys(choose);
    const refused = { code: 'RATE_LIMITED', message: '' };
    server.use(
      http.post('/api/passkeys/verify-options', () => HttpResponse.json(refused, { status: 429 }), { once: true }),
    );
    const user = openPage(null, FACTORS);
    await user.click(numberField());
    await user.tab();
    await user.click(numberField());
    expect(asked).toEqual([]);
    await user.click(button('Use a passkey'));
    await findSuccess();
    expect(asked).toHaveLength(1);
  });
});
