import { ATTACKS } from '@/scripts/simulate/attacks';
import { EventQueue } from '@/scripts/simulate/event-queue';
import { createWorld, HOME } from '@/scripts/simulate/markets';
import { DAY_MS, drawPeople, PEOPLE, type Person } from '@/scripts/simulate/people';
import { createRandom } from '@/scripts/simulate/random';
import { rowOf, tallies } from '@/scripts/simulate/rows';

describe('the people of the model', () => {
  const world = createWorld();
  const people = drawPeople(world, 1, 1);
  const share = (isCounted: (person: Person) => boolean) => people.filter(isCounted).length / people.length;

  test('are the same for the same seed, and differ for another', () => {
    const of = (seed: number) => drawPeople(world, seed, 0.01).map(({ at, number }) => `${at} ${number}`);
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });

  test('arrive over two days, with one burst on the second', () => {
    expect(people).toHaveLength(2 * PEOPLE.perDay + PEOPLE.burst);
    expect(people.filter(({ at }) => at >= DAY_MS)).toHaveLength(PEOPLE.perDay + PEOPLE.burst);
    const inBurst = ({ at }: Person) => at >= PEOPLE.burstAtMs && at < PEOPLE.burstAtMs + PEOPLE.burstMs;
    expect(people.filter(inBurst).length).toBeGreaterThan(PEOPLE.burst);
  });

  test.each([
    ['are at home in 60 of 100 cases', ({ market }: Person) => market.country === HOME, 0.6],
    ['are in eight larger countries in 35 of 100', ({ market }: Person) => market.kind === 'main', 0.35],
    ['are in sixty small countries in 5 of 100', ({ market }: Person) => market.kind === 'other', 0.05],
    ['share an address in 20 of 100', ({ client }: Person) => client.address.startsWith('100.'), 0.2],
    ['ask for another message in 18 of 100', ({ resendsAfterMs }: Person) => resendsAfterMs !== undefined, 0.18],
    ['solve a challenge in 97 of 100', ({ canSolve }: Person) => canSolve, 0.97],
  ])('%s', (_, isCounted, expected) => {
    expect(Math.abs(share(isCounted) - expected)).toBeLessThan(0.01);
  });

  test.each([
    ['home', 0.8, 0.01],
    ['main', 0.72, 0.02],
    ['other', 0.58, 0.04],
  ] as const)('in a %s country enter %d of their codes', (kind, expected, within) => {
    const there = people.filter(({ market }) => market.kind === kind);
    const verified = there.filter(({ verifiesAfterMs }) => verifiesAfterMs !== undefined);
    expect(Math.abs(verified.length / there.length - expected)).toBeLessThan(within);
  });

  test('enter half of their codes within twenty seconds', () => {
    const times = people.flatMap(({ verifiesAfterMs }) => verifiesAfterMs ?? []).sort((one, other) => one - other);
    expect(Math.abs((times[Math.floor(times.length / 2)] ?? 0) - 20_000)).toBeLessThan(500);
  });
});

test('an attack sends the same messages for the same seed', () => {
  const world = createWorld();
  for (const { name, start } of ATTACKS) {
    if (name === 'none') continue;
    const [first, second] = [start(world, createRandom(5, 2)), start(world, createRandom(5, 2))];
    for (let count = 0; count < 50; count += 1) expect(first.next()).toEqual(second.next());
  }
});

test('events come in the order of their time, and events of one moment in the order of insertion', () => {
  const queue = new EventQueue<number>();
  const random = createRandom(1);
  const times = Array.from({ length: 500 }, () => random.integer(50));
  for (const [index, time] of times.entries()) queue.add(time, index);
  const taken: { at: number; event: number }[] = [];
  for (let next = queue.take(); next; next = queue.take()) taken.push({ at: next.at, event: next.event });
  const inOrder = times.map((at, event) => ({ at, event })).sort((a, b) => a.at - b.at || a.event - b.event);
  expect(taken).toEqual(inOrder);
});

describe('a tenth of the model, played through the guard', () => {
  const played = async (attack: string, defense = 'guard') => {
    const one = { attack, defense, botsPassing: 0.15 };
    return rowOf(one, await tallies(one, { seeds: [1], scale: 0.1 }));
  };

  test('blocks nobody without an attack', async () => {
    expect(await played('none')).toMatchObject({ blocked: 0, challenged: 0, spent: 0, saved: 0 });
  });

  test('stops a flood from one address', async () => {
    const guarded = await played('one-address');
    expect(guarded.stopped).toBeGreaterThan(0.99);
    expect(guarded.blocked).toBe(0);
    const unguarded = await played('one-address', 'nothing');
    expect(unguarded.stopped).toBe(0);
    expect(guarded.spent + guarded.saved).toBeCloseTo(unguarded.spent);
  });

  test('stops a flood from many addresses, which limits by address do not notice', async () => {
    expect((await played('proxies-3-ranges')).stopped).toBeGreaterThan(0.99);
    expect((await played('proxies-3-ranges', 'limits')).stopped).toBeLessThan(0.05);
  });

  test('places no calls abroad', async () => {
    expect((await played('voice-one-48')).stopped).toBe(1);
  });
});
