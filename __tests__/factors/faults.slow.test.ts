import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { newNumber } from '@/__tests__/support/numbers';
import { countOutcomes, newAddress, Person } from '@/__tests__/support/person';
import { Deployment } from '@/__tests__/support/set-ups';
import { TestSimulator } from '@/__tests__/support/simulator';
import { useShared } from '@/__tests__/support/use-app';
import { Clock, expectStatus, newDataDir, Owner, outcomeOf, withApp } from './owner';

const simulator = useShared(
  () => TestSimulator.start(),
  (started) => started.close(),
);

const directory = path.join(newDataDir(), 'data');
beforeEach(() => mkdirSync(directory));
afterEach(() => rmSync(directory, { recursive: true }));

/** A server of its own for one test, on a database that outlives it. */
class Server extends Deployment {
  readonly clock: Clock;

  constructor() {
    super(
      () => simulator,
      () => ({ environment: {}, instances: 1 }),
    );
    this.clock = new Clock(this);
  }

  static async begin(): Promise<Server> {
    const server = new Server();
    await server.start({ DATA_DIR: directory });
    return server;
  }

  /** Ends the server as a power failure does. */
  crash(): Promise<unknown> {
    return Promise.all(this.apps.map((app) => app.crash()));
  }
}

test('an added app, a used code and a removed app survive a crash right after the reply', async () => {
  const number = newNumber();
  let server = await Server.begin();
  const { app, id, recoveryCodes } = await withApp(server, server.clock, number);
  await server.crash();

  server = await Server.begin();
  const owner = new Owner(server, number);
  expectStatus(200, await owner.verifyByRecoveryCode(recoveryCodes[0]));
  const [factor] = (await owner.factors()).body.factors;
  expect(factor.id).toBe(id);
  const code = app.at(app.step + 1);
  expectStatus(200, await owner.elsewhere().verifyByApp(code));
  await server.crash();

  server = await Server.begin();
  const again = new Owner(server, number);
  // A used code stays used.
  expect(outcomeOf(await again.verifyByRecoveryCode(recoveryCodes[0]))).toBe('400 WRONG_CODE');
  expect(outcomeOf(await again.verifyByApp(code))).toBe('400 WRONG_CODE');
  expectStatus(200, await again.verifyByRecoveryCode(recoveryCodes[1]));
  expectStatus(204, await again.remove(id));
  await server.crash();

  server = await Server.begin();
  expect(outcomeOf(await new Owner(server, number).verifyByRecoveryCode(recoveryCodes[2]))).toBe('400 WRONG_CODE');
  const later = new Owner(server, number);
  expectStatus(200, await later.verifyByPhone());
  expect((await later.factors()).body.factors).toEqual([]);
  await server.stop();
});

test('while the database is down, nothing passes, no guess counts, and codes by phone stay valid', async () => {
  const away = path.join(path.dirname(directory), 'away');
  const number = newNumber();
  const first = await Server.begin();
  const { app } = await withApp(first, first.clock, number);
  await first.stop();

  // Put a file where the directory was.
  renameSync(directory, away);
  writeFileSync(directory, '');
  const server = await Server.begin();
  const owner = new Owner(server, number);
  const replies = [];
  for (let i = 0; i < 12; i += 1) {
    replies.push(await new Owner(server, number).verifyByApp(app.wrong()));
    replies.push(await new Owner(server, number).verifyByRecoveryCode('0000-0000-0000-0000'));
  }
  replies.push(await owner.verifyByApp(app.at(app.step + 1)));
  expect(countOutcomes(replies)).toEqual({ '503 STORE_UNAVAILABLE': 25 });
  const sent = await new Person(server, newAddress()).send(number);
  await simulator.advance(1000);
  const pin = await simulator.pinFor(number);
  const verify = () => new Person(server, newAddress()).verify(sent.body.pinId, pin);
  expect(outcomeOf(await verify())).toBe('503 STORE_UNAVAILABLE');

  rmSync(directory);
  renameSync(away, directory);
  for (let i = 0; i < 9; i += 1)
    expect(outcomeOf(await new Owner(server, number).verifyByApp(app.wrong()))).toBe('400 WRONG_CODE');
  expectStatus(200, await owner.verifyByApp(app.at(app.step + 1)));
  expectStatus(200, await verify());
  await server.stop();
});
