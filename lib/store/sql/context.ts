import type { Privacy } from '@/lib/privacy';
import type { ManagedAccount } from '@/lib/store/factors';
import type { Database, Statement } from './database';
import type { Sealing } from './sealing';

/** What the parts of the store share. */
export interface FactorContext {
  readonly database: Database;
  readonly privacy: Privacy;
  readonly sealing: Sealing;
  readonly newestKeyId: string;
  readonly now: () => number;
}

/**
 * The beginning of an account's `key_id` while it is not under one key alone. Ids of keys are hexadecimal.
 */
export const MIXED = '~';

/**
 * The first statement of a batch that encrypts something for an account, unless a factor was removed meanwhile. It
 * makes other batches on the account wait, and notes if the account is no longer under one key alone: a server that
 * does not know the newest key may be at work. It cancels a reset as well: only the owner gets this far.
 */
export const lockToSeal = ({ id, sessionsSince }: ManagedAccount, keyId: string): Statement => ({
  sql: `UPDATE account SET key_id = CASE WHEN key_id = ? THEN key_id ELSE ? END, reset_at = NULL
    WHERE id = ? AND sessions_since = ?`,
  params: [keyId, MIXED, id, sessionsSince],
  isCondition: true,
});
