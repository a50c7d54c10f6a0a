import { Browser, pathOf } from '@/__tests__/openid/browser';
import { begin, queryOf } from '@/__tests__/openid/log-in';
import { claimsOf, clientRow, RelyingParty } from '@/__tests__/openid/relying-party';
import { newNumber } from '@/__tests__/support/numbers';
import { describeInMemory } from '@/__tests__/support/set-ups';
import { Clock, expectStatus, newDataDir, withApp } from './owner';

const BANK = { id: 'bank', redirectUri: 'https://bank.example/callback' };
const EMBASSY = { id: 'embassy', redirectUri: 'https://embassy.example/callback' };

describeInMemory('logins at other applications', (setUp) => {
  const deployment = setUp.deploy({
    DATA_DIR: newDataDir(),
    APP_ORIGIN: 'http://localhost:3000',
    OIDC_CLIENTS: JSON.stringify([
      clientRow(),
      clientRow({ client_id: BANK.id, client_name: 'Bank', redirect_uris: [BANK.redirectUri], number: 'fixed' }),
      clientRow({
        client_id: EMBASSY.id,
        client_name: 'Embassy',
        redirect_uris: [EMBASSY.redirectUri],
        countries: ['CH'],
      }),
    ]),
  });
  const clock = new Clock(deployment);
  const server = () => {
    const [app] = deployment.apps;
    if (!app) throw new Error('There is no app.');
    return app;
  };
  const newBrowser = () => new Browser(server);

  test('end with a code from an app, and the application learns how the person verified', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    const [browser, party] = [newBrowser(), new RelyingParty()];
    const query = queryOf(await begin(browser, party));
    const wrong = await browser.json(`/api/totp/verify${query}`, { phoneNumber: owner.number, code: app.wrong() });
    expect([wrong.status, wrong.body.code]).toEqual([400, 'WRONG_CODE']);
    const typed = { phoneNumber: owner.number, code: await app.next() };
    const { status, body } = await browser.json(`/api/totp/verify${query}`, typed);
    expect(status).toBe(200);
    const { next } = await browser.open(String(body.redirectTo));
    const tokens = await party.redeem(server(), new URL(next ?? '').searchParams.get('code') ?? '');
    expect(claimsOf(tokens.body.id_token)).toMatchObject({ phone_number: owner.number, acr: 'otp', amr: ['otp'] });
  });

  test('take the code of the number that the application named, whichever number is typed', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    const other = await withApp(deployment, clock, newNumber());
    const pushed = await new RelyingParty(BANK).push(server(), { login_hint: owner.number });
    const request = new URLSearchParams({ client_id: BANK.id, request_uri: String(pushed.body.request_uri) });
    const browser = newBrowser();
    const query = queryOf(pathOf((await browser.open(`/connect/authorize?${request}`)).next));
    const { number: phoneNumber } = other.owner;
    const foreign = await browser.json(`/api/totp/verify${query}`, { phoneNumber, code: await other.app.next() });
    expect([foreign.status, foreign.body.code]).toEqual([400, 'WRONG_CODE']);
    const own = await browser.json(`/api/totp/verify${query}`, { phoneNumber, code: await app.next() });
    expect([own.status, own.body.phoneNumber]).toEqual([200, expect.stringMatching(/^\+1 •+\d{3}$/)]);
  });

  test('refuse a number of another country before a code is used up', async () => {
    const { owner, recoveryCodes } = await withApp(deployment, clock, newNumber());
    const browser = newBrowser();
    const query = queryOf(await begin(browser, new RelyingParty(EMBASSY)));
    const typed = { phoneNumber: owner.number, code: recoveryCodes[0] };
    const refused = await browser.json(`/api/recovery-codes/verify${query}`, typed);
    expect([refused.status, refused.body.code]).toEqual([422, 'PHONE_NUMBER_NOT_SUPPORTED']);
    expectStatus(200, await owner.elsewhere().verifyByRecoveryCode(recoveryCodes[0]));
  });
});
