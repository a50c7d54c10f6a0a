import type { TwoFactor } from '@/lib/infobip/two-factor';
import type { Dependencies } from '@/lib/verification/dependencies';
import type { Blocklist } from './blocklist';

/** What verifying a phone number depends on. */
export interface PhoneDependencies extends Dependencies {
  readonly twoFactor: TwoFactor;
  readonly blocklist: Blocklist;
}
