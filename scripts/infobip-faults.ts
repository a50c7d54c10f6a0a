import type { AccountFailure } from '@/lib/infobip/account';
import type { Fault } from '@/lib/infobip/faults';

/** What is wrong, as a part of a sentence, and what to do. */
export type Words = readonly [fault: string, remedy: string];

const NETWORK = 'Check network and firewall, and INFOBIP_BASE_URL.';

const FAULTS = {
  refused: ['nobody takes the connection', 'Check INFOBIP_BASE_URL; for the simulator: npm run simulator.'],
  dns: ['there is no host of that name, or names cannot be looked up here', 'Check INFOBIP_BASE_URL, and DNS.'],
  'connect-timeout': ['the connection is not answered', NETWORK],
  tls: ['no secure connection comes about', 'Check INFOBIP_BASE_URL, and whether a proxy is in between.'],
  reset: ['the connection breaks', NETWORK],
  deadline: ['no reply comes in time', `${NETWORK} INFOBIP_TIMEOUT_MS is how long is waited.`],
  'too-large': ['far too much comes back', 'Check INFOBIP_BASE_URL.'],
  'breaker-open': ['it failed several times', 'Try again later.'],
  'bad-reply': ['it answers, but not as Infobip does', 'Check INFOBIP_BASE_URL, and whether a proxy is in between.'],
} as const satisfies Readonly<Record<Fault | 'bad-reply', Words>>;

const TROUBLE: Words = ['Infobip has trouble of its own', 'Try again later; https://status.infobip.com may tell more.'];

/** Why a call brought no reply that can be used; undefined for an error that Infobip gives on purpose. */
export function describeFault({ fault, status = 0, detail }: AccountFailure): Words | undefined {
  if (status >= 500) return TROUBLE;
  if (fault === 'refusal') return detail === undefined ? FAULTS['bad-reply'] : undefined;
  return FAULTS[fault as keyof typeof FAULTS];
}
