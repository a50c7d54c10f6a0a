/** `npm run erase -- +14155552671`: removes what Redis holds on a number; with `--show` prints it instead. */
import { eraseSubjectData, findSubjectData } from '@/lib/store/redis/subject-data';
import { operate } from './operator';

const USAGE = `Usage: npm run erase -- [--show] +14155552671   (REDIS_URL and PRIVACY_KEY in the environment or in .env.local)

Removes all that Redis holds on the number: verifications, sessions, waits, limits and wrong codes, a lock included.
--show prints it as JSON, and removes nothing.`;

void operate(
  USAGE,
  process.argv.slice(2),
  async ({ stores: { redis }, privacy, phoneNumber }, options) => {
    if (options.has('--show')) return JSON.stringify(await findSubjectData(redis, privacy, phoneNumber), null, 2);
    const removed = await eraseSubjectData(redis, privacy, phoneNumber);
    return `Removed ${removed === 1 ? 'one entry' : `${removed} entries`}.`;
  },
  ['--show'],
);
