import type { Reply } from '@/__tests__/support/app';
import { madeUpHandle, newAddress, newNetwork, newNumber } from '@/__tests__/support/person';
import { describeEverySetUp } from '@/__tests__/support/set-ups';
import { until } from '@/__tests__/webhooks/receiver';

/** More than any limit in this file allows. */
const MANY = 16;
const LONGEST_WAIT_SECONDS = 9;

type Ask = () => Promise<Reply>;

describeEverySetUp('Retry-After', (setUp) => {
  describe('of a limit', () => {
    const deployment = setUp.deploy({
      // A message counts as in flight for up to 5 s longer than that.
      INFOBIP_TIMEOUT_MS: '3000',
      LIMIT_SEND_PER_ADDRESS: '4/8s',
      LIMIT_SEND_PER_NETWORK: '6/9s',
      LIMIT_SEND_PER_NUMBER: '3/8s',
      LIMIT_SEND_PER_NUMBER_AND_NETWORK: '2/7s',
      LIMIT_VOICE_PER_NUMBER: '1/7s',
      LIMIT_VERIFY_PER_ADDRESS: '3/7s',
      LIMIT_VERIFY_PER_NETWORK: '5/8s',
    });

    /** A new address for each call. */
    function addressesOf(network: (host: number) => string): () => string {
      let host = 0;
      return () => {
        host += 1;
        return network(host);
      };
    }
    const send = (address: string, number: string, more?: object) => deployment.person(address).send(number, more);
    const verify = (address: string) => deployment.person(address).verify(madeUpHandle(), '123456');

    /** For each limit, requests that no other limit refuses. */
    const PROBES: Record<string, () => Ask> = {
      LIMIT_SEND_PER_ADDRESS() {
        const address = newAddress();
        return () => send(address, newNumber());
      },
      LIMIT_SEND_PER_NETWORK() {
        const next = addressesOf(newNetwork());
        return () => send(next(), newNumber());
      },
      LIMIT_SEND_PER_NUMBER() {
        const number = newNumber();
        return () => send(newAddress(), number);
      },
      LIMIT_SEND_PER_NUMBER_AND_NETWORK() {
        const [number, next] = [newNumber(), addressesOf(newNetwork())];
        return () => send(next(), number);
      },
      LIMIT_VOICE_PER_NUMBER() {
        const number = newNumber();
        return () => send(newAddress(), number, { channel: 'voice' });
      },
      LIMIT_VERIFY_PER_ADDRESS() {
        const address = newAddress();
        return () => verify(address);
      },
      LIMIT_VERIFY_PER_NETWORK() {
        const next = addressesOf(newNetwork());
        // Asks about real verifications, because made-up ones count only against their address.
        return async () => {
          const { body } = await send(newAddress(), newNumber());
          return deployment.person(next()).verify(body.pinId, '123456');
        };
      },
    };

    async function refusedInTurn(ask: Ask): Promise<Reply> {
      let reply = await ask();
      for (let asked = 1; reply.status !== 429 && asked < MANY; asked += 1) reply = await ask();
      return reply;
    }

    /** Makes many requests at once. @returns the refusal with the longest wait */
    async function refusedAtOnce(ask: Ask): Promise<Reply> {
      const replies = await Promise.all(Array.from({ length: MANY }, ask));
      const wait = ({ body }: Reply) => body.retryAfterSeconds ?? 0;
      return replies.reduce((longest, reply) => (wait(reply) > wait(longest) ? reply : longest));
    }

    /** Waits as long as a refusal says, then sends one more request. Undefined if nothing was refused. */
    async function outcomeOf(ask: Ask, refuse: (ask: Ask) => Promise<Reply>) {
      const refused = await refuse(ask);
      if (refused.status !== 429) return undefined;
      const seconds = refused.body.retryAfterSeconds;
      expect([refused.headers.get('retry-after'), seconds <= LONGEST_WAIT_SECONDS]).toEqual([String(seconds), true]);
      await deployment.wait(seconds);
      return { refusedBy: await deployment.limitOf(refused), refusedAgain: (await ask()).status === 429 };
    }

    /** Runs the probes, which share no limit, one after the other, so that each one waits only as long as it was told. */
    async function outcomes(refuse: (ask: Ask) => Promise<Reply>, names: readonly string[]) {
      const found: Record<string, unknown> = {};
      for (const name of names) found[name] = await outcomeOf((PROBES[name] as () => Ask)(), refuse);
      return found;
    }

    /** If waits take real time, all probes wait at once. */
    async function outcomesAtOnce(refuse: (ask: Ask) => Promise<Reply>, names: readonly string[]) {
      return Object.assign({}, ...(await Promise.all(names.map((name) => outcomes(refuse, [name])))));
    }
    const probe = setUp.onRedis ? outcomesAtOnce : outcomes;
    const expected = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, { refusedBy: name, refusedAgain: false }]));

    const ALL = Object.keys(PROBES);

    test.each([
      ['in turn', refusedInTurn, ALL],
      // Only one of several parallel messages to a number goes out, whatever the limits.
      ['in parallel', refusedAtOnce, ALL.filter((name) => !/NUMBER/.test(name))],
    ] as const)('one more request after the wait gets through: %s', async (_, refuse, names) => {
      expect(await probe(refuse, names)).toEqual(expected(names));
    });

    test('a request that two limits refuse gets the longer wait', async () => {
      const network = newNetwork();
      for (let i = 0; i < 6; i += 1) await send(network(i < 4 ? 1 : 2), newNumber());
      const refused = await send(network(1), newNumber());
      await deployment.wait(refused.body.retryAfterSeconds);
      expect((await send(network(1), newNumber())).status).toBe(200);
      expect(await deployment.limitOf(refused)).toBe('LIMIT_SEND_PER_NETWORK');
    });

    test('a send that was refused because another one was in flight gets through after the wait', async () => {
      const number = newNumber();
      await deployment.simulator.fault('send', { kind: 'delay', ms: 1500 });
      const before = (await deployment.simulator.calls('send')).length;
      const first = send(newAddress(), number);
      await until(async () => (await deployment.simulator.calls('send')).length > before);
      const refused = await send(newAddress(), number);
      expect([(await first).status, refused.status]).toEqual([200, 429]);
      await deployment.wait(refused.body.retryAfterSeconds);
      expect((await send(newAddress(), number)).status).toBe(200);
    });
  });

  describe('of the cooldown and of the global limit', () => {
    const deployment = setUp.deploy({ RESEND_COOLDOWN_SECONDS: '6', LIMIT_SEND_GLOBAL: '3/6s' });

    test('a send after either wait gets through', async () => {
      const number = newNumber();
      const sent = [await deployment.person().send(number)];
      const cooled = await deployment.person().send(number);
      sent.push(await deployment.person().send(newNumber()), await deployment.person().send(newNumber()));
      const overall = await deployment.person().send(newNumber());
      expect(sent.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect([await deployment.limitOf(cooled), await deployment.limitOf(overall)]).toEqual([
        'RESEND_COOLDOWN_SECONDS',
        'LIMIT_SEND_GLOBAL',
      ]);
      const again = async ({ body }: Reply, to: string) => {
        await deployment.wait(body.retryAfterSeconds);
        return (await deployment.person().send(to)).status;
      };
      expect(await Promise.all([again(cooled, number), again(overall, newNumber())])).toEqual([200, 200]);
    });
  });
});
