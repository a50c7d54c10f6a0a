import type { TwoFactor } from '@/lib/infobip/two-factor';
import type { Dependencies } from '@/lib/verification/dependencies';

/** What verifying a phone number works with. */
export interface PhoneDependencies extends Dependencies {
  readonly twoFactor: TwoFactor;
}
