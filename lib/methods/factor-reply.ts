import type { FactorReply } from '@/lib/contract';
import type { Factor } from '@/lib/store/factors';

/** A factor as its owner sees it. */
export const factorReply = ({ id, type, name, createdAt, lastUsedAt, isSynced }: Factor): FactorReply => ({
  id,
  type,
  name,
  createdAt: new Date(createdAt).toISOString(),
  lastUsedAt: lastUsedAt === undefined ? null : new Date(lastUsedAt).toISOString(),
  synced: isSynced,
});
