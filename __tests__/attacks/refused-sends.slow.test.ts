import type { Reply } from '@/__tests__/support/app';
import {
  countOutcomes,
  flood,
  newAddress,
  newNetwork,
  newNumber,
  type Person,
  untilAnswered,
} from '@/__tests__/support/person';
import { keysChangedBy } from '@/__tests__/support/redis-keys';
import { describeEverySetUp, describeOnRedis } from '@/__tests__/support/set-ups';

const ALLOWED = 8;

describeEverySetUp('while an address over its own limit floods', (setUp) => {
  // Global limit: two attackers, the owner of a number, and eight others.
  const deployment = setUp.deploy({ LIMIT_SEND_PER_ADDRESS: `${ALLOWED}/1h`, LIMIT_SEND_GLOBAL: `${4 * ALLOWED}/1h` });

  async function attackerOverTheLimit(): Promise<Person> {
    const attacker = deployment.person();
    for (let i = 0; i < ALLOWED; i += 1) await attacker.send(newNumber());
    return attacker;
  }

  /** Makes each send in the middle of forty parallel requests of the attack. */
  async function amid(attack: () => Promise<Reply>, count: number, send: () => Promise<Reply>) {
    const attacks: Promise<Reply>[] = [];
    const replies: Reply[] = [];
    const half = () => attacks.push(...Array.from({ length: 20 }, () => untilAnswered(attack)));
    for (let i = 0; i < count; i += 1) {
      half();
      const reply = untilAnswered(send);
      half();
      replies.push(await reply);
    }
    expect(countOutcomes(await Promise.all(attacks))).toEqual({ '429 RATE_LIMITED': 40 * count });
    return countOutcomes(replies);
  }

  test('the owner of a number gets every code during an attack on it', async () => {
    const number = newNumber();
    const [attacker, owner] = [await attackerOverTheLimit(), deployment.person()];
    const owners = await amid(
      () => attacker.send(number),
      ALLOWED,
      () => owner.send(number),
    );
    expect(owners).toEqual({ '200': ALLOWED });
  });

  test('others get their codes during an attack on many numbers near the global limit', async () => {
    const attacker = await attackerOverTheLimit();
    for (let i = 0; i < ALLOWED - 5; i += 1) await deployment.person().send(newNumber());
    const others = await amid(
      () => attacker.send(newNumber()),
      5,
      () => deployment.person().send(newNumber()),
    );
    expect(others).toEqual({ '200': 5 });
    const oneTooMany = await deployment.person().send(newNumber());
    expect([oneTooMany.status, await deployment.limitOf(oneTooMany)]).toEqual([429, 'LIMIT_SEND_GLOBAL']);
  });
});

describeOnRedis('refused sends', (setUp) => {
  const deployment = setUp.deploy({
    LIMIT_SEND_PER_ADDRESS: '20/1h',
    LIMIT_SEND_PER_NETWORK: '40/1h',
    LIMIT_SEND_PER_NUMBER: '3/1d',
    LIMIT_SEND_GLOBAL: '100/1h',
  });

  /** Sends until the limit refuses, then `count` times more. All of those must be refused, and leave no key. */
  async function expectNoKeys(count: number, limit: string, send: (i: number) => Promise<Reply>): Promise<void> {
    let last: Reply;
    do last = await send(0);
    while (last.status === 200);
    expect(await deployment.limitOf(last)).toBe(limit);
    let refused: Reply[] = [];
    const changed = await keysChangedBy(deployment, async () => {
      refused = await flood(count, send);
    });
    expect(refused.filter(({ status }) => status !== 429)).toEqual([]);
    expect(changed).toEqual({});
  }

  // The order matters, because the last tests use up what the first ones need.
  test('sends to a locked number leave no key', async () => {
    const number = newNumber();
    await deployment.person().guess(number, 10);
    await expectNoKeys(100, 'NUMBER_LOCK', () => deployment.person().send(number));
  });

  test('sends to a number that has had all its messages leave no key', async () => {
    const number = newNumber();
    await expectNoKeys(100, 'LIMIT_SEND_PER_NUMBER', () => deployment.person().send(number));
  });

  test('sends from an address over its limit leave no key', async () => {
    const attacker = deployment.person();
    await expectNoKeys(500, 'LIMIT_SEND_PER_ADDRESS', () => attacker.send(newNumber()));
  });

  test('sends from a network over its limit leave no key', async () => {
    const network = newNetwork();
    for (let i = 0; i < 40; i += 1) await deployment.person(network(1 + (i % 2))).send(newNumber());
    await expectNoKeys(240, 'LIMIT_SEND_PER_NETWORK', (i) => deployment.person(network(3 + i)).send(newNumber()));
  });

  test('sends over the global limit leave no key', async () => {
    await expectNoKeys(240, 'LIMIT_SEND_GLOBAL', () => deployment.person().send(newNumber()));
  });
});

describeEverySetUp('a message that Infobip refuses', (setUp) => {
  const deployment = setUp.deploy({
    LIMIT_SEND_PER_ADDRESS: '2/1h',
    LIMIT_SEND_PER_NETWORK: '2/1h',
    LIMIT_SEND_PER_NUMBER: '2/1h',
    LIMIT_SEND_PER_NUMBER_AND_NETWORK: '2/1h',
    LIMIT_SEND_GLOBAL: '2/1h',
    RESEND_COOLDOWN_SECONDS: '0,30',
  });
  const refuse = (operation: string) => deployment.simulator.fault(operation, { kind: 'status', status: 400 });

  if (setUp.onRedis) {
    test('the message leaves no key', async () => {
      await refuse('send');
      const send = async () => expect((await deployment.person().send(newNumber())).status).toBe(502);
      expect(await keysChangedBy(deployment, send)).toEqual({});
    });
  }

  test('the message uses up no limit, and neither does a refused resend', async () => {
    const [person, number] = [deployment.person(), newNumber()];
    const { body } = await person.send(number);
    await refuse('send');
    expect((await person.send(number)).status).toBe(502);
    await refuse('resend');
    const resend = async () => expect((await person.at(newAddress()).resend(body.pinId)).status).toBe(502);
    if (setUp.onRedis) expect(await keysChangedBy(deployment, resend)).toEqual({});
    else await resend();
    expect((await person.send(number)).status).toBe(200);
  });
});
