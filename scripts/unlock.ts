/** `npm run unlock -- +14155552671`: lifts the lock of a number, and forgets its wrong codes. */
import { operate } from './operator';

const USAGE = 'Usage: npm run unlock -- +14155552671   (REDIS_URL and PRIVACY_KEY in the environment or in .env.local)';

void operate(USAGE, process.argv.slice(2), async ({ stores, phoneNumber }) => {
  await stores.limits.unlock(phoneNumber);
  return 'The number is not locked any more.';
});
