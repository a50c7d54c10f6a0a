import type { FactorStore } from '@/lib/store/factors';
import type { FactorContext } from './context';
import { placeholders } from './database';

type Upkeep = Pick<FactorStore, 'removeUnusedSince' | 'erase' | 'ping' | 'close'>;

export function createUpkeep({ database, privacy }: FactorContext): Upkeep {
  const keys = placeholders(privacy.keyIds);

  return {
    async removeUnusedSince(time) {
      // Removes hashes under keys that are no longer configured, if the account also has a hash under a configured key.
      await database.run(
        `DELETE FROM account_number WHERE key_id NOT IN (${keys})
        AND account_id IN (SELECT account_id FROM account_number WHERE key_id IN (${keys}))`,
        [...privacy.keyIds, ...privacy.keyIds],
      );
      const removed = await database.run('DELETE FROM account WHERE last_used_at < ?', [time]);
      await database.forget();
      return removed;
    },

    async erase(phoneNumber) {
      const hashes = privacy.pseudonyms('number', phoneNumber);
      const accounts = `(SELECT account_id FROM account_number WHERE hash IN (${placeholders(hashes)}))`;
      const changes = await database.batch([
        // Locks the account first, as other batches on an account do.
        { sql: `UPDATE account SET id = id WHERE id IN ${accounts}`, params: hashes },
        { sql: `DELETE FROM recovery WHERE account_id IN ${accounts}`, params: hashes },
        { sql: `DELETE FROM factor WHERE account_id IN ${accounts}`, params: hashes },
        { sql: `DELETE FROM account WHERE id IN ${accounts}`, params: hashes },
      ]);
      await database.forget();
      return (changes ?? []).slice(1).reduce((sum, count) => sum + count, 0);
    },

    async ping() {
      // This counts as a write, although it changes nothing.
      await database.run("DELETE FROM spent WHERE id = ''", []);
    },
    close: () => database.close(),
  };
}
