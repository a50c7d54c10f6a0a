import { createRateLimits } from '@/lib/abuse/rate-limits';
import { type Config, loadConfig } from '@/lib/config';
import type { Services } from '@/lib/http/route';
import { createInfobipClient } from '@/lib/infobip/client';
import { createTwoFactor } from '@/lib/infobip/two-factor';
import { createLogger, type Logger } from '@/lib/observability/logger';
import { createMemoryStore } from '@/lib/store/memory-store';
import { createRedisStore } from '@/lib/store/redis-store';

/** Next gives each route a module instance of its own; what must be single lives on the global object. */
const GLOBAL_KEY = Symbol.for('phone-verification.services');
const shared = globalThis as { [GLOBAL_KEY]?: Services };

/** State of this process, or of all that share a Redis. */
function createState({ redisUrl, pin: { maxAttempts }, limits }: Config, logger: Logger) {
  if (redisUrl === undefined)
    return { store: createMemoryStore({ maxAttempts }), rateLimits: createRateLimits(limits) };
  const store = createRedisStore({
    url: redisUrl,
    maxAttempts,
    onConnection: ({ connected, reason }) =>
      connected ? logger.info({ event: 'store.connected' }) : logger.error({ event: 'store.connection_lost', reason }),
  });
  return { store, rateLimits: createRateLimits(limits, store.redis) };
}

function compose(): Services {
  const config = loadConfig();
  const logger = createLogger(config.logLevel);
  return {
    config,
    logger,
    warnings: new Set(),
    ...createState(config, logger),
    twoFactor: createTwoFactor(createInfobipClient(config.infobip), config.infobip),
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
