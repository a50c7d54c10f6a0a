import { randomUUID } from 'node:crypto';
import { AppError } from '@/lib/errors';
import type { FactorStore } from '@/lib/store/factors';
import { type FactorContext, MIXED } from './context';
import { placeholders, type Statement } from './database';
import { UNREADABLE } from './sealing';

interface SealedAccount {
  readonly number_sealed: string;
  readonly recovery_key_sealed: string | null;
}

interface SealedFactor {
  readonly id: string;
  readonly secret_sealed: string;
}

type Resealing = Pick<FactorStore, 'keyUse' | 'reseal'>;

export function createResealing(context: FactorContext): Resealing {
  const { database, privacy, newestKeyId } = context;
  const known = placeholders(privacy.keyIds);
  const ofKnownKeys = `(key_id IN (${known}) OR key_id LIKE '${MIXED}%')`;

  return {
    async keyUse() {
      const [counts] = await database.all<{ accounts: number; known: number; newest: number }>(
        `SELECT COUNT(*) AS accounts,
          COUNT(CASE WHEN ${ofKnownKeys} THEN 1 END) AS known,
          COUNT(CASE WHEN key_id = ? THEN 1 END) AS newest
        FROM account`,
        [...privacy.keyIds, newestKeyId],
      );
      const { accounts, known, newest } = counts ?? { accounts: 0, known: 0, newest: 0 };
      return { accounts, underOlderKeys: known - newest, underMissingKeys: accounts - known };
    },

    async reseal() {
      const accounts = await database.all<{ id: string }>(
        `SELECT id FROM account WHERE key_id <> ? AND ${ofKnownKeys}`,
        [newestKeyId, ...privacy.keyIds],
      );
      let resealed = 0;
      for (const { id } of accounts) if (await resealAccount(context, id)) resealed += 1;
      // Removes hashes under older keys, which nothing needs anymore.
      await database.run(
        `DELETE FROM account_number WHERE key_id <> ?
        AND account_id IN (SELECT account_id FROM account_number WHERE key_id = ?)`,
        [newestKeyId, newestKeyId],
      );
      return resealed;
    },
  };
}

/**
 * Reads what an account holds, and encrypts it again.
 * @returns the statements that store it, or undefined if there is no account
 */
async function statementsFor(
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

const isUnreadable = (error: unknown) =>
  error instanceof AppError && (error.details.cause as { fault?: string }).fault === UNREADABLE;

/** @returns false if the account is gone, or if part of it is under a key that is gone */
async function resealAccount(context: FactorContext, id: string): Promise<boolean> {
  const { database } = context;
  for (;;) {
    // If a server encrypts something for the account in the meantime, it replaces the mark, and this loop starts again.
    const mark = MIXED + randomUUID();
    await database.run('UPDATE account SET key_id = ? WHERE id = ?', [mark, id]);
    const statements = await statementsFor(context, id, mark).catch((error: unknown) => {
      if (isUnreadable(error)) return undefined;
      throw error;
    });
    if (!statements) return false;
    const changes = await database.batch(statements);
    if (changes?.[0] === 1) return true;
  }
}
