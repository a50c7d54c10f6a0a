import { type FactorStore, RESET_OPEN_MS } from '@/lib/store/factors';
import { type FactorContext, lockToSeal } from './context';
import type { Statement, Value } from './database';
import { hashRecoveryCodes, makeRecoveryKey } from './sealing';

/** The counters may be equal only if the authenticator does not count (WebAuthn Level 3, §7.2, step 22). */
const IS_NEWER_COUNTER = "type = 'passkey' AND (counter < ? OR (counter = 0 AND counter = ?))";
const IS_NEWER_STEP = "type = 'totp' AND last_step < ?";
const IS_UNUSED_CODE = 'code_hash = ? AND used_at IS NULL';

/** The most expired values that each new one removes. */
const REMOVED_AT_ONCE = 10;

type Using = Pick<
  FactorStore,
  'usePasskey' | 'useTotpStep' | 'useRecoveryCode' | 'replaceRecoveryCodes' | 'confirmPhone' | 'requestReset' | 'spend'
>;

/**
 * Notes the use of an account, which cancels a reset. It comes before the use itself: every batch locks the account
 * first, so that no two deadlock.
 * @param accounts a subquery that finds the account, if the use is allowed
 */
const useOfAccount = (at: number, accounts: string, params: readonly Value[]): Statement => ({
  sql: `UPDATE account SET last_used_at = ?, reset_at = NULL WHERE id IN (${accounts})`,
  params: [at, ...params],
});

export function createUsing({ database, sealing, newestKeyId, now }: FactorContext): Using {
  async function use(account: Statement, factor: Statement): Promise<boolean> {
    const changes = await database.batch([account, factor]);
    return changes?.[1] === 1;
  }

  return {
    usePasskey(factorId, { counter, isSynced, at }) {
      const params = [factorId, counter, counter];
      return use(useOfAccount(at, `SELECT account_id FROM factor WHERE id = ? AND ${IS_NEWER_COUNTER}`, params), {
        sql: `UPDATE factor SET counter = ?, is_synced = ?, last_used_at = ? WHERE id = ? AND ${IS_NEWER_COUNTER}`,
        params: [counter, isSynced ? 1 : 0, at, ...params],
      });
    },

    useTotpStep(factorId, step, at) {
      const params = [factorId, step];
      return use(useOfAccount(at, `SELECT account_id FROM factor WHERE id = ? AND ${IS_NEWER_STEP}`, params), {
        sql: `UPDATE factor SET last_step = ?, last_used_at = ? WHERE id = ? AND ${IS_NEWER_STEP}`,
        params: [step, at, ...params],
      });
    },

    async useRecoveryCode(accountId, code, at) {
      const [row] = await database.all<{ recovery_key_sealed: string | null }>(
        'SELECT recovery_key_sealed FROM account WHERE id = ?',
        [accountId],
      );
      const sealed = row?.recovery_key_sealed;
      // If there are no codes, the same statements follow, so nobody learns from the time whether there are any.
      const key = sealed ? sealing.recoveryKey.open(sealed, accountId) : makeRecoveryKey();
      const params = [accountId, ...hashRecoveryCodes(key, [code])];
      return use(
        useOfAccount(at, `SELECT account_id FROM recovery WHERE account_id = ? AND ${IS_UNUSED_CODE}`, params),
        {
          sql: `UPDATE recovery SET used_at = ? WHERE account_id = ? AND ${IS_UNUSED_CODE}`,
          params: [at, ...params],
        },
      );
    },

    async replaceRecoveryCodes(account, codes) {
      const accountId = account.id;
      const key = makeRecoveryKey();
      const hashes = hashRecoveryCodes(key, codes);
      const changes = await database.batch([
        lockToSeal(account, newestKeyId),
        {
          sql: 'UPDATE account SET recovery_key_sealed = ? WHERE id = ?',
          params: [sealing.recoveryKey.seal(key, accountId), accountId],
        },
        { sql: 'DELETE FROM recovery WHERE account_id = ?', params: [accountId] },
        ...hashes.map((hash) => ({
          sql: 'INSERT INTO recovery (account_id, code_hash) SELECT id, ? FROM account WHERE id = ?',
          params: [hash, accountId],
        })),
      ]);
      return changes?.[0] === 1;
    },

    async confirmPhone(accountId, at) {
      // Updates from two servers may arrive out of order.
      await database.run('UPDATE account SET phone_verified_at = ? WHERE id = ? AND phone_verified_at < ?', [
        at,
        accountId,
        at,
      ]);
    },

    async requestReset(accountId, effectiveAt, at) {
      const [row] = await database.all<{ reset_at: number }>(
        `UPDATE account SET reset_at = CASE WHEN reset_at > ? THEN reset_at ELSE ? END WHERE id = ? RETURNING reset_at`,
        [at - RESET_OPEN_MS, effectiveAt, accountId],
      );
      return row?.reset_at;
    },

    async spend(id, expiresAt) {
      const changes = await database.batch([
        { sql: 'INSERT INTO spent (id, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING', params: [id, expiresAt] },
        {
          sql: `DELETE FROM spent WHERE id IN (
            SELECT id FROM spent WHERE expires_at < ? LIMIT ${REMOVED_AT_ONCE} ${database.skipLocked})`,
          params: [now()],
        },
      ]);
      return changes?.[0] === 1;
    },
  };
}
