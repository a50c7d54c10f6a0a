import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Draws that depend only on a seed: the same seed gives the same draws on every machine. */
export interface Random {
  /** From 0 up to, not including, 1. */
  fraction(): number;
  /** A whole number from 0 up to, not including, `below`. */
  integer(below: number): number;
  /** True in that share of draws. */
  chance(share: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** @param sigma standard deviation of the logarithm */
  logNormal(median: number, sigma: number): number;
}

/** @param salt two generators of one seed with different salts are independent */
export function createRandom(seed: number, salt = 0): Random {
  const generator = xoroshiro128plus((Math.imul(seed, 0x9e3779b1) + Math.imul(salt, 0x85ebca6b)) | 0);
  const fraction = () => uniformFloat64(generator);
  const integer = (below: number) => Math.floor(fraction() * below);
  return {
    fraction,
    integer,
    chance: (share) => fraction() < share,
    pick: <T>(items: readonly T[]) => items[integer(items.length)] as T,
    // Box and Muller's transform. Uses 1 - x, because the logarithm of 0 is infinite.
    logNormal: (median, sigma) =>
      median * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - fraction())) * Math.cos(2 * Math.PI * fraction())),
  };
}

/** Picks by weight. A draw takes logarithmic time. */
export function weighted<T>(items: readonly T[], weightOf: (item: T, index: number) => number): (random: Random) => T {
  let total = 0;
  const sums = items.map((item, index) => {
    total += weightOf(item, index);
    return total;
  });
  return (random) => {
    const drawn = random.fraction() * total;
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) > drawn) high = middle;
      else low = middle + 1;
    }
    return items[low] as T;
  };
}
