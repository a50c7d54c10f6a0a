/** `npm run erase -- +14155552671`: removes all data about a number. With `--show`, it prints the data instead. */
import { eraseSubjectData, findSubjectData } from '@/lib/store/redis/subject-data';
import { entriesOf } from '@/lib/store/sql/subject-data';
import type { SubjectData } from '@/lib/store/subject-data';
import { UsageError } from './command';
import { inDatabase, namesDatabase } from './database';
import { inRedis, operate } from './operator';
import { surroundings } from './surroundings';

const USAGE = `Usage: npm run erase -- [--show] +14155552671   (REDIS_URL, DATA_DIR or DATABASE_URL, and PRIVACY_KEY, in the environment or in .env.local)

Removes everything about the number from Redis and from the database of factors, whichever of them are configured:
verifications, sessions, webhooks, waits, limits and wrong codes, a lock included; the account with its passkeys,
authenticator apps and recovery codes.
A number that you blocked with npm run guard stays blocked, until you run npm run guard -- unblock.
--show prints it as JSON, and removes nothing.`;

const STAYS_BLOCKED = ' The number stays blocked. To unblock it, run npm run guard -- unblock.';

/** Redis, the database of factors, or both: those that are configured. */
interface Place {
  find(phoneNumber: string): Promise<SubjectData>;
  /** @returns how many entries it removed */
  erase(phoneNumber: string): Promise<number>;
}

const REDIS: Place = {
  find: (phoneNumber) => inRedis(({ stores: { redis }, privacy }) => findSubjectData(redis, privacy, phoneNumber)),
  erase: (phoneNumber) => inRedis(({ stores: { redis }, privacy }) => eraseSubjectData(redis, privacy, phoneNumber)),
};

const DATABASE: Place = {
  find: (phoneNumber) =>
    inDatabase(async (store, privacy) => {
      const state = await store.describe(phoneNumber);
      return {
        phoneNumber,
        pseudonyms: privacy.pseudonyms('number', phoneNumber),
        entries: state ? entriesOf(state) : [],
      };
    }),
  erase: (phoneNumber) => inDatabase((store) => store.erase(phoneNumber)),
};

function placesOf(): readonly [Place, ...Place[]] {
  const [first, ...others] = [
    ...(surroundings().REDIS_URL === undefined ? [] : [REDIS]),
    ...(namesDatabase() ? [DATABASE] : []),
  ];
  if (!first)
    throw new UsageError(
      "Neither REDIS_URL nor DATA_DIR or DATABASE_URL is set. Without them all state lives in the server's process, and ends with it.",
    );
  return [first, ...others];
}

async function findIn(places: readonly [Place, ...Place[]], phoneNumber: string): Promise<SubjectData> {
  const [first, ...others] = places;
  const data = await first.find(phoneNumber);
  const more = await Promise.all(others.map((place) => place.find(phoneNumber)));
  return { ...data, entries: [...data.entries, ...more.flatMap(({ entries }) => entries)] };
}

void operate(
  USAGE,
  process.argv.slice(2),
  async (readNumber, options) => {
    const places = placesOf();
    const phoneNumber = readNumber();
    if (options.has('--show')) return JSON.stringify(await findIn(places, phoneNumber), null, 2);
    let removed = 0;
    for (const place of places) removed += await place.erase(phoneNumber);
    const { entries } = await findIn(places, phoneNumber);
    const blocked = entries.some(({ what }) => what === 'blocked') ? STAYS_BLOCKED : '';
    return `Removed ${removed === 1 ? 'one entry' : `${removed} entries`}.${blocked}`;
  },
  ['--show'],
);
