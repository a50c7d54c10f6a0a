import { type ContenderName, startContender } from '@/bench/contenders';
import { type Spread, spreadOf } from '@/bench/report/statistics';
import type { Workplace } from '@/bench/workplace';
import { optionsOf } from './sockets';

/** Milliseconds from the start of each server's process to its first answer. The servers take turns. */
export async function measureBoot(
  place: Workplace,
  names: readonly ContenderName[],
  rounds: number,
): Promise<Record<string, Spread>> {
  const times = new Map<ContenderName, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const server = await startContender(name, optionsOf(place));
      times.get(name)?.push(server.bootMs);
      await server.end();
    }
  }
  return Object.fromEntries([...times].map(([name, all]) => [name, spreadOf(all)]));
}
