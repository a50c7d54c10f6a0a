import { type ChildProcess, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '@/__tests__/support/free-port';
import { makePrivacyKey, makeProofKey } from '@/lib/config/keys';
import { CREDIT_POLICIES } from '@/lib/limits/credit';
import { POLICIES } from '@/lib/limits/policies';
import { NEXT } from '@/scripts/build';
import type { ShapeName } from './load/shapes';
import { end, start, untilAnswered } from './processes';

/** A server to measure. */
export interface Contender {
  readonly name: ContenderName;
  readonly title: string;
  /** The path that answers with a 200 once the server is ready. */
  readonly ready: string;
  readonly send?: ShapeName;
  readonly verify?: ShapeName;
}

const CONTENDERS_FOLDER = 'bench/contenders';
export const BETTER_AUTH = `${CONTENDERS_FOLDER}/better-auth`;
export const SMALL_APP = `${CONTENDERS_FOLDER}/next`;

export const CONTENDERS = {
  empty: { title: 'Next.js, an empty API route', ready: '/api/empty' },
  tutorial: {
    title: 'Next.js, the route that tutorials show',
    ready: '/api/empty',
    send: 'tutorial-send',
    verify: 'tutorial-verify',
  },
  'better-auth-sqlite': {
    title: 'Next.js with better-auth, SQLite',
    ready: '/api/auth/ok',
    send: 'better-auth-send',
    verify: 'better-auth-verify',
  },
  memory: { title: 'This app, in memory', ready: '/api/health', send: 'send', verify: 'verify' },
  redis: { title: 'This app, on Redis', ready: '/api/health', send: 'send', verify: 'verify' },
  bare: { title: 'Bare node:http, one upstream call', ready: '/', send: 'bare-send', verify: 'bare-verify' },
} as const satisfies Record<string, Omit<Contender, 'name'>>;

export type ContenderName = keyof typeof CONTENDERS;

export const contenderOf = (name: ContenderName): Contender => ({ name, ...CONTENDERS[name] });

const ACCOUNT = {
  INFOBIP_API_KEY: 'key-of-the-benchmark',
  INFOBIP_2FA_APP_ID: 'BENCH00000APPLICATION00000000001',
  INFOBIP_2FA_MESSAGE_ID: 'BENCH000000TEMPLATE0000000000001',
};
const KEYS = { PRIVACY_KEY: makePrivacyKey(), PROOF_PRIVATE_JWK: JSON.stringify(makeProofKey()) };

const MANY = '900000000/1h';
const CREDIT = '9000000,9000000,1';

/**
 * The app as shipped, with the guard enforced, but with limits so high that it refuses nothing: no contender refuses
 * anything here. Addresses come from `X-Forwarded-For`, as behind a proxy.
 */
export const APP_SETTINGS: Readonly<Record<string, string>> = {
  FRAUD_GUARD: 'enforce',
  HOME_COUNTRY: 'US',
  TRUSTED_PROXY_HOPS: '1',
  RESEND_COOLDOWN_SECONDS: '0',
  PIN_TTL_SECONDS: '600',
  BUDGET_PER_HOUR: '1000000',
  BUDGET_PER_DAY: '1000000',
  ...Object.fromEntries(Object.keys(POLICIES).map((name) => [name, MANY])),
  ...Object.fromEntries(Object.keys(CREDIT_POLICIES).map((name) => [name, CREDIT])),
};

export const appEnvironment = (upstreamUrl: string, more: Readonly<Record<string, string>> = {}) => ({
  INFOBIP_BASE_URL: upstreamUrl,
  ...ACCOUNT,
  ...KEYS,
  ...APP_SETTINGS,
  ...more,
});

function runOrThrow(args: readonly string[], cwd: string, env: Record<string, string> = {}): void {
  const [command = '', ...rest] = args;
  const { status, stdout, stderr } = spawnSync(command, rest, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...env },
  });
  if (status !== 0) throw new Error(`${args.join(' ')} failed in ${cwd}.\n${stdout}\n${stderr}`);
}

/** A hash of a contender's sources and of the app's packages. */
function hashOf(folder: string): string {
  const hash = createHash('sha256').update(readFileSync('package-lock.json'));
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !/\/(node_modules|\.next)\//.test(file));
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

/** Installs and builds a contender, unless an earlier run did so with the same sources. */
export function build(folder: string): void {
  const stamp = path.join(folder, '.next', 'sources.sha256');
  const current = hashOf(folder);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === current) return;
  process.stderr.write(`Building ${folder} …\n`);
  if (existsSync(path.join(folder, 'package-lock.json')))
    runOrThrow(['npm', 'ci', '--no-audit', '--no-fund', '--legacy-peer-deps'], folder, { NODE_ENV: 'development' });
  runOrThrow([process.execPath, NEXT, 'build', '.'], folder, { BENCH_SQLITE_FILE: ':memory:' });
  writeFileSync(stamp, current);
}

/** A running contender. */
export interface Running extends Contender {
  readonly url: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** Milliseconds from the contender's start to its first answer. */
  readonly bootMs: number;
  readonly end: () => Promise<void>;
}

interface StartOptions {
  readonly upstreamUrl: string;
  readonly folder: string;
  readonly redisUrl?: string | undefined;
  readonly isCluster?: boolean;
  /** How many verifications in progress better-auth starts with. */
  readonly pending?: number;
  /** A file that the app loads first, so that it accepts orders from this process. */
  readonly preload?: string;
}

const nextStart = (folder: string, port: number) => [NEXT, 'start', folder, '-H', '127.0.0.1', '-p', String(port)];

function commandOf(name: ContenderName, port: number): string[] {
  if (name === 'bare') return [`${CONTENDERS_FOLDER}/bare/server.mjs`];
  if (name === 'better-auth-sqlite') return nextStart(BETTER_AUTH, port);
  return nextStart(name === 'empty' || name === 'tutorial' ? SMALL_APP : '.', port);
}

function environmentOf(name: ContenderName, port: number, options: StartOptions) {
  const { upstreamUrl, folder, redisUrl, isCluster = false } = options;
  const account = { INFOBIP_BASE_URL: upstreamUrl, ...ACCOUNT };
  if (name === 'memory') return appEnvironment(upstreamUrl);
  if (name === 'redis')
    return appEnvironment(upstreamUrl, { REDIS_URL: redisUrl ?? '', REDIS_CLUSTER: String(isCluster) });
  if (name !== 'better-auth-sqlite') return { ...account, PORT: String(port) };
  return {
    ...account,
    BETTER_AUTH_URL: `http://127.0.0.1:${port}`,
    BETTER_AUTH_SECRET: 'a secret of the benchmark, of 32 characters and more',
    BENCH_SQLITE_FILE: path.join(folder, `better-auth-${port}.sqlite`),
  };
}

/** Starts a contender in production mode, with its output in a file, and waits for its first answer. */
export async function startContender(name: ContenderName, options: StartOptions): Promise<Running> {
  const contender = contenderOf(name);
  const port = await freePort();
  const env = environmentOf(name, port, options);
  if (name === 'better-auth-sqlite')
    runOrThrow([process.execPath, 'migrate.mjs'], BETTER_AUTH, { ...env, BENCH_PENDING: String(options.pending ?? 0) });
  const url = `http://127.0.0.1:${port}`;
  const startedAt = performance.now();
  const preload = options.preload === undefined ? [] : ['--expose-gc', '--require', path.resolve(options.preload)];
  const child = start(process.execPath, [...preload, ...commandOf(name, port)], {
    env,
    log: path.join(options.folder, `${name}-${port}.log`),
    ...(options.preload !== undefined && { ipc: true }),
  });
  const bootMs = await untilAnswered(child, url + contender.ready, startedAt);
  return { ...contender, url, pid: child.pid ?? 0, child, bootMs, end: () => end(child) };
}
