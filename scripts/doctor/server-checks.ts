import { LOOPBACK } from '@/lib/config/environment-values';
import type { Check, Context } from './context';
import { fail, type Judgement, ok, orOk, skipped, warn } from './finding';

/** Whether a URL is on this machine. */
export const isLocal = (url: string): boolean => URL.canParse(url) && LOOPBACK.test(new URL(url).hostname);

const hasPublicOrigin = ({ settings: { APP_ORIGIN: origins = [] } }: Context) =>
  origins.some((origin) => !isLocal(origin));

function judgeOrigins({ settings: { APP_ORIGIN: origins } }: Context): readonly Judgement[] {
  if (origins === undefined) return [skipped('APP_ORIGIN is not usable: see variables.')];
  const [first] = origins;
  if (first === undefined)
    return [
      warn(
        "APP_ORIGIN is not set: cookies are not Secure, and the issuer of proofs is this machine's own name.",
        'Set it to the public address of the page, like https://verify.example.com.',
      ),
    ];
  const local = origins.filter(isLocal);
  if (local.length < origins.length && local.length > 0)
    return [warn(`APP_ORIGIN has ${local.join(', ')} next to public origins.`, 'Remove it in production.')];
  return [ok(`APP_ORIGIN is ${origins.join(', ')}.`)];
}

/** The app speaks plain HTTP, so with an https origin, a proxy in front of it must terminate TLS. */
function judgeProxies(context: Context): readonly Judgement[] {
  const { TRUSTED_PROXY_HOPS: hops, TRUSTED_PROXIES: ranges } = context.settings;
  if (hops === undefined) return [skipped('TRUSTED_PROXY_HOPS is not usable: see variables.')];
  if (ranges === undefined) return [skipped('TRUSTED_PROXIES is not usable: see variables.')];
  const isPublic = hasPublicOrigin(context);
  const isBehind = hops > 0 || ranges.length > 0;
  if (!isBehind && isPublic)
    return [
      warn(
        'TRUSTED_PROXY_HOPS is 0, but an https APP_ORIGIN needs a proxy in front: limits then count the proxy, not clients.',
        'Set it to the number of proxies that append to X-Forwarded-For, or TRUSTED_PROXIES to their addresses.',
      ),
    ];
  if (isBehind && context.settings.APP_ORIGIN?.length && !isPublic)
    return [
      ranges.length > 0
        ? warn(
            'TRUSTED_PROXIES is set, but APP_ORIGIN is on this machine.',
            'Remove it if there is no proxy in front: anyone with such an address could claim another one.',
          )
        : warn(
            `TRUSTED_PROXY_HOPS is ${hops}, but APP_ORIGIN is on this machine: clients could claim any address.`,
            'Set it to 0 if there is no proxy in front.',
          ),
    ];
  return [ok(ranges.length > 0 ? 'TRUSTED_PROXIES names the proxies in front.' : `TRUSTED_PROXY_HOPS is ${hops}.`)];
}

/**
 * The prefixes of the simulator's keys and ids. They are repeated here, because an installation may lack the simulator.
 */
const SIMULATED = /^(simulator-|SIMULATOR0)/;

/** Judges a configuration whose parts all run on this machine: a demo, or development. */
function judgeDemo({ given }: Context, isSimulated: boolean): Judgement {
  if (given.DEMO_INBOX_URL)
    return warn("DEMO_INBOX_URL is set: the page links to the simulator's inbox.", 'Remove it in production.');
  return ok(isSimulated ? 'INFOBIP_BASE_URL is on this machine: the simulator.' : 'Nothing is public.');
}

function judgeLeftovers(context: Context): readonly Judgement[] {
  const { given, settings } = context;
  const baseUrl = settings.INFOBIP_BASE_URL;
  const isSimulated = baseUrl !== undefined && isLocal(baseUrl);
  if (!hasPublicOrigin(context) && (isSimulated || baseUrl === undefined)) return [judgeDemo(context, isSimulated)];
  return orOk(
    [
      ...(isSimulated ? [fail('INFOBIP_BASE_URL is on this machine.', "Set it to your account's own base URL.")] : []),
      ...Object.keys(given)
        .filter((name) => name.startsWith('INFOBIP_') && SIMULATED.test(given[name] ?? ''))
        .map((name) => fail(`${name} is the simulator's.`, "Set it to your own account's.")),
      ...(given.DEMO_INBOX_URL
        ? [fail("DEMO_INBOX_URL is set: the page links to the simulator's inbox.", 'Remove it.')]
        : []),
    ],
    'No settings of the simulator are left.',
  );
}

const MIN_TOKEN = 16;
const GOOD_TOKEN = 32;

function judgeMetrics({ settings, isFaulty }: Context): readonly Judgement[] {
  if (isFaulty('METRICS_TOKEN')) return [skipped('METRICS_TOKEN is not usable: see variables.')];
  const { length } = settings.METRICS_TOKEN ?? '';
  if (length === 0) return [skipped('METRICS_TOKEN is not set: there are no metrics.')];
  const remedy = 'Create one with: openssl rand -hex 32';
  if (length < MIN_TOKEN) return [fail(`METRICS_TOKEN has ${length} characters, so it is easy to guess.`, remedy)];
  return [
    length < GOOD_TOKEN ? warn(`METRICS_TOKEN has ${length} characters.`, remedy) : ok('METRICS_TOKEN is long enough.'),
  ];
}

/** Checks the receiver of events. Its URL may hold a token, so the doctor shows only the host. */
function judgeWebhooks(context: Context): readonly Judgement[] {
  const { settings, isFaulty } = context;
  if (isFaulty('WEBHOOK_URL') || isFaulty('WEBHOOK_SECRET'))
    return [skipped('WEBHOOK_URL or WEBHOOK_SECRET is not usable: see variables.')];
  const { WEBHOOK_URL: url, REDIS_URL: redisUrl } = settings;
  if (url === undefined) return [skipped('WEBHOOK_URL is not set: no events are sent.')];
  return orOk(
    [
      ...(isLocal(url) && hasPublicOrigin(context)
        ? [
            warn(
              'WEBHOOK_URL is on this machine, but APP_ORIGIN is public.',
              'Check that the receiver runs beside every instance.',
            ),
          ]
        : []),
      ...(redisUrl === undefined
        ? [warn('WEBHOOK_URL is set without REDIS_URL: a restart loses events that wait.', 'Set REDIS_URL.')]
        : []),
    ],
    `Events go to ${new URL(url).host}.`,
  );
}

const KEPT = {
  PRIVACY_KEY: 'each restart loses what it hides',
  PROOF_PRIVATE_JWK: 'after a restart, earlier proofs can no longer be verified',
} as const;

/** Servers that share a Redis but hide numbers with different keys cannot find each other's data. */
async function judgeMarks({ settings, redis }: Context): Promise<readonly Judgement[]> {
  if (settings.REDIS_URL === undefined || settings.PRIVACY_KEY === undefined) return [];
  const report = await redis();
  if (report?.kind !== 'ok' || !report.hasOtherKey) return [];
  return [
    warn(
      'No server on this Redis (REDIS_URL) has used this PRIVACY_KEY, but one has used another.',
      'Use the same key everywhere. To replace a key, put the new one first, separated by a comma.',
    ),
  ];
}

async function judgeKeys(context: Context): Promise<readonly Judgement[]> {
  const names = Object.keys(KEPT) as (keyof typeof KEPT)[];
  const faulty = names.filter((name) => context.isFaulty(name));
  const unset = names.filter((name) => !context.isFaulty(name) && context.settings[name] === undefined);
  return orOk(
    [
      ...faulty.map((name) => skipped(`${name} is not usable: see variables.`)),
      ...unset.map((name) =>
        warn(
          `${name} is not set: the server creates one on each start, and ${KEPT[name]}.`,
          'Create one with: npm run -s keys',
        ),
      ),
      ...(await judgeMarks(context)),
    ],
    'PRIVACY_KEY and PROOF_PRIVATE_JWK are set.',
  );
}

export const SERVER_CHECKS: readonly Check[] = [
  { check: 'keys', run: judgeKeys },
  { check: 'origins', run: judgeOrigins },
  { check: 'proxy-hops', run: judgeProxies },
  { check: 'simulator-leftovers', run: judgeLeftovers },
  { check: 'metrics', run: judgeMetrics },
  { check: 'webhooks', run: judgeWebhooks },
];
