import { createBlockedNumbers } from '@/lib/store/redis/blocked-numbers';
import type { Workplace } from '@/scripts/operator';
import type { Outcome } from './lift';

/** Servers poll Redis: see `lib/methods/phone/blocklist.ts`. */
const SOON = 'Every server applies this within ten seconds.';

const entries = (count: number) => (count === 1 ? 'One entry' : `${count} entries`);

/** @param given numbers, and prefixes of numbers */
export async function block(given: readonly string[], { stores: { redis }, privacy }: Workplace): Promise<Outcome> {
  const added = await createBlockedNumbers(redis, privacy).add(given);
  return {
    data: { added },
    sentence:
      added === 0 ? 'It was already blocked.' : `${entries(added)} added: these numbers get no more codes. ${SOON}`,
  };
}

/** @param given numbers, and prefixes of numbers */
export async function unblock(given: readonly string[], { stores: { redis }, privacy }: Workplace): Promise<Outcome> {
  const blocked = createBlockedNumbers(redis, privacy);
  const removed = await blocked.remove(given);
  const left = await blocked.read();
  const stillBy = [...new Set(given.flatMap((one) => left.filter((entry) => one.startsWith(entry))))].sort();
  const still = stillBy.length > 0 ? ` The number is still blocked by ${stillBy.join(', ')}.` : '';
  return {
    data: { removed, stillBlockedBy: stillBy },
    sentence: removed === 0 ? `Redis has no such block.${still}` : `${entries(removed)} removed. ${SOON}${still}`,
  };
}
