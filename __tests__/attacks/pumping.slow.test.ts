import type { Reply } from '@/__tests__/support/app';
import { GUARDED, newBritishRange, newRange } from '@/__tests__/support/guard';
import { countOutcomes, flood, newNetwork, type Person } from '@/__tests__/support/person';
import { type Deployment, describeEverySetUp, describeEverywhere, describeInMemory } from '@/__tests__/support/set-ups';
import { solve } from '@/__tests__/support/solve';
import { until } from '@/__tests__/webhooks/receiver';

const HOUR_MS = 3_600_000;
/** One credit in ten seconds: so slow that a test sees none come back, even on a busy machine. */
const ONE_IN_10_S = 360;
/** So slow that no credit comes back. */
const SLOW = 0.001;
const SUSPENDED = '429 DESTINATION_SUSPENDED';
const CHALLENGED = '428 CHALLENGE_REQUIRED';

async function inTurn(count: number, act: (i: number) => Promise<Reply>): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (let i = 0; i < count; i += 1) replies.push(await act(i));
  return replies;
}

/** Acts in parallel, in batches that a busy machine can still answer in time. */
async function inBatches(count: number, act: (i: number) => Promise<Reply>): Promise<Reply[]> {
  const replies: Reply[] = [];
  while (replies.length < count) {
    const done = replies.length;
    replies.push(...(await flood(Math.min(40, count - done), (i) => act(done + i))));
  }
  return replies;
}

const outcomeOf = (reply: Reply): string => Object.keys(countOutcomes([reply])).join();

/** Sends a message, and solves the challenge if the server asks for one. */
async function sendSolved(person: Person, number: string, more: object = {}): Promise<Reply> {
  const reply = await person.send(number, more);
  if (reply.status !== 428) return reply;
  return person.send(number, { ...more, solution: await solve(reply.body.challenge) });
}

/** Waits as long as the refusal says. Header and body must agree, and the wait must not exceed the given seconds. */
async function waitAsTold(deployment: Deployment, refused: Reply, atMostSeconds: number): Promise<void> {
  const seconds = refused.body.retryAfterSeconds;
  expect(refused.headers.get('retry-after')).toBe(String(seconds));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(atMostSeconds);
  await deployment.wait(seconds);
}

describeEverywhere('many first calls to expensive countries', (setUp) => {
  const VICTIMS = ['+25261', '+535', '+9607'];
  const DIGITS = [7, 7, 6];
  const from = (i: number) => `2001:db8:${setUp.onRedis ? 2 : 1}:${(i % 50).toString(16)}::1`;

  /** Numbers in Somalia, Cuba and the Maldives in turn, each in a range of its own. */
  const victim = (i: number) => `${VICTIMS[i % 3]}${String(7_000_000 + i * 10_007).slice(0, DIGITS[i % 3])}`;

  const call = (deployment: Deployment, i: number) => deployment.person(from(i)).send(victim(i), { channel: 'voice' });

  /** On Redis, fewer calls are enough, because the store decides on each of them in the same way. */
  const many = setUp.onRedis ? 100 : 400;

  describe('by default', () => {
    const deployment = setUp.deploy({ FRAUD_GUARD: 'enforce' });

    test('the guard refuses all calls from 50 /64s of one /48, and asks Infobip for none', async () => {
      const replies = await inBatches(many, (i) => call(deployment, i));
      // On a cluster, the app checks the client's credit first. Parallel calls may hold all credit of the /48, and then
      // others get a challenge.
      const refusals = new Set(Object.keys(countOutcomes(replies)));
      refusals.delete(CHALLENGED);
      expect([...refusals]).toEqual(['422 PHONE_NUMBER_NOT_SUPPORTED']);
      expect(await deployment.simulator.calls()).toEqual([]);
      const [alone] = await inTurn(1, (i) => call(deployment, i));
      expect(outcomeOf(alone as Reply)).toBe('422 PHONE_NUMBER_NOT_SUPPORTED');
      expect(await deployment.limitOf(alone as Reply)).toBe('VOICE_COUNTRIES');
    });

    test('text messages instead of calls stop at the credit of the /48', async () => {
      const replies = await inBatches(many, (i) => deployment.person(from(i)).send(victim(i)));
      expect(countOutcomes(replies)['200']).toBeLessThanOrEqual(40);
    });
  });

  describe('if calls go to these countries', () => {
    const deployment = setUp.deploy({ FRAUD_GUARD: 'enforce', VOICE_COUNTRIES: 'SO,CU,MV' });

    test('at most four calls get through, because a call takes credit by its price', async () => {
      const before = (await deployment.simulator.calls()).length;
      const replies = await inBatches(many, (i) => call(deployment, i));
      const through = countOutcomes(replies)['200'] ?? 0;
      expect(through).toBeGreaterThan(0);
      expect(through).toBeLessThanOrEqual(4);
      expect(await deployment.simulator.calls()).toHaveLength(before + through);
    });
  });
});

describeEverySetUp('a range of numbers that strangers pump', (setUp) => {
  const deployment = setUp.deploy({ ...GUARDED, CREDIT_PER_RANGE: `3,${ONE_IN_10_S},0.35` });

  /** Strangers from everywhere send messages until the server refuses them. */
  async function pump(next: () => string): Promise<Reply> {
    for (let sent = 0; sent < 10; sent += 1) {
      const reply = await deployment.person().send(next());
      if (reply.status !== 200) return reply;
    }
    throw new Error('The server refused nothing.');
  }

  test('the guard suspends the range with a true Retry-After, and the range recovers', async () => {
    const next = newRange();
    const refused = await pump(next);
    expect(outcomeOf(refused)).toBe(SUSPENDED);
    expect(await deployment.limitOf(refused)).toBe('CREDIT_PER_RANGE');
    await waitAsTold(deployment, refused, 10);
    expect(outcomeOf(await sendSolved(deployment.person(), next()))).toBe('200');
    await deployment.wait(20);
    expect(outcomeOf(await deployment.person().send(next()))).toBe('200');
  });

  test('another range of the country still gets codes', async () => {
    await pump(newRange());
    expect(outcomeOf(await deployment.person().send(newRange()()))).toBe('200');
  });

  test('a solved challenge does not open a suspended range', async () => {
    const next = newRange();
    await pump(next);
    expect(outcomeOf(await sendSolved(deployment.person(), next()))).toBe(SUSPENDED);
  });
});

describeEverySetUp('a range that hardly refills', (setUp) => {
  const deployment = setUp.deploy({ ...GUARDED, CREDIT_PER_RANGE: `3,${SLOW},0.5` });

  test('each person who verifies keeps the range open for one stranger', async () => {
    const next = newRange();
    for (let round = 0; round < 8; round += 1) {
      expect(outcomeOf(await deployment.person().send(next()))).toBe('200');
      const [, verified] = await deployment.person().prove(next());
      expect(outcomeOf(verified)).toBe('200');
    }
  });

  test('a known device gets its code in a suspended range', async () => {
    const next = newRange();
    const number = next();
    const owner = await deployment.person().becomeKnown(number);
    const strangers = await inTurn(5, () => deployment.person().send(next()));
    expect(countOutcomes(strangers)).toEqual({ '200': 3, [SUSPENDED]: 2 });
    expect((await owner.prove(number)).map(outcomeOf)).toEqual(['200', '200']);
  });

  test('of many parallel messages, as many go out as there is credit for', async () => {
    const next = newRange();
    const replies = await flood(20, () => deployment.person().send(next()));
    expect(countOutcomes(replies)).toEqual({ '200': 3, [SUSPENDED]: 17 });
  });

  test('parallel correct codes give credit back once', async () => {
    const next = newRange();
    const [number, person] = [next(), deployment.person()];
    const { body } = await person.send(number);
    await inTurn(2, () => deployment.person().send(next()));
    const pin = await deployment.simulator.pinFor(number);
    await deployment.simulator.fault('verify', { kind: 'delay', ms: 200 });
    const verified = await flood(20, () => person.verify(body.pinId, pin));
    expect(verified.filter((reply) => reply.body.verified)).toHaveLength(1);
    const replies = await inTurn(4, () => deployment.person().send(next()));
    expect(countOutcomes(replies)).toEqual({ '200': 2, [SUSPENDED]: 2 });
  });

  test('messages that Infobip refuses bring no credit, and cost none', async () => {
    const next = newRange();
    await inTurn(2, () => deployment.person().send(next()));
    for (let failed = 0; failed < 5; failed += 1) {
      await deployment.simulator.fault('send', { kind: 'status', status: 400 });
      expect((await deployment.person().send(next())).status).toBe(502);
    }
    const replies = await inTurn(2, () => deployment.person().send(next()));
    expect(replies.map(outcomeOf)).toEqual(['200', SUSPENDED]);
  });

  test('a message and each of its resends take one credit', async () => {
    const next = newRange();
    const person = deployment.person();
    const { body } = await person.send(next());
    expect(outcomeOf(await person.resend(body.pinId))).toBe('200');
    expect(outcomeOf(await person.resend(body.pinId))).toBe('200');
    const resent = await person.resend(body.pinId, { channel: 'sms' });
    expect(outcomeOf(resent)).toBe(SUSPENDED);
    expect(outcomeOf(await deployment.person().send(next()))).toBe(SUSPENDED);
  });
});

describeInMemory('a range with few messages a day', (setUp) => {
  const deployment = setUp.deploy({ ...GUARDED, LIMIT_SEND_PER_RANGE: '4/1d' });

  test('known devices of a number that pumpers own get no messages beyond the limit', async () => {
    const number = newRange()();
    const pumper = await deployment.person().becomeKnown(number);
    const replies = await inTurn(6, () => pumper.send(number));
    expect(countOutcomes(replies)).toEqual({ '200': 4, [SUSPENDED]: 2 });
    expect(replies[5]?.body.retryAfterSeconds).toBeLessThanOrEqual(24 * 3600);
  });

  test('a known device that verifies uses up none of the messages', async () => {
    const number = newRange()();
    const owner = await deployment.person().becomeKnown(number);
    // Five messages are all that a device gets in a day.
    for (let i = 0; i < 5; i += 1) expect((await owner.prove(number)).map(outcomeOf)).toEqual(['200', '200']);
  });

  test('people who verify use up none of the messages', async () => {
    const next = newRange();
    for (let i = 0; i < 8; i += 1)
      expect((await deployment.person().prove(next())).map(outcomeOf)).toEqual(['200', '200']);
  });
});

describeInMemory('an office behind one address', (setUp) => {
  const deployment = setUp.deploy({ ...GUARDED, CREDIT_PER_ADDRESS: `3,${ONE_IN_10_S},0.35` });

  test('strangers there get challenges, then refusals for a few seconds, and the address recovers', async () => {
    const office = deployment.person();
    expect(countOutcomes(await inTurn(3, () => office.send(newRange()())))).toEqual({ '200': 3 });
    const challenged = await office.send(newRange()());
    expect(outcomeOf(challenged)).toBe(CHALLENGED);
    let refused: Reply = challenged;
    for (let sent = 0; sent < 12 && refused.status !== 429; sent += 1) refused = await sendSolved(office, newRange()());
    expect(outcomeOf(refused)).toBe('429 RATE_LIMITED');
    expect(refused.body.reason).toBe('network');
    expect(await deployment.limitOf(refused)).toBe('CREDIT_PER_ADDRESS');
    await waitAsTold(deployment, refused, 10);
    expect(outcomeOf(await sendSolved(office, newRange()()))).toBe('200');
  });
});

describeInMemory('an office that hardly refills', (setUp) => {
  const deployment = setUp.deploy({ ...GUARDED, CREDIT_PER_ADDRESS: `3,${SLOW},0.5` });

  test('people who verify there never get a challenge, however many they are', async () => {
    const office = deployment.person();
    for (let i = 0; i < 12; i += 1) expect((await office.prove(newRange()())).map(outcomeOf)).toEqual(['200', '200']);
  });

  test('a known device there needs no credit', async () => {
    const [office, number] = [deployment.person(), newRange()()];
    const owner = (await deployment.person().becomeKnown(number)).at(office.address);
    await inTurn(4, () => office.send(newRange()()));
    expect((await owner.prove(number)).map(outcomeOf)).toEqual(['200', '200']);
  });

  test('its neighbors in the /24 get no challenge', async () => {
    const network = newNetwork();
    const replies = await inTurn(4, () => deployment.person(network(1)).send(newRange()()));
    expect(outcomeOf(replies[3] as Reply)).toBe(CHALLENGED);
    expect(outcomeOf(await deployment.person(network(2)).send(newRange()()))).toBe('200');
  });

  test('a code gives credit to the address where somebody enters it, and none to the sender', async () => {
    const [sender, elsewhere, number] = [deployment.person(), deployment.person(), newRange()()];
    await inTurn(3, () => elsewhere.send(newRange()()));
    const { body } = await sender.send(number);
    expect(outcomeOf(await elsewhere.verify(body.pinId, await deployment.simulator.pinFor(number)))).toBe('200');
    const more = await inTurn(3, () => elsewhere.send(newRange()()));
    expect(more.map(outcomeOf)).toEqual(['200', '200', CHALLENGED]);
    const own = await inTurn(3, () => sender.send(newRange()()));
    expect(own.map(outcomeOf)).toEqual(['200', '200', CHALLENGED]);
  });
});

describeInMemory("a carrier's NAT network", (setUp) => {
  const deployment = setUp.deploy({ ...GUARDED, CREDIT_PER_NETWORK: `4,${ONE_IN_10_S},0.35` });

  test.each([
    ['a /24 of IPv4', newNetwork()],
    ['a /48 of IPv6', (host: number) => `2001:db8:${setUp.onRedis ? 5 : 4}:${(host << 8).toString(16)}::1`],
  ])('everyone behind it gets challenges before refusals, and the network recovers: %s', async (_name, network) => {
    let host = 0;
    const someone = () => {
      host += 1;
      return deployment.person(network(host));
    };
    let reply = await someone().send(newRange()());
    while (reply.status === 200) reply = await someone().send(newRange()());
    expect(outcomeOf(reply)).toBe(CHALLENGED);
    for (let sent = 0; sent < 12 && reply.status !== 429; sent += 1) reply = await sendSolved(someone(), newRange()());
    expect(await deployment.limitOf(reply)).toBe('CREDIT_PER_NETWORK');
    await waitAsTold(deployment, reply, 10);
    expect(outcomeOf(await sendSolved(someone(), newRange()()))).toBe('200');
    expect(outcomeOf(await deployment.person().send(newRange()()))).toBe('200');
  });
});

describeInMemory('a country whose credit is used up', (setUp) => {
  const deployment = setUp.deploy({
    ...GUARDED,
    HOME_COUNTRY: 'US',
    CREDIT_PER_COUNTRY: `3,${SLOW},0.5`,
    LIMIT_WAITS_PER_COUNTRY: '2/1d',
  });

  test('strangers get challenges and no refusals, and other countries notice nothing', async () => {
    const replies = await inTurn(10, () => sendSolved(deployment.person(), newBritishRange()()));
    expect(countOutcomes(replies)).toEqual({ '200': 10 });
    expect(outcomeOf(await deployment.person().send(newBritishRange()()))).toBe(CHALLENGED);
    expect(outcomeOf(await deployment.person().send(newRange()()))).toBe('200');
  });
});

describeEverySetUp('a budget', (setUp) => {
  const deployment = setUp.deploy({
    ...GUARDED,
    HOME_COUNTRY: 'US',
    PRICES: '{"US":{"sms":1,"voice":2},"GB":{"sms":1,"voice":1}}',
    BUDGET_PER_HOUR: '20',
    BUDGET_PER_DAY: '1000',
  });
  const eventsOf = (event: string) =>
    deployment.apps.map(
      ({ output }) =>
        output
          .split('\n')
          .filter((line) => line.includes(`"event":"${event}"`) && line.includes('"budget":"BUDGET_PER_HOUR"')).length,
    );
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

  const number = newRange()();
  let owner: Person;
  beforeAll(async () => {
    owner = await deployment.person().becomeKnown(number);
  });

  // These tests depend on their order, because each of them spends a part of the budget.
  test('countries without customers get two fifths of the budget', async () => {
    const next = newBritishRange();
    const replies = await flood(40, () => deployment.person().send(next()));
    expect(countOutcomes(replies)).toEqual({ '200': 8, [SUSPENDED]: 32 });
    const refused = replies.find(({ status }) => status === 429) as Reply;
    expect(await deployment.limitOf(refused)).toBe('BUDGET_PER_HOUR_NEW_COUNTRIES');
    expect(refused.body.retryAfterSeconds).toBeGreaterThan(3500);
    expect(refused.body.retryAfterSeconds).toBeLessThanOrEqual(3600);
  });

  test('past half of the budget, strangers solve challenges, and past nine tenths, the server refuses them until the hour ends', async () => {
    const free = await flood(10, () => deployment.person().send(newRange()()));
    expect(countOutcomes(free)).toEqual({ '200': 1, [CHALLENGED]: 9 });
    expect(await deployment.limitOf(free.find(({ status }) => status === 428) as Reply)).toBe('BUDGET_PER_HOUR');
    const solved = await inTurn(10, () => sendSolved(deployment.person(), newRange()()));
    expect(countOutcomes(solved)).toEqual({ '200': 8, '429 BUDGET_EXHAUSTED': 2 });
    const refused = solved[9] as Reply;
    expect(await deployment.limitOf(refused)).toBe('BUDGET_PER_HOUR');
    expect(refused.headers.get('retry-after')).toBe(String(refused.body.retryAfterSeconds));
    expect(refused.body.retryAfterSeconds).toBeGreaterThan(3500);
    expect(refused.body.retryAfterSeconds).toBeLessThanOrEqual(3600);
  });

  test('the last tenth is for known devices', async () => {
    const replies = await inTurn(3, () => owner.send(number));
    expect(countOutcomes(replies)).toEqual({ '200': 2, '429 BUDGET_EXHAUSTED': 1 });
    await flood(10, () => deployment.person().send(newRange()()));
  });

  test('the log says once that half, four fifths and all of the budget are spent', async () => {
    await until(() => eventsOf('budget.exhausted').every((count) => count > 0));
    expect([sum(eventsOf('budget.half_spent')), sum(eventsOf('budget.nearly_spent'))]).toEqual([1, 1]);
    // Each process that refuses a message reports an exhausted budget once.
    expect(eventsOf('budget.exhausted')).toEqual(deployment.apps.map(() => 1));
  });

  if (!setUp.onRedis) {
    test('codes go out again when the hour has passed', async () => {
      await deployment.moveClock(HOUR_MS);
      const replies = await inTurn(3, () => deployment.person().send(newBritishRange()()));
      expect(countOutcomes(replies)).toEqual({ '200': 3 });
    });
  }
});

describeEverySetUp('a budget that failed messages give back', (setUp) => {
  const deployment = setUp.deploy({
    ...GUARDED,
    HOME_COUNTRY: 'US',
    PRICES: '{"US":{"sms":1,"voice":2}}',
    BUDGET_PER_HOUR: '4',
    BUDGET_PER_DAY: '1000',
  });

  test('each process logs once that half of the budget is spent, however often that happens', async () => {
    await deployment.person().send(newRange()());
    for (let failed = 0; failed < 6; failed += 1) {
      await deployment.simulator.fault('send', { kind: 'status', status: 400 });
      expect((await deployment.person().send(newRange()())).status).toBe(502);
    }
    const said = () => deployment.apps.map(({ output }) => output.split('"event":"budget.half_spent"').length - 1);
    await until(() => said().every((count) => count > 0));
    expect(said()).toEqual(deployment.apps.map(() => 1));
  });
});

describeInMemory('a guard that only records', (setUp) => {
  const deployment = setUp.deploy({
    ...GUARDED,
    FRAUD_GUARD: 'record',
    CREDIT_PER_ADDRESS: `10,${SLOW},0.35`,
    CREDIT_PER_RANGE: `2,${SLOW},0.35`,
    BUDGET_PER_HOUR: '30',
    PRICES: '{"SO":{"sms":1,"voice":10}}',
  });
  const notesOf = async (reply: Reply) => {
    const lines = await Promise.all(deployment.apps.map((app) => app.logLineOf(reply).catch(() => undefined)));
    const line = lines.find(Boolean) ?? {};
    return [line.guardVerdict, line.guardReason];
  };

  test('the guard refuses nothing, and the log says what it would have refused', async () => {
    const next = newRange();
    const replies = await inTurn(4, () => deployment.person().send(next()));
    expect(countOutcomes(replies)).toEqual({ '200': 4 });
    const none = [undefined, undefined];
    const blocked = ['block', 'CREDIT_PER_RANGE'];
    expect(await Promise.all(replies.map(notesOf))).toEqual([none, none, blocked, blocked]);
    const person = deployment.person();
    const many = await inTurn(11, () => person.send(newRange()()));
    expect(countOutcomes(many)).toEqual({ '200': 11 });
    expect(await notesOf(many[10] as Reply)).toEqual(['challenge', 'CREDIT_PER_ADDRESS']);
  });

  test('calls go to every country, as far as the budget goes', async () => {
    const numbers = ['+252617000001', '+252617100001', '+252617200001'];
    const replies = await inTurn(3, (i) => deployment.person().send(numbers[i] as string, { channel: 'voice' }));
    expect(countOutcomes(replies)).toEqual({ '200': 2, '429 BUDGET_EXHAUSTED': 1 });
  });
});

describeInMemory('without the guard', (setUp) => {
  const deployment = setUp.deploy({
    FRAUD_GUARD: 'off',
    BUDGET_PER_DAY: '3',
    PRICES: '{"US":{"sms":1}}',
  });

  test('budgets still hold', async () => {
    const replies = await inTurn(5, () => deployment.person().send(newRange()()));
    expect(countOutcomes(replies)).toEqual({ '200': 3, '429 BUDGET_EXHAUSTED': 2 });
  });
});
