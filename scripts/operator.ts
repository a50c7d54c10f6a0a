/** Shared by operators' commands: the settings of those that work on Redis, their number argument, their exit codes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { environment, faultsOfPlainRedis } from '@/lib/config/environment';
import { parsePhoneNumber } from '@/lib/methods/phone/phone-number';
import { createPrivacy, type Privacy } from '@/lib/privacy';
import { KEYS } from '@/lib/store/redis/keys';
import { createRedisStores } from '@/lib/store/redis/redis-stores';
import { CommandError, endWith, takenByNpm, UsageError } from './command';
import { surroundings } from './surroundings';

const READY_WITHIN_MS = 3000;
const POLL_MS = 50;
/** Nobody is waiting at a page, so a busy Redis gets more time than for a request. */
const COMMAND_TIMEOUT_MS = 10_000;
const SETTINGS = environment.pick({ REDIS_URL: true, REDIS_CLUSTER: true, PRIVACY_KEY: true });

/** The connection, keys and settings of a command. */
export interface Workplace {
  readonly stores: ReturnType<typeof createRedisStores>;
  readonly privacy: Privacy;
}

function settings(): { url: string; isCluster: boolean; keys: readonly string[] } {
  const given = surroundings();
  if (!given.REDIS_URL)
    throw new UsageError(
      "REDIS_URL is not set. Without Redis all state lives in the server's process, and ends with it.",
    );
  const { data, error } = SETTINGS.safeParse(given);
  if (error) throw new UsageError(error.issues.map(({ path, message }) => `${path.join()} ${message}`).join('\n'));
  const [plain] = faultsOfPlainRedis(given);
  if (plain) throw new UsageError(plain);
  if (!data.PRIVACY_KEY) throw new UsageError('PRIVACY_KEY is not set. It must be the same as on the servers.');
  return { url: data.REDIS_URL ?? '', isCluster: data.REDIS_CLUSTER, keys: data.PRIVACY_KEY };
}

function numberFrom(text: string): string {
  try {
    return parsePhoneNumber(text).e164;
  } catch {
    throw new UsageError('That is not a phone number. Write it with a plus and the country code, like +14155552671.');
  }
}

/** Fails if the servers have another key: the command would find nothing, as if there were no data. */
async function checkKeys({ stores: { redis }, privacy }: Workplace): Promise<void> {
  for (let waited = 0; redis.status !== 'ready' && waited < READY_WITHIN_MS; waited += POLL_MS) await sleep(POLL_MS);
  const inUse = await Promise.all(privacy.keyIds.map((id) => redis.exists(KEYS.privacyKey + id)));
  if (!inUse.includes(1))
    throw new UsageError('No server that uses this Redis has this PRIVACY_KEY. It must be the same as on the servers.');
}

/**
 * Acts on the servers' Redis.
 * @param prepare reads the arguments, and may fail before the command asks Redis
 * @throws {UsageError | CommandError}
 */
export async function inRedis<T, Prepared = undefined>(
  act: (workplace: Workplace, prepared: Prepared) => Promise<T>,
  prepare?: () => Prepared,
): Promise<T> {
  const { url, isCluster, keys } = settings();
  const prepared = prepare?.() as Prepared;
  const privacy = createPrivacy(keys);
  let reason: string | undefined;
  const stores = createRedisStores({
    url,
    isCluster,
    maxAttempts: 1,
    privacy,
    commandTimeoutMs: COMMAND_TIMEOUT_MS,
    onConnection: (event) => {
      reason = event.reason ?? reason;
    },
  });
  try {
    const workplace = { stores, privacy };
    await checkKeys(workplace);
    return await act(workplace, prepared);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new CommandError(`Redis does not answer as expected${reason ? ` (${reason})` : ''}. Check REDIS_URL.`);
  } finally {
    stores.close();
  }
}

/**
 * Runs a command on the phone number in its arguments, and sets the exit code: 0 done, 1 Redis or the database does not
 * answer, 2 misuse.
 * @param act returns what to print; it reads the number once it has checked the settings
 */
export async function operate(
  usage: string,
  argv: readonly string[],
  act: (readNumber: () => string, options: ReadonlySet<string>) => Promise<string>,
  known: readonly string[] = [],
): Promise<void> {
  const options = new Set(argv.filter((word) => word.startsWith('--')));
  const words = argv.filter((word) => !options.has(word));
  try {
    if (options.has('--help')) process.stdout.write(`${usage}\n`);
    else if (words.length === 0 || [...options].some((option) => !known.includes(option))) throw new UsageError(usage);
    else if (takenByNpm(known.map((option) => option.slice(2))))
      throw new UsageError(`Put -- before the options.\n${usage}`);
    else {
      const said = await act(() => numberFrom(words.join(' ')), options);
      process.stdout.write(`${said}\n`);
    }
  } catch (error) {
    endWith(error);
  }
}
