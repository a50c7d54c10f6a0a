import { claimsOf } from '@/__tests__/openid/relying-party';
import { selfAttested } from '@/__tests__/support/attestation';
import { Authenticator } from '@/__tests__/support/authenticator';
import { newNumber } from '@/__tests__/support/numbers';
import { useApp } from '@/__tests__/support/use-app';
import { ORIGIN, outcome, PageVisitor, Program, RP_ID, withFactors } from '@/__tests__/support/visitor';
import { formatPhoneNumber } from '@/lib/methods/phone/phone-number';

const place = useApp(withFactors);
const { app, simulator } = place;

test('a program verifies a number with one message, and from then on with its passkey and no message', async () => {
  const number = newNumber();
  const program = new Program(place);
  expect(outcome(await program.verifyByCode(number))).toBe('200');
  const added = await program.enroll();
  expect(added.status).toBe(201);
  expect(added.body).toEqual({
    factor: {
      id: expect.any(String),
      type: 'passkey',
      name: 'Passkey',
      createdAt: expect.any(String),
      lastUsedAt: null,
      synced: false,
    },
    session: program.session,
  });
  const before = await simulator.calls();
  for (let day = 0; day < 3; day += 1) {
    const later = new Program(place, program.authenticator);
    const verified = await later.verifyByPasskey();
    expect([verified.status, verified.body]).toEqual([
      200,
      {
        verified: true,
        message: 'Passkey verified successfully.',
        phoneNumber: number,
        phoneNumberText: formatPhoneNumber(number),
        factors: [],
        proof: expect.any(String),
        session: later.session,
      },
    ]);
  }
  expect(await simulator.calls()).toEqual(before);
});

test('a browser verifies with one message and then with its passkey, by cookies, and its script sees no secrets', async () => {
  const number = newNumber();
  const page = new PageVisitor(place);
  await page.verifyByCode(number);
  const begun = await page.enrollOptions();
  expect(Object.keys(begun.body)).toEqual(['publicKey', 'expiresInSeconds']);
  const added = await page.endEnrollment(page.authenticator.create(begun.body.publicKey), { name: ' My phone ' });
  expect([added.status, Object.keys(added.body), added.body.factor.name]).toEqual([201, ['factor'], 'My phone']);
  expect(page.cookies.has('__Host-passkey-enrollment')).toBe(false);

  const later = new PageVisitor(place, page.authenticator);
  const verified = await later.verifyByPasskey();
  expect(verified.body).toEqual({
    verified: true,
    message: 'Passkey verified successfully.',
    phoneNumber: number,
    phoneNumberText: formatPhoneNumber(number),
    factors: [],
  });
  expect([...later.cookies.keys()].sort()).toEqual(['__Host-device', '__Host-phone-session']);
  const session = await later.get('/api/session');
  expect(session.body).toMatchObject({ phoneNumber: number, acr: 'phr', account: expect.any(String) });
  expect(session.body.channel).toBeUndefined();
  expect(await simulator.messages(number)).toHaveLength(1);
});

test('a proof says that a passkey was used, for which account, and when a code last confirmed the number', async () => {
  const number = newNumber();
  const owner = new Program(place);
  const byCode = claimsOf((await owner.verifyByCode(number)).body.proof);
  expect(byCode).toMatchObject({ acr: 'restricted', amr: ['otp', 'sms'] });
  expect([byCode.acct, byCode.stronger]).toEqual([undefined, undefined]);
  await owner.enroll();
  const { body } = await new Program(place, owner.authenticator).verifyByPasskey();
  const claims = claimsOf(body.proof);
  expect(claims).toMatchObject({
    sub: number,
    acr: 'phr',
    amr: ['pop', 'user', 'mfa'],
    acct: expect.any(String),
    phone_verified_at: byCode.auth_time,
  });
  expect(claims.auth_time).toBe(claims.iat);
});

test('the options ask for a passkey that checks the person, and name the number and the service', async () => {
  const number = newNumber();
  const program = new Program(place);
  await program.verifyByCode(number);
  const { body } = await program.enrollOptions();
  expect(body.expiresInSeconds).toBe(300);
  const text = number.replace(/^\+1(...)(...)(....)$/, '+1 $1 $2 $3');
  expect(body.publicKey).toMatchObject({
    rp: { id: RP_ID, name: RP_ID },
    user: { id: expect.stringMatching(/^[\w-]{43}$/), name: text, displayName: text },
    challenge: expect.stringMatching(/^[\w-]{43}$/),
    pubKeyCredParams: [-7, -8, -257].map((alg) => ({ alg, type: 'public-key' })),
    timeout: 300_000,
    attestation: 'none',
    excludeCredentials: [],
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
  });
  const verification = await program.verifyOptions();
  expect(verification.body.publicKey).toEqual({
    challenge: expect.stringMatching(/^[\w-]{43}$/),
    rpId: RP_ID,
    timeout: 300_000,
    allowCredentials: [],
    userVerification: 'required',
  });
});

test('an account accepts more passkeys, tells authenticators which ones it has, and each of them verifies the account', async () => {
  const number = newNumber();
  const owner = await new Program(place).becomeOwner(number);
  const first = owner.authenticator.passkey;
  const begun = await owner.enrollOptions();
  expect(begun.body.publicKey.user.id).toBe(first.userHandle);
  expect(begun.body.publicKey.excludeCredentials).toEqual([
    { id: first.id, type: 'public-key', transports: ['internal', 'hybrid'] },
  ]);
  const second = new Authenticator({ origin: ORIGIN, isSyncing: true });
  const added = await owner.endEnrollment(second.create(begun.body.publicKey), { name: 'Laptop 💻' });
  expect(added.body.factor).toMatchObject({ name: 'Laptop 💻', synced: true });
  const proofs = [owner.authenticator, second].map(
    async (authenticator) => (await new Program(place, authenticator).verifyByPasskey()).body.proof,
  );
  const accounts = (await Promise.all(proofs)).map((proof) => claimsOf(proof).acct);
  expect(new Set(accounts).size).toBe(1);
});

test('adding a passkey gives the session another token, but does not change when it ends', async () => {
  const number = newNumber();
  const owner = new PageVisitor(place);
  const before = claimsOf((await new Program(place).verifyByCode(number)).body.proof);
  await owner.verifyByCode(number);
  const [old, session] = [owner.cookies.get('__Host-phone-session'), (await owner.get('/api/session')).body];
  await owner.enroll();
  const now = (await owner.get('/api/session')).body;
  expect([now.expiresAt, now.acr, now.account]).toEqual([session.expiresAt, 'restricted', expect.any(String)]);
  expect(claimsOf(now.proof)).toMatchObject({ amr: before.amr, acct: now.account });
  owner.cookies.set('__Host-phone-session', old ?? '');
  expect(outcome(await owner.get('/api/session'))).toBe('401 NO_SESSION');
});

test.each(['ES256', 'EdDSA', 'RS256'] as const)('a passkey with %s works', async (algorithm) => {
  const program = new Program(place);
  await program.verifyByCode(newNumber());
  expect(outcome(await program.enroll({}, algorithm))).toBe('201');
  expect(outcome(await program.verifyByPasskey())).toBe('200');
});

test('a passkey with self attestation, which needs no certificate, works', async () => {
  const program = new Program(place);
  await program.verifyByCode(newNumber());
  expect(outcome(await program.enroll({ attest: selfAttested }))).toBe('201');
  expect(outcome(await program.verifyByPasskey())).toBe('200');
});

test('fields of later editions of WebAuthn change nothing', async () => {
  const program = new Program(place);
  await program.verifyByCode(newNumber());
  const begun = await program.enrollOptions();
  const credential = program.authenticator.create(begun.body.publicKey);
  const later = {
    ...credential,
    response: { ...credential.response, later: { x: [1] }, transports: ['internal', 'later'] },
    later: null,
  };
  expect(outcome(await program.endEnrollment(later))).toBe('201');
  const { body } = await program.enrollOptions();
  expect(body.publicKey.excludeCredentials[0].transports).toEqual(['internal']);
  const options = await program.verifyOptions();
  const assertion = program.authenticator.get(options.body.publicKey);
  const laterAssertion = { ...assertion, response: { ...assertion.response, later: true }, later: 1 };
  expect(outcome(await program.endVerification(laterAssertion))).toBe('200');
});

test('the log reports each use, and names neither the number nor the passkey', async () => {
  const number = newNumber();
  const owner = new Program(place);
  await owner.verifyByCode(number);
  const added = await owner.enroll();
  const { id, userHandle } = owner.authenticator.passkey;
  app.keepOutOfLogs(id, userHandle, number.slice(1));
  const line = await app.logLineOf(added);
  expect(line).toMatchObject({ event: 'factor.added', factor: 'passkey', country: 'US', phone: expect.any(String) });
  const used = await app.logLineOf(await owner.verifyByPasskey());
  expect(used).toMatchObject({ event: 'factor.used', factor: 'passkey', country: 'US', phone: line.phone });
});

test('without a database the routes do not exist', () =>
  place.withApp({ APP_ORIGIN: ORIGIN }, async (plain) => {
    const program = new Program({ app: plain, simulator });
    for (const path of ['enrol-options', 'enrol', 'verify-options', 'verify'])
      expect(outcome(await program.post(`/api/passkeys/${path}`))).toBe('404 NOT_FOUND');
  }));
