import type { AccountFailure } from '@/lib/infobip/account';

const OF_STATUS: Readonly<Record<number, string>> = {
  401: 'it does not know the API key. Check that the key is whole, enabled, not expired, and of this account: each has a base URL of its own. Another key can be given with --api-key-file.',
  403: 'the API key may not do that.',
  404: 'it has no such thing. Check the base URL.',
  429: 'it was asked too often. Wait a minute and run this again.',
};

const OF_FAULT: Readonly<Record<string, string>> = {
  refused: 'nobody answers at the base URL. Another one can be given with --base-url.',
  dns: 'there is no host of that name. Check the base URL.',
  'connect-timeout': 'nobody answers at the base URL. Check it, and whether a firewall is in between.',
  tls: 'no secure connection could be made. Check the base URL, and whether a proxy is in between.',
  deadline: 'the answer took too long.',
  reset: 'the connection broke.',
  'bad-reply': 'the answer is not what Infobip answers. Check the base URL, and whether a proxy is in between.',
  'breaker-open': 'it failed several times.',
};

/** Why a call failed, and the remedy, as the end of a sentence. */
export function reasonOf({ fault, status, errno, detail }: AccountFailure): string {
  const known = fault === 'refusal' ? OF_STATUS[status ?? 0] : OF_FAULT[fault];
  const facts = [status === undefined ? undefined : `HTTP ${status}`, errno, detail].filter(Boolean).join(', ');
  return `${known ?? 'it refused.'}${facts && ` (${facts})`}`;
}
