import { attestedBy, certified } from '@/__tests__/support/attestation';
import { Authenticator, type PublicKeyOptions, type Wrongs } from '@/__tests__/support/authenticator';
import { inParallel } from '@/__tests__/support/in-parallel';
import { newNumber } from '@/__tests__/support/numbers';
import { useApp } from '@/__tests__/support/use-app';
import { ORIGIN, outcome, PageVisitor, Program, withFactors } from '@/__tests__/support/visitor';

const place = useApp(withFactors);
const { app } = place;

/** A program that has verified a number with a code. */
async function verified(number = newNumber()): Promise<Program> {
  const program = new Program(place);
  await program.verifyByCode(number);
  return program;
}

describe('a response with one fault is refused, and the number still accepts a correct one', () => {
  const WRONGS: readonly (readonly [string, Wrongs])[] = [
    ['from a page of another site', { origin: 'https://evil.example' }],
    ['from a page of a subdomain', { origin: 'https://www.verify.example' }],
    ['for another host', { rpId: 'evil.example' }],
    ['from a frame in a page of another site', { crossOrigin: true }],
    ['from a frame that names the site around it', { crossOrigin: true, topOrigin: 'https://evil.example' }],
    ['from a frame that denies being one', { topOrigin: 'https://evil.example' }],
    ['without user presence', { flags: { up: false } }],
    ['without user verification', { flags: { uv: false } }],
    ['with a backup by an authenticator that cannot make one', { flags: { be: false, bs: true } }],
    ['of a verification', { type: 'webauthn.get' }],
    ['to another challenge', { challenge: 'A'.repeat(43) }],
    ['with a certificate that is valid in itself', { attest: certified }],
    ['with the start of a certificate', { attest: attestedBy('packed', { x5c: [Buffer.alloc(9)] }) }],
    ['with a statement where none belongs', { attest: attestedBy('none', { alg: -7 }) }],
    ...['android-key', 'android-safetynet', 'apple', 'fido-u2f', 'tpm', 'made-up'].map(
      (format) => [`attested by ${format}`, { attest: attestedBy(format) }] as const,
    ),
  ];

  test.each(WRONGS)('%s', async (_, wrongs) => {
    const program = await verified();
    expect(outcome(await program.enroll(wrongs))).toBe('422 PASSKEY_REJECTED');
    expect(outcome(await program.enroll())).toBe('201');
  });

  test('with an algorithm that was not asked for', async () => {
    const program = await verified();
    expect(outcome(await program.enroll({}, 'ES384'))).toBe('422 PASSKEY_REJECTED');
    expect(outcome(await program.enroll())).toBe('201');
  });

  test('under another id than its own', async () => {
    const program = await verified();
    const { body } = await program.enrollOptions();
    const credential = program.authenticator.create(body.publicKey);
    const id = Buffer.alloc(16, 1).toString('base64url');
    expect(outcome(await program.endEnrollment({ ...credential, id, rawId: id }))).toBe('422 PASSKEY_REJECTED');
  });
});

test('nobody adds a passkey without a session', async () => {
  const program = new Program(place);
  expect(outcome(await program.enrollOptions())).toBe('401 NO_SESSION');
  const owner = await verified();
  const { body } = await owner.enrollOptions();
  const credential = program.authenticator.create(body.publicKey);
  const { ceremony } = body;
  expect(outcome(await program.endEnrollment(credential, { ceremony }))).toBe('401 NO_SESSION');
  const madeUp = { ceremony, session: 'A'.repeat(43) };
  expect(outcome(await program.endEnrollment(credential, madeUp))).toBe('401 NO_SESSION');
});

test('a session that ends during the enrollment adds nothing', async () => {
  const page = new PageVisitor(place);
  await page.verifyByCode(newNumber());
  const session = page.cookies.get('__Host-phone-session') ?? '';
  const { body } = await page.enrollOptions();
  await app.request('/api/session', {
    method: 'DELETE',
    headers: { cookie: `__Host-phone-session=${session}`, origin: ORIGIN, 'sec-fetch-site': 'same-origin' },
  });
  expect(outcome(await page.endEnrollment(page.authenticator.create(body.publicKey)))).toBe('401 NO_SESSION');
});

test("one session's challenge adds nothing in another one", async () => {
  const number = newNumber();
  const [one, other, foreign] = [await verified(number), await verified(number), await verified()];
  const { body } = await one.enrollOptions();
  const { ceremony } = body;
  for (const program of [other, foreign]) {
    const credential = program.authenticator.create(body.publicKey);
    expect(outcome(await program.endEnrollment(credential, { ceremony }))).toBe('400 CEREMONY_NOT_FOUND');
  }
  expect(outcome(await one.endEnrollment(one.authenticator.create(body.publicKey)))).toBe('201');
});

test('a challenge of a verification, a used one and none at all add nothing', async () => {
  const program = await verified();
  const verification = (await program.verifyOptions()).body;
  const crossed = program.authenticator.create({ ...verification.publicKey, user: { id: 'A' }, rp: { id: 'x' } });
  const { ceremony } = verification;
  expect(outcome(await program.endEnrollment(crossed, { ceremony }))).toBe('400 CEREMONY_NOT_FOUND');

  const { body } = await program.enrollOptions();
  const wrong = program.authenticator.create(body.publicKey, { origin: 'https://evil.example' });
  expect(outcome(await program.endEnrollment(wrong))).toBe('422 PASSKEY_REJECTED');
  const right = program.authenticator.create(body.publicKey);
  expect(outcome(await program.endEnrollment(right))).toBe('400 CEREMONY_NOT_FOUND');
  const { session } = program;
  const reply = await app.post('/api/passkeys/enrol', { credential: right, session });
  expect(outcome(reply)).toBe('400 CEREMONY_NOT_FOUND');
});

test('only one of twenty identical requests at once adds the passkey', async () => {
  const number = newNumber();
  const program = await verified(number);
  const { session } = program;
  const { body } = await program.enrollOptions();
  const { ceremony } = body;
  const credential = program.authenticator.create(body.publicKey);
  const outcomes = await inParallel(() =>
    app.post('/api/passkeys/enrol', { credential, ceremony, session }).then((reply) => outcome(reply)),
  );
  expect(outcomes.filter((one) => one === '201')).toHaveLength(1);
  expect(outcomes.filter((one) => one !== '201').every((one) => /^(400|401|403) /.test(one))).toBe(true);
});

test('only one of twenty tabs that add a first passkey at once succeeds, and there is one account', async () => {
  const number = newNumber();
  const program = await verified(number);
  const { session } = program;
  const tabs = await inParallel(async () => {
    const authenticator = new Authenticator({ origin: ORIGIN });
    const { body } = await app.post('/api/passkeys/enrol-options', { session });
    return { authenticator, ceremony: body.ceremony, credential: authenticator.create(body.publicKey) };
  });
  const replies = await Promise.all(
    tabs.map(({ credential, ceremony }) => app.post('/api/passkeys/enrol', { credential, ceremony, session })),
  );
  const added = replies.findIndex(({ status }) => status === 201);
  expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
  const refusals = replies.map(outcome).filter((one) => one !== '201');
  // The other requests find the account, or no session.
  expect(refusals.every((one) => one === '403 STEP_UP_REQUIRED' || one === '401 NO_SESSION')).toBe(true);
  const uses = tabs.map(({ authenticator }) => new Program(place, authenticator).verifyByPasskey());
  expect((await Promise.all(uses)).flatMap(({ status }, index) => (status === 200 ? [index] : []))).toEqual([added]);
});

test('an enrollment that began before the number had an account adds nothing', async () => {
  const number = newNumber();
  const [owner, other] = [await verified(number), await verified(number)];
  const { body } = await other.enrollOptions();
  expect(outcome(await owner.enroll())).toBe('201');
  const late = await other.endEnrollment(other.authenticator.create(body.publicKey));
  expect([outcome(late), late.body.methods]).toEqual(['403 STEP_UP_REQUIRED', ['passkey']]);
  expect(await app.logLineOf(late)).toMatchObject({ event: 'factor.step_up_required' });
  expect(outcome(await other.verifyByPasskey())).toBe('401 PASSKEY_REJECTED');
});

test('an account takes at most ten passkeys, even if two arrive at once', async () => {
  const owner = await new Program(place).becomeOwner(newNumber());
  const last = owner.authenticator.passkey;
  for (let count = 1; count < 9; count += 1) expect(outcome(await owner.enroll())).toBe('201');
  const pair = [new Program(place, owner.authenticator), new Program(place, owner.authenticator)];
  const begun: PublicKeyOptions[] = [];
  for (const program of pair) {
    const options = await program.verifyOptions();
    await program.endVerification(program.authenticator.get(options.body.publicKey, {}, last));
    begun.push((await program.enrollOptions()).body.publicKey);
  }
  const replies = await Promise.all(
    pair.map((program, index) => program.endEnrollment(new Authenticator({ origin: ORIGIN }).create(begun[index]))),
  );
  expect(replies.map(outcome).sort()).toEqual(['201', '409 TOO_MANY_FACTORS']);
  expect(outcome(await owner.enrollOptions())).toBe('409 TOO_MANY_FACTORS');
});

test('a passkey cannot be added twice, neither to its account nor to another one', async () => {
  const owner = await new Program(place).becomeOwner(newNumber());
  const { id } = owner.authenticator.passkey;
  const duplicate = await owner.enroll({ credentialId: id });
  expect(outcome(duplicate)).toBe('422 PASSKEY_REJECTED');
  const mallory = await verified();
  expect(outcome(await mallory.enroll({ credentialId: id }))).toBe('422 PASSKEY_REJECTED');
  const stillFree = await mallory.enroll();
  expect(outcome(stillFree)).toBe('201');
  const [first] = owner.authenticator.passkeys;
  const options = await owner.verifyOptions();
  const use = await owner.endVerification(owner.authenticator.get(options.body.publicKey, {}, first));
  expect(outcome(use)).toBe('200');
});

test('a session that added a passkey can add the next one, and other sessions that a code opened still cannot', async () => {
  const number = newNumber();
  const [owner, other] = [await verified(number), await verified(number)];
  await owner.enroll();
  expect(outcome(await owner.enroll())).toBe('201');
  expect(outcome(await other.enrollOptions())).toBe('403 STEP_UP_REQUIRED');
});
