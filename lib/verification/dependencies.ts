import type { Config } from '@/lib/config/config';
import type { Limits } from '@/lib/limits/reservation';
import type { Privacy } from '@/lib/privacy';
import type { FactorStore } from '@/lib/store/factors';
import type { SessionStore } from '@/lib/store/sessions';
import type { VerificationStore } from '@/lib/store/verifications';
import type { Challenges } from './challenge';
import type { Proofs } from './proof';

/** The dependencies of every verification, whatever its method. */
export interface Dependencies {
  readonly config: Config;
  readonly verifications: VerificationStore;
  readonly sessions: SessionStore;
  readonly limits: Limits;
  readonly privacy: Privacy;
  readonly proofs: Proofs;
  readonly challenges: Challenges;
  /** Accounts and their factors; undefined if they are switched off. */
  readonly factors: FactorStore | undefined;
}
