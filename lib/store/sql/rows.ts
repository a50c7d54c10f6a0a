import type { Account, AccountState, Factor, FactorType, KnownPasskey, KnownTotp } from '@/lib/store/factors';
import type { Sealing } from './sealing';

export interface AccountRow {
  readonly id: string;
  readonly number_sealed: string;
  readonly user_handle: string;
  readonly phone_verified_at: number;
  readonly created_at: number;
  readonly last_used_at: number;
  readonly sessions_since: number;
  readonly reset_at: number | null;
  readonly key_id: string;
}

export interface FactorRow {
  readonly factor_id: string;
  readonly type: FactorType;
  readonly name: string;
  readonly factor_created_at: number;
  readonly factor_last_used_at: number | null;
  readonly is_synced: number;
}

export interface PasskeyRow extends FactorRow {
  readonly credential_id: string;
  readonly public_key: string;
  readonly counter: number;
  readonly transports: string;
}

export interface TotpRow extends FactorRow {
  readonly secret_sealed: string;
  readonly last_step: number;
}

/** An account, once for each of its factors. */
export type StateRow = AccountRow & FactorRow & { readonly codes_left: number };

export const ACCOUNT_COLUMNS =
  'account.id, number_sealed, user_handle, phone_verified_at, account.created_at, account.last_used_at, sessions_since, reset_at, key_id';

/** Columns that an account also has get other names. */
export const FACTOR_COLUMNS =
  'factor.id AS factor_id, type, name, factor.created_at AS factor_created_at, factor.last_used_at AS factor_last_used_at, is_synced';

export const PASSKEY_COLUMNS = `${FACTOR_COLUMNS}, credential_id, public_key, counter, transports`;
export const TOTP_COLUMNS = `${FACTOR_COLUMNS}, secret_sealed, last_step`;

export const accountOf = (row: AccountRow, sealing: Sealing): Account => ({
  id: row.id,
  phoneNumber: sealing.number.open(row.number_sealed, row.id),
  userHandle: row.user_handle,
  phoneVerifiedAt: row.phone_verified_at,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  sessionsSince: row.sessions_since,
  resetAt: row.reset_at ?? undefined,
});

const factorOf = (row: FactorRow): Factor => ({
  id: row.factor_id,
  type: row.type,
  name: row.name,
  createdAt: row.factor_created_at,
  lastUsedAt: row.factor_last_used_at ?? undefined,
  isSynced: row.is_synced === 1,
});

export const transportsOf = (row: Pick<PasskeyRow, 'transports'>): readonly string[] =>
  row.transports === '' ? [] : row.transports.split(',');

export const passkeyOf = (row: PasskeyRow): KnownPasskey => ({
  ...factorOf(row),
  type: 'passkey',
  credentialId: row.credential_id,
  publicKey: row.public_key,
  counter: row.counter,
  transports: transportsOf(row),
});

export const totpOf = (row: TotpRow, accountId: string, sealing: Sealing): KnownTotp => ({
  ...factorOf(row),
  type: 'totp',
  secret: sealing.secret.open(row.secret_sealed, accountId, row.factor_id),
  lastStep: row.last_step,
});

/** @param rows those of one account */
export function stateOf(rows: readonly StateRow[], sealing: Sealing): AccountState | undefined {
  const [first] = rows;
  return (
    first && { account: accountOf(first, sealing), factors: rows.map(factorOf), recoveryCodesLeft: first.codes_left }
  );
}
