import type { z } from 'zod';
import { BASE_PATH } from '@/lib/base-path';
import { CREDIT_POLICIES, type CreditName } from '@/lib/limits/credit';
import { type Limit, type LimitName, POLICIES, type Policy, parseAllowed } from '@/lib/limits/policies';
import type { ApiClient } from './api-clients';
import type { BrandColors } from './brand-colors';
import type { LogoSource } from './brand-logo';
import {
  environment,
  faultsOfApiClients,
  faultsOfFactors,
  faultsOfHomeCountry,
  faultsOfOpenId,
  faultsOfSharedState,
  faultsOfWebhook,
  isFactorsOn,
  present,
  SERVERLESS_NEEDS_REDIS,
} from './environment';
import { type AddressRange, toPriceUnits } from './environment-values';
import type { ProofKey } from './keys';
import { type MessageIds, messageIdsOf } from './message-templates';
import type { OpenIdClient } from './openid-clients';

/** Every setting from the environment, checked and frozen. Durations carry their unit in the name. */
export interface Config {
  readonly infobip: {
    /** Origin of the account's API, without a path. */
    readonly baseUrl: string;
    readonly apiKey: string;
    readonly appId: string;
    readonly messageIds: MessageIds;
    readonly senderId: string | undefined;
    /** Senders in place of `senderId`, by the country of the number: ISO 3166-1 alpha-2. */
    readonly senderIds: Readonly<Record<string, string>>;
    readonly placeholders: Readonly<Record<string, string>> | undefined;
    /** Infobip's `ncNeeded`. */
    readonly numberLookup: boolean;
    /** Deadline over a whole upstream call. */
    readonly timeoutMs: number;
  };
  readonly pin: { readonly length: number; readonly ttlSeconds: number; readonly maxAttempts: number };
  /** Wait after the first, second, … message to a number; the last value repeats. */
  readonly cooldownSeconds: readonly number[];
  readonly limits: readonly Limit[];
  /** Countries that codes may go to, ISO 3166-1 alpha-2; undefined for all. */
  readonly allowedCountries: readonly string[] | undefined;
  /** Countries that get no codes, even if they are also allowed. */
  readonly blockedCountries: readonly string[];
  /** Path of a file that lists numbers, and prefixes of numbers, that get no codes. */
  readonly blockedNumbersFile: string | undefined;
  /**
   * Countries that calls may go to, ISO 3166-1 alpha-2; undefined if the environment leaves that open. Calls may then
   * go to all countries or, while the guard is enforced, to those where people verified codes recently.
   */
  readonly voiceCountries: readonly string[] | undefined;
  /** The guard against SMS pumping. */
  readonly guard: {
    readonly mode: 'enforce' | 'record' | 'off';
    /** The country where most customers are, ISO 3166-1 alpha-2. */
    readonly homeCountry: string | undefined;
    /** Each bucket's figures, in the notation of `parseCredit`. */
    readonly credit: Readonly<Record<CreditName, string>>;
  };
  /** The budgets for messages, in whole 1/100,000 of the currency. */
  readonly budget: { readonly perHour: number; readonly perDay: number };
  /** Overrides of the price table: the price of one message by country and channel, in the table's currency. */
  readonly prices: Readonly<Record<string, { readonly sms?: number | undefined; readonly voice?: number | undefined }>>;
  readonly appOrigins: readonly string[];
  /** Address that "Continue" leads to after a success; undefined if the flow ends on the page. */
  readonly continueUrl: string | undefined;
  /** Origins that a success may lead to, besides this one. */
  readonly redirectOrigins: readonly string[];
  /** The most proxies that may append to `X-Forwarded-For`; 0 if the environment gives no number. */
  readonly trustedProxyHops: number;
  /**
   * Proxies whose `X-Forwarded-For` counts. Empty if the environment gives no addresses: the number of hops then
   * decides alone.
   */
  readonly trustedProxies: readonly AddressRange[];
  /** Whether `trustedProxyHops` or `trustedProxies` says that there are proxies in front. */
  readonly isBehindProxy: boolean;
  /** URL of the Redis that keeps the state; undefined keeps it in this process's memory. */
  readonly redisUrl: string | undefined;
  /** How long a Redis command may take. */
  readonly redisTimeoutMs: number;
  /** Whether `redisUrl` is the address of a cluster's node. */
  readonly isRedisCluster: boolean;
  /** Keys that hide numbers and other values, the newest first; empty if none are configured. */
  readonly privacyKeys: readonly string[];
  readonly proof: {
    /** Private keys; the first signs, all are published. Empty if none are configured. */
    readonly keys: readonly ProofKey[];
    /** `iss` and `aud` of a proof. */
    readonly issuer: string;
    readonly audience: string;
  };
  /** Logins at other applications. */
  readonly openid: {
    /** The applications. An empty list switches these logins off. */
    readonly clients: readonly OpenIdClient[];
    /** Hides numbers in `sub`; undefined if none is configured. */
    readonly subjectKey: string | undefined;
    /** The issuer: an origin, and the base path. */
    readonly issuer: string;
  };
  /** Factors besides codes by phone: passkeys, authenticator apps and recovery codes. Undefined switches them off. */
  readonly factors:
    | {
        /** URL of a PostgreSQL database; undefined for a file in `dataDir`. */
        readonly databaseUrl: string | undefined;
        /** Directory of the file that holds the embedded database. */
        readonly dataDir: string | undefined;
        /** The host that passkeys belong to, or a domain above it. */
        readonly rpId: string;
        /** Origins of pages that may use passkeys. */
        readonly origins: readonly string[];
        /** For how many days people can use a factor instead of a code. After that, they enter a code as well. */
        readonly phoneReverifyDays: number;
      }
    | undefined;
  /** Programs that call the API with a key of their own. */
  readonly apiClients: readonly ApiClient[];
  /** Whether programs without a key may send and verify. The pages of this app always may. */
  readonly apiAccess: 'open' | 'keys';
  /** Where events go, and the secrets that sign them; undefined if the server sends none. */
  readonly webhook: { readonly url: string; readonly secrets: readonly string[] } | undefined;
  /** Token that `GET /api/metrics` requires; undefined switches metrics off. */
  readonly metricsToken: string | undefined;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly port: number;
  /** The brand that the page shows; undefined for the page's own. */
  readonly brand: {
    readonly name: string | undefined;
    readonly logo: LogoSource | undefined;
    readonly colors: BrandColors | undefined;
  };
  /** URL of the simulator's inbox, in demo mode only. */
  readonly demoInboxUrl: string | undefined;
}

/** Thrown by {@link loadConfig}: one line for each fault, naming the variable and the remedy. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `The configuration is not usable. Fix these variables (see .env.example), then start again:\n${faults
        .map((fault) => `  - ${fault}`)
        .join('\n')}`,
    );
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/**
 * What a limit allows. While the guard is enforced, a limit that is not configured may have a higher default, because
 * the guard measures more finely. Limits that are part of the guard count only while it is enforced.
 * @param value from the schema, which fills in the default
 * @returns undefined if the limit does not count
 */
export function allowedInForce(
  name: LimitName,
  value: string,
  given: Readonly<Record<string, string>>,
  isGuarded: boolean,
): string | undefined {
  const policy: Policy = POLICIES[name];
  if (policy.isOfGuard && !isGuarded) return undefined;
  return (given[name] === undefined && isGuarded && policy.allowedBesideGuard) || value;
}

function limitsOf(
  value: Record<LimitName, string>,
  given: Readonly<Record<string, string>>,
  isGuarded: boolean,
): Limit[] {
  const policies = Object.entries(POLICIES) as [LimitName, Policy][];
  return policies.flatMap(([name, policy]) => {
    const allowed = allowedInForce(name, value[name], given, isGuarded);
    if (allowed === undefined) return [];
    return [{ name, ...policy, allowed, ...(parseAllowed(allowed) ?? { points: 0, windowMs: 0 }) }];
  });
}

const creditOf = (value: Record<CreditName, string>) =>
  Object.fromEntries(Object.keys(CREDIT_POLICIES).map((name) => [name, value[name as CreditName]])) as Record<
    CreditName,
    string
  >;

/**
 * While the guard is enforced, calls go only to the home country, if there is one and the environment does not say
 * otherwise.
 */
const voiceCountriesOf = ({
  VOICE_COUNTRIES,
  HOME_COUNTRY,
  FRAUD_GUARD,
}: Pick<z.infer<typeof environment>, 'VOICE_COUNTRIES' | 'HOME_COUNTRY' | 'FRAUD_GUARD'>) =>
  VOICE_COUNTRIES ?? (HOME_COUNTRY === undefined || FRAUD_GUARD !== 'enforce' ? undefined : [HOME_COUNTRY]);

/** The settings that the guard, budgets and limits check messages against. None of them needs an account at Infobip. */
export type GuardConfig = Pick<Config, 'guard' | 'budget' | 'prices' | 'limits' | 'voiceCountries'>;

const GUARD_VARIABLES = [
  ...(Object.keys(POLICIES) as LimitName[]),
  ...(Object.keys(CREDIT_POLICIES) as CreditName[]),
  'FRAUD_GUARD',
  'HOME_COUNTRY',
  'VOICE_COUNTRIES',
  'BUDGET_PER_HOUR',
  'BUDGET_PER_DAY',
  'PRICES',
] as const;
type GuardVariable = (typeof GUARD_VARIABLES)[number];
const guardEnvironment = environment.pick(
  Object.fromEntries(GUARD_VARIABLES.map((name) => [name, true])) as Record<GuardVariable, true>,
);

const guardConfigOf = (
  value: Pick<z.infer<typeof environment>, GuardVariable>,
  given: Readonly<Record<string, string>>,
): GuardConfig => ({
  guard: { mode: value.FRAUD_GUARD, homeCountry: value.HOME_COUNTRY, credit: creditOf(value) },
  budget: { perHour: toPriceUnits(value.BUDGET_PER_HOUR), perDay: toPriceUnits(value.BUDGET_PER_DAY) },
  prices: value.PRICES ?? {},
  limits: limitsOf(value, given, value.FRAUD_GUARD === 'enforce'),
  voiceCountries: voiceCountriesOf(value),
});

/** Every origin that the operator names in one of these variables. */
const redirectOriginsOf = ({
  APP_ORIGIN,
  CONTINUE_URL = '/',
  REDIRECT_ORIGINS,
}: Pick<z.infer<typeof environment>, 'APP_ORIGIN' | 'CONTINUE_URL' | 'REDIRECT_ORIGINS'>): readonly string[] => [
  ...new Set([
    ...APP_ORIGIN,
    ...REDIRECT_ORIGINS,
    ...(URL.canParse(CONTINUE_URL) ? [new URL(CONTINUE_URL).origin] : []),
  ]),
];

/** Passkeys belong to the public origin or, without one, to localhost. The header `Host` decides nothing here. */
function factorsOf({
  APP_ORIGIN,
  PORT,
  ...value
}: Pick<
  z.infer<typeof environment>,
  'APP_ORIGIN' | 'PORT' | 'DATABASE_URL' | 'DATA_DIR' | 'FACTORS' | 'WEBAUTHN_RP_ID' | 'PHONE_REVERIFY_DAYS'
>): Config['factors'] {
  if (!isFactorsOn(value)) return undefined;
  const [first] = APP_ORIGIN;
  return {
    databaseUrl: value.DATABASE_URL,
    dataDir: value.DATA_DIR,
    rpId: value.WEBAUTHN_RP_ID ?? (first === undefined ? 'localhost' : new URL(first).hostname),
    origins: first === undefined ? [`http://localhost:${PORT}`] : APP_ORIGIN,
    phoneReverifyDays: value.PHONE_REVERIFY_DAYS,
  };
}

function deepFreeze<T>(value: T): T {
  for (const inner of Object.values(value as object)) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
}

/**
 * Reads and checks the guard's settings, for commands.
 * @throws {ConfigError} listing the faults of these variables.
 */
export function loadGuardConfig(env: NodeJS.ProcessEnv = process.env): GuardConfig {
  const given = present(env);
  const { data, error } = guardEnvironment.safeParse(given);
  if (error) throw new ConfigError(error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`));
  return guardConfigOf(data, given);
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
  faults.push(
    ...faultsOfSharedState(given),
    ...faultsOfHomeCountry(given),
    ...faultsOfWebhook(given),
    ...faultsOfOpenId(result.data?.OIDC_CLIENTS, given),
    ...faultsOfFactors(result.data?.APP_ORIGIN ?? [], given),
    ...faultsOfApiClients(result.data?.API_CLIENTS, result.data?.OIDC_CLIENTS),
  );
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
      senderIds: value.INFOBIP_SENDER_IDS ?? {},
      placeholders: value.INFOBIP_PLACEHOLDERS,
      numberLookup: value.INFOBIP_NUMBER_LOOKUP,
      timeoutMs: value.INFOBIP_TIMEOUT_MS,
    },
    pin: { length: value.PIN_LENGTH, ttlSeconds: value.PIN_TTL_SECONDS, maxAttempts: value.MAX_PIN_ATTEMPTS },
    cooldownSeconds: value.RESEND_COOLDOWN_SECONDS,
    ...guardConfigOf(value, given),
    allowedCountries: value.ALLOWED_COUNTRIES,
    blockedCountries: value.BLOCKED_COUNTRIES ?? [],
    blockedNumbersFile: value.BLOCKED_NUMBERS_FILE,
    appOrigins: value.APP_ORIGIN,
    continueUrl: value.CONTINUE_URL,
    redirectOrigins: redirectOriginsOf(value),
    trustedProxyHops: value.TRUSTED_PROXY_HOPS,
    trustedProxies: value.TRUSTED_PROXIES,
    isBehindProxy: value.TRUSTED_PROXY_HOPS > 0 || value.TRUSTED_PROXIES.length > 0,
    redisUrl: value.REDIS_URL,
    redisTimeoutMs: value.REDIS_TIMEOUT_MS,
    isRedisCluster: value.REDIS_CLUSTER,
    privacyKeys: value.PRIVACY_KEY ?? [],
    proof: { keys: value.PROOF_PRIVATE_JWK ?? [], issuer, audience: value.PROOF_AUDIENCE ?? issuer },
    openid: {
      clients: value.OIDC_CLIENTS ?? [],
      subjectKey: value.OIDC_SUBJECT_KEY,
      issuer: (value.APP_ORIGIN[0] ?? issuer) + BASE_PATH,
    },
    factors: factorsOf(value),
    apiClients: value.API_CLIENTS ?? [],
    apiAccess: value.API_ACCESS ?? (value.API_CLIENTS?.length ? 'keys' : 'open'),
    webhook:
      value.WEBHOOK_URL === undefined ? undefined : { url: value.WEBHOOK_URL, secrets: value.WEBHOOK_SECRET ?? [] },
    metricsToken: value.METRICS_TOKEN,
    logLevel: value.LOG_LEVEL,
    port: value.PORT,
    brand: { name: value.BRAND_NAME, logo: value.BRAND_LOGO, colors: value.BRAND_COLOR },
    demoInboxUrl: value.DEMO_INBOX_URL,
  });
}
