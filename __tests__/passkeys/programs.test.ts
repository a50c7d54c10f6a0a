import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { ApiKey } from '@/__tests__/keys/api-key';
import { claimsOf } from '@/__tests__/openid/relying-party';
import { newNumber } from '@/__tests__/support/numbers';
import { useApp } from '@/__tests__/support/use-app';
import { outcome, PageVisitor, Program, withFactors } from '@/__tests__/support/visitor';

const SHOP = new ApiKey('shop');
const BANK = new ApiKey('bank');
const API_CLIENTS = JSON.stringify([
  SHOP.row({ audiences: ['https://shop.example', 'https://pay.example'], manageFactors: true }),
  BANK.row(),
]);

const place = useApp(() => ({ ...withFactors(), API_CLIENTS }));
const { app, simulator } = place;

const shop = () => new Program(place, undefined, SHOP.headers());

test('a program with a key gets a proof for its audience, with its nonce and its purpose', async () => {
  const owner = await shop().becomeOwner(newNumber());
  const first = await owner.verifyByPasskey();
  expect(claimsOf(first.body.proof)).toMatchObject({ aud: 'https://shop.example', acr: 'phr' });
  const { body } = await owner.verifyOptions();
  const more = { audience: 'https://pay.example', nonce: 'order-7', purpose: 'confirm', clientAddress: '203.0.113.7' };
  const second = await owner.endVerification(owner.authenticator.get(body.publicKey), more);
  expect(claimsOf(second.body.proof)).toMatchObject({
    aud: 'https://pay.example',
    nonce: 'order-7',
    purpose: 'confirm',
  });
  expect(await app.logLineOf(second)).toMatchObject({ client: 'shop', event: 'factor.used' });
});

test('a program that may not manage factors changes none, and still sees and uses those that the person has', async () => {
  const number = newNumber();
  const bank = () => new Program(place, undefined, BANK.headers());
  const first = bank();
  await first.verifyByCode(number);
  const refused = '403 FACTORS_NOT_ALLOWED';
  const changes = async (program: Program) => [
    outcome(await program.enrollOptions()),
    outcome(await program.post('/api/passkeys/enrol')),
    outcome(await program.post('/api/totp/enrol', { session: program.session })),
    outcome(await program.post('/api/totp/confirm', { session: program.session, code: '123456' })),
    outcome(await program.post('/api/recovery-codes', { session: program.session })),
    outcome(await program.post('/api/factors/reset')),
    outcome(await program.delete('/api/factors/00000000-0000-4000-8000-000000000000')),
  ];
  expect(await changes(first)).toEqual(Array(7).fill(refused));
  expect((await first.get('/api/factors')).body.factors).toEqual([]);

  const owner = new PageVisitor(place);
  await owner.becomeOwner(number);
  const later = new Program(place, owner.authenticator, BANK.headers());
  expect(outcome(await later.verifyByPasskey())).toBe('200');
  expect((await later.get('/api/factors')).body.factors).toHaveLength(1);
  expect(await changes(later)).toEqual(Array(7).fill(refused));
  const allowed = new Program(place, owner.authenticator, SHOP.headers());
  await allowed.verifyByPasskey();
  expect((await allowed.get('/api/factors')).body.factors).toHaveLength(1);
});

test('the page cannot use the fields for programs', async () => {
  const owner = await shop().becomeOwner(newNumber());
  const page = new PageVisitor(place, owner.authenticator);
  const { body } = await page.verifyOptions();
  const refused = await page.endVerification(owner.authenticator.get(body.publicKey), { nonce: 'mine' });
  expect(outcome(refused)).toBe('400 INVALID_REQUEST');
});

test('a challenge belongs to the program, or the page, that began it', async () => {
  const owner = await shop().becomeOwner(newNumber());
  const { authenticator } = owner;
  const clients = [owner, new Program(place, authenticator, BANK.headers()), new PageVisitor(place, authenticator)];
  for (const from of clients) {
    for (const to of clients.filter((client) => client !== from)) {
      const { body } = await from.verifyOptions();
      const cookie = from instanceof PageVisitor ? from.cookies.get('__Host-passkey-verification') : undefined;
      const request = { ceremony: cookie ?? body.ceremony };
      const refused = await to.endVerification(authenticator.get(body.publicKey), request);
      expect(outcome(refused)).toBe('400 CEREMONY_NOT_FOUND');
    }
  }
});

test('cookies do not count beside a key', async () => {
  const number = newNumber();
  const owner = new PageVisitor(place);
  await owner.verifyByCode(number);
  const { body } = await owner.enrollOptions();
  const cookie = [...owner.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const headers = { ...SHOP.headers(), cookie };
  expect(outcome(await app.post('/api/passkeys/enrol-options', {}, headers))).toBe('401 NO_SESSION');
  const credential = owner.authenticator.create(body.publicKey);
  expect(outcome(await app.post('/api/passkeys/enrol', { credential }, headers))).toBe('401 NO_SESSION');
  const options = await owner.verifyOptions();
  const assertion = owner.authenticator.get(options.body.publicKey);
  const refused = await app.post('/api/passkeys/verify', { credential: assertion }, headers);
  expect(outcome(refused)).toBe('400 CEREMONY_NOT_FOUND');
});

test('the cookie of a session does not count beside a key when a program asks for factors', async () => {
  const owner = await new PageVisitor(place).becomeOwner(newNumber());
  const cookie = [...owner.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  expect((await owner.get('/api/factors')).body.factors).toHaveLength(1);
  expect(outcome(await app.get('/api/factors', { ...SHOP.headers(), cookie }))).toBe('401 NO_SESSION');
  const session = owner.cookies.get('__Host-phone-session') ?? '';
  const named = await app.get('/api/factors', { ...SHOP.headers(), 'phone-session': session });
  expect(named.body.factors).toHaveLength(1);
});

test('programs need a key if the configuration says so', async () => {
  const program = new Program(place);
  for (const route of ['enrol-options', 'enrol', 'verify-options', 'verify'])
    expect(outcome(await program.post(`/api/passkeys/${route}`))).toBe('401 API_KEY_REQUIRED');
});

test('a passkey does not verify a number that the operator blocked, or one of a country that no longer gets codes', async () => {
  const environment = { ...withFactors(), API_CLIENTS };
  const numbers = [newNumber(), newNumber()];
  const owners = await place.withApp(environment, async (before) =>
    Promise.all(
      numbers.map((number) => new Program({ app: before, simulator }, undefined, SHOP.headers()).becomeOwner(number)),
    ),
  );
  const [blocked, free] = owners;
  const file = path.join(environment.DATA_DIR, 'blocked.txt');
  writeFileSync(file, `${numbers[0]}\n`);
  const use = (owner: Program | undefined, variables: Record<string, string>) =>
    place.withApp({ ...environment, ...variables }, async (later) => {
      const there = new Program({ app: later, simulator }, owner?.authenticator, SHOP.headers());
      const reply = await there.verifyByPasskey();
      return [outcome(reply), reply.body.reason];
    });
  const refused = '422 PHONE_NUMBER_NOT_SUPPORTED';
  expect(await use(blocked, { BLOCKED_NUMBERS_FILE: file })).toEqual([refused, undefined]);
  expect(await use(free, { BLOCKED_NUMBERS_FILE: file })).toEqual(['200', undefined]);
  expect(await use(free, { ALLOWED_COUNTRIES: 'CH' })).toEqual([refused, 'country']);
  expect(await use(free, { BLOCKED_COUNTRIES: 'US' })).toEqual([refused, 'country']);
});
