import type { FactorStore } from '@/lib/store/factors';
import type { FactorContext } from './context';
import { placeholders } from './database';
import {
  ACCOUNT_COLUMNS,
  type AccountRow,
  accountOf,
  FACTOR_COLUMNS,
  PASSKEY_COLUMNS,
  type PasskeyRow,
  passkeyOf,
  type StateRow,
  stateOf,
  TOTP_COLUMNS,
  type TotpRow,
  totpOf,
  transportsOf,
} from './rows';

/** Reads an account and its factors in one query, so that nothing changes in between. */
const stateWhere = (condition: string) =>
  `SELECT ${ACCOUNT_COLUMNS}, ${FACTOR_COLUMNS},
    (SELECT COUNT(*) FROM recovery WHERE recovery.account_id = account.id AND used_at IS NULL) AS codes_left
  FROM account JOIN factor ON factor.account_id = account.id
  WHERE account.id ${condition}
  ORDER BY factor.created_at, factor.id`;

const STATE_BY_ID = stateWhere('= ?');
const BY_ORDER_OF_ADDITION = 'ORDER BY created_at, id';

type Finding = Pick<
  FactorStore,
  'findAccount' | 'findAccountById' | 'findPasskey' | 'findCredentials' | 'findTotps' | 'describe'
>;

export function createFinding({ database, privacy, sealing, newestKeyId }: FactorContext): Finding {
  function rowsOf(phoneNumber: string) {
    const hashes = privacy.pseudonyms('number', phoneNumber);
    const accounts = `SELECT account_id FROM account_number WHERE hash IN (${placeholders(hashes)})`;
    return database.all<StateRow>(stateWhere(`IN (${accounts})`), hashes);
  }

  return {
    findAccount: async (phoneNumber) => stateOf(await rowsOf(phoneNumber), sealing),
    findAccountById: async (id) => stateOf(await database.all<StateRow>(STATE_BY_ID, [id]), sealing),
    async findPasskey(credentialId) {
      const [row] = await database.all<AccountRow & PasskeyRow>(
        `SELECT ${ACCOUNT_COLUMNS}, ${PASSKEY_COLUMNS}
        FROM factor JOIN account ON account.id = factor.account_id WHERE credential_id = ?`,
        [credentialId],
      );
      return row && { account: accountOf(row, sealing), passkey: passkeyOf(row) };
    },
    async findCredentials(accountId) {
      const rows = await database.all<Pick<PasskeyRow, 'credential_id' | 'transports'>>(
        `SELECT credential_id, transports FROM factor WHERE account_id = ? AND type = 'passkey' ${BY_ORDER_OF_ADDITION}`,
        [accountId],
      );
      return rows.map((row) => ({ credentialId: row.credential_id, transports: transportsOf(row) }));
    },
    async findTotps(accountId) {
      const rows = await database.all<TotpRow>(
        `SELECT ${TOTP_COLUMNS} FROM factor WHERE account_id = ? AND type = 'totp' ${BY_ORDER_OF_ADDITION}`,
        [accountId],
      );
      return rows.map((row) => totpOf(row, accountId, sealing));
    },
    async describe(phoneNumber) {
      const rows = await rowsOf(phoneNumber);
      const state = stateOf(rows, sealing);
      return state && { ...state, isUnderOldKey: rows[0]?.key_id !== newestKeyId };
    },
  };
}
