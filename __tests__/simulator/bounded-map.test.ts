import { BoundedMap } from '@/simulator/bounded-map';

test('the map drops what was set longest ago', () => {
  const map = new BoundedMap<string, number>(3);
  for (const [key, value] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
    ['a', 4],
    ['d', 5],
  ] as const)
    map.set(key, value);
  expect(map.get('b')).toBeUndefined();
  expect(map.values()).toEqual([3, 4, 5]);
});

test('the map stays within its size over many entries and after being cleared', () => {
  const map = new BoundedMap<number, number>(100);
  for (let round = 0; round < 2; round += 1) {
    for (let i = 0; i < 10_000; i += 1) map.set(i, i);
    expect(map.values()).toHaveLength(100);
    expect(map.values()[0]).toBe(9_900);
    map.clear();
    expect(map.values()).toEqual([]);
  }
});
