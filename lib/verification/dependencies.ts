import type { Config } from '@/lib/config';
import type { TwoFactor } from '@/lib/infobip/two-factor';
import type { Store } from '@/lib/store/store';

/** What the use cases work with. */
export interface Dependencies {
  readonly config: Config;
  readonly store: Store;
  readonly twoFactor: TwoFactor;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** How long a claim outlives the upstream deadline, should its process have died. */
const CLAIM_MARGIN_MS = 5_000;

/** How long claims in the store are held at most: one upstream call, and a second one where a resend needs a new PIN. */
export const claimHoldMs = (config: Config): number => 2 * config.infobip.timeoutMs + CLAIM_MARGIN_MS;
