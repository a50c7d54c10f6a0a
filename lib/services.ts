import { type Config, loadConfig } from '@/lib/config/config';
import { makePrivacyKey, makeProofKey, type ProofKey } from '@/lib/config/keys';
import { createApiKeys } from '@/lib/http/api-keys';
import { createBrand } from '@/lib/http/brand';
import { createFloodShield } from '@/lib/http/guards/flood-shield';
import { prepareLogin } from '@/lib/http/login';
import type { Services } from '@/lib/http/route';
import { createInfobipClient } from '@/lib/infobip/client';
import { createTwoFactor } from '@/lib/infobip/two-factor';
import { CREDIT_POLICIES } from '@/lib/limits/credit';
import { CREDIT_OBJECTIONS } from '@/lib/limits/objections';
import { OTHER_LIMITS } from '@/lib/limits/policies';
import { programRows } from '@/lib/limits/program-rows';
import { type BudgetAlert, createLimits } from '@/lib/limits/reservation';
import { termsOf } from '@/lib/limits/terms';
import { type Blocklist, createBlocklist, readBlocklistFile } from '@/lib/methods/phone/blocklist';
import { isE164 } from '@/lib/methods/phone/phone-number';
import { unitPriceFor } from '@/lib/methods/phone/prices';
import { createReport, type EventName, type Report } from '@/lib/observability/events';
import { createLogger, describeError } from '@/lib/observability/logger';
import { createMetrics, NO_METRICS } from '@/lib/observability/metrics';
import { timedStore, timedUpstream } from '@/lib/observability/timed';
import { onVerified } from '@/lib/on-verified';
import { ACR_VALUES, CODES_ALONE } from '@/lib/openid/acr-values';
import { createOpenId, type OpenId } from '@/lib/openid/openid';
import { createPrivacy, type Privacy } from '@/lib/privacy';
import { createMemoryStores } from '@/lib/store/memory/memory-stores';
import { createBlockedNumbers } from '@/lib/store/redis/blocked-numbers';
import { createRedisStores } from '@/lib/store/redis/redis-stores';
import { createLazyFactorStore } from '@/lib/store/sql/factor-store';
import type { Stores } from '@/lib/store/stores';
import { createChallenges } from '@/lib/verification/challenge';
import { createProofs } from '@/lib/verification/proof';
import { LANES } from '@/lib/webhooks/events';
import { createMemoryWebhookQueue } from '@/lib/webhooks/memory-queue';
import type { WebhookQueue } from '@/lib/webhooks/queue';
import { createWebhooks, WEBHOOK_OUTCOMES } from '@/lib/webhooks/webhooks';

/** Next gives each route its own instances of modules, so anything that must exist once lives on the global object. */
const GLOBAL_KEY = Symbol.for('phone-verification.services');
const shared = globalThis as { [GLOBAL_KEY]?: Services };

/** The stores, for this process alone or for all that share a Redis; the blocklist; and the queue of webhooks. */
function createState(
  { redisUrl, redisTimeoutMs, isRedisCluster, blockedNumbersFile, pin: { maxAttempts } }: Config,
  privacy: Privacy,
  report: Report,
): { stores: Stores; blocklist: Blocklist; queue: () => WebhookQueue } {
  const blocked = readBlocklistFile(blockedNumbersFile);
  if (redisUrl === undefined)
    return {
      stores: createMemoryStores({ maxAttempts }),
      blocklist: createBlocklist(blocked),
      queue: createMemoryWebhookQueue,
    };
  const stores = createRedisStores({
    url: redisUrl,
    isCluster: isRedisCluster,
    commandTimeoutMs: redisTimeoutMs,
    maxAttempts,
    privacy,
    onConnection: ({ connected, reason }) =>
      connected ? report('store.connected') : report('store.connection_lost', { reason }),
  });
  return {
    stores,
    blocklist: createBlocklist(blocked, createBlockedNumbers(stores.redis, privacy)),
    queue: () => stores.webhooks,
  };
}

const BUDGET_EVENTS = {
  50: 'budget.half_spent',
  80: 'budget.nearly_spent',
  100: 'budget.exhausted',
} as const satisfies Record<BudgetAlert['percent'], EventName>;

/**
 * The event for an alert about a budget. For the budget's share for countries without customers, there is an event only
 * at 100%, because other countries still get codes.
 */
function budgetEvent({ percent, isShare }: BudgetAlert): EventName | undefined {
  if (!isShare) return BUDGET_EVENTS[percent];
  return percent === 100 ? 'budget.new_countries_spent' : undefined;
}

/**
 * Creates the keys that the configuration lacks, for this process alone, and warns about it: when the process ends,
 * nothing that they signed or encrypted is valid or readable anymore.
 */
function withKeys(config: Config, report: Report): Pick<Config, 'privacyKeys' | 'proof'> {
  const { privacyKeys, proof } = config;
  const made = {
    ...(privacyKeys.length === 0 && { PRIVACY_KEY: makePrivacyKey() }),
    ...(proof.keys.length === 0 && { PROOF_PRIVATE_JWK: makeProofKey() }),
  };
  const variables = Object.keys(made);
  if (variables.length > 0) report('config.keys_made', { variables });
  return {
    privacyKeys: made.PRIVACY_KEY ? [made.PRIVACY_KEY] : privacyKeys,
    proof: { ...proof, keys: made.PROOF_PRIVATE_JWK ? [made.PROOF_PRIVATE_JWK] : proof.keys },
  };
}

/** The OpenID provider; undefined if no application uses it. */
function openIdOf(
  { openid, ...config }: Config,
  { keys, privacy, stores, report }: { keys: readonly ProofKey[]; privacy: Privacy; stores: Stores; report: Report },
): OpenId | undefined {
  const { clients, issuer, subjectKey } = openid;
  if (clients.length === 0) return undefined;
  if (subjectKey === undefined) report('config.keys_made', { variables: ['OIDC_SUBJECT_KEY'] });
  return createOpenId({
    issuer,
    clients,
    keys,
    acrValues: config.factors ? ACR_VALUES : CODES_ALONE,
    subjectKey: subjectKey ?? makePrivacyKey(),
    store: stores.openid,
    privacy,
    isNumber: isE164,
    pageOf: (request, response, uid) =>
      prepareLogin(request, response, { config: { openid, ...config }, privacy }, uid),
    onFault: (error) => report('internal.error', { cause: describeError(error) }),
    onRefused: (client, { error, description }) => report('login.refused', { client, error, description }),
  });
}

function compose(): Services {
  const config = loadConfig();
  const logger = createLogger(config.logLevel);
  const metrics = config.metricsToken === undefined ? NO_METRICS : createMetrics();
  const report = createReport(logger, metrics.event);
  const { privacyKeys, proof } = withKeys(config, report);
  const privacy = createPrivacy(privacyKeys);
  const warnings = new Set<string>();
  const twoFactor = createTwoFactor(createInfobipClient(config.infobip), config.infobip, {
    onBreaker: (breaker) =>
      breaker.open ? report('upstream.breaker_opened', { cause: breaker.cause }) : report('upstream.breaker_closed'),
    onSkew(secondsAhead) {
      if (secondsAhead === undefined) return void warnings.delete('clock');
      warnings.add('clock');
      report('clock.skewed', { secondsAhead });
    },
  });
  const { stores, blocklist, queue } = createState(config, privacy, report);
  const factors =
    config.factors &&
    createLazyFactorStore(config.factors, privacy, ({ connected, reason }) =>
      connected ? report('database.connected') : report('database.connection_lost', { reason }),
    );
  const webhooks =
    config.webhook && createWebhooks({ receiver: config.webhook, queue: queue(), report, count: metrics.webhook });
  const limits = createLimits(timedStore(stores.limits, metrics), termsOf(config, unitPriceFor(config)), (alert) => {
    const event = budgetEvent(alert);
    if (!event) return;
    const { budget, percent } = alert;
    report(event, { budget, percent });
    webhooks?.send('budget.reached', { budget, percent });
  });
  metrics.watch({
    limits: [
      ...config.limits.map(({ name }) => name),
      ...OTHER_LIMITS,
      ...(config.guard.mode === 'enforce' ? Object.keys(CREDIT_POLICIES) : []),
    ],
    objections: CREDIT_OBJECTIONS,
    webhookOutcomes: WEBHOOK_OUTCOMES,
    waitingWebhooks: webhooks?.waiting ?? (() => Object.fromEntries(LANES.map(({ name }) => [name, 0]))),
    isBreakerOpen: twoFactor.isBreakerOpen,
    isStoreConnected: stores.isConnected,
    usedOfLimits: limits.usedForEveryone,
  });
  return {
    config,
    logger,
    report,
    metrics,
    floodShield: createFloodShield(config.limits),
    brand: createBrand(config.brand, config.openid.clients),
    apiKeys: config.apiClients.length > 0 ? createApiKeys(config.apiClients, programRows) : undefined,
    openid: openIdOf(config, { keys: proof.keys, privacy, stores, report }),
    warnings,
    privacy,
    proofs: createProofs(proof),
    challenges: createChallenges(privacy),
    factors: factors && timedStore(factors, metrics),
    onVerified,
    verifications: timedStore(stores.verifications, metrics),
    sessions: timedStore(stores.sessions, metrics),
    limits,
    blocklist,
    webhooks,
    pingStore: stores.ping,
    twoFactor: timedUpstream(twoFactor, metrics),
  };
}

/**
 * The process's services, created on the first call.
 * @throws {ConfigError} when the environment is invalid; `instrumentation.ts` catches that at startup
 */
export function getServices(): Services {
  shared[GLOBAL_KEY] ??= compose();
  return shared[GLOBAL_KEY];
}
