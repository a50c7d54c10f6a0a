import { randomUUID } from 'node:crypto';
import type { FactorStore } from '@/lib/store/factors';
import type { FactorContext } from './context';
import { placeholders, type Statement } from './database';

interface SealedAccount {
  readonly number_sealed: string;
  readonly recovery_key_sealed: string | null;
}

interface SealedFactor {
  readonly id: string;
  readonly secret_sealed: string;
}

type Upkeep = Pick<FactorStore, 'removeUnusedSince' | 'erase' | 'reseal' | 'ping' | 'close'>;

export function createUpkeep(context: FactorContext): Upkeep {
  const { database, privacy, newestKeyId } = context;

  return {
    removeUnusedSince: (time) => database.run('DELETE FROM account WHERE last_used_at < ?', [time]),

    async erase(phoneNumber) {
      const hashes = privacy.pseudonyms('number', phoneNumber);
      const accounts = `(SELECT account_id FROM account_number WHERE hash IN (${placeholders(hashes)}))`;
      const changes = await database.batch([
        // Locks it, as every batch does first.
        { sql: `UPDATE account SET id = id WHERE id IN ${accounts}`, params: hashes },
        { sql: `DELETE FROM recovery WHERE account_id IN ${accounts}`, params: hashes },
        { sql: `DELETE FROM factor WHERE account_id IN ${accounts}`, params: hashes },
        { sql: `DELETE FROM account WHERE id IN ${accounts}`, params: hashes },
      ]);
      return (changes ?? []).slice(1).reduce((sum, count) => sum + count, 0);
    },

    async reseal() {
      const accounts = await database.all<{ id: string }>('SELECT id FROM account WHERE key_id <> ?', [newestKeyId]);
      let resealed = 0;
      for (const { id } of accounts) if (await resealAccount(context, id)) resealed += 1;
      // Under the newest key alone, once nothing needs the others.
      await database.run(
        `DELETE FROM account_number WHERE key_id <> ?
        AND account_id IN (SELECT account_id FROM account_number WHERE key_id = ?)`,
        [newestKeyId, newestKeyId],
      );
      return resealed;
    },

    async ping() {
      // A write, although of nothing.
      await database.run("DELETE FROM spent WHERE id = ''", []);
    },
    close: () => database.close(),
  };
}

/** Reads and encrypts again what an account holds. @returns the statements, or undefined without account */
async function resealing(
  { database, privacy, sealing, newestKeyId }: FactorContext,
  id: string,
  mark: string,
): Promise<Statement[] | undefined> {
  const [account] = await database.all<SealedAccount>(
    'SELECT number_sealed, recovery_key_sealed FROM account WHERE id = ?',
    [id],
  );
  if (!account) return undefined;
  const factors = await database.all<SealedFactor>(
    'SELECT id, secret_sealed FROM factor WHERE account_id = ? AND secret_sealed IS NOT NULL',
    [id],
  );
  const number = sealing.number.open(account.number_sealed, id);
  const key = account.recovery_key_sealed;
  return [
    {
      sql: 'UPDATE account SET key_id = ?, number_sealed = ?, recovery_key_sealed = ? WHERE id = ? AND key_id = ?',
      params: [
        newestKeyId,
        sealing.number.seal(number, id),
        key === null ? null : sealing.recoveryKey.seal(sealing.recoveryKey.open(key, id), id),
        id,
        mark,
      ],
    },
    ...factors.map((factor) => ({
      sql: 'UPDATE factor SET secret_sealed = ? WHERE id = ? AND secret_sealed = ?',
      params: [
        sealing.secret.seal(sealing.secret.open(factor.secret_sealed, id, factor.id), id, factor.id),
        factor.id,
        factor.secret_sealed,
      ],
    })),
    {
      sql: `INSERT INTO account_number (hash, account_id, key_id) SELECT ?, id, ? FROM account WHERE id = ?
        ON CONFLICT DO NOTHING`,
      params: [privacy.pseudonym('number', number), newestKeyId, id],
    },
  ];
}

/** @returns false where the account is gone */
async function resealAccount(context: FactorContext, id: string): Promise<boolean> {
  const { database } = context;
  for (;;) {
    // Whoever encrypts something for the account meanwhile replaces the mark, and we start again.
    const mark = randomUUID();
    await database.run('UPDATE account SET key_id = ? WHERE id = ?', [mark, id]);
    const statements = await resealing(context, id, mark);
    if (!statements) return false;
    const changes = await database.batch(statements);
    if (changes?.[0] === 1) return true;
  }
}
