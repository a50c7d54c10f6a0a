import type { AccountFailure } from '@/lib/infobip/account';
import type { Fault } from '@/lib/infobip/faults';

/** The fault as part of a sentence, and the remedy. */
export type Words = readonly [fault: string, remedy: string];

const NETWORK = 'Check the network, the firewall and INFOBIP_BASE_URL.';

const FAULTS = {
  refused: ['no server accepts the connection', 'Check INFOBIP_BASE_URL; for the simulator: npm run simulator.'],
  dns: ['no host has that name, or this machine cannot resolve names', 'Check INFOBIP_BASE_URL and the DNS.'],
  'connect-timeout': ['the connection times out', NETWORK],
  tls: ['the TLS handshake fails', 'Check INFOBIP_BASE_URL, and whether a proxy is in between.'],
  reset: ['the connection breaks', NETWORK],
  deadline: ['no reply arrives in time', `${NETWORK} INFOBIP_TIMEOUT_MS sets how long to wait.`],
  'too-large': ['the reply is far too large', 'Check INFOBIP_BASE_URL.'],
  'breaker-open': ['it failed several times', 'Try again later.'],
  'bad-reply': ['the reply does not come from Infobip', 'Check INFOBIP_BASE_URL, and whether a proxy is in between.'],
} as const satisfies Readonly<Record<Fault | 'bad-reply', Words>>;

const TROUBLE: Words = ['Infobip has an internal problem', 'Try again later; https://status.infobip.com may say more.'];

/** Why a call brought no usable reply; undefined for an error that Infobip returns on purpose. */
export function describeFault({ fault, status = 0, detail }: AccountFailure): Words | undefined {
  if (status >= 500) return TROUBLE;
  if (fault === 'refusal') return detail === undefined ? FAULTS['bad-reply'] : undefined;
  return FAULTS[fault as keyof typeof FAULTS];
}
