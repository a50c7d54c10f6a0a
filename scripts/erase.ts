/** `npm run erase -- +14155552671`: removes everything that Redis holds about a number; with `--show` prints it instead. */
import { eraseSubjectData, findSubjectData } from '@/lib/store/redis/subject-data';
import { operate } from './operator';

const USAGE = `Usage: npm run erase -- [--show] +14155552671   (REDIS_URL and PRIVACY_KEY in the environment or in .env.local)

Removes everything that Redis holds about the number: verifications, sessions, webhooks, waits, limits and wrong codes,
a lock included.
A number that you blocked with npm run guard stays blocked, until you run npm run guard -- unblock.
--show prints it as JSON, and removes nothing.`;

const STAYS_BLOCKED = ' The number stays blocked. To unblock it, run npm run guard -- unblock.';

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
