import type { TestApp } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { untilAnswered } from '@/__tests__/support/person';
import { describeWithPostgres, TestPostgres } from '@/__tests__/support/postgres';
import { useSimulator } from '@/__tests__/support/use-app';
import { ORIGIN, outcome, Program, withFactors } from '@/__tests__/support/visitor';

const { simulator, startApp } = useSimulator();

const at = (app: TestApp, program?: Program) => new Program({ app, simulator }, program?.authenticator);

/** Sends a response twenty times at once, to the instances in turn. */
async function sendTwenty(apps: readonly TestApp[], body: object): Promise<string[]> {
  const requests = Array.from({ length: 20 }, async (_, index) => {
    const app = apps[index % apps.length] as TestApp;
    return outcome(await untilAnswered(() => app.post('/api/passkeys/verify', body)));
  });
  return Promise.all(requests);
}

/** The same tests run on each of two databases. */
function testsOn(environment: () => Record<string, string>): void {
  test('a passkey whose addition was confirmed survives a crash', async () => {
    const variables = environment();
    const first = await startApp(variables);
    const owner = await at(first).becomeOwner(newNumber());
    await first.crash();
    const second = await startApp(variables);
    expect(outcome(await at(second, owner).verifyByPasskey())).toBe('200');
    await second.stop();
  });

  test('a response that was used stays used after a crash', async () => {
    const variables = environment();
    const first = await startApp(variables);
    const owner = await at(first).becomeOwner(newNumber());
    const { body } = await owner.verifyOptions();
    const { ceremony } = body;
    const credential = owner.authenticator.get(body.publicKey);
    expect(outcome(await owner.endVerification(credential, { ceremony }))).toBe('200');
    await first.crash();
    const second = await startApp(variables);
    const again = await second.post('/api/passkeys/verify', { credential, ceremony });
    expect(outcome(again)).toBe('400 CEREMONY_NOT_FOUND');
    await second.stop();
  });

  test('two instances share passkeys, and a response counts once for both', async () => {
    const variables = environment();
    const apps = await Promise.all([startApp(variables), startApp(variables)]);
    const [one, other] = apps;
    const owner = await at(one).becomeOwner(newNumber());
    expect(outcome(await at(other, owner).verifyByPasskey())).toBe('200');
    const { body } = await at(one).verifyOptions();
    const { ceremony } = body;
    const credential = owner.authenticator.get(body.publicKey);
    const outcomes = await sendTwenty(apps, { credential, ceremony });
    expect(outcomes.filter((reply) => reply === '200')).toHaveLength(1);
    expect(outcomes.filter((reply) => reply === '400 CEREMONY_NOT_FOUND')).toHaveLength(19);
    await Promise.all(apps.map((app) => app.stop()));
  });

  test('only one of two instances that get the same counter at once accepts it', async () => {
    const variables = environment();
    const apps = await Promise.all([startApp(variables), startApp(variables)]);
    const owner = await at(apps[0]).becomeOwner(newNumber());
    const replies = await Promise.all(
      apps.map((app) =>
        at(app, owner)
          .verifyByPasskey({ counter: 5 })
          .then((reply) => outcome(reply)),
      ),
    );
    expect(replies.sort()).toEqual(['200', '401 PASSKEY_REJECTED']);
    await Promise.all(apps.map((app) => app.stop()));
  });
}

describe('on the embedded database', () => testsOn(withFactors));

describeWithPostgres('on PostgreSQL', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await TestPostgres.start();
  });
  afterAll(() => server.remove());
  testsOn(() => ({ APP_ORIGIN: ORIGIN, DATABASE_URL: server.url() }));

  test('while the database is down, a passkey gets an error, a code stays valid, and both work afterwards', async () => {
    const app = await startApp({ APP_ORIGIN: ORIGIN, DATABASE_URL: server.url() });
    const number = newNumber();
    const owner = await at(app).becomeOwner(number);
    await server.kill();
    expect(outcome(await at(app, owner).verifyByPasskey())).toBe('503 STORE_UNAVAILABLE');
    const later = at(app, owner);
    expect(outcome(await later.verifyByCode(number))).toBe('503 STORE_UNAVAILABLE');
    await server.restart();
    const code = await later.post('/api/verify-otp', { pin: await simulator.pinFor(number) });
    expect(outcome(code)).toBe('200');
    expect(outcome(await at(app, owner).verifyByPasskey())).toBe('200');
    await app.stop();
  });
});
