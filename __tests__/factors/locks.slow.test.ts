import { newNumber } from '@/__tests__/support/numbers';
import { countOutcomes, flood, newAddress, newNetwork, Person } from '@/__tests__/support/person';
import { endsOfKeys } from '@/__tests__/support/redis-keys';
import { describeEverywhere, describeInMemory, describeOnRedis } from '@/__tests__/support/set-ups';
import { useShared } from '@/__tests__/support/use-app';
import { ORIGIN, Program } from '@/__tests__/support/visitor';
import { SECRET, TestReceiver, until } from '@/__tests__/webhooks/receiver';
import { Clock, expectStatus, newDataDir, Owner, outcomeOf, withApp } from './owner';

const HOUR_MS = 60 * 60_000;
const GUESSES_PER_LOCK = 10;

describeEverywhere('the lock that all ways to verify share', (setUp) => {
  const deployment = setUp.deploy({ DATA_DIR: newDataDir(), APP_ORIGIN: ORIGIN });
  const clock = new Clock(deployment);

  describe('wrong codes from an app, recovery codes and codes by phone', () => {
    /** A stranger's ways to guess, each from a network of its own. */
    const stranger = (number: string) => new Owner(deployment, number);
    const guessApp = (number: string, code: string) => stranger(number).verifyByApp(code);
    const guessRecovery = (number: string) => stranger(number).verifyByRecoveryCode('0000-0000-0000-0000');

    async function expectLockedForStrangers(number: string): Promise<void> {
      const refused = [
        await guessApp(number, '000000'),
        await guessRecovery(number),
        await new Person(deployment, newAddress()).send(number),
      ];
      expect(countOutcomes(refused)).toEqual({ '429 NUMBER_LOCKED': 3 });
      for (const { body, headers } of refused) {
        expect(body.retryAfterSeconds).toBeGreaterThan(3000);
        expect(headers.get('retry-after')).toBe(String(body.retryAfterSeconds));
      }
    }

    test('ten wrong codes from an app lock the number for strangers in every way, but not for the owner’s browser', async () => {
      const { owner, app, recoveryCodes } = await withApp(deployment, clock, newNumber());
      for (let i = 0; i < GUESSES_PER_LOCK; i += 1)
        expect(outcomeOf(await guessApp(owner.number, app.wrong()))).toBe('400 WRONG_CODE');
      await expectLockedForStrangers(owner.number);
      expect(outcomeOf(await stranger(owner.number).verifyByApp(await app.next()))).toBe('429 NUMBER_LOCKED');

      expectStatus(200, await owner.verifyByApp(await app.next()));
      expectStatus(200, await owner.verifyByRecoveryCode(recoveryCodes[0]));
      expectStatus(200, await owner.verifyByPhone());
      // The owner's success does not open the number to strangers.
      await expectLockedForStrangers(owner.number);
    });

    test('ten wrong codes by phone lock the app and recovery codes as well', async () => {
      const { owner, app } = await withApp(deployment, clock, newNumber());
      const guesses = await new Person(deployment, newAddress()).guess(owner.number, GUESSES_PER_LOCK);
      expect(countOutcomes(guesses)).toEqual({ '400 WRONG_PIN': GUESSES_PER_LOCK });
      await expectLockedForStrangers(owner.number);
      expectStatus(200, await owner.verifyByApp(await app.next()));
    });

    test('all kinds of codes count together', async () => {
      const { owner, app } = await withApp(deployment, clock, newNumber());
      await new Person(deployment, newAddress()).guess(owner.number, 3);
      for (let i = 0; i < 3; i += 1) await guessApp(owner.number, app.wrong());
      for (let i = 0; i < 3; i += 1) expect(outcomeOf(await guessRecovery(owner.number))).toBe('400 WRONG_CODE');
      expect(outcomeOf(await guessApp(owner.number, app.wrong()))).toBe('400 WRONG_CODE');
      await expectLockedForStrangers(owner.number);
    });

    test('a correct code resets the count', async () => {
      const { owner, app, recoveryCodes } = await withApp(deployment, clock, newNumber());
      for (const right of [app, undefined, app]) {
        for (let i = 0; i < GUESSES_PER_LOCK - 1; i += 1) await guessApp(owner.number, app.wrong());
        const elsewhere = stranger(owner.number);
        const reply = right
          ? await elsewhere.verifyByApp(await right.next())
          : await elsewhere.verifyByRecoveryCode(recoveryCodes[0]);
        expectStatus(200, reply);
      }
    });

    test('the server checks only ten of many simultaneous guesses', async () => {
      const { owner, app } = await withApp(deployment, clock, newNumber());
      const wrong = app.wrong();
      const replies = await flood(40, () => guessApp(owner.number, wrong));
      expect(countOutcomes(replies)).toEqual({ '400 WRONG_CODE': GUESSES_PER_LOCK, '429 NUMBER_LOCKED': 30 });
    });

    test('a known device that guesses locks only itself', async () => {
      const { owner, app } = await withApp(deployment, clock, newNumber());
      const other = owner.elsewhere();
      expectStatus(200, await other.verifyByApp(await app.next()));
      for (let i = 0; i < GUESSES_PER_LOCK; i += 1)
        expect(outcomeOf(await owner.verifyByApp(app.wrong()))).toBe('400 WRONG_CODE');
      expect(outcomeOf(await owner.verifyByApp(await app.next()))).toBe('429 NUMBER_LOCKED');
      expectStatus(200, await other.verifyByApp(await app.next()));
      expectStatus(200, await stranger(owner.number).verifyByApp(await app.next()));
    });
  });

  describe('a recovery code', () => {
    const WRONG = '0000-0000-0000-0000';

    async function lock(number: string): Promise<void> {
      const guesses = await new Person(deployment, newAddress()).guess(number, GUESSES_PER_LOCK);
      expect(countOutcomes(guesses)).toEqual({ '400 WRONG_PIN': GUESSES_PER_LOCK });
    }

    test('verifies a locked number once, and does not lift the lock', async () => {
      const { owner, app, recoveryCodes } = await withApp(deployment, clock, newNumber());
      await lock(owner.number);
      const elsewhere = owner.elsewhere();
      expectStatus(200, await elsewhere.verifyByRecoveryCode(recoveryCodes[0]));
      expect((await elsewhere.session()).body).toMatchObject({ phoneNumber: owner.number, acr: 'otp' });

      expect(outcomeOf(await owner.elsewhere().verifyByRecoveryCode(recoveryCodes[0]))).toBe('429 NUMBER_LOCKED');
      expect(outcomeOf(await owner.elsewhere().verifyByApp(await app.next()))).toBe('429 NUMBER_LOCKED');
      expect(outcomeOf(await new Person(deployment, newAddress()).send(owner.number))).toBe('429 NUMBER_LOCKED');
      // The success has made the browser a known device.
      expectStatus(200, await elsewhere.verifyByApp(await app.next()));
      expectStatus(200, await owner.elsewhere().verifyByRecoveryCode(recoveryCodes[1]));
    });

    test('verifies from a known device that is locked itself', async () => {
      const { owner, app, recoveryCodes } = await withApp(deployment, clock, newNumber());
      for (let i = 0; i < GUESSES_PER_LOCK; i += 1) await owner.verifyByApp(app.wrong());
      expect(outcomeOf(await owner.verifyByApp(await app.next()))).toBe('429 NUMBER_LOCKED');
      expectStatus(200, await owner.verifyByRecoveryCode(recoveryCodes[0]));
    });

    test('looks like any guess at a locked number if it is wrong, and does not prolong the lock', async () => {
      const { owner } = await withApp(deployment, clock, newNumber());
      await lock(owner.number);
      const byApp = await owner.elsewhere().verifyByApp('000000');
      const replies = await flood(20, () => owner.elsewhere().verifyByRecoveryCode(WRONG));
      expect(countOutcomes(replies)).toEqual({ '429 NUMBER_LOCKED': 20 });
      for (const { body, headers } of replies) {
        expect({ ...body, retryAfterSeconds: 0 }).toEqual({ ...byApp.body, retryAfterSeconds: 0 });
        expect(headers.get('retry-after')).toBe(String(body.retryAfterSeconds));
        expect(body.retryAfterSeconds).toBeLessThanOrEqual(byApp.body.retryAfterSeconds);
      }
    });

    test('passes the lock for only one of twenty simultaneous requests', async () => {
      const { owner, recoveryCodes } = await withApp(deployment, clock, newNumber());
      await lock(owner.number);
      const replies = await flood(20, () => owner.elsewhere().verifyByRecoveryCode(recoveryCodes[0]));
      expect(countOutcomes(replies)).toEqual({ '200': 1, '429 NUMBER_LOCKED': 19 });
    });

    test('cancels the reset of a thief who swapped the SIM card and keeps the number locked', async () => {
      const { owner, app, recoveryCodes } = await withApp(deployment, clock, newNumber());
      const thief = owner.elsewhere();
      expectStatus(200, await thief.verifyByPhone());
      expectStatus(202, await thief.post('/api/factors/reset'));
      for (let i = 0; i < GUESSES_PER_LOCK; i += 1)
        expect(outcomeOf(await owner.elsewhere().verifyByApp(app.wrong()))).toBe('400 WRONG_CODE');

      const elsewhere = owner.elsewhere();
      expect(outcomeOf(await elsewhere.verifyByApp(await app.next()))).toBe('429 NUMBER_LOCKED');
      expectStatus(200, await elsewhere.verifyByRecoveryCode(recoveryCodes[0]));
      expect((await elsewhere.factors()).body).toMatchObject({ factors: [{ type: 'totp' }], resetAt: null });

      await clock.pass(7 * 24 * HOUR_MS + 60_000);
      expectStatus(200, await thief.verifyByPhone());
      expect(outcomeOf(await thief.post('/api/totp/enrol'))).toBe('403 STEP_UP_REQUIRED');
    });
  });

  describe('a passkey', () => {
    test('verifies a locked number, and does not lift the lock', async () => {
      const number = newNumber();
      const [app] = deployment.apps;
      if (!app) throw new Error('There is no app.');
      const headers = { 'x-forwarded-for': newAddress() };
      const owner = new Program({ app, simulator: deployment.simulator }, undefined, headers);
      await owner.becomeOwner(number);
      await new Person(deployment, newAddress()).guess(number, GUESSES_PER_LOCK);
      expect(outcomeOf(await new Owner(deployment, number).verifyByApp('000000'))).toBe('429 NUMBER_LOCKED');
      expectStatus(200, await owner.verifyByPasskey());
      expect(outcomeOf(await new Person(deployment, newAddress()).send(number))).toBe('429 NUMBER_LOCKED');
    });
  });
});

describeInMemory('wrong recovery codes for a locked number', (setUp) => {
  const deployment = setUp.deploy({
    DATA_DIR: newDataDir(),
    LIMIT_FACTORS_PER_ADDRESS: '5/1h',
    LIMIT_FACTORS_PER_NETWORK: '1000/1h',
  });
  const clock = new Clock(deployment);

  test('count against their address, and against nobody else', async () => {
    const { owner, recoveryCodes } = await withApp(deployment, clock, newNumber());
    await new Person(deployment, newAddress()).guess(owner.number, GUESSES_PER_LOCK);
    const stranger = owner.elsewhere();
    const guess = () => stranger.verifyByRecoveryCode('0000-0000-0000-0000');
    for (let i = 0; i < 5; i += 1) expect(outcomeOf(await guess())).toBe('429 NUMBER_LOCKED');
    const refused = await guess();
    expect(outcomeOf(refused)).toBe('429 RATE_LIMITED');
    expect(await deployment.limitOf(refused)).toBe('LIMIT_FACTORS_PER_ADDRESS');
    expectStatus(200, await owner.elsewhere().verifyByRecoveryCode(recoveryCodes[0]));
  });
});

describeInMemory('one network', (setUp) => {
  const deployment = setUp.deploy({ DATA_DIR: newDataDir(), LIMIT_GUESSES_PER_NUMBER_AND_NETWORK: '10/1d' });
  const clock = new Clock(deployment);

  test('locks a number for strangers once a day at most', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    const network = newNetwork();
    for (let i = 1; i <= GUESSES_PER_LOCK; i += 1)
      expect(outcomeOf(await new Owner(deployment, owner.number, network(i)).verifyByApp(app.wrong()))).toBe(
        '400 WRONG_CODE',
      );
    await clock.pass(HOUR_MS);
    const refused = await new Owner(deployment, owner.number, network(99)).verifyByApp(app.wrong());
    expect(outcomeOf(refused)).toBe('429 RATE_LIMITED');
    expect(await deployment.limitOf(refused)).toBe('LIMIT_GUESSES_PER_NUMBER_AND_NETWORK');
    // Other people in this network can still verify other numbers, and the owner can verify this one from elsewhere.
    const neighbor = await withApp(deployment, clock, newNumber());
    const there = new Owner(deployment, neighbor.owner.number, network(98));
    expectStatus(200, await there.verifyByApp(await neighbor.app.next()));
    expectStatus(200, await owner.elsewhere().verifyByApp(await app.next()));
  });

  test('may verify a number with correct codes any number of times, without cookies', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    const network = newNetwork();
    for (let i = 1; i <= 15; i += 1)
      expectStatus(200, await new Owner(deployment, owner.number, network(i)).verifyByApp(await app.next()));
  });
});

describeOnRedis('guesses at numbers without factors', (setUp) => {
  const deployment = setUp.deploy({ DATA_DIR: newDataDir() });

  const guess = (number: string) => new Owner(deployment, number).verifyByApp('123456');
  const kindsOfKeys = async () => {
    const kinds = [...(await endsOfKeys(deployment)).keys()].map((key) => key.split(':')[1] ?? '');
    return Object.fromEntries([...new Set(kinds)].map((kind) => [kind, kinds.filter((one) => one === kind).length]));
  };

  test('leave few keys in the store, soon stop locking numbers, and look like all other guesses', async () => {
    const before = (await kindsOfKeys()).n ?? 0;
    const replies = await flood(400, () => guess(newNumber()));
    expect(countOutcomes(replies)).toEqual({ '400 WRONG_CODE': 400 });
    // Each of the two instances counts at most twenty guesses, and each of these leaves a key.
    expect(((await kindsOfKeys()).n ?? 0) - before).toBeLessThanOrEqual(40);
    const number = newNumber();
    expect(countOutcomes(await flood(30, () => guess(number)))).toEqual({ '400 WRONG_CODE': 30 });
    expect((await new Person(deployment, newAddress()).send(number)).status).toBe(200);
  });
});

describeInMemory('a lock by guesses', (setUp) => {
  const deployment = setUp.deploy();
  const clock = new Clock(deployment);
  const receiver = useShared(
    () => TestReceiver.start(),
    (started) => started.stop(),
  );
  const directory = newDataDir();
  // The receiver has an address only once it runs.
  beforeAll(async () => {
    await deployment.stop();
    await deployment.start({ DATA_DIR: directory, WEBHOOK_URL: receiver.url, WEBHOOK_SECRET: SECRET });
  });

  test('causes an event in the log and a webhook, even if it is the lock of one device', async () => {
    const { owner, app } = await withApp(deployment, clock, newNumber());
    let last = await owner.elsewhere().verifyByApp(app.wrong());
    for (let i = 1; i < GUESSES_PER_LOCK; i += 1) last = await owner.elsewhere().verifyByApp(app.wrong());
    expect(await deployment.apps[0]?.logLineOf(last)).toMatchObject({ event: 'number.locked', level: 40 });
    const locks = () => receiver.about(owner.number).filter(({ type }) => type === 'number.locked');
    // Wait, because webhooks that leave at the same time may arrive in any order.
    await until(() => locks().length === 1);
    for (let i = 0; i < GUESSES_PER_LOCK; i += 1) await owner.verifyByRecoveryCode('0000-0000-0000-0000');
    await until(() => locks().length === 2);
    expect(locks().map(({ data }) => data)).toEqual([
      { phoneNumber: owner.number, country: 'US', scope: 'strangers' },
      { phoneNumber: owner.number, country: 'US', scope: 'device' },
    ]);
  });
});
