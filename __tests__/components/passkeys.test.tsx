/** @jest-environment jest-fixed-jsdom */
import '@testing-library/jest-dom';
import { act, render, screen, waitFor, within } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { renderToString } from 'react-dom/server.edge';
import { LoginPage } from '@/components/flow/login-page';
import { VerificationPage } from '@/components/flow/verification-page';
import type { PageLogin, PageState } from '@/lib/contract';
import { answer, FRESH, NUMBER, PENDING, SENT, server, VERIFIED } from './fake-api';
import { asked, cancel, choose, noPasskeys, usePasskeys } from './fake-credentials';
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

const FACTORS: Pick<PageState, 'factors'> = { factors: { unused: null } };
const OPTIONS = { publicKey: { challenge: '-_8', rpId: 'localhost' }, expiresInSeconds: 300 };
/** The requests to the routes for passkeys, in order. */
const posted: { route: string; body: unknown }[] = [];

/** The server's answers: its options, and its verdict. */
function serve(verdict: { status: number; body: object }): void {
  const replies: Record<string, { status: number; body: object }> = {
    'verify-options': { status: 200, body: OPTIONS },
    verify: verdict,
  };
  server.use(
    http.post('/api/passkeys/:route', async ({ params, request }) => {
      const route = String(params.route);
      posted.push({ route, body: await request.json() });
      const { status, body } = replies[route] ?? { status: 404, body: {} };
      return HttpResponse.json(body, { status });
    }),
  );
}

const refusal = (status: number, code: string) => ({ status, body: { code, message: '' } });
const routes = () => posted.map(({ route }) => route);
const findSuccess = () => screen.findByRole('heading', { name: 'Success! Phone number verified.' });
const usePasskey = () => button('Use a passkey');

/** Options from an earlier test are too old. */
let later = 0;
beforeEach(() => {
  posted.length = 0;
  localStorage.clear();
  later += 600;
  passTime(later);
});
afterEach(noPasskeys);

describe('the first screen', () => {
  it('offers nothing but codes if other ways are off', () => {
    usePasskeys(choose);
    openPage();
    expect(screen.queryByText('Use a passkey')).not.toBeInTheDocument();
    expect(numberField()).toHaveAttribute('autocomplete', 'tel');
  });

  it('links to the page for other codes, and keeps the place of the button until the script runs', () => {
    const page = document.createElement('div');
    page.innerHTML = renderToString(<VerificationPage {...FRESH} {...FACTORS} />);
    document.body.replaceChildren(page);
    const { getByText, getByRole } = within(page);
    expect(getByText('Use a passkey')).toHaveClass('absent');
    expect(getByRole('link', { name: 'Authenticator app or recovery code' })).toHaveAttribute('href', '/sign-in');
    page.remove();
  });

  it('hides the button in a browser without passkeys', () => {
    openPage(null, FACTORS);
    expect(screen.getByText('Use a passkey')).toHaveClass('absent');
  });

  it('asks for nothing before the first touch', async () => {
    usePasskeys(choose);
    serve({ status: 200, body: VERIFIED });
    openPage(null, FACTORS);
    await act(() => new Promise((resolve) => setTimeout(resolve, 50)));
    expect([posted, asked]).toEqual([[], []]);
  });
});

describe('a passkey', () => {
  it('verifies a number, and the page sends what the browser gave in base64url', async () => {
    usePasskeys(choose);
    serve({ status: 200, body: { ...VERIFIED, phoneNumberText: '+1 415 555 2671', factors: [] } });
    const user = openPage(null, FACTORS);
    await user.click(usePasskey());
    await expectFocus(findSuccess());
    expect(screen.getByText('+1 415 555 2671')).toBeVisible();
    expect(posted).toEqual([
      { route: 'verify-options', body: {} },
      {
        route: 'verify',
        body: {
          credential: {
            id: 'AQID',
            rawId: 'AQID',
            type: 'public-key',
            response: { clientDataJSON: 'e30', authenticatorData: '__79', signature: 'c2lnbmVk' },
            clientExtensionResults: {},
          },
        },
      },
    ]);
    expect(asked.at(-1)?.publicKey).toMatchObject({ challenge: new Uint8Array([0xfb, 0xff]), rpId: 'localhost' });
    // The person has a passkey, so the page offers none.
    expect(screen.queryByRole('button', { name: 'Add a passkey' })).not.toBeInTheDocument();
  });

  it('brings a message if nobody chooses it, gives the focus back, and costs no second request for options', async () => {
    usePasskeys(cancel);
    serve({ status: 200, body: VERIFIED });
    const user = openPage(null, FACTORS);
    for (let press = 0; press < 2; press += 1) {
      await user.click(usePasskey());
      await waitFor(() => expect(usePasskey()).toHaveAccessibleDescription(/^No passkey was used\./));
      await waitFor(() => expect(usePasskey()).toHaveFocus());
    }
    expect(announced()).toContain('No passkey was used. Try again, or get a code.');
    expect(routes()).toEqual(['verify-options']);
    // The problem goes with the next keystroke.
    await user.type(numberField(), '4');
    expect(screen.queryByText(/^No passkey was used/, { ignore: '[role=status]' })).not.toBeInTheDocument();
  });

  it.each([
    ['PASSKEY_REJECTED', 401, "We couldn't accept that passkey. Use another way to verify."],
    ['CEREMONY_NOT_FOUND', 400, 'That took too long, or was started in another tab. Please try again.'],
    ['RATE_LIMITED', 429, 'That was too soon.'],
    // This happens in a login at another application. The usual text of this error would speak of messages.
    ['PHONE_NUMBER_NOT_SUPPORTED', 422, "We couldn't accept that passkey. Use another way to verify."],
  ])('brings a message at the button if the server refuses it with %s', async (code, status, text) => {
    usePasskeys(choose);
    serve(refusal(status, code));
    const user = openPage(null, FACTORS);
    await user.click(usePasskey());
    await waitFor(() => expect(usePasskey()).toHaveAccessibleDescription(text));
    await waitFor(() => expect(usePasskey()).toHaveFocus());
    await user.click(usePasskey());
    await waitFor(() => expect(routes()).toEqual(['verify-options', 'verify', 'verify-options', 'verify']));
  });

  it('leads to the phone screen, which says why, if a code should confirm its number again', async () => {
    usePasskeys(choose);
    serve(refusal(409, 'NUMBER_STALE'));
    const user = openPage(null, FACTORS);
    await user.click(usePasskey());
    await waitFor(() => expect(numberField()).toHaveAccessibleDescription(/^It's been a while since you confirmed/));
    await waitFor(() => expect(numberField()).toHaveFocus());
    expect(numberField()).toHaveAttribute('aria-invalid', 'false');

    answer('send', 200, SENT);
    await user.type(numberField(), NUMBER);
    await user.click(button('Send code'));
    answer('verify', 200, { ...VERIFIED, factors: [] });
    await user.type(await findCodeField(), '123456');
    await findSuccess();
    // A passkey was part of this verification, so there is none to add.
    expect(screen.queryByRole('button', { name: 'Add a passkey' })).not.toBeInTheDocument();
  });

  it('leaves a code on its way alone', async () => {
    usePasskeys(cancel);
    serve({ status: 200, body: VERIFIED });
    const user = openPage({ ...PENDING, resendInSeconds: 24 }, { ...FACTORS, step: 'phone' });
    await user.click(usePasskey());
    await waitFor(() => expect(usePasskey()).toHaveAccessibleDescription(/^No passkey/));
    await user.click(link('Back to the code'));
    expect(codeField()).toHaveFocus();
    expect(button(/^Send again in 2\d s$/)).toBeVisible();
  });

  it('belongs to a login at another application if the page does', async () => {
    usePasskeys(choose);
    const queries: string[] = [];
    server.use(
      http.post('/api/passkeys/:route', ({ request, params }) => {
        queries.push(new URL(request.url).search);
        return HttpResponse.json(params.route === 'verify' ? refusal(422, 'PASSKEY_REJECTED').body : OPTIONS, {
          status: params.route === 'verify' ? 422 : 200,
        });
      }),
    );
    const login = { page: '/connect/verify/abc', token: 'abc', clientName: 'Shop', fixedNumber: null } as PageLogin;
    render(<LoginPage {...FRESH} {...FACTORS} login={login} />);
    expect(link('Authenticator app or recovery code')).toHaveAttribute('href', '/connect/sign-in/abc');
    await act(async () => usePasskey().click());
    await waitFor(() => expect(queries).toEqual(['?login=abc', '?login=abc']));
  });
});

describe('after a code', () => {
  const verifyWith = async (factors: string[] | undefined) => {
    answer('verify', 200, { ...VERIFIED, ...(factors && { factors }) });
    const user = openPage(PENDING, FACTORS);
    await user.type(codeField(), '123456');
    await findSuccess();
    return user;
  };

  it('the page names the passkey that the number has', async () => {
    usePasskeys(choose);
    await verifyWith(['totp', 'passkey']);
    expect(screen.getByText(/^Next time, use your passkey\./)).toBeVisible();
    expect(link('Ways to verify')).toHaveAttribute('href', '/ways');
  });

  it('the page names the app if the number has no passkey', async () => {
    await verifyWith(['totp']);
    expect(screen.getByText(/^Next time, use your authenticator app\./)).toBeVisible();
  });

  it('a browser without passkeys gets no offer', async () => {
    await verifyWith([]);
    expect(link('Ways to verify')).toBeVisible();
    expect(screen.queryByText(/^Text messages are less secure/)).not.toBeInTheDocument();
  });

  it('a page that has just loaded makes no offer', () => {
    usePasskeys(choose);
    openPage(null, { step: 'verified', verifiedNumber: NUMBER, verifiedNumberText: NUMBER, factors: { unused: [] } });
    expect(link('Ways to verify')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Add a passkey' })).not.toBeInTheDocument();
  });

  it('the component in a page of another app says nothing of other ways', async () => {
    usePasskeys(choose);
    answer('verify', 200, { ...VERIFIED, factors: [] });
    const user = openPage(PENDING);
    await user.type(codeField(), '123456');
    await findSuccess();
    expect(screen.queryByRole('link', { name: 'Ways to verify' })).not.toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Add a passkey' })).not.toBeInTheDocument();
  });
});
