import { Cluster, Redis } from 'ioredis';
import type { z } from 'zod';
import { AppError } from '@/lib/errors';
import type { Terms } from '@/lib/store/limits';
import { SCRIPTS, type ScriptName, TERMS_SCRIPTS, type TermsScriptName } from './scripts';
import { withTerms } from './scripts/terms';

/** After this many command timeouts without any answer, the connection is dead, and the client replaces it. */
const DEAD_AFTER_TIMEOUTS = 4;
const MAX_RECONNECT_DELAY_MS = 500;
/** How often, and how soon, to repeat a command whose node is gone or no longer the right one. */
const CLUSTER_RETRIES = 3;
const CLUSTER_RETRY_MS = 30;

/** How to reach Redis, and what to call when its state changes. */
export interface ConnectionOptions {
  /** URL of the server, or of any node of a cluster. */
  readonly url: string;
  readonly isCluster?: boolean;
  /** How long an answer may take: a frozen Redis must not freeze us. */
  readonly commandTimeoutMs: number;
  /** Called when the connection is lost, once for each outage, and when it is back. */
  readonly onConnection: (event: { connected: boolean; reason?: string | undefined }) => void;
}

type Argument = string | number | Buffer;
type Commands = Record<ScriptName, (...args: Argument[]) => Promise<unknown>>;

/** A connection on which no operation hangs: a late answer is STORE_UNAVAILABLE. */
export interface Connection {
  readonly redis: Redis | Cluster;
  /** The command that runs a script for these terms. */
  scriptFor(name: TermsScriptName, terms: Terms): ScriptName;
  /** Runs a script on a key, which also selects the node of a cluster. */
  run(name: ScriptName, key: string, ...args: Argument[]): Promise<unknown>;
  /** Runs a script whose reply is JSON. */
  ask<T>(schema: z.ZodType<T>, name: ScriptName, key: string, ...args: Argument[]): Promise<T>;
  /** @throws {AppError} STORE_UNAVAILABLE */
  orUnavailable<T>(reply: Promise<T>): Promise<T>;
  close(): void;
}

/** The code that begins Redis's error messages, or the beginning of another message. Neither contains data of ours. */
function faultOf({ message }: Error): string {
  if (message.startsWith("Stream isn't writeable")) return 'not connected';
  return /^[A-Z]{3,}\b/.exec(message)?.[0] ?? message.slice(0, 80);
}

function unavailable(error: unknown): AppError {
  const fault = error instanceof Error ? faultOf(error) : 'unknown';
  return new AppError('STORE_UNAVAILABLE', { cause: { store: 'redis', fault } });
}

/** Options for a server and for each node. */
interface CommonOptions {
  readonly socketTimeout: number;
  readonly connectTimeout: number;
  readonly maxRetriesPerRequest: number;
  readonly autoResendUnfulfilledCommands: boolean;
}

const retryDelay = (attempt: number) => Math.min(50 * attempt, MAX_RECONNECT_DELAY_MS);

function connectToCluster(url: string, options: CommonOptions): Cluster {
  const { hostname, port, username, password, protocol } = new URL(url);
  return new Cluster([{ host: hostname, port: Number(port || '6379') }], {
    enableOfflineQueue: false,
    clusterRetryStrategy: retryDelay,
    // Without this, the client finds a restarted node only after an error from another one.
    clusterNodeRetryStrategy: retryDelay,
    maxRedirections: CLUSTER_RETRIES,
    retryDelayOnFailover: CLUSTER_RETRY_MS,
    retryDelayOnClusterDown: CLUSTER_RETRY_MS,
    retryDelayOnTryAgain: CLUSTER_RETRY_MS,
    slotsRefreshInterval: 2000,
    // Do not resolve names: the nodes' certificates are issued for names.
    dnsLookup: (address, done) => done(null, address),
    redisOptions: {
      ...options,
      ...(username !== '' && { username: decodeURIComponent(username) }),
      ...(password !== '' && { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' && { tls: {} }),
    },
  });
}

function connect({ url, isCluster = false, commandTimeoutMs }: ConnectionOptions) {
  const options = {
    socketTimeout: DEAD_AFTER_TIMEOUTS * commandTimeoutMs,
    connectTimeout: 2 * commandTimeoutMs,
    maxRetriesPerRequest: 0,
    // A command without an answer may have been carried out. Sent again, it would count twice.
    autoResendUnfulfilledCommands: false,
  };
  if (isCluster) return connectToCluster(url, options);
  return new Redis(url, { ...options, enableOfflineQueue: false, retryStrategy: retryDelay });
}

/**
 * An answer that has arrived counts, however late this busy process gets to read it, because the deadline lets the
 * event loop look at the sockets first. The library's own command timeout does not do that, and so turns a flood of
 * requests into an outage of the store.
 */
function inTime<T>(reply: Promise<T>, withinMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => setImmediate(() => reject(new Error('TIMEOUT'))), withinMs);
    reply.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * Sends everything that is written to a server in one turn of the event loop with one system call. The library's
 * automatic pipelines do the same, but each of them waits for the reply to the previous one.
 */
function createGathering(redis: Redis | Cluster): () => void {
  let isCorked = false;
  return () => {
    // The nodes of a cluster have streams of their own.
    if (isCorked || !('stream' in redis)) return;
    const { stream } = redis;
    if (!stream) return;
    isCorked = true;
    stream.cork();
    setImmediate(() => {
      isCorked = false;
      stream.uncork();
    });
  };
}

export function createConnection(options: ConnectionOptions): Connection {
  const redis = connect(options);
  const gather = createGathering(redis);
  const { commandTimeoutMs } = options;
  let lost = false;
  let closing = false;
  let reason: string | undefined;
  redis.on('error', (error: Error & { code?: string }) => {
    reason = error.code ?? (/timeout/i.test(error.message) ? 'timeout' : /^[A-Z]{3,}\b/.exec(error.message)?.[0]);
  });
  redis.on('close', () => {
    if (!lost && !closing) options.onConnection({ connected: false, reason: reason ?? 'closed' });
    lost = true;
  });
  redis.on('ready', () => {
    if (lost) options.onConnection({ connected: true });
    lost = false;
    reason = undefined;
  });
  for (const [name, lua] of Object.entries(SCRIPTS)) redis.defineCommand(name, { numberOfKeys: 1, lua });
  const commands = redis as unknown as Commands;

  /** The number of each set of terms. Create terms once, at startup: each set has scripts of its own. */
  const known = new Map<Terms, number>();
  function scriptFor(name: TermsScriptName, terms: Terms): ScriptName {
    let id = known.get(terms);
    if (id === undefined) {
      id = known.size;
      known.set(terms, id);
      for (const [script, lua] of Object.entries(TERMS_SCRIPTS))
        redis.defineCommand(`${script}:${id}`, { numberOfKeys: 1, lua: withTerms(lua, terms) });
    }
    return `${name}:${id}`;
  }

  async function orUnavailable<T>(reply: Promise<T>): Promise<T> {
    try {
      return await inTime(reply, commandTimeoutMs);
    } catch (error) {
      throw unavailable(error);
    }
  }

  const run: Connection['run'] = (name, key, ...args) => {
    gather();
    const reply = commands[name]?.(key, ...args);
    return reply ? orUnavailable(reply) : Promise.reject(new Error(`No script is called ${name}.`));
  };

  return {
    redis,
    scriptFor,
    run,
    ask: async (schema, name, key, ...args) => schema.parse(JSON.parse(String(await run(name, key, ...args)))),
    orUnavailable,
    close() {
      closing = true;
      redis.disconnect();
    },
  };
}
