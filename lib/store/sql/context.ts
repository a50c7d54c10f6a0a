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
 * The beginning of an account's `key_id` while it is not under one key alone. Ids of keys are hexadecimal, so none
 * begins like this.
 */
export const MIXED = '~';

/**
 * The first statement of a batch that encrypts something for an account, unless a factor was removed meanwhile. It
 * makes other batches on the account wait, and cancels a reset, because only the owner can start such a batch. If the
 * account was under another key than this server's newest, it marks the account as mixed: during a change of the key,
 * servers may encrypt under different ones.
 */
export const lockToSeal = ({ id, sessionsSince }: ManagedAccount, keyId: string): Statement => ({
  sql: `UPDATE account SET key_id = CASE WHEN key_id = ? THEN key_id ELSE ? END, reset_at = NULL
    WHERE id = ? AND sessions_since = ?`,
  params: [keyId, MIXED, id, sessionsSince],
  isCondition: true,
});
