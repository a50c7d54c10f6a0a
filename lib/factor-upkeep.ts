import type { Config } from '@/lib/config/config';
import type { Report } from '@/lib/observability/events';
import { type FactorStore, UNUSED_ACCOUNT_MS } from '@/lib/store/factors';

const EVERY_MS = 24 * 60 * 60_000;

interface Upkeep {
  readonly config: Pick<Config, 'factors' | 'redisUrl'>;
  readonly factors: Pick<FactorStore, 'keyUse' | 'removeUnusedSince'> | undefined;
  readonly report: Report;
}

/** Does one pass. If the database is down, the next pass does the work. The store reports the outage itself. */
async function keepUp(factors: NonNullable<Upkeep['factors']>, report: Report): Promise<void> {
  try {
    const accounts = await factors.removeUnusedSince(Date.now() - UNUSED_ACCOUNT_MS);
    if (accounts > 0) report('accounts.expired', { accounts });
    const { underMissingKeys } = await factors.keyUse();
    if (underMissingKeys > 0) report('database.unreadable', { accounts: underMissingKeys });
  } catch {}
}

/**
 * At startup and once a day, removes accounts that nobody uses anymore, and reports those that no configured key can
 * read. At startup, also reports an embedded database that several servers cannot share.
 */
export function startFactorUpkeep({ config, factors, report }: Upkeep): void {
  if (!config.factors || !factors) return;
  // Redis suggests that there are several servers, perhaps on different hosts.
  if (config.factors.databaseUrl === undefined && config.redisUrl !== undefined) report('config.embedded_database');
  void keepUp(factors, report);
  setInterval(() => void keepUp(factors, report), EVERY_MS).unref();
}
