import type { Config } from '@/lib/config/config';
import type { TwoFactor } from '@/lib/infobip/two-factor';
import type { RateLimits } from '@/lib/limits/rate-limits';
import type { Privacy } from '@/lib/privacy';
import type { ClaimTerms, Store } from '@/lib/store/store';
import type { Proofs } from './proof';

/** What the use cases work with. */
export interface Dependencies {
  readonly config: Config;
  readonly store: Store;
  readonly rateLimits: RateLimits;
  readonly twoFactor: TwoFactor;
  readonly privacy: Privacy;
  readonly proofs: Proofs;
}

/** How long a claim outlives the upstream deadline, should its process have died. */
const CLAIM_MARGIN_MS = 5_000;

/** How long claims in the store are held at most: one upstream call, and a second one where a resend needs a new PIN. */
export const claimHoldMs = (config: Config): number => 2 * config.infobip.timeoutMs + CLAIM_MARGIN_MS;

/** What the claim of a message must respect. */
export const claimTerms = (config: Config): ClaimTerms => ({
  cooldownsMs: config.cooldownSeconds.map((seconds) => seconds * 1000),
  allowances: config.limits
    .filter(({ key }) => key === 'number')
    .map((limit) => ({ ...limit, channel: limit.counts === 'calls' ? 'voice' : undefined })),
  holdMs: claimHoldMs(config),
});
