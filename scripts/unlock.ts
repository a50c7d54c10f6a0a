/** `npm run unlock -- +14155552671`: lifts the lock of a number, forgets its wrong codes, and says what it found. */
import { findSubjectData } from '@/lib/store/redis/subject-data';
import type { HeldEntry } from '@/lib/store/subject-data';
import { inRedis, operate } from './operator';

const USAGE = 'Usage: npm run unlock -- +14155552671   (REDIS_URL and PRIVACY_KEY in the environment or in .env.local)';

/** Describes the wrong codes of strangers (unknown devices), of one known device, or of all of these. */
function describe({ of, wrongCodes, lockedUntil }: HeldEntry['values']): string {
  const codes = wrongCodes === 1 ? 'one wrong code' : `${wrongCodes} wrong codes`;
  // A lock that only an operator lifts has words instead of a time.
  const isLocked = lockedUntil !== undefined && !(Date.parse(String(lockedUntil)) <= Date.now());
  return isLocked
    ? `Unlocked for ${of}: the number was locked until ${lockedUntil}, after ${codes}.`
    : `The number was not locked for ${of}. The server forgets ${codes}.`;
}

void operate(USAGE, process.argv.slice(2), (readNumber) =>
  inRedis(async ({ stores: { redis, limits }, privacy }, phoneNumber) => {
    // Data that nobody can read must not keep the number locked.
    const held = await findSubjectData(redis, privacy, phoneNumber).catch(() => undefined);
    await limits.unlock(phoneNumber);
    if (!held) return 'Unlocked. What Redis held about the number could not be read.';
    const found = held.entries.filter(({ what }) => what === 'wrong codes').map(({ values }) => describe(values));
    return found.length > 0 ? found.join('\n') : 'The number was not locked, and it has no wrong codes.';
  }, readNumber),
);
