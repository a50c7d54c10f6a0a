import { countOutcomes, flood, newNumber } from '@/__tests__/support/person';
import { describeOnRedis } from '@/__tests__/support/set-ups';

/** Room for a few hundred numbers. */
const ROOM_BYTES = 300_000;
/** Memory that Redis allocates and frees for connections and buffers. */
const COMES_AND_GOES_BYTES = 100_000;

describeOnRedis('a full Redis', (setUp) => {
  // The cooldown starts with the fourth message to a number.
  const deployment = setUp.deploy({ RESEND_COOLDOWN_SECONDS: '0,0,0,30' });
  const redis = (name: string, ...args: (string | number)[]) => deployment.redis.command(name, ...args);

  async function limitMemory(beyondUsed: number): Promise<void> {
    const used = Number(/used_memory:(\d+)/.exec(String(await redis('INFO', 'memory')))?.[1]);
    await redis('CONFIG', 'SET', 'maxmemory', used + beyondUsed);
  }

  const outcomesFor = async (number: string) => countOutcomes(await flood(10, () => deployment.person().send(number)));

  test('the server refuses new numbers, and locks and cooldowns still hold', async () => {
    const [locked, cooling, known] = [newNumber(), newNumber(), newNumber()];
    const owner = await deployment.person().becomeKnown(known);
    for (const number of [locked, known]) await deployment.person().guess(number, 10);
    for (let i = 0; i < 4; i += 1) await deployment.person().send(cooling);

    await limitMemory(ROOM_BYTES);
    let filling: Record<string, number> = {};
    for (let i = 0; filling['503 STORE_UNAVAILABLE'] === undefined && i < 100; i += 1) {
      filling = countOutcomes(await flood(40, () => deployment.person().send(newNumber())));
      expect(Object.keys(filling).filter((outcome) => !/^(200|503 STORE_UNAVAILABLE)$/.test(outcome))).toEqual([]);
    }
    await limitMemory(-COMES_AND_GOES_BYTES);

    const messages = (await deployment.simulator.messages()).at(-1);
    const refused = await flood(40, () => deployment.person().send(newNumber()));
    expect(countOutcomes(refused)).toEqual({ '503 STORE_UNAVAILABLE': 40 });
    expect(await outcomesFor(locked)).toEqual({ '429 NUMBER_LOCKED': 10 });
    expect(await outcomesFor(cooling)).toEqual({ '429 RATE_LIMITED': 10 });
    expect((await deployment.simulator.messages()).at(-1)).toEqual(messages);

    await redis('CONFIG', 'SET', 'maxmemory', 0);
    expect(await outcomesFor(locked)).toEqual({ '429 NUMBER_LOCKED': 10 });
    expect(await outcomesFor(cooling)).toEqual({ '429 RATE_LIMITED': 10 });
    expect(await outcomesFor(known)).toEqual({ '429 NUMBER_LOCKED': 10 });
    expect(countOutcomes(await owner.prove(known))).toEqual({ '200': 2 });
    expect(countOutcomes(await deployment.person().prove(newNumber()))).toEqual({ '200': 2 });
  });
});
