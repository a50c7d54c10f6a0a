import { LOOPBACK } from '@/lib/config/environment-values';
import type { AccountFailure } from '@/lib/infobip/account';
import { describeFault } from '@/scripts/infobip-faults';
import type { Check, Context } from './context';
import { fail, type Judgement, ok, skipped, warn } from './finding';

const SLOW_MS = 2000;
const CLOCK_WARN_MS = 5000;
/** Proofs and codes depend on clocks that agree to about a minute. */
const CLOCK_FAIL_MS = 60_000;

const hostOf = (baseUrl: string) => new URL(baseUrl).hostname;

function judgeBaseUrl({ settings: { INFOBIP_BASE_URL: baseUrl } }: Context): readonly Judgement[] {
  if (baseUrl === undefined) return [skipped('INFOBIP_BASE_URL is not usable: see variables.')];
  const host = hostOf(baseUrl);
  const remedy = "Copy your account's own base URL from Infobip's portal, like https://abc12.api.infobip.com.";
  if (host === 'api.infobip.com' || /^api\d*\.infobip\.com$/.test(host))
    return [warn(`INFOBIP_BASE_URL is ${host}, which all accounts share.`, remedy)];
  if (!LOOPBACK.test(host) && !host.endsWith('.infobip.com'))
    return [warn(`INFOBIP_BASE_URL is ${host}, which is not an Infobip host.`, remedy)];
  return [ok(`INFOBIP_BASE_URL is ${baseUrl}.`)];
}

const NETWORK = 'Check the network, the firewall and INFOBIP_BASE_URL.';

const PROXY = /^(https?|all)_proxy$/i;

/** A hint if a proxy variable is set, because the app connects to Infobip directly. */
const proxyHint = ({ env }: Context): string => {
  const name = Object.keys(env).find((one) => PROXY.test(one) && env[one]);
  return name ? ` ${name} is set, but the app does not use a proxy.` : '';
};

function judgeFailure(context: Context, failure: AccountFailure): Judgement {
  const where = `Infobip at INFOBIP_BASE_URL (${hostOf(context.settings.INFOBIP_BASE_URL ?? '')})`;
  const { fault, status, errno } = failure;
  if (fault === 'tls') return skipped('No secure connection: see tls.');
  const known = describeFault(failure);
  if (known) {
    const [words, remedy] = known;
    const hint = status === undefined ? proxyHint(context) : '';
    return fail(`${where}: ${words} (${status ?? errno ?? fault}).`, remedy + hint);
  }
  return ok(`${where} answers.`);
}

async function judgeReach(context: Context): Promise<readonly Judgement[]> {
  const probed = await context.infobip.probe();
  if ('skipped' in probed) return [probed.skipped];
  const { result, latencyMs } = probed.value;
  if (result.kind === 'failed') return [judgeFailure(context, result)];
  const finding = `Infobip at INFOBIP_BASE_URL answers in ${latencyMs} ms`;
  return [latencyMs > SLOW_MS ? warn(`${finding}, which is slow.`, NETWORK) : ok(`${finding}.`)];
}

const UNKNOWN_AUTHORITY = [
  'its certificate comes from an authority that this machine does not know',
  'A proxy that decrypts TLS may be in between: let Infobip through, or set NODE_EXTRA_CA_CERTS.',
] as const;

const TLS_FAULTS: Readonly<Record<string, readonly [string, string]>> = {
  CERT_HAS_EXPIRED: ['its certificate has expired', 'Check the clock of this machine, and INFOBIP_BASE_URL.'],
  CERT_NOT_YET_VALID: ['its certificate is not valid yet', 'Check the clock of this machine.'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['its certificate is for another host', 'Check INFOBIP_BASE_URL.'],
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
};

async function judgeTls({ env, settings, infobip }: Context): Promise<readonly Judgement[]> {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0')
    return [fail('NODE_TLS_REJECT_UNAUTHORIZED is 0: anybody can impersonate Infobip.', 'Remove it.')];
  const probed = await infobip.probe();
  if ('skipped' in probed) return [probed.skipped];
  if (settings.INFOBIP_BASE_URL?.startsWith('http:'))
    return [skipped('INFOBIP_BASE_URL is plain http on this machine.')];
  const { result } = probed.value;
  if (result.kind === 'ok' || result.status !== undefined) return [ok('The connection to Infobip is secure.')];
  if (result.fault !== 'tls') return [skipped('There was no connection: see infobip-reachable.')];
  const [words, remedy] = TLS_FAULTS[result.errno ?? ''] ?? ['the TLS handshake fails', 'Check INFOBIP_BASE_URL.'];
  return [fail(`INFOBIP_BASE_URL: ${words} (${result.errno ?? 'no reason given'}).`, remedy)];
}

async function judgeClock({ infobip }: Context): Promise<readonly Judgement[]> {
  const probed = await infobip.probe();
  if ('skipped' in probed) return [probed.skipped];
  const { result, at } = probed.value;
  if (result.date === undefined) return [skipped("Infobip's reply has no date.")];
  // Infobip's date is in whole seconds, rounded down.
  const skewMs = at - (result.date + 500);
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const finding = `The clock of this machine is ${seconds} s ${skewMs < 0 ? 'behind' : 'ahead of'} Infobip's`;
  const remedy = 'Synchronize it by NTP: proofs carry the time, and programs refuse them if the clocks differ.';
  if (Math.abs(skewMs) > CLOCK_FAIL_MS) return [fail(`${finding}.`, remedy)];
  return [
    Math.abs(skewMs) > CLOCK_WARN_MS
      ? warn(`${finding}.`, remedy)
      : ok("The clock of this machine agrees with Infobip's."),
  ];
}

export const REACH_CHECKS: readonly Check[] = [
  { check: 'base-url', run: judgeBaseUrl },
  { check: 'infobip-reachable', run: judgeReach },
  { check: 'tls', run: judgeTls },
  { check: 'clock', run: judgeClock },
];
