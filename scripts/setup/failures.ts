import type { AccountFailure } from '@/lib/infobip/account';
import { describeFault, type Words } from '@/scripts/infobip-faults';

const OF_STATUS: Readonly<Record<number, Words>> = {
  401: [
    'it does not know the API key',
    'Check that the key is complete, enabled, not expired, and belongs to this account: each account has its own base URL. To use another key, add --api-key-file.',
  ],
  403: ['the API key may not do that', ''],
  404: ['it does not have what the request names', 'Check INFOBIP_BASE_URL.'],
  429: ['it received too many requests', 'Wait a minute, then run the command again.'],
};

/** Why a call failed, and the remedy, as the end of a sentence. */
export function reasonOf(failure: AccountFailure): string {
  const { status, errno, detail } = failure;
  const [words, remedy] = describeFault(failure) ?? OF_STATUS[status ?? 0] ?? ['it refused', ''];
  const facts = [status === undefined ? undefined : `HTTP ${status}`, errno, detail].filter(Boolean).join(', ');
  return `${words}${facts && ` (${facts})`}.${remedy && ` ${remedy}`}`;
}
