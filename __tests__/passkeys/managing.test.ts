import { claimsOf } from '@/__tests__/openid/relying-party';
import type { TestApp } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { describeInMemory } from '@/__tests__/support/set-ups';
import { useApp } from '@/__tests__/support/use-app';
import { outcome, PageVisitor, type Place, Program, type Visitor, withFactors } from '@/__tests__/support/visitor';

const place = useApp(withFactors);
const { simulator, startApp } = place;

/** The ids of a visitor's passkeys. */
const idsOf = async (visitor: Visitor): Promise<string[]> =>
  (await visitor.get('/api/factors')).body.factors.map(({ id }: { id: string }) => id);

test('the owner sees the passkeys, when they were used, and no secrets', async () => {
  const owner = await new Program(place).becomeOwner(newNumber());
  const unused = (await owner.get('/api/factors')).body;
  expect(unused).toEqual({
    factors: [
      {
        id: expect.any(String),
        type: 'passkey',
        name: 'Passkey',
        createdAt: expect.any(String),
        lastUsedAt: null,
        synced: false,
      },
    ],
    recoveryCodesLeft: 0,
    resetAt: null,
  });
  await owner.verifyByPasskey({ flags: { be: true, bs: true } });
  const [used] = (await owner.get('/api/factors')).body.factors;
  expect(used).toEqual({ ...unused.factors[0], lastUsedAt: expect.any(String), synced: true });
});

test.each([
  ['a program', () => new Program(place)],
  ['a browser', () => new PageVisitor(place)],
])('%s that has only the codes of a number neither sees nor removes the passkeys', async (_, newThief) => {
  const number = newNumber();
  const owner = await new Program(place).becomeOwner(number);
  const [id] = await idsOf(owner);
  const thief = newThief();
  await thief.verifyByCode(number);
  for (const reply of [await thief.get('/api/factors'), await thief.delete(`/api/factors/${id}`)])
    expect([outcome(reply), reply.body.methods]).toEqual(['403 STEP_UP_REQUIRED', ['passkey']]);
  expect(await idsOf(owner)).toEqual([id]);
});

test('the owner of one account removes nothing from another one', async () => {
  const [owner, mallory] = [
    await new Program(place).becomeOwner(newNumber()),
    await new Program(place).becomeOwner(newNumber()),
  ];
  const [id] = await idsOf(owner);
  expect(outcome(await mallory.delete(`/api/factors/${id}`))).toBe('404 FACTOR_NOT_FOUND');
  expect(await idsOf(owner)).toEqual([id]);
});

test('a passkey that was removed verifies nothing, and sessions that it opened manage nothing', async () => {
  const owner = await new Program(place).becomeOwner(newNumber());
  await owner.enroll();
  const [stolen, kept] = owner.authenticator.passkeys;
  const use = async (passkey = kept) => {
    const program = new Program(place);
    const { body } = await program.verifyOptions();
    return [program, await program.endVerification(owner.authenticator.get(body.publicKey, {}, passkey))] as const;
  };
  const [thief, before] = await use(stolen);
  expect(outcome(before)).toBe('200');
  const [id] = await idsOf(owner);
  // Sessions record their start only to the second, so wait for the next one.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  expect((await owner.delete(`/api/factors/${id}`)).status).toBe(204);
  expect(outcome((await use(stolen))[1])).toBe('401 PASSKEY_REJECTED');
  expect(outcome(await thief.enrollOptions())).toBe('403 STEP_UP_REQUIRED');
  expect(outcome((await use(kept))[1])).toBe('200');
  expect(outcome(await owner.enrollOptions())).toBe('200');
});

test('an enrollment that began before the last passkey was removed adds nothing', async () => {
  const owner = await new Program(place).becomeOwner(newNumber());
  const { body } = await owner.enrollOptions();
  const [id] = await idsOf(owner);
  expect((await owner.delete(`/api/factors/${id}`)).status).toBe(204);
  const late = await owner.endEnrollment(owner.authenticator.create(body.publicKey));
  expect(outcome(late)).toBe('400 CEREMONY_NOT_FOUND');
});

test('a passkey whose removal was confirmed stays gone after a crash', async () => {
  const variables = withFactors();
  const first = await startApp(variables);
  const owner = await new Program({ app: first, simulator }).becomeOwner(newNumber());
  const [id] = await idsOf(owner);
  expect((await owner.delete(`/api/factors/${id}`)).status).toBe(204);
  await first.crash();
  const second = await startApp(variables);
  const later = new Program({ app: second, simulator }, owner.authenticator);
  expect(outcome(await later.verifyByPasskey())).toBe('401 PASSKEY_REJECTED');
  await second.stop();
});

describeInMemory('a reset', ({ deploy }) => {
  const DAY_MS = 24 * 60 * 60_000;
  const deployment = deploy(withFactors());
  const there: Place = {
    get app() {
      return deployment.apps[0] as TestApp;
    },
    get simulator() {
      return deployment.simulator;
    },
  };

  /** Somebody with the codes of a number requests a reset of its account. */
  async function requestReset(number: string): Promise<void> {
    const person = new Program(there);
    await person.verifyByCode(number);
    expect(outcome(await person.post('/api/factors/reset'))).toBe('202');
  }

  async function enrollByCode(number: string): Promise<[Program, string]> {
    const person = new Program(there);
    await person.verifyByCode(number);
    return [person, outcome(await person.enroll())];
  }

  test('is canceled by a passkey, and the log says so', async () => {
    const number = newNumber();
    const owner = await new Program(there).becomeOwner(number);
    await requestReset(number);
    await deployment.moveClock(6 * DAY_MS);
    const used = await new Program(there, owner.authenticator).verifyByPasskey();
    expect(await there.app.logLineOf(used)).toMatchObject({ event: 'account.reset_canceled' });
    await deployment.moveClock(2 * DAY_MS);
    expect((await enrollByCode(number))[1]).toBe('403 STEP_UP_REQUIRED');
  });

  test('lets codes add a first passkey after seven days, and the account of earlier passkeys is gone', async () => {
    const number = newNumber();
    const owner = await new Program(there).becomeOwner(number);
    const before = claimsOf((await owner.verifyByPasskey()).body.proof).acct;
    await requestReset(number);
    await deployment.moveClock(6 * DAY_MS);
    expect((await enrollByCode(number))[1]).toBe('403 STEP_UP_REQUIRED');
    await deployment.moveClock(DAY_MS);
    const [person, added] = await enrollByCode(number);
    expect(added).toBe('201');
    expect(outcome(await new Program(there, owner.authenticator).verifyByPasskey())).toBe('401 PASSKEY_REJECTED');
    const after = claimsOf((await person.verifyByPasskey()).body.proof).acct;
    expect([typeof after, after === before]).toEqual(['string', false]);
  });

  test('is canceled by a passkey even while somebody else adds a first one', async () => {
    const number = newNumber();
    const owner = await new Program(there).becomeOwner(number);
    await requestReset(number);
    await deployment.moveClock(8 * DAY_MS);
    const person = new Program(there);
    await person.verifyByCode(number);
    const { body } = await person.enrollOptions();
    expect(outcome(await new Program(there, owner.authenticator).verifyByPasskey())).toBe('200');
    const late = await person.endEnrollment(person.authenticator.create(body.publicKey));
    expect(outcome(late)).toBe('403 STEP_UP_REQUIRED');
    expect(outcome(await new Program(there, owner.authenticator).verifyByPasskey())).toBe('200');
  });
});
