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
        "APP_ORIGIN is not set: cookies are not Secure, and proofs are issued by this machine's own name.",
        'Set it to the public address of the page, like https://verify.example.com.',
      ),
    ];
  const local = origins.filter(isLocal);
  if (local.length < origins.length && local.length > 0)
    return [warn(`APP_ORIGIN has ${local.join(', ')} next to public origins.`, 'Take it out in production.')];
  return [ok(`APP_ORIGIN is ${origins.join(', ')}.`)];
}

/** The app speaks plain http: where people use https, something in front ends it. */
function judgeProxies(context: Context): readonly Judgement[] {
  const { TRUSTED_PROXY_HOPS: hops, TRUSTED_PROXIES: ranges } = context.settings;
  if (hops === undefined) return [skipped('TRUSTED_PROXY_HOPS is not usable: see variables.')];
  if (ranges === undefined) return [skipped('TRUSTED_PROXIES is not usable: see variables.')];
  const isPublic = hasPublicOrigin(context);
  const isBehind = hops > 0 || ranges.length > 0;
  if (!isBehind && isPublic)
    return [
      warn(
        'TRUSTED_PROXY_HOPS is 0, but an https APP_ORIGIN needs something in front: limits count that, and not clients.',
        'Set it to the number of proxies that append to X-Forwarded-For, or TRUSTED_PROXIES to their addresses.',
      ),
    ];
  if (isBehind && context.settings.APP_ORIGIN?.length && !isPublic)
    return [
      ranges.length > 0
        ? warn(
            'TRUSTED_PROXIES is set, but APP_ORIGIN is on this machine.',
            'Take it out where no proxy is in front: whoever has such an address could choose another one.',
          )
        : warn(
            `TRUSTED_PROXY_HOPS is ${hops}, but APP_ORIGIN is on this machine: clients could choose their address.`,
            'Set it to 0 where no proxy is in front.',
          ),
    ];
  return [ok(ranges.length > 0 ? 'TRUSTED_PROXIES names the proxies in front.' : `TRUSTED_PROXY_HOPS is ${hops}.`)];
}

/** How the keys and ids begin that the simulator starts with. It is not there where only the app is installed. */
const SIMULATED = /^(simulator-|SIMULATOR0)/;

/** All of this machine: a demo, or development. */
function judgeDemo({ given }: Context, isSimulated: boolean): Judgement {
  if (given.DEMO_INBOX_URL)
    return warn("DEMO_INBOX_URL is set: the page links to the simulator's inbox.", 'Take it out in production.');
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
        ? [fail("DEMO_INBOX_URL is set: the page links to the simulator's inbox.", 'Take it out.')]
        : []),
    ],
    'Nothing of the simulator is left.',
  );
}

const MIN_TOKEN = 16;
const GOOD_TOKEN = 32;

function judgeMetrics({ settings, isFaulty }: Context): readonly Judgement[] {
  if (isFaulty('METRICS_TOKEN')) return [skipped('METRICS_TOKEN is not usable: see variables.')];
  const { length } = settings.METRICS_TOKEN ?? '';
  if (length === 0) return [skipped('METRICS_TOKEN is not set: there are no metrics.')];
  const remedy = 'Make one with: openssl rand -hex 32';
  if (length < MIN_TOKEN) return [fail(`METRICS_TOKEN has ${length} characters, which can be guessed.`, remedy)];
  return [length < GOOD_TOKEN ? warn(`METRICS_TOKEN has ${length} characters.`, remedy) : ok('METRICS_TOKEN is long.')];
}

const KEPT = {
  PRIVACY_KEY: 'what is hidden with it is lost at each restart',
  PROOF_PRIVATE_JWK: 'proofs of before a restart cannot be checked after it',
} as const;

/** Servers on one Redis that hide numbers with different keys do not find what the others keep. */
async function judgeMarks({ settings, redis }: Context): Promise<readonly Judgement[]> {
  if (settings.REDIS_URL === undefined || settings.PRIVACY_KEY === undefined) return [];
  const report = await redis();
  if (report?.kind !== 'ok' || !report.hasOtherKey) return [];
  return [
    warn(
      'PRIVACY_KEY is not one that a server on this Redis (REDIS_URL) has used; another one is.',
      'Use the same everywhere. To replace a key, put the new one in front, with a comma between.',
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
          `${name} is not set: the server makes one at each start, and ${KEPT[name]}.`,
          'Make one with: npm run -s keys',
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
];
