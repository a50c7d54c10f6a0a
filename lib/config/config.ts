import { type Limit, type LimitName, POLICIES, parseAllowed } from '@/lib/limits/policies';
import { environment, faultsOfSharedState, present, SERVERLESS_NEEDS_REDIS } from './environment';
import type { AddressRange } from './environment-values';
import type { ProofKey } from './keys';
import { type MessageIds, messageIdsOf } from './message-templates';

/** Everything the environment decides, checked and frozen. Durations carry their unit in the name. */
export interface Config {
  readonly infobip: {
    /** Origin of the account's API, without a path. */
    readonly baseUrl: string;
    readonly apiKey: string;
    readonly appId: string;
    readonly messageIds: MessageIds;
    readonly senderId: string | undefined;
    readonly placeholders: Readonly<Record<string, string>> | undefined;
    /** Infobip's `ncNeeded`. */
    readonly numberLookup: boolean;
    /** Deadline over a whole upstream call. */
    readonly timeoutMs: number;
  };
  readonly pin: { readonly length: number; readonly ttlSeconds: number; readonly maxAttempts: number };
  /** Wait after the first, second, … message to a number; the last repeats. */
  readonly cooldownSeconds: readonly number[];
  readonly limits: readonly Limit[];
  /** Countries whose numbers codes are sent to, ISO 3166-1 alpha-2; undefined for all. */
  readonly allowedCountries: readonly string[] | undefined;
  /** Countries that calls go to, ISO 3166-1 alpha-2; undefined for all. */
  readonly voiceCountries: readonly string[] | undefined;
  readonly appOrigins: readonly string[];
  /** Proxies that append to `X-Forwarded-For`, at most; 0 where none was counted. */
  readonly trustedProxyHops: number;
  /** Whose `X-Forwarded-For` counts; empty where no addresses are given, and the number of hops alone decides. */
  readonly trustedProxies: readonly AddressRange[];
  /** Whether one of the two says that there are proxies in front. */
  readonly isBehindProxy: boolean;
  /** Where state is kept; undefined for this process's memory. */
  readonly redisUrl: string | undefined;
  /** Whether that is a node of a cluster. */
  readonly isRedisCluster: boolean;
  /** What numbers and values are hidden with, the newest first; empty where none are configured. */
  readonly privacyKeys: readonly string[];
  readonly proof: {
    /** Private keys; the first signs, all are published. Empty where none are configured. */
    readonly keys: readonly ProofKey[];
    /** `iss` and `aud` of a proof. */
    readonly issuer: string;
    readonly audience: string;
  };
  /** What `GET /api/metrics` asks for; undefined where there are none. */
  readonly metricsToken: string | undefined;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly port: number;
  /** The simulator's inbox, in demo mode only. */
  readonly demoInboxUrl: string | undefined;
}

/** Thrown by {@link loadConfig}: one line for every fault, each naming the variable and the remedy. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `The configuration is not usable. Mend these variables (see .env.example) and start again:\n${faults
        .map((fault) => `  - ${fault}`)
        .join('\n')}`,
    );
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

const limitsOf = (value: Record<LimitName, string>): Limit[] =>
  Object.entries(POLICIES).map(([key, policy]) => {
    const name = key as LimitName;
    const figures = parseAllowed(value[name]) ?? { points: 0, windowMs: 0 };
    return { name, ...policy, allowed: value[name], ...figures };
  });

function deepFreeze<T>(value: T): T {
  for (const inner of Object.values(value as object)) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
}

/**
 * Reads and checks the environment.
 * @throws {ConfigError} listing every fault at once.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const given = present(env);
  const result = environment.safeParse(given);
  const faults = (result.error?.issues ?? []).map((issue) => `${String(issue.path[0])} ${issue.message}`);
  if (env.VERCEL && !given.REDIS_URL && given.ALLOW_IN_MEMORY !== 'true') faults.push(SERVERLESS_NEEDS_REDIS);
  faults.push(...faultsOfSharedState(given));
  if (!result.success || faults.length > 0) throw new ConfigError([...new Set(faults)]);
  const value = result.data;
  const issuer = value.PROOF_ISSUER ?? value.APP_ORIGIN[0] ?? `http://localhost:${value.PORT}`;
  return deepFreeze({
    infobip: {
      baseUrl: value.INFOBIP_BASE_URL,
      apiKey: value.INFOBIP_API_KEY,
      appId: value.INFOBIP_2FA_APP_ID,
      messageIds: messageIdsOf(value),
      senderId: value.INFOBIP_SENDER_ID,
      placeholders: value.INFOBIP_PLACEHOLDERS,
      numberLookup: value.INFOBIP_NUMBER_LOOKUP,
      timeoutMs: value.INFOBIP_TIMEOUT_MS,
    },
    pin: { length: value.PIN_LENGTH, ttlSeconds: value.PIN_TTL_SECONDS, maxAttempts: value.MAX_PIN_ATTEMPTS },
    cooldownSeconds: value.RESEND_COOLDOWN_SECONDS,
    limits: limitsOf(value),
    allowedCountries: value.ALLOWED_COUNTRIES,
    voiceCountries: value.VOICE_COUNTRIES,
    appOrigins: value.APP_ORIGIN,
    trustedProxyHops: value.TRUSTED_PROXY_HOPS,
    trustedProxies: value.TRUSTED_PROXIES,
    isBehindProxy: value.TRUSTED_PROXY_HOPS > 0 || value.TRUSTED_PROXIES.length > 0,
    redisUrl: value.REDIS_URL,
    isRedisCluster: value.REDIS_CLUSTER,
    privacyKeys: value.PRIVACY_KEY ?? [],
    proof: { keys: value.PROOF_PRIVATE_JWK ?? [], issuer, audience: value.PROOF_AUDIENCE ?? issuer },
    metricsToken: value.METRICS_TOKEN,
    logLevel: value.LOG_LEVEL,
    port: value.PORT,
    demoInboxUrl: value.DEMO_INBOX_URL,
  });
}
