import { randomBytes } from '@/lib/random';

const COUNT = 2000;

test('no bytes are given out twice, also where they come from the next pool', () => {
  const given = new Set<string>();
  for (let i = 0; i < COUNT; i += 1) given.add(randomBytes(i % 2 ? 32 : 13).toString('hex'));
  expect(given.size).toBe(COUNT);
  expect([...given].some((hex) => /^0+$/.test(hex))).toBe(false);
});

test('what was given out stays as it was', () => {
  const first = randomBytes(16);
  const before = first.toString('hex');
  for (let i = 0; i < COUNT; i += 1) randomBytes(16);
  expect(first.toString('hex')).toBe(before);
});

test('every value of a byte comes about equally often', () => {
  const counts = new Array<number>(256).fill(0);
  for (const byte of Array.from({ length: 256 }, () => [...randomBytes(1000)]).flat())
    counts[byte] = (counts[byte] ?? 0) + 1;
  // 1,000 each on average, with a standard deviation of 32: eight of them never happen.
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(256);
});
