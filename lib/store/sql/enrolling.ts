import { type FactorStore, type NewFactor, RESET_OPEN_MS } from '@/lib/store/factors';
import { type FactorContext, lockToSeal } from './context';
import { placeholders, type Statement } from './database';
import type { Sealing } from './sealing';

const INSERT_FACTOR = `INSERT INTO factor (id, account_id, type, name, created_at, last_used_at, is_synced,
    credential_id, public_key, counter, transports, secret_sealed, last_step)
  SELECT ?, account.id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM account WHERE account.id = ?`;

function insertion(accountId: string, factor: NewFactor, sealing: Sealing): Statement {
  const { id, type, name, createdAt, isSynced } = factor;
  const passkey =
    factor.type === 'passkey'
      ? [factor.credentialId, factor.publicKey, factor.counter, factor.transports.join(',')]
      : [null, null, null, null];
  const totp =
    factor.type === 'totp' ? [sealing.secret.seal(factor.secret, accountId, id), factor.lastStep] : [null, null];
  return {
    sql: INSERT_FACTOR,
    params: [id, type, name, createdAt, null, isSynced ? 1 : 0, ...passkey, ...totp, accountId],
  };
}

/** The number's hash under each key, so that a server that knows only an older key also finds the account. */
function numberHashes({ privacy }: FactorContext, accountId: string, phoneNumber: string): Statement[] {
  const hashes = privacy.pseudonyms('number', phoneNumber).map((hash, index) => [hash, privacy.keyIds[index] ?? '']);
  // Sorted, so that all servers write hashes in the same order and cannot deadlock.
  return hashes.sort().map(([hash = '', keyId = '']) => ({
    sql: 'INSERT INTO account_number (hash, account_id, key_id) VALUES (?, ?, ?)',
    params: [hash, accountId, keyId],
  }));
}

type Enrolling = Pick<FactorStore, 'createAccount' | 'addFactor' | 'removeFactor'>;

export function createEnrolling(context: FactorContext): Enrolling {
  const { database, privacy, sealing, newestKeyId } = context;

  return {
    async createAccount(account, factor, replaces) {
      const { id, phoneNumber, userHandle, phoneVerifiedAt, createdAt, lastUsedAt, sessionsSince, resetAt } = account;
      const hashes = privacy.pseudonyms('number', phoneNumber);
      const isOfNumber = `id IN (SELECT account_id FROM account_number WHERE hash IN (${placeholders(hashes)}))`;
      const removal = {
        sql: `DELETE FROM account WHERE id = ? AND reset_at <= ? AND reset_at > ? AND ${isOfNumber}`,
        params: [replaces ?? '', createdAt, createdAt - RESET_OPEN_MS, ...hashes],
      };
      const changes = await database.batch([
        ...(replaces === undefined ? [] : [removal]),
        {
          sql: `INSERT INTO account (id, number_sealed, user_handle, phone_verified_at, created_at, last_used_at,
            sessions_since, reset_at, key_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          params: [
            id,
            sealing.number.seal(phoneNumber, id),
            userHandle,
            phoneVerifiedAt,
            createdAt,
            lastUsedAt,
            sessionsSince,
            resetAt ?? null,
            newestKeyId,
          ],
        },
        ...numberHashes(context, id, phoneNumber),
        insertion(id, factor, sealing),
      ]);
      if (changes) return 'created';
      const taken = await database.all(
        `SELECT 1 AS found FROM account_number WHERE hash IN (${placeholders(hashes)})`,
        hashes,
      );
      return taken.length > 0 ? 'exists' : 'duplicate';
    },

    async addFactor(account, factor, { most }) {
      const { sql, params } = insertion(account.id, factor, sealing);
      const changes = await database.batch([
        lockToSeal(account, newestKeyId),
        {
          sql: `${sql} AND (SELECT COUNT(*) FROM factor WHERE account_id = ? AND type = ?) < ?`,
          params: [...params, account.id, factor.type, most],
        },
      ]);
      if (!changes) return 'duplicate';
      const [accounts, factors] = changes;
      if (accounts === 0) return 'outdated';
      return factors === 1 ? 'added' : 'full';
    },

    async removeFactor({ id, sessionsSince: before }, factorId, sessionsSince) {
      const changes = await database.batch([
        {
          sql: `UPDATE account SET sessions_since = ?, reset_at = NULL WHERE id = ? AND sessions_since = ?
            AND EXISTS (SELECT 1 FROM factor WHERE id = ? AND account_id = ?)`,
          params: [sessionsSince, id, before, factorId, id],
          isCondition: true,
        },
        { sql: 'DELETE FROM factor WHERE id = ? AND account_id = ?', params: [factorId, id] },
        {
          sql: 'DELETE FROM account WHERE id = ? AND NOT EXISTS (SELECT 1 FROM factor WHERE account_id = ?)',
          params: [id, id],
        },
      ]);
      return changes?.[1] === 1;
    },
  };
}
