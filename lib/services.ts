import { loadConfig } from '@/lib/config';
import type { Services } from '@/lib/http/route';
import { createInfobipClient } from '@/lib/infobip/client';
import { createTwoFactor } from '@/lib/infobip/two-factor';
import { createLogger } from '@/lib/observability/logger';
import { createMemoryStore } from '@/lib/store/memory-store';

/** Next gives each route a module instance of its own; what must be single lives on the global object. */
const GLOBAL_KEY = Symbol.for('phone-verification.services');
const shared = globalThis as { [GLOBAL_KEY]?: Services };

function compose(): Services {
  const config = loadConfig();
  return {
    config,
    store: createMemoryStore({ maxAttempts: config.pin.maxAttempts }),
    twoFactor: createTwoFactor(createInfobipClient(config.infobip), config.infobip),
    logger: createLogger(config.logLevel),
    now: Date.now,
  };
}

/**
 * The process's services, made at the first call.
 * @throws {ConfigError} when the environment is not usable; `instrumentation.ts` finds that at boot
 */
export function getServices(): Services {
  shared[GLOBAL_KEY] ??= compose();
  return shared[GLOBAL_KEY];
}
