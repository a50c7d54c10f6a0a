import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Windows } from '@/lib/store/memory/windows';
import { BLOCKED_KEY } from '@/lib/store/redis/blocked-numbers';
import { windowsIn } from '@/lib/store/redis/guard-data';
import { KEYS } from '@/lib/store/redis/keys';

const CONNECT_TIMEOUT_MS = 2000;
const COMMAND_TIMEOUT_MS = 1500;
/** Deadline for all commands together. */
const DEADLINE_MS = 6000;
const PINGS = 7;
/** The search for another privacy key's mark ends after this many rounds: a large Redis would take too long. */
const SCAN_ROUNDS = 50;
/** About how many keys Redis looks at in each round. */
const SCAN_COUNT = 1000;

/** Redis's answers. The doctor writes nothing into it. */
export interface RedisFacts {
  readonly kind: 'ok';
  /** The fields of INFO; empty if this user may not run it. */
  readonly info: ReadonlyMap<string, string>;
  /** Median over several PINGs. */
  readonly latencyMs: number;
  /** Redis's error code if it refuses scripts; undefined if they run. */
  readonly scriptsRefused: string | undefined;
  /** Whether servers have used this Redis with other privacy keys, and none with one of these. */
  readonly hasOtherKey: boolean;
  /**
   * The use of the global limits, by field; undefined if the doctor could not read it, for example because it is
   * on another node of a cluster.
   */
  readonly everyone: Windows | undefined;
  /** Blocked numbers as Redis stores them; undefined if the doctor could not read them. */
  readonly blocked: Readonly<Record<string, string>> | undefined;
}

/** Why there is nothing to report. */
export interface RedisFailure {
  readonly kind: 'failed';
  /** A code of the system, of TLS or of Redis, such as `ECONNREFUSED` or `WRONGPASS`; `timeout`; `unknown`. */
  readonly fault: string;
}

export type RedisReport = RedisFacts | RedisFailure;

/** An error message may contain the address and the command, so the doctor reports only the code. */
function faultOf(error: unknown): string {
  const { code, message = '' } = error as { code?: string; message?: string };
  if (message === 'Command timed out' || code === 'ETIMEDOUT') return 'timeout';
  if (code !== undefined) return code;
  if (/DB index is out of range/.test(message)) return 'DB-INDEX';
  return /^[A-Z]{3,}\b/.exec(message)?.[0] ?? (message === 'Connection is closed.' ? 'closed' : 'unknown');
}

function parseInfo(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\r\n').filter((line) => /^\w+:/.test(line));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

async function medianPing(redis: Redis): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < PINGS; i += 1) {
    const startedAt = performance.now();
    await redis.ping();
    times.push(performance.now() - startedAt);
  }
  return times.sort((a, b) => a - b)[Math.floor(PINGS / 2)] ?? 0;
}

async function hasMarks(redis: Redis): Promise<boolean> {
  let cursor = '0';
  for (let round = 0; round < SCAN_ROUNDS; round += 1) {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${KEYS.privacyKey}*`, 'COUNT', SCAN_COUNT);
    if (keys.length > 0) return true;
    if (next === '0') return false;
    cursor = next;
  }
  return false;
}

async function hasOtherKeys(redis: Redis, keyIds: readonly string[]): Promise<boolean> {
  if (keyIds.length === 0) return false;
  const ours = await redis.exists(keyIds.map((id) => KEYS.privacyKey + id));
  return ours === 0 && hasMarks(redis);
}

/** Replaces the reply to a command that this user may not run. The checks that need the reply report its absence. */
const orElse = <T>(reply: Promise<T>, refused: (code: string) => T): Promise<T> =>
  reply.catch((error: unknown) => {
    if (faultOf(error) !== 'NOPERM') throw error;
    return refused('NOPERM');
  });

/** A hash; undefined if this user may not read it, or another node has it. */
const readHash = (redis: Redis, key: string): Promise<Readonly<Record<string, string>> | undefined> =>
  redis.hgetall(key).catch((error: unknown) => {
    if (!['NOPERM', 'MOVED'].includes(faultOf(error))) throw error;
    return undefined;
  });

async function ask(redis: Redis, keyIds: readonly string[]): Promise<RedisFacts> {
  const latencyMs = await orElse(medianPing(redis), () => 0);
  const info = await orElse(redis.info().then(parseInfo), () => new Map());
  const scriptsRefused = await redis.eval('return 1', 0).then(() => undefined, faultOf);
  // A node of a cluster knows only its own keys.
  const isCluster = info.get('cluster_enabled') === '1';
  const hasOtherKey = !isCluster && (await orElse(hasOtherKeys(redis, keyIds), () => false));
  const everyone = await readHash(redis, KEYS.everyone);
  const blocked = await readHash(redis, BLOCKED_KEY);
  return {
    kind: 'ok',
    info,
    latencyMs,
    scriptsRefused,
    hasOtherKey,
    everyone: everyone && windowsIn(everyone),
    blocked,
  };
}

/**
 * Asks Redis about everything that the server relies on, with read-only commands, within a few seconds.
 * @param keyIds ids of the configured privacy keys; empty if there are none
 */
export async function inspectRedis(url: string, keyIds: readonly string[]): Promise<RedisReport> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The first error has the reason; later ones only say that the connection is gone.
  let first: unknown;
  redis.on('error', (error) => {
    first ??= error;
  });
  const tooLate = sleep(DEADLINE_MS, { kind: 'failed', fault: 'timeout' } as const, { ref: false });
  try {
    const asked = redis.connect().then(() => ask(redis, keyIds));
    const report = await Promise.race([asked, tooLate]);
    return first === undefined ? report : { kind: 'failed', fault: faultOf(first) };
  } catch (error) {
    return { kind: 'failed', fault: faultOf(first ?? error) };
  } finally {
    redis.disconnect();
  }
}
