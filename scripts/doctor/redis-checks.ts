import { LOOPBACK } from '@/lib/config/environment-values';
import type { Check, Context } from './context';
import { fail, type Judgement, type Outcome, ok, orOk, skipped, warn } from './finding';
import type { RedisFacts } from './redis';

/** The server gives up on a command after so long. */
const COMMAND_TIMEOUT_MS = 250;
const SLOW_MS = 20;
/** A share of maxmemory. */
const NEARLY_FULL = 0.8;
/** Scripts that ask for the time before they write need "effects replication", which came as the default with 5. */
const NEEDED = [5, 0] as const;
/** The oldest line that still gets security fixes here and there. */
const MAINTAINED = [6, 2] as const;

const CERTIFICATE = 'Use the name that the certificate is for. For an authority of your own set NODE_EXTRA_CA_CERTS.';

/** What each fault means, and what to do. */
const FAULTS: Readonly<Record<string, readonly [string, string]>> = {
  ECONNREFUSED: ['nobody listens there', 'Start Redis, or correct host and port.'],
  ENOTFOUND: ['there is no host of that name', 'Correct the host.'],
  EAI_AGAIN: ['its name cannot be looked up', 'Correct the host, or mend the DNS of this machine.'],
  EHOSTUNREACH: ['there is no way to it from here', 'Check network and firewall.'],
  timeout: [
    'it does not answer in time',
    'Check firewall and load, and that rediss:// is used where Redis speaks TLS, and only there.',
  ],
  ECONNRESET: ['it ends the connection', 'Use rediss:// where Redis speaks TLS, and only there.'],
  closed: ['it ends the connection', 'Use rediss:// where Redis speaks TLS, and only there.'],
  NOAUTH: ['it asks for a password', 'Put user and password into it: rediss://user:password@host:6379.'],
  WRONGPASS: ['it refuses user or password', 'Correct them; special characters must be percent-encoded.'],
  NOPERM: ['its user may not do what is needed', 'Let the user read, write and run scripts on phone-verification:*.'],
  'DB-INDEX': ['it has no database of that number', 'Correct the number behind the last slash; 0 always exists.'],
  LOADING: ['it is still loading its data', 'Wait a moment.'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['its certificate is for another host', CERTIFICATE],
  CERT_HAS_EXPIRED: ['its certificate has expired', 'Renew it.'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['its certificate is signed by itself', CERTIFICATE],
  SELF_SIGNED_CERT_IN_CHAIN: ['its certificate is of an authority that this machine does not know', CERTIFICATE],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['its certificate is of an authority that this machine does not know', CERTIFICATE],
};

const OTHER_FAULT = ['it does not answer as it should', 'Correct it, and look into the log of Redis.'] as const;

/** What is found in Redis, or why nothing is. */
async function factsOf({ settings, isFaulty, redis }: Context): Promise<Outcome<RedisFacts>> {
  if (isFaulty('REDIS_URL')) return { skipped: skipped('REDIS_URL is not usable.') };
  if (settings.REDIS_URL === undefined) return { skipped: skipped('REDIS_URL is not set.') };
  const report = await redis();
  return report?.kind === 'ok' ? { value: report } : { skipped: skipped('Redis at REDIS_URL cannot be used.') };
}

const hostOf = (url: string) => new URL(url).host;

/** The server speaks to a cluster in another way than to a single Redis. */
function judgeCluster(here: string, info: RedisFacts['info'], isExpected: boolean): readonly Judgement[] {
  const mode = info.get('cluster_enabled');
  if (mode === undefined || (mode === '1') === isExpected) return [];
  return isExpected
    ? [fail(`${here} is not a cluster, but REDIS_CLUSTER is true.`, 'Leave REDIS_CLUSTER out.')]
    : [fail(`${here} is a node of a cluster.`, 'Set REDIS_CLUSTER=true.')];
}

function judgeServer(url: string, { info, scriptsRefused }: RedisFacts, isCluster: boolean): readonly Judgement[] {
  const here = `Redis at REDIS_URL (${hostOf(url)})`;
  const judgements: Judgement[] = [];
  if (info.size === 0)
    judgements.push(warn(`${here} does not let its user read INFO.`, 'Allow +info, so that it can be checked.'));
  if (['slave', 'replica'].includes(info.get('role') ?? ''))
    judgements.push(fail(`${here} is a read-only replica.`, 'Point REDIS_URL to the primary.'));
  judgements.push(...judgeCluster(here, info, isCluster));
  if (info.get('redis_mode') === 'sentinel')
    judgements.push(fail(`${here} is a Sentinel, which keeps no data.`, 'Point REDIS_URL to the primary itself.'));
  if (scriptsRefused !== undefined)
    judgements.push(fail(`${here} runs no scripts (${scriptsRefused}).`, 'Allow EVAL and EVALSHA to its user.'));
  if (!LOOPBACK.test(new URL(url).hostname)) {
    if (new URL(url).protocol === 'redis:')
      judgements.push(
        warn(`${here} is spoken to without TLS.`, 'Use rediss://, unless nobody else is on that network.'),
      );
    if (new URL(url).password === '')
      judgements.push(warn(`${here} asks for no password.`, 'Set one, so that only this service gets in.'));
  }
  return orOk(judgements, `${here} answers.`);
}

async function judgeRedis(context: Context): Promise<readonly Judgement[]> {
  const { settings, isFaulty } = context;
  if (settings.REDIS_URL === undefined && !isFaulty('REDIS_URL'))
    return [
      warn(
        'REDIS_URL is not set: state is in the memory of one process, and a restart forgets it.',
        'Set REDIS_URL for more than one instance, and to survive restarts.',
      ),
    ];
  const facts = await factsOf(context);
  if ('value' in facts) return judgeServer(settings.REDIS_URL ?? '', facts.value, settings.REDIS_CLUSTER === true);
  const report = await context.redis();
  if (report?.kind !== 'failed') return [facts.skipped];
  const [words, remedy] = FAULTS[report.fault] ?? OTHER_FAULT;
  const host = hostOf(settings.REDIS_URL ?? '');
  return [fail(`Redis at REDIS_URL (${host}) cannot be used: ${words} (${report.fault}).`, remedy)];
}

const below = (version: string, [major, minor]: readonly [number, number]): boolean => {
  const [ours = 0, oursMinor = 0] = version.split('.').map(Number);
  return ours < major || (ours === major && oursMinor < minor);
};

function judgeVersion({ info }: RedisFacts): Judgement {
  const version = info.get('redis_version');
  if (version === undefined) return skipped('Redis at REDIS_URL does not tell its version.');
  if (below(version, NEEDED))
    return fail(
      `Redis at REDIS_URL is version ${version}: before 5 it refuses scripts that ask for the time and then write.`,
      'Use Redis 6.2 or later.',
    );
  if (below(version, MAINTAINED)) return warn(`Redis at REDIS_URL is version ${version}, an old one.`, 'Update it.');
  return ok(`Redis ${version}.`);
}

function judgeEviction({ info }: RedisFacts): Judgement {
  const policy = info.get('maxmemory_policy');
  if (policy === undefined) return skipped('Redis at REDIS_URL does not tell its maxmemory-policy.');
  if (policy === 'noeviction') return ok('Redis keeps what it has when it is full (maxmemory-policy noeviction).');
  const finding = `Redis at REDIS_URL has the maxmemory-policy ${policy}`;
  const remedy = 'Set maxmemory-policy to noeviction.';
  return Number(info.get('maxmemory') ?? 0) > 0
    ? fail(`${finding}: when it is full, locks, limits and verifications are thrown away.`, remedy)
    : warn(`${finding}: with a maxmemory, locks and limits would be thrown away.`, remedy);
}

const inMegabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

function judgeMemory({ info }: RedisFacts): Judgement {
  const [used, most] = [Number(info.get('used_memory') ?? Number.NaN), Number(info.get('maxmemory') ?? Number.NaN)];
  if (Number.isNaN(used + most)) return skipped('Redis at REDIS_URL does not tell its used_memory and maxmemory.');
  if (most === 0) return ok(`Redis uses ${inMegabytes(used)}, and has no maxmemory.`);
  const finding = `Redis at REDIS_URL uses ${inMegabytes(used)} of a maxmemory of ${inMegabytes(most)}`;
  const remedy = 'Raise maxmemory, or look for what else fills it.';
  if (used >= most) return fail(`${finding}: it is full.`, remedy);
  return used > most * NEARLY_FULL ? warn(`${finding}, and is nearly full.`, remedy) : ok(`${finding}.`);
}

function judgeLatency({ latencyMs }: RedisFacts): Judgement {
  const finding = `Redis at REDIS_URL takes ${latencyMs < 10 ? latencyMs.toFixed(1) : Math.round(latencyMs)} ms for a PING`;
  const remedy = 'Use one in the same data centre as the server.';
  if (latencyMs > COMMAND_TIMEOUT_MS)
    return fail(`${finding}; the server gives up after ${COMMAND_TIMEOUT_MS} ms.`, remedy);
  return latencyMs > SLOW_MS ? warn(`${finding}, and each request needs several.`, remedy) : ok(`${finding}.`);
}

const of =
  (judge: (facts: RedisFacts) => Judgement) =>
  async (context: Context): Promise<readonly Judgement[]> => {
    const facts = await factsOf(context);
    return ['value' in facts ? judge(facts.value) : facts.skipped];
  };

export const REDIS_CHECKS: readonly Check[] = [
  { check: 'redis', run: judgeRedis },
  { check: 'redis-version', run: of(judgeVersion) },
  { check: 'redis-eviction', run: of(judgeEviction) },
  { check: 'redis-memory', run: of(judgeMemory) },
  { check: 'redis-latency', run: of(judgeLatency) },
];
