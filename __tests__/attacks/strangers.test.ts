import type { Reply } from '@/__tests__/support/app';
import { countOutcomes, deviceOf, newAddress, newNetwork, newNumber, type Person } from '@/__tests__/support/person';
import { type Deployment, describeEverySetUp } from '@/__tests__/support/set-ups';

const HOUR = 3600;
const MONTH_MS = 30 * 24 * HOUR * 1000;

/** The limit that the log names for each refusal; undefined for a message that went out. */
async function limitsOf(deployment: Deployment, replies: readonly Reply[]): Promise<unknown[]> {
  return Promise.all(replies.map((reply) => (reply.status === 200 ? undefined : deployment.limitOf(reply))));
}

async function inTurn(count: number, act: (i: number) => Promise<Reply>): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (let i = 0; i < count; i += 1) replies.push(await act(i));
  return replies;
}

describeEverySetUp('the messages of a number', (setUp) => {
  const deployment = setUp.deploy({
    LIMIT_SEND_PER_NUMBER: '5/1d',
    LIMIT_SEND_PER_NUMBER_AND_NETWORK: '3/1d',
    LIMIT_VOICE_PER_NUMBER: '2/1d',
  });

  test.each([
    ['a /24 of IPv4', newNetwork()],
    ['a /48 of IPv6', (host: number) => `2001:db8:1:${host.toString(16)}::1`],
  ])('one network gets three of five messages, and another network the other two: %s', async (_name, network) => {
    const number = newNumber();
    const one = await inTurn(5, (i) => deployment.person(network(i + 1)).send(number));
    const other = newNetwork();
    const another = await inTurn(3, (i) => deployment.person(other(i + 1)).send(number));
    const byNetwork = 'LIMIT_SEND_PER_NUMBER_AND_NETWORK';
    expect(await limitsOf(deployment, one)).toEqual([undefined, undefined, undefined, byNetwork, byNetwork]);
    expect(await limitsOf(deployment, another)).toEqual([undefined, undefined, 'LIMIT_SEND_PER_NUMBER']);
  });

  /** Strangers send from several networks until none of them gets through. */
  async function useUp(number: string): Promise<Reply[]> {
    const networks = [newNetwork(), newNetwork(), newNetwork()];
    return inTurn(12, (i) => deployment.person(networks[i % 3]?.(i + 1)).send(number));
  }

  test('a known device keeps five messages of its own when strangers have used up theirs', async () => {
    const number = newNumber();
    const owner = await deployment.person().becomeKnown(number);
    const strangers = await useUp(number);
    expect(countOutcomes(strangers)['200']).toBeLessThanOrEqual(5);
    const own = await inTurn(6, () => owner.send(number));
    expect(await limitsOf(deployment, own)).toEqual([...Array(5).fill(undefined), 'LIMIT_SEND_PER_NUMBER']);
    const pin = await deployment.simulator.pinFor(number);
    expect((await owner.verify(own[4]?.body.pinId, pin)).status).toBe(200);
  });

  test('new devices for a number do not get calls without end', async () => {
    const number = newNumber();
    let device = await deployment.person().becomeKnown(number);
    let calls = 0;
    for (let round = 0; round < 20; round += 1) {
      const { status, body } = await device.send(number, { channel: 'voice' });
      if (status !== 200) break;
      calls += 1;
      await deployment.simulator.advance(3000);
      // Verify without the cookie, so that the reply sets the cookie of a new device.
      const verified = await deployment.person().verify(body.pinId, await deployment.simulator.pinFor(number));
      device = deployment.person().with(deviceOf(verified));
    }
    expect(calls).toBe(6);
  });

  test('strangers keep their messages when a known device has used up its own', async () => {
    const number = newNumber();
    const owner = await deployment.person().becomeKnown(number);
    expect(countOutcomes(await inTurn(6, () => owner.send(number)))).toEqual({ '200': 5, '429 RATE_LIMITED': 1 });
    expect((await deployment.person().send(number)).status).toBe(200);
  });
});

describeEverySetUp('the default limits', (setUp) => {
  const deployment = setUp.deploy({
    RESEND_COOLDOWN_SECONDS: '30,60,120,240',
    LIMIT_SEND_GLOBAL: '1000/1m',
    LIMIT_SEND_PER_ADDRESS: '20/1h',
    LIMIT_SEND_PER_NETWORK: '200/1h',
    LIMIT_SEND_PER_NUMBER: '5/1d',
    LIMIT_SEND_PER_NUMBER_AND_NETWORK: '3/1d',
    LIMIT_VERIFY_PER_ADDRESS: '60/1h',
    LIMIT_VERIFY_PER_NETWORK: '600/1h',
  });

  test('a known device waits for its own cooldown, not for that of strangers', async () => {
    const number = newNumber();
    const owner = await deployment.person().becomeKnown(number);
    const stranger = await deployment.person().send(number);
    const [sent, verified] = await owner.prove(number);
    const again = await owner.send(number);
    expect([stranger, sent, verified, again].map(({ status }) => status)).toEqual([429, 200, 200, 429]);
    expect(await limitsOf(deployment, [stranger, again])).toEqual(Array(2).fill('RESEND_COOLDOWN_SECONDS'));
  });
});

describeEverySetUp('wrong codes', (setUp) => {
  const deployment = setUp.deploy();

  async function expectLocked(person: Person, number: string): Promise<Reply> {
    const reply = await person.send(number);
    expect([reply.status, reply.body.code]).toEqual([429, 'NUMBER_LOCKED']);
    return reply;
  }

  /** Strangers guess until they are locked out. @returns for how many seconds */
  async function lock(number: string): Promise<number> {
    expect(countOutcomes(await deployment.person().guess(number, 10))).toEqual({ '400 WRONG_PIN': 10 });
    return (await expectLocked(deployment.person(), number)).body.retryAfterSeconds;
  }

  const verifiesOf = async () => (await deployment.simulator.calls('verify')).filter(({ status }) => status === 200);

  test('strangers who guess lock out strangers, and never a known device', async () => {
    const number = newNumber();
    const owner = await deployment.person().becomeKnown(number);
    const sent = await owner.send(number);
    const pin = await deployment.simulator.pinFor(number);

    const first = await lock(number);
    expect(first).toBeGreaterThan(HOUR - 20);
    expect(first).toBeLessThanOrEqual(HOUR);
    const verified = await owner.verify(sent.body.pinId, pin);
    const more = [...(await owner.prove(number)), ...(await owner.at(newAddress()).prove(number))];
    expect(countOutcomes([verified, ...more])).toEqual({ '200': 5 });
    const resent = await owner.resend((await owner.send(number)).body.pinId);
    expect(resent.status).toBe(200);
    // The device's success does not open the number to strangers.
    await expectLocked(deployment.person(), number);

    await deployment.endLock(number, first);
    await lock(number);
    expect(countOutcomes(await owner.prove(number))).toEqual({ '200': 2 });
    await expectLocked(deployment.person(), number);
  });

  test('a known device that guesses is locked, and without its cookie has only the guesses of a stranger', async () => {
    const number = newNumber();
    const thief = await deployment.person().becomeKnown(number);
    const other = await deployment.person().becomeKnown(number);
    const before = (await verifiesOf()).length;

    expect(countOutcomes(await thief.guess(number, 11))).toEqual({ '400 WRONG_PIN': 10, '429 NUMBER_LOCKED': 1 });
    const stranger = thief.with('');
    expect(countOutcomes(await stranger.guess(number, 11))).toEqual({ '400 WRONG_PIN': 10, '429 NUMBER_LOCKED': 1 });
    for (const person of [thief, stranger, thief.at(newAddress()), deployment.person()]) {
      await expectLocked(person, number);
    }
    expect((await verifiesOf()).length).toBe(before + 20);
    expect(countOutcomes(await other.prove(number))).toEqual({ '200': 2 });
  });

  test('a known device that guesses leaves strangers all their guesses', async () => {
    const number = newNumber();
    const owner = await deployment.person().becomeKnown(number);
    for (let round = 0; round < 2; round += 1) {
      expect(countOutcomes(await owner.guess(number, 9))).toEqual({ '400 WRONG_PIN': 9 });
      // A correct code resets the count of this device.
      expect(countOutcomes(await owner.prove(number))).toEqual({ '200': 2 });
    }
    await owner.guess(number, 9);
    await lock(number);
    expect(countOutcomes(await owner.prove(number))).toEqual({ '200': 2 });
  });

  if (!setUp.onRedis) {
    test('the lock for strangers lasts an hour, then twice as long each time up to a day, and is permanent after a hundred wrong codes', async () => {
      const number = newNumber();
      const owner = await deployment.person().becomeKnown(number);
      for (const hours of [1, 2, 4, 8, 16, 24, 24, 24, 24]) {
        const seconds = await lock(number);
        expect([hours, Math.ceil(seconds / HOUR), seconds > hours * HOUR - 20]).toEqual([hours, hours, true]);
        await deployment.moveClock(seconds * 1000);
      }
      expect(await lock(number)).toBeUndefined();
      await deployment.moveClock(MONTH_MS);
      await expectLocked(deployment.person(), number);
      expect(countOutcomes(await owner.prove(number))).toEqual({ '200': 2 });
    });
  }
});
