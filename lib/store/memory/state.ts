import { AppError } from '@/lib/errors';
import type { VerificationRecord } from '@/lib/store/verifications';
import type { Bucket } from './bucket';
import { ExpiringMap } from './expiring-map';
import type { SubjectState } from './subject-state';
import type { Windows } from './windows';

/** Like {@link VerificationRecord}, with times in epoch milliseconds. */
export interface Verification extends Omit<VerificationRecord, 'remainingMs'> {
  readonly expiresAt: number;
  readonly attempt: { readonly token: string; readonly takenAt: number; readonly until: number } | undefined;
}

/** Everything that this process keeps, shared by its stores. */
export interface MemoryState {
  readonly now: () => number;
  /** Windows of each address, network and program, of each subject's devices, and of everyone. */
  readonly windows: ExpiringMap<Windows>;
  /** State by subject and scope. */
  readonly subjects: ExpiringMap<SubjectState>;
  readonly verifications: ExpiringMap<Verification>;
  readonly sessions: ExpiringMap<string>;
  /** Entries of the OpenID provider. */
  readonly openid: ExpiringMap<{ readonly value: string; readonly isConsumed: boolean }>;
  /** Credit, by group and the bucket's owner. */
  readonly buckets: ExpiringMap<Bucket>;
  /** Solutions and waits that have been used. */
  readonly passes: ExpiringMap<true>;
}

const BUCKETS_PER_ENTRY = 3;
/** A login in progress takes about 2 kB, more than anything else here, and anybody can begin one. */
const ENTRIES_PER_LOGIN = 10;

/**
 * @param maxEntries the most entries of each kind; when a kind is full, new entries are refused and existing ones stay
 */
export const createMemoryMaps = (maxEntries: number, now: () => number): MemoryState => ({
  now,
  windows: new ExpiringMap(maxEntries, now),
  subjects: new ExpiringMap(maxEntries, now),
  verifications: new ExpiringMap(maxEntries, now),
  sessions: new ExpiringMap(maxEntries, now),
  openid: new ExpiringMap(Math.ceil(maxEntries / ENTRIES_PER_LOGIN), now),
  // A message touches at most six buckets, and most of them fill up again within the hour.
  buckets: new ExpiringMap(BUCKETS_PER_ENTRY * maxEntries, now),
  passes: new ExpiringMap(maxEntries, now),
});

export const recordOf = ({ expiresAt, attempt: _, ...record }: Verification, now: number): VerificationRecord => ({
  ...record,
  remainingMs: Math.max(0, expiresAt - now),
});

/**
 * @param share the share of the map's entries at which the map counts as full
 * @throws {AppError} STORE_UNAVAILABLE when the map is full of other entries
 */
export function assertRoom<V>(map: ExpiringMap<V>, key: string, share = 1): void {
  if (!map.hasRoomFor(key, share))
    throw new AppError('STORE_UNAVAILABLE', { cause: { store: 'memory', fault: 'full' } });
}
