/** `npm run erase -- +14155552671`: removes what Redis holds on a number; with `--show` prints it instead. */
import { eraseSubjectData, findSubjectData } from '@/lib/store/redis/subject-data';
import { operate } from './operator';

const USAGE = `Usage: npm run erase -- [--show] +14155552671   (REDIS_URL and PRIVACY_KEY in the environment or in .env.local)

Removes all that Redis holds on the number: verifications, sessions, waits, limits and wrong codes, a lock included.
A number that npm run guard blocked stays blocked: npm run guard -- unblock ends that.
--show prints it as JSON, and removes nothing.`;

const STAYS_BLOCKED = ' The number stays blocked; npm run guard -- unblock ends that.';

void operate(
  USAGE,
  process.argv.slice(2),
  async ({ stores: { redis }, privacy, phoneNumber }, options) => {
    if (options.has('--show')) return JSON.stringify(await findSubjectData(redis, privacy, phoneNumber), null, 2);
    const removed = await eraseSubjectData(redis, privacy, phoneNumber);
    const { entries } = await findSubjectData(redis, privacy, phoneNumber);
    const blocked = entries.some(({ what }) => what === 'blocked') ? STAYS_BLOCKED : '';
    return `Removed ${removed === 1 ? 'one entry' : `${removed} entries`}.${blocked}`;
  },
  ['--show'],
);
