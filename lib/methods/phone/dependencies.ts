import type { TwoFactor } from '@/lib/infobip/two-factor';
import type { Dependencies } from '@/lib/verification/dependencies';
import type { Webhooks } from '@/lib/webhooks/webhooks';
import type { Blocklist } from './blocklist';

/** The dependencies of verifying a phone number. */
export interface PhoneDependencies extends Dependencies {
  readonly twoFactor: TwoFactor;
  readonly blocklist: Blocklist;
  /** Undefined if none are configured. */
  readonly webhooks: Webhooks | undefined;
}
