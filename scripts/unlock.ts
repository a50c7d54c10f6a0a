/** `npm run unlock -- +14155552671`: lifts the lock of a number, and forgets its wrong codes. Needs REDIS_URL. */
import { existsSync } from 'node:fs';
import { waitForStore } from '@/lib/boot';
import { AppError } from '@/lib/errors';
import { createRedisStore } from '@/lib/store/redis-store';
import { parsePhoneNumber } from '@/lib/verification/phone-number';

const USAGE = 'Usage: npm run unlock -- +14155552671   (REDIS_URL in the environment or in .env.local)';
const READY_WITHIN_MS = 3000;

/** @returns the exit code: 0 done, 1 Redis does not answer, 2 misuse */
async function unlock(argument: string | undefined): Promise<number> {
  if (existsSync('.env.local')) process.loadEnvFile('.env.local');
  const url = process.env.REDIS_URL;
  if (argument === undefined || argument === '--help') {
    process.stdout.write(`${USAGE}\n`);
    return argument === undefined ? 2 : 0;
  }
  if (!url) {
    process.stderr.write(
      'REDIS_URL is not set. Without Redis the state lives in the server: restart it to forget locks.\n',
    );
    return 2;
  }
  const store = createRedisStore({ url, maxAttempts: 1, onConnection: () => undefined });
  try {
    const { e164 } = parsePhoneNumber(argument);
    await waitForStore(store, READY_WITHIN_MS);
    await store.unlock(e164);
    process.stdout.write('The number is not locked any more.\n');
    return 0;
  } catch (error) {
    const code = error instanceof AppError ? error.code : 'INTERNAL_ERROR';
    const isNumber = code === 'INVALID_PHONE_NUMBER' || code === 'PHONE_NUMBER_NOT_SUPPORTED';
    process.stderr.write(
      isNumber ? `That is no phone number. ${USAGE}\n` : 'Redis does not answer. Check REDIS_URL.\n',
    );
    return isNumber ? 2 : 1;
  } finally {
    store.close();
  }
}

unlock(process.argv[2]).then((code) => {
  process.exitCode = code;
});
