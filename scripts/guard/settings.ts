import { ConfigError, type GuardConfig, loadGuardConfig } from '@/lib/config/config';
import { guardTermsOf } from '@/lib/limits/terms';
import { unitPriceFor } from '@/lib/methods/phone/prices';
import { UsageError } from '@/scripts/command';

/** The settings that the servers check messages against, if they have the same environment. */
export interface GuardSettings {
  readonly config: GuardConfig;
  readonly terms: ReturnType<typeof guardTermsOf>;
}

/** @throws {UsageError} naming the faulty variables */
export function guardSettings(env: NodeJS.ProcessEnv = process.env): GuardSettings {
  try {
    const config = loadGuardConfig(env);
    return { config, terms: guardTermsOf(config, unitPriceFor(config)) };
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.faults.join('\n'));
    throw error;
  }
}
