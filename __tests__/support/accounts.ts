import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPrivacy } from '@/lib/privacy';
import type { Account, FactorStore, FactorType, NewFactor } from '@/lib/store/factors';
import { createLazyFactorStore } from '@/lib/store/sql/factor-store';
import { openSqlite } from '@/lib/store/sql/sqlite';
import { askerOf } from '@/lib/verification/caller';
import { startCeremony } from '@/lib/verification/ceremony';
import { SAID_BY, type UsedFactor } from '@/lib/verification/factor-passed';
import { testEnvironment } from './app';

/** The secret of authenticator apps, in base32, as people type it. */
export const TOTP_SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

const newFactor = (type: FactorType, index: number): NewFactor => ({
  id: randomUUID(),
  name: type,
  // Their times give the factors the order of the list.
  createdAt: Date.now() + index,
  isSynced: false,
  ...(type === 'totp'
    ? { type, secret: TOTP_SECRET, lastStep: 0 }
    : { type, credentialId: randomUUID(), publicKey: 'key', counter: 0, transports: [] }),
});

/** Creates an account with these factors, the first of them a passkey by default. */
export async function enroll(factors: FactorStore, phoneNumber: string, ...types: FactorType[]): Promise<Account> {
  const at = Date.now();
  const account = {
    id: randomUUID(),
    phoneNumber,
    userHandle: randomBytes(32).toString('base64url'),
    phoneVerifiedAt: at,
    createdAt: at,
    lastUsedAt: at,
    sessionsSince: at,
    resetAt: undefined,
  };
  const [first = newFactor('passkey', 0), ...others] = types.map(newFactor);
  if ((await factors.createAccount(account, first)) !== 'created') throw new Error('The account was not created.');
  for (const factor of others) await factors.addFactor(account, factor, { most: 9 });
  return account;
}

const privacy = createPrivacy([testEnvironment('').PRIVACY_KEY ?? '']);

/** The database of an app with factors, as another server on it sees it. */
export class FactorDatabase {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'factors-'));
  readonly dataDir = path.join(this.folder, 'data');
  readonly store: FactorStore = createLazyFactorStore({ databaseUrl: undefined, dataDir: this.dataDir }, privacy);

  enroll(phoneNumber: string, ...types: FactorType[]): Promise<Account> {
    return enroll(this.store, phoneNumber, ...types);
  }

  /** When a code and a factor last confirmed a number. */
  async confirmedAt(phoneNumber: string): Promise<number | undefined> {
    return (await this.store.findAccount(phoneNumber))?.account.phoneVerifiedAt;
  }

  /** Makes a number look as if a code had last confirmed it then. */
  async setConfirmedAt({ id }: Account, at: number): Promise<void> {
    const database = await openSqlite(this.dataDir);
    await database.run('UPDATE account SET phone_verified_at = ? WHERE id = ?', [at, id]);
    await database.close();
  }

  async remove(): Promise<void> {
    await this.store.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** The token that a client gets with NUMBER_STALE, after it used a passkey. */
export function factorToken(
  { id, sessionsSince }: Account,
  asker: Parameters<typeof askerOf>[0] = {},
  at = Date.now(),
) {
  const used: UsedFactor = { account: id, sessionsSince, ...SAID_BY.passkey, at };
  return startCeremony(privacy, 'confirm-number', askerOf(asker), used);
}
