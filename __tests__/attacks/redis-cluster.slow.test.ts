import { ApiKey } from '@/__tests__/keys/api-key';
import type { Reply } from '@/__tests__/support/app';
import { expectMainFlow } from '@/__tests__/support/main-flow';
import { countOutcomes, flood, newAddress, newNetwork, newNumber, untilAnswered } from '@/__tests__/support/person';
import { describeWithRedis } from '@/__tests__/support/redis';
import { RedisCluster } from '@/__tests__/support/redis-cluster';
import type { RedisServer } from '@/__tests__/support/redis-server';
import { Deployment } from '@/__tests__/support/set-ups';
import { TestSimulator, wrongPin } from '@/__tests__/support/simulator';

const PARALLEL = 20;
/** Enough people for every node to have keys of some. */
const PEOPLE = 16;
/** No answer may take longer, whatever happens to a node: many times the store's timeout, for a busy machine. */
const LONGEST_ANSWER_MS = 5000;
const BACK_WITHIN_MS = 20_000;

/** The ids hash to different nodes. A message costs 0.08, and a call 0.2. */
const COUNTED = ['shop', 'app', 'bank'].map((id) => new ApiKey(id));
const PRICED = new ApiKey('priced');
const QUOTA = 7;
const API_CLIENTS = JSON.stringify([
  ...COUNTED.map((key) => key.row({ messagesPerDay: QUOTA })),
  PRICED.row({ budgetPerDay: 0.5 }),
]);
const SETTINGS = {
  LIMIT_SEND_PER_ADDRESS: '6/1h',
  LIMIT_SEND_PER_NETWORK: '8/1h',
  LIMIT_SEND_PER_NUMBER: '8/1d',
  LIMIT_SEND_PER_NUMBER_AND_NETWORK: '5/1d',
  LIMIT_SEND_GLOBAL: '300/1h',
  PRICES: JSON.stringify({ US: { sms: 0.08, voice: 0.2 } }),
  API_CLIENTS,
  API_ACCESS: 'open',
};

describeWithRedis('a cluster of Redis', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  });
  afterAll(() => cluster.stop());

  test('each node serves its own slots, and redirects requests for others to their node', async () => {
    const ask = (node: RedisServer) => node.command('SET', 'a key', '1').catch((error: Error) => error.message);
    const answers = new Map<RedisServer, unknown>();
    const served = await cluster.nodesOf(async () => {
      for (const node of cluster.nodes) answers.set(node, await ask(node));
    });
    const [owner] = cluster.nodes.filter((node) => answers.get(node) === 'OK') as [RedisServer];
    expect([...served]).toEqual([owner]);
    for (const node of cluster.nodes.filter((one) => one !== owner)) {
      expect(answers.get(node)).toMatch(new RegExp(`^MOVED \\d+ 127\\.0\\.0\\.1:${owner.port}$`));
    }
    await owner.kill();
    await expect(cluster.whole(1500)).rejects.toThrow('did not become whole');
    await owner.start();
    await cluster.whole();
    expect(await ask(owner)).toBe('OK');
  });

  describe('under two instances', () => {
    let simulator: TestSimulator;
    const newDeployment = () =>
      new Deployment(
        () => simulator,
        () => ({ environment: { REDIS_URL: cluster.url, REDIS_CLUSTER: 'true' }, instances: 2 }),
      );
    const deployment = newDeployment();
    beforeAll(async () => {
      simulator = await TestSimulator.start();
      await deployment.start(SETTINGS);
    });
    afterAll(async () => {
      await deployment.stop();
      await simulator.close();
    });

    test('a person verifies a number', () => expectMainFlow(deployment));

    test('parallel sends to one number send one message', async () => {
      const number = newNumber();
      await simulator.fault('send', { kind: 'delay', ms: 2000 });
      const replies = await flood(PARALLEL, () => deployment.person().send(number));
      expect(countOutcomes(replies)).toEqual({ '200': 1, '429 RATE_LIMITED': PARALLEL - 1 });
      expect(await simulator.messages(number)).toHaveLength(1);
    });

    test('parallel correct codes succeed once', async () => {
      const [number, person] = [newNumber(), deployment.person()];
      const { body } = await person.send(number);
      const pin = await simulator.pinFor(number);
      const calls = (await simulator.calls('verify')).length;
      await simulator.fault('verify', { kind: 'delay', ms: 200 });
      const replies = await flood(PARALLEL, () => person.verify(body.pinId, pin));
      expect(replies.filter(({ body: { verified } }) => verified)).toHaveLength(1);
      expect(await simulator.calls('verify')).toHaveLength(calls + 1);
    });

    test('limits by address, network and number hold over both instances', async () => {
      const network = newNetwork();
      const byAddress = await flood(8, () => deployment.person(network(1)).send(newNumber()));
      const byNetwork = await flood(4, (i) => deployment.person(network(2 + i)).send(newNumber()));
      const [number, near] = [newNumber(), newNetwork()];
      const byBoth: Reply[] = [];
      for (let i = 0; i < 6; i += 1) byBoth.push(await deployment.person(near(1 + i)).send(number));
      const byNumber: Reply[] = [];
      for (let i = 0; i < 4; i += 1) byNumber.push(await deployment.person().send(number));
      expect([byAddress, byNetwork, byBoth, byNumber].map(countOutcomes)).toEqual([
        { '200': 6, '429 RATE_LIMITED': 2 },
        { '200': 2, '429 RATE_LIMITED': 2 },
        { '200': 5, '429 RATE_LIMITED': 1 },
        { '200': 3, '429 RATE_LIMITED': 1 },
      ]);
    });

    const sendBy = (key: ApiKey, more: object = {}) =>
      deployment.ask((app) => app.send(newNumber(), { clientAddress: newAddress(), ...more }, key.headers()));

    test.each(COUNTED)(
      'the quota of the program $id holds exactly, and messages that Infobip refused give it back',
      async (key) => {
        await simulator.fault('send', { kind: 'status', status: 400 }, { times: PARALLEL });
        const failed = await flood(PARALLEL, () => sendBy(key));
        const outcomes = ['429 QUOTA_EXHAUSTED', '502 UPSTREAM_BAD_REPLY'];
        expect(Object.keys(countOutcomes(failed)).filter((outcome) => !outcomes.includes(outcome))).toEqual([]);
        await simulator.reset();
        const replies = await flood(PARALLEL, () => sendBy(key));
        expect(countOutcomes(replies)).toEqual({ '200': QUOTA, '429 QUOTA_EXHAUSTED': PARALLEL - QUOTA });
        const refused = await sendBy(key);
        expect(await deployment.limitOf(refused)).toBe('CLIENT_MESSAGES_PER_DAY');
      },
    );

    test('the budget of a program holds exactly, by the price of each message', async () => {
      const calls = await flood(PARALLEL, () => sendBy(PRICED, { channel: 'voice' }));
      expect(countOutcomes(calls)).toEqual({ '200': 2, '429 QUOTA_EXHAUSTED': PARALLEL - 2 });
      expect(countOutcomes(await flood(4, () => sendBy(PRICED)))).toEqual({ '200': 1, '429 QUOTA_EXHAUSTED': 3 });
    });

    test('a lock holds over both instances', async () => {
      const number = newNumber();
      await deployment.person().guess(number, 10);
      for (let i = 0; i < 2; i += 1) expect((await deployment.person().send(number)).body.code).toBe('NUMBER_LOCKED');
    });

    describe('while a node is dead', () => {
      /** Two more instances, which share all state with the first two, but give up waiting for the store sooner. */
      const hasty = newDeployment();
      beforeAll(() => hasty.start({ ...SETTINGS, REDIS_TIMEOUT_MS: '250' }));
      afterAll(() => hasty.stop());

      /** A person with a code, and the nodes that a send and a verification of theirs need. */
      async function started() {
        const [number, person] = [newNumber(), hasty.person()];
        await untilAnswered(() => person.send(number));
        let pinId = '';
        const toSend = await cluster.nodesOf(async () => {
          pinId = (await untilAnswered(() => person.send(number))).body.pinId;
        });
        const pin = await simulator.pinFor(number);
        const toVerify = await cluster.nodesOf(() => untilAnswered(() => person.verify(pinId, wrongPin(pin))));
        await simulator.advance(1000);
        return { number, person, pinId, pin, toSend, toVerify };
      }

      /** A node that some requests need and others do not, if there is one. */
      function victimOf(needed: readonly ReadonlySet<RedisServer>[]): RedisServer {
        const shares = cluster.nodes.map((node) => ({ node, needs: needed.filter((nodes) => nodes.has(node)).length }));
        const some =
          shares.find(({ needs }) => needs > 0 && needs < needed.length) ?? shares.find(({ needs }) => needs > 0);
        if (!some) throw new Error('The requests need no node.');
        return some.node;
      }

      /**
       * Requests that need the dead node get 503. Others get through, unless they need a new key that belongs to that
       * node, such as the key of a verification or a session.
       */
      function expectHonest(asked: { reply: Reply; ms: number; needed: boolean }[], isSure: boolean): void {
        const outcomes = (needed: boolean) =>
          countOutcomes(asked.filter((a) => a.needed === needed).map((a) => a.reply));
        const refused = Object.keys(outcomes(true));
        if (isSure) expect(refused.filter((outcome) => outcome !== '503 STORE_UNAVAILABLE')).toEqual([]);
        const served = Object.keys(outcomes(false));
        expect(served.filter((outcome) => !['200', '503 STORE_UNAVAILABLE'].includes(outcome))).toEqual([]);
        expect(Math.max(...asked.map(({ ms }) => ms))).toBeLessThan(LONGEST_ANSWER_MS);
      }

      async function timed(needed: boolean, ask: () => Promise<Reply>) {
        const startedAt = performance.now();
        const reply = await ask();
        return { reply, needed, ms: performance.now() - startedAt };
      }

      test('without one node, only requests that need it fail, all get quick answers, and the app recovers without a restart', async () => {
        const people: Awaited<ReturnType<typeof started>>[] = [];
        for (let i = 0; i < PEOPLE; i += 1) people.push(await started());
        const victim = victimOf(people.map(({ toSend }) => toSend));
        await victim.kill();

        const verified = [];
        for (const { person, pinId, pin, toVerify } of people) {
          verified.push(await timed(toVerify.has(victim), () => person.verify(pinId, pin)));
        }
        expectHonest(verified, true);
        const sent = [];
        for (const { person, number, toSend } of people) {
          sent.push(await timed(toSend.has(victim), () => person.send(number)));
        }
        // Not sure, because a send no longer needs the keys of the previous verification.
        expectHonest(sent, false);

        // Each request needs the nodes of its own three keys and of the global limits. So some of many get through.
        const isNeededByAll = people.every(({ toSend }) => toSend.has(victim));
        const others = await flood(isNeededByAll ? 0 : 40, () => hasty.person().send(newNumber()));
        if (!isNeededByAll) expect(countOutcomes(others)['200']).toBeGreaterThan(0);

        await victim.start();
        await cluster.whole();
        for (const { number } of people) {
          const startedAt = performance.now();
          let reply: Reply;
          do reply = await hasty.person().send(number);
          while (reply.status === 503 && performance.now() - startedAt < BACK_WITHIN_MS);
          expect(reply.status).toBe(200);
        }
      });
    });

    test('the global limit holds over both instances', async () => {
      const replies = await flood(320, () => deployment.person().send(newNumber()));
      // On a busy machine, so many requests at once may take longer than the store's timeout.
      const outcomes = ['200', '429 RATE_LIMITED', '503 STORE_UNAVAILABLE'];
      expect(Object.keys(countOutcomes(replies)).filter((outcome) => !outcomes.includes(outcome))).toEqual([]);
      const later = await deployment.person().send(newNumber());
      expect(later.body.code).toBe('RATE_LIMITED');
      expect(await deployment.limitOf(later)).toBe('LIMIT_SEND_GLOBAL');
    });
  });
});
