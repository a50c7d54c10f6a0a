import { Authenticator, type Wrongs } from '@/__tests__/support/authenticator';
import { inParallel } from '@/__tests__/support/in-parallel';
import { newNumber } from '@/__tests__/support/numbers';
import { useApp } from '@/__tests__/support/use-app';
import { ORIGIN, outcome, PageVisitor, Program, RP_ID, withFactors } from '@/__tests__/support/visitor';

const place = useApp(withFactors);
const { app } = place;

const owner = () => new Program(place).becomeOwner(newNumber());

/** Counts replies by status and code. */
const count = (outcomes: readonly string[]) =>
  Object.fromEntries([...new Set(outcomes)].map((one) => [one, outcomes.filter((other) => other === one).length]));

describe('a response with one fault is refused, and the passkey still works afterwards', () => {
  const WRONGS: readonly (readonly [string, Wrongs])[] = [
    ['from a page of another site', { origin: 'https://verify.example.evil.example' }],
    ['from a page of the parent domain', { origin: 'https://example' }],
    ['from a page of a sibling domain', { origin: 'https://shop.example' }],
    ['from a page of a subdomain', { origin: 'https://www.verify.example' }],
    ['from a page without TLS', { origin: 'http://verify.example' }],
    ['from a page on another port', { origin: 'https://verify.example:8443' }],
    ['for another host', { rpId: 'evil.example' }],
    ['for a subdomain', { rpId: `www.${RP_ID}` }],
    ['from a frame in a page of another site', { crossOrigin: true }],
    ['from a frame that says so as text', { crossOrigin: 'true' }],
    ['from a frame that names the site around it', { crossOrigin: true, topOrigin: 'https://evil.example' }],
    ['from a frame that denies being one', { crossOrigin: false, topOrigin: 'https://evil.example' }],
    ['without user presence', { flags: { up: false } }],
    ['without user verification', { flags: { uv: false } }],
    ['with a backup by an authenticator that cannot make one', { flags: { be: false, bs: true } }],
    ['of an enrollment', { type: 'webauthn.create' }],
    ['to another challenge', { challenge: 'A'.repeat(43) }],
    ['without an account', { userHandle: null }],
    ['for an empty account', { userHandle: '' }],
    ['for another account', { userHandle: 'B'.repeat(43) }],
    ['with a wrong signature', { isSignatureWrong: true }],
  ];

  test.each(WRONGS)('%s', async (_, wrongs) => {
    const program = await owner();
    expect(outcome(await program.verifyByPasskey(wrongs))).toBe('401 PASSKEY_REJECTED');
    expect(outcome(await program.verifyByPasskey())).toBe('200');
  });
});

test('a refusal tells the client nothing beyond its code, and tells the operator the reason', async () => {
  const program = await owner();
  const refused = await program.verifyByPasskey({ origin: 'https://evil.example' });
  expect(refused.body).toEqual({
    code: 'PASSKEY_REJECTED',
    message: 'This passkey cannot be accepted. Use another way to verify.',
  });
  const line = await app.logLineOf(refused);
  expect([line.cause, line.event]).toEqual(['origin', undefined]);
  expect(JSON.stringify(line)).not.toContain('evil');
});

test('a passkey cannot verify for the account of another passkey', async () => {
  const [mallory, alice] = [await owner(), await owner()];
  const { userHandle, id } = alice.authenticator.passkey;
  const own = mallory.authenticator.passkey;
  for (const wrongs of [{ userHandle }, { credentialId: id }, { credentialId: id, userHandle, signer: own }])
    expect(outcome(await mallory.verifyByPasskey(wrongs))).toBe('401 PASSKEY_REJECTED');
});

test('an unknown passkey is refused like a known one with a wrong signature', async () => {
  const program = await owner();
  const stranger = new Authenticator({ origin: ORIGIN });
  const options = await program.verifyOptions();
  stranger.create({ user: { id: program.authenticator.passkey.userHandle }, rp: { id: RP_ID } });
  const unknown = await program.endVerification(stranger.get(options.body.publicKey));
  const wrong = await program.verifyByPasskey({ isSignatureWrong: true });
  expect([unknown.status, unknown.body]).toEqual([wrong.status, wrong.body]);
});

test('a response counts once, even if it is sent again', async () => {
  const program = await owner();
  const { body } = await program.verifyOptions();
  const { ceremony } = body;
  const credential = program.authenticator.get(body.publicKey);
  const send = async () => outcome(await program.endVerification(credential, { ceremony }));
  expect([await send(), await send()]).toEqual(['200', '400 CEREMONY_NOT_FOUND']);
});

test('only one of twenty identical requests at once succeeds', async () => {
  const program = await owner();
  const { body } = await program.verifyOptions();
  const { ceremony } = body;
  const credential = program.authenticator.get(body.publicKey);
  const replies = await inParallel(() =>
    app.post('/api/passkeys/verify', { credential, ceremony }).then((reply) => outcome(reply)),
  );
  expect(count(replies)).toEqual({ '200': 1, '400 CEREMONY_NOT_FOUND': 19 });
});

test('a wrong response also uses up the challenge', async () => {
  const program = await owner();
  const { body } = await program.verifyOptions();
  const { ceremony, publicKey } = body;
  const wrong = program.authenticator.get(publicKey, { isSignatureWrong: true });
  expect(outcome(await program.endVerification(wrong, { ceremony }))).toBe('401 PASSKEY_REJECTED');
  const right = program.authenticator.get(publicKey);
  expect(outcome(await program.endVerification(right, { ceremony }))).toBe('400 CEREMONY_NOT_FOUND');
});

test('a token of an enrollment, a changed one, a made-up one and none at all finish no verification', async () => {
  const program = await owner();
  const enrollment = (await program.enrollOptions()).body;
  const { body } = await program.verifyOptions();
  const last = body.ceremony.endsWith('A') ? 'Q' : 'A';
  const tokens = [enrollment.ceremony, body.ceremony.slice(0, -1) + last, 'A'.repeat(200), undefined];
  for (const ceremony of tokens) {
    const credential = program.authenticator.get(body.publicKey);
    const reply = await app.post('/api/passkeys/verify', { credential, ceremony });
    expect([ceremony, outcome(reply)]).toEqual([ceremony, '400 CEREMONY_NOT_FOUND']);
  }
  const challenged = program.authenticator.get({ ...body.publicKey, challenge: enrollment.publicKey.challenge });
  expect(outcome(await program.endVerification(challenged, { ceremony: enrollment.ceremony }))).toBe(
    '400 CEREMONY_NOT_FOUND',
  );
});

test("a response to one browser's challenge is worth nothing in another browser", async () => {
  const { authenticator } = await owner();
  const [one, other] = [new PageVisitor(place, authenticator), new PageVisitor(place, authenticator)];
  const options = await one.verifyOptions();
  await other.verifyOptions();
  const credential = authenticator.get(options.body.publicKey);
  expect(outcome(await other.endVerification(credential))).toBe('401 PASSKEY_REJECTED');
  const without = new PageVisitor(place, authenticator);
  expect(outcome(await without.endVerification(credential))).toBe('400 CEREMONY_NOT_FOUND');
  expect(outcome(await one.endVerification(credential))).toBe('200');
});

test('another site can neither begin nor finish a verification', async () => {
  const program = await owner();
  const { body } = await program.verifyOptions();
  const credential = program.authenticator.get(body.publicKey);
  const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  for (const [path, content] of [
    ['verify-options', {}],
    ['verify', { credential, ceremony: body.ceremony }],
    ['enrol-options', { session: program.session }],
    ['enrol', { credential, session: program.session }],
  ] as const)
    expect(outcome(await app.post(`/api/passkeys/${path}`, content, foreign))).toBe('403 FORBIDDEN_ORIGIN');
});

describe('counters', () => {
  const counting = async () => {
    const program = new Program(place, new Authenticator({ origin: ORIGIN, isCounting: true }));
    return program.becomeOwner(newNumber());
  };

  test('an authenticator that does not count is never taken for a copy', async () => {
    const program = await owner();
    for (let use = 0; use < 3; use += 1) expect(outcome(await program.verifyByPasskey())).toBe('200');
  });

  test.each([
    ['the same', 7],
    ['a lower', 6],
    ['no', 0],
  ])('%s counter after a use is refused, and the log reports a copied passkey', async (_, counter) => {
    const program = await counting();
    expect(outcome(await program.verifyByPasskey({ counter: 7 }))).toBe('200');
    const refused = await program.verifyByPasskey({ counter });
    expect(outcome(refused)).toBe('401 PASSKEY_REJECTED');
    expect(await app.logLineOf(refused)).toMatchObject({ event: 'passkey.cloned', level: 50, country: 'US' });
    expect(outcome(await program.verifyByPasskey({ counter: 8 }))).toBe('200');
  });

  test('the counter at enrollment counts as used', async () => {
    const program = new Program(place);
    await program.verifyByCode(newNumber());
    await program.enroll({ counter: 5 });
    expect(outcome(await program.verifyByPasskey({ counter: 5 }))).toBe('401 PASSKEY_REJECTED');
    expect(outcome(await program.verifyByPasskey({ counter: 6 }))).toBe('200');
  });

  test('a lower counter with a wrong signature does not report a copied passkey', async () => {
    const program = await counting();
    await program.verifyByPasskey({ counter: 7 });
    const refused = await program.verifyByPasskey({ counter: 3, isSignatureWrong: true });
    expect(outcome(refused)).toBe('401 PASSKEY_REJECTED');
    expect((await app.logLineOf(refused)).event).toBeUndefined();
  });
});

test('wrong responses lock nobody, and count only against their address', () =>
  place.withApp({ ...withFactors(), LIMIT_FACTORS_PER_ADDRESS: '20/1h', TRUSTED_PROXY_HOPS: '1' }, async (limited) => {
    const there = { app: limited, simulator: place.simulator };
    const at = (address: string, authenticator?: Authenticator) =>
      new Program(there, authenticator, { 'x-forwarded-for': address });
    const alice = await at('20.0.0.1').becomeOwner(newNumber());
    const mallory = at('20.0.0.2', alice.authenticator);
    const outcomes: string[] = [];
    for (let request = 0; request < 22; request += 1)
      outcomes.push(outcome(await mallory.verifyByPasskey({ isSignatureWrong: true })));
    expect(count(outcomes)).toEqual({ '401 PASSKEY_REJECTED': 20, '429 RATE_LIMITED': 2 });
    expect(outcome(await at('20.0.0.3', alice.authenticator).verifyByPasskey())).toBe('200');
  }));
