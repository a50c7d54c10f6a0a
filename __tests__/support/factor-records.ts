import { randomBytes, randomUUID } from 'node:crypto';
import type { Account, NewFactor } from '@/lib/store/factors';
import { newNumber } from './numbers';

/** When everything in these tests happens. */
export const AT = 1_790_000_000_000;

/** A new account, of a new number unless a test says otherwise. */
export const newAccount = (more: Partial<Account> = {}): Account => ({
  id: randomUUID(),
  phoneNumber: newNumber(),
  userHandle: randomBytes(32).toString('base64url'),
  phoneVerifiedAt: AT,
  createdAt: AT,
  lastUsedAt: AT,
  sessionsSince: AT,
  resetAt: undefined,
  ...more,
});

type New<Type extends NewFactor['type']> = Extract<NewFactor, { type: Type }>;

const common = () => ({ id: randomUUID(), name: 'Laptop', createdAt: AT });

export const newPasskey = (more: Partial<New<'passkey'>> = {}): New<'passkey'> => ({
  ...common(),
  type: 'passkey',
  isSynced: true,
  credentialId: randomBytes(32).toString('base64url'),
  publicKey: randomBytes(77).toString('base64url'),
  counter: 0,
  transports: ['internal', 'hybrid'],
  ...more,
});

export const newTotp = (more: Partial<New<'totp'>> = {}): New<'totp'> => ({
  ...common(),
  type: 'totp',
  isSynced: false,
  secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  lastStep: 100,
  ...more,
});
