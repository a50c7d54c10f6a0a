import type { LimitStore } from './limits';
import type { OpenIdStore } from './openid';
import type { SessionStore } from './sessions';
import type { VerificationStore } from './verifications';

/** The state that the service keeps in memory or in Redis. */
export interface Stores {
  readonly verifications: VerificationStore;
  readonly sessions: SessionStore;
  readonly openid: OpenIdStore;
  readonly limits: LimitStore;
  /** Checks that the store accepts writes. @throws {AppError} STORE_UNAVAILABLE */
  ping(): Promise<void>;
  /** Whether there is a connection to the store. */
  isConnected(): boolean;
}
