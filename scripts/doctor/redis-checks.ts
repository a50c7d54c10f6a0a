import { LOOPBACK } from '@/lib/config/environment-values';
import type { Check, Context } from './context';
import { fail, type Judgement, type Outcome, ok, orOk, skipped, warn } from './finding';
import type { RedisFacts } from './redis';

const SLOW_MS = 20;
/** A share of maxmemory. */
const NEARLY_FULL = 0.8;
/** Scripts that read the time before they write need "effects replication", the default since version 5. */
const NEEDED = [5, 0] as const;
/** The oldest version line that still gets some security fixes. */
const MAINTAINED = [6, 2] as const;

const CERTIFICATE = 'Use the name in the certificate. For an authority of your own set NODE_EXTRA_CA_CERTS.';

/** The meaning of each fault, and the remedy. */
const FAULTS: Readonly<Record<string, readonly [string, string]>> = {
  ECONNREFUSED: ['no server listens there', 'Start Redis, or correct host and port.'],
  ENOTFOUND: ['no host has that name', 'Correct the host.'],
  EAI_AGAIN: ['its name cannot be resolved', "Correct the host, or fix this machine's DNS."],
  EHOSTUNREACH: ['it is not reachable from here', 'Check the network and the firewall.'],
  timeout: [
    'it does not answer in time',
    'Check the firewall and the load. Use rediss:// if Redis speaks TLS, otherwise redis://.',
  ],
  ECONNRESET: ['it closes the connection', 'Use rediss:// if Redis speaks TLS, otherwise redis://.'],
  closed: ['it closes the connection', 'Use rediss:// if Redis speaks TLS, otherwise redis://.'],
  NOAUTH: ['it requires a password', 'Add user and password to the URL: rediss://user:password@host:6379.'],
  WRONGPASS: ['it refuses the user or the password', 'Correct them; special characters must be percent-encoded.'],
  NOPERM: ['its user lacks a permission', 'Let the user read, write and run scripts on phone-verification:*.'],
  'DB-INDEX': ['it has no database with that number', 'Correct the number after the last slash; 0 always exists.'],
  LOADING: ['it is still loading its data', 'Wait a moment.'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['its certificate is for another host', CERTIFICATE],
  CERT_HAS_EXPIRED: ['its certificate has expired', 'Renew it.'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['its certificate is self-signed', CERTIFICATE],
  SELF_SIGNED_CERT_IN_CHAIN: ['its certificate comes from an authority that this machine does not know', CERTIFICATE],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'its certificate comes from an authority that this machine does not know',
    CERTIFICATE,
  ],
};

const OTHER_FAULT = ['it does not answer as expected', "Correct the URL, and look at Redis's log."] as const;

/** The doctor's findings in Redis, or why there are none. */
async function factsOf({ settings, isFaulty, redis }: Context): Promise<Outcome<RedisFacts>> {
  if (isFaulty('REDIS_URL')) return { skipped: skipped('REDIS_URL is not usable.') };
  if (settings.REDIS_URL === undefined) return { skipped: skipped('REDIS_URL is not set.') };
  const report = await redis();
  return report?.kind === 'ok' ? { value: report } : { skipped: skipped('The doctor cannot use Redis at REDIS_URL.') };
}

const hostOf = (url: string) => new URL(url).host;

/** The server needs another protocol for a cluster than for a single Redis. */
function judgeCluster(here: string, info: RedisFacts['info'], isExpected: boolean): readonly Judgement[] {
  const mode = info.get('cluster_enabled');
  if (mode === undefined || (mode === '1') === isExpected) return [];
  return isExpected
    ? [fail(`${here} is not a cluster, but REDIS_CLUSTER is true.`, 'Remove REDIS_CLUSTER.')]
    : [fail(`${here} is a node of a cluster.`, 'Set REDIS_CLUSTER=true.')];
}

function judgeServer(url: string, { info, scriptsRefused }: RedisFacts, isCluster: boolean): readonly Judgement[] {
  const here = `Redis at REDIS_URL (${hostOf(url)})`;
  const judgements: Judgement[] = [];
  if (info.size === 0)
    judgements.push(
      warn(`${here} does not allow its user to run INFO.`, 'Grant +info, so that the doctor can check it.'),
    );
  if (['slave', 'replica'].includes(info.get('role') ?? ''))
    judgements.push(fail(`${here} is a read-only replica.`, 'Point REDIS_URL to the primary.'));
  judgements.push(...judgeCluster(here, info, isCluster));
  if (info.get('redis_mode') === 'sentinel')
    judgements.push(fail(`${here} is a Sentinel, which keeps no data.`, 'Point REDIS_URL to the primary itself.'));
  if (scriptsRefused !== undefined)
    judgements.push(fail(`${here} runs no scripts (${scriptsRefused}).`, 'Allow its user to run EVAL and EVALSHA.'));
  if (!LOOPBACK.test(new URL(url).hostname)) {
    if (new URL(url).protocol === 'redis:')
      judgements.push(warn(`${here} has a connection without TLS.`, 'Use rediss://, unless the network is private.'));
    if (new URL(url).password === '')
      judgements.push(warn(`${here} requires no password.`, 'Set one, so that only this service has access.'));
  }
  return orOk(judgements, `${here} answers.`);
}

async function judgeRedis(context: Context): Promise<readonly Judgement[]> {
  const { settings, isFaulty } = context;
  if (settings.REDIS_URL === undefined && !isFaulty('REDIS_URL'))
    return [
      warn(
        'REDIS_URL is not set: one process keeps the state in its memory, and loses it on a restart.',
        'Set REDIS_URL to run more than one instance, and to keep the state across restarts.',
      ),
    ];
  const facts = await factsOf(context);
  if ('value' in facts) return judgeServer(settings.REDIS_URL ?? '', facts.value, settings.REDIS_CLUSTER === true);
  const report = await context.redis();
  if (report?.kind !== 'failed') return [facts.skipped];
  const [words, remedy] = FAULTS[report.fault] ?? OTHER_FAULT;
  const host = hostOf(settings.REDIS_URL ?? '');
  return [fail(`Redis at REDIS_URL (${host}) is not usable: ${words} (${report.fault}).`, remedy)];
}

const below = (version: string, [major, minor]: readonly [number, number]): boolean => {
  const [ours = 0, oursMinor = 0] = version.split('.').map(Number);
  return ours < major || (ours === major && oursMinor < minor);
};

function judgeVersion({ info }: RedisFacts): Judgement {
  const version = info.get('redis_version');
  if (version === undefined) return skipped('Redis at REDIS_URL does not report its version.');
  if (below(version, NEEDED))
    return fail(
      `Redis at REDIS_URL is version ${version}: before 5, Redis refuses scripts that read the time and then write.`,
      'Use Redis 6.2 or later.',
    );
  if (below(version, MAINTAINED)) return warn(`Redis at REDIS_URL is version ${version}, an old one.`, 'Update it.');
  return ok(`Redis ${version}.`);
}

function judgeEviction({ info }: RedisFacts): Judgement {
  const policy = info.get('maxmemory_policy');
  if (policy === undefined) return skipped('Redis at REDIS_URL does not report its maxmemory-policy.');
  if (policy === 'noeviction') return ok('Redis keeps what it has when it is full (maxmemory-policy noeviction).');
  const finding = `Redis at REDIS_URL has the maxmemory-policy ${policy}`;
  const remedy = 'Set maxmemory-policy to noeviction.';
  return Number(info.get('maxmemory') ?? 0) > 0
    ? fail(`${finding}: when Redis is full, it throws away locks, limits and verifications.`, remedy)
    : warn(`${finding}: with a maxmemory, Redis would throw away locks and limits.`, remedy);
}

const inMegabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

function judgeMemory({ info }: RedisFacts): Judgement {
  const [used, most] = [Number(info.get('used_memory') ?? Number.NaN), Number(info.get('maxmemory') ?? Number.NaN)];
  if (Number.isNaN(used + most)) return skipped('Redis at REDIS_URL does not report its used_memory and maxmemory.');
  if (most === 0) return ok(`Redis uses ${inMegabytes(used)}, and has no maxmemory.`);
  const finding = `Redis at REDIS_URL uses ${inMegabytes(used)} of a maxmemory of ${inMegabytes(most)}`;
  const remedy = 'Raise maxmemory, or find out what else fills it.';
  if (used >= most) return fail(`${finding}: it is full.`, remedy);
  return used > most * NEARLY_FULL ? warn(`${finding}, and is nearly full.`, remedy) : ok(`${finding}.`);
}

function judgeLatency(
  { latencyMs }: RedisFacts,
  { settings: { REDIS_TIMEOUT_MS: most = Number.POSITIVE_INFINITY } }: Context,
): Judgement {
  const finding = `Redis at REDIS_URL takes ${latencyMs < 10 ? latencyMs.toFixed(1) : Math.round(latencyMs)} ms for a PING`;
  const remedy = 'Use one in the same data center as the server.';
  if (latencyMs > most) return fail(`${finding}; the server gives up after ${most} ms.`, remedy);
  return latencyMs > SLOW_MS ? warn(`${finding}, and each request needs several.`, remedy) : ok(`${finding}.`);
}

const of =
  (judge: (facts: RedisFacts, context: Context) => Judgement) =>
  async (context: Context): Promise<readonly Judgement[]> => {
    const facts = await factsOf(context);
    return ['value' in facts ? judge(facts.value, context) : facts.skipped];
  };

export const REDIS_CHECKS: readonly Check[] = [
  { check: 'redis', run: judgeRedis },
  { check: 'redis-version', run: of(judgeVersion) },
  { check: 'redis-eviction', run: of(judgeEviction) },
  { check: 'redis-memory', run: of(judgeMemory) },
  { check: 'redis-latency', run: of(judgeLatency) },
];
