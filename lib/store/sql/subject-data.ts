import { type AccountState, type Factor, UNUSED_ACCOUNT_MS } from '@/lib/store/factors';
import type { HeldEntry } from '@/lib/store/subject-data';

const time = (epochMs: number) => new Date(epochMs).toISOString();

const NAMES = { passkey: 'passkey', totp: 'authenticator app' } as const satisfies Record<Factor['type'], string>;

const valuesOf = ({ name, createdAt, lastUsedAt, isSynced }: Factor): HeldEntry['values'] => ({
  name,
  createdAt: time(createdAt),
  ...(lastUsedAt !== undefined && { lastUsedAt: time(lastUsedAt) }),
  isSynced,
});

/** What the database holds about a number, for the person it belongs to: names and times, never a secret. */
export function entriesOf({ account, factors, recoveryCodesLeft }: AccountState): readonly HeldEntry[] {
  const { createdAt, lastUsedAt, phoneVerifiedAt, resetAt } = account;
  const heldUntil = `${time(lastUsedAt + UNUSED_ACCOUNT_MS)}, unless it is used before`;
  const values = {
    createdAt: time(createdAt),
    lastUsedAt: time(lastUsedAt),
    phoneVerifiedAt: time(phoneVerifiedAt),
    ...(resetAt !== undefined && { resetAt: time(resetAt) }),
  };
  return [
    { what: 'account', values, heldUntil },
    ...factors.map((factor) => ({ what: NAMES[factor.type], values: valuesOf(factor), heldUntil })),
    ...(recoveryCodesLeft > 0
      ? [{ what: 'recovery codes' as const, values: { unused: recoveryCodesLeft }, heldUntil }]
      : []),
  ];
}
