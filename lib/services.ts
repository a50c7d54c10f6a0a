import { type Config, loadConfig } from '@/lib/config/config';
import { makePrivacyKey, makeProofKey } from '@/lib/config/keys';
import { createFloodShield } from '@/lib/http/guards/flood-shield';
import type { Services } from '@/lib/http/route';
import { createInfobipClient } from '@/lib/infobip/client';
import { createTwoFactor } from '@/lib/infobip/two-factor';
import { createRateLimits } from '@/lib/limits/rate-limits';
import { createReport, type Report } from '@/lib/observability/events';
import { createLogger } from '@/lib/observability/logger';
import { createMetrics } from '@/lib/observability/metrics';
import { onVerified } from '@/lib/on-verified';
import { createPrivacy, type Privacy } from '@/lib/privacy';
import { createMemoryStore } from '@/lib/store/memory/memory-store';
import { createRedisStore } from '@/lib/store/redis/redis-store';
import { createProofs } from '@/lib/verification/proof';
import { OTHER_LIMITS } from '@/lib/verification/refusals';

/** Next gives each route a module instance of its own; what must be single lives on the global object. */
const GLOBAL_KEY = Symbol.for('phone-verification.services');
const shared = globalThis as { [GLOBAL_KEY]?: Services };

/** State of this process, or of all that share a Redis. */
function createState({ redisUrl, pin: { maxAttempts }, limits }: Config, privacy: Privacy, report: Report) {
  if (redisUrl === undefined)
    return { store: createMemoryStore({ maxAttempts }), rateLimits: createRateLimits(limits), isConnected: () => true };
  const store = createRedisStore({
    url: redisUrl,
    maxAttempts,
    privacy,
    onConnection: ({ connected, reason }) =>
      connected ? report('store.connected') : report('store.connection_lost', { reason }),
  });
  const { redis } = store;
  const isConnected = () => redis.status === 'ready';
  return { store, rateLimits: createRateLimits(limits, { redis, privacy }), isConnected };
}

/** Keys that are not configured are made for this process, which is told: what they sign or hide ends with it. */
function withKeys(config: Config, report: Report): Pick<Config, 'privacyKeys' | 'proof'> {
  const { privacyKeys, proof } = config;
  const made = {
    ...(privacyKeys.length === 0 && { PRIVACY_KEY: makePrivacyKey() }),
    ...(proof.keys.length === 0 && { PROOF_PRIVATE_JWK: makeProofKey() }),
  };
  const variables = Object.keys(made);
  const remedy =
    'Made for this process alone: proofs of before a restart cannot be checked after it. Set them to keep them.';
  if (variables.length > 0) report('config.keys_made', { variables, remedy });
  return {
    privacyKeys: made.PRIVACY_KEY ? [made.PRIVACY_KEY] : privacyKeys,
    proof: { ...proof, keys: made.PROOF_PRIVATE_JWK ? [made.PROOF_PRIVATE_JWK] : proof.keys },
  };
}

function compose(): Services {
  const config = loadConfig();
  const logger = createLogger(config.logLevel);
  const metrics = createMetrics(config.metricsToken !== undefined);
  const report = createReport(logger, metrics.event);
  const { privacyKeys, proof } = withKeys(config, report);
  const privacy = createPrivacy(privacyKeys);
  const twoFactor = createTwoFactor(createInfobipClient(config.infobip), config.infobip, ({ open }) =>
    report(open ? 'upstream.breaker_opened' : 'upstream.breaker_closed'),
  );
  const { store, rateLimits, isConnected } = createState(config, privacy, report);
  metrics.watch({
    limits: [...config.limits.map(({ name }) => name), ...OTHER_LIMITS],
    isBreakerOpen: twoFactor.isBreakerOpen,
    isStoreConnected: isConnected,
    usedOfLimits: rateLimits.usedForEveryone,
  });
  return {
    config,
    logger,
    report,
    metrics,
    floodShield: createFloodShield(config.limits),
    warnings: new Set(),
    privacy,
    proofs: createProofs(proof),
    onVerified,
    store,
    rateLimits,
    twoFactor,
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
