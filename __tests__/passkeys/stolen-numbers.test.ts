import { claimsOf } from '@/__tests__/openid/relying-party';
import { newNumber } from '@/__tests__/support/numbers';
import { useApp } from '@/__tests__/support/use-app';
import { outcome, PageVisitor, Program, withFactors } from '@/__tests__/support/visitor';

const place = useApp(withFactors);
const { app } = place;

/** Somebody who has the codes of a number, such as after a SIM swap, but no factor of its owner. */
async function swap(number: string): Promise<Program> {
  const thief = new Program(place);
  await thief.verifyByCode(number);
  return thief;
}

test('anyone who gets the codes of a number gets a proof that says what it lacks', async () => {
  const number = newNumber();
  await new Program(place).becomeOwner(number);
  const thief = new Program(place);
  const { status, body } = await thief.verifyByCode(number);
  expect([status, body.factors]).toEqual([200, ['passkey']]);
  const claims = claimsOf(body.proof);
  expect(claims).toMatchObject({ acr: 'restricted', amr: ['otp', 'sms'], stronger: ['passkey'] });
  expect(claims.acct).toBeUndefined();
});

test('in a browser, codes alone open a session that belongs to no account', async () => {
  const number = newNumber();
  await new Program(place).becomeOwner(number);
  const thief = new PageVisitor(place);
  await thief.verifyByCode(number);
  const { body } = await thief.get('/api/session');
  expect([body.acr, body.account]).toEqual(['restricted', undefined]);
  expect(outcome(await thief.enrollOptions())).toBe('403 STEP_UP_REQUIRED');
});

test('codes alone add no passkey, and the refusal names the factors that would allow it', async () => {
  const number = newNumber();
  const owner = await new Program(place).becomeOwner(number);
  const thief = await swap(number);
  const refused = await thief.enrollOptions();
  expect([outcome(refused), refused.body.methods]).toEqual(['403 STEP_UP_REQUIRED', ['passkey']]);
  expect(await app.logLineOf(refused)).toMatchObject({ event: 'factor.step_up_required' });
  // A challenge of the owner's session does not help the thief either.
  const { body } = await owner.enrollOptions();
  const credential = thief.authenticator.create(body.publicKey);
  const { ceremony } = body;
  expect(outcome(await thief.endEnrollment(credential, { ceremony }))).toBe('403 STEP_UP_REQUIRED');
  expect(outcome(await thief.verifyByPasskey())).toBe('401 PASSKEY_REJECTED');
});

test('a second code gives the thief no more than the first', async () => {
  const number = newNumber();
  await new Program(place).becomeOwner(number);
  const thief = await swap(number);
  const { body } = await thief.verifyByCode(number);
  expect(claimsOf(body.proof)).toMatchObject({ acr: 'restricted', stronger: ['passkey'] });
  expect(outcome(await thief.enrollOptions())).toBe('403 STEP_UP_REQUIRED');
});

test("a passkey of the thief's own number opens nothing of another number", async () => {
  const number = newNumber();
  await new Program(place).becomeOwner(number);
  const thief = await new Program(place).becomeOwner(newNumber());
  const { body } = await thief.verifyByCode(number);
  expect(claimsOf(body.proof).acct).toBeUndefined();
  expect(outcome(await thief.enrollOptions())).toBe('403 STEP_UP_REQUIRED');
});

test('the owner keeps verifying by passkey, and needs no code', async () => {
  const number = newNumber();
  const owner = await new Program(place).becomeOwner(number);
  const account = claimsOf((await owner.verifyByPasskey()).body.proof).acct;
  await swap(number);
  const { body } = await new Program(place, owner.authenticator).verifyByPasskey();
  expect(claimsOf(body.proof)).toMatchObject({ acr: 'phr', acct: account });
});
