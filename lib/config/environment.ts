import { z } from 'zod';
import { CREDIT_POLICIES, type CreditName } from '@/lib/limits/credit';
import { type LimitName, POLICIES } from '@/lib/limits/policies';
import { type ApiClient, apiClients } from './api-clients';
import {
  addressRanges,
  brandColors,
  brandName,
  countries,
  country,
  credit,
  databaseUrl,
  destination,
  identifier,
  integer,
  LOOPBACK,
  limit,
  logo,
  money,
  name,
  origin,
  origins,
  placeholders,
  prices,
  redisUrl,
  required,
  secret,
  senders,
  webauthnHost,
  webhookUrl,
  withScheme,
} from './environment-values';
import { parsePrivacyKeys, parseProofKeys, parseWebhookSecrets } from './keys';
import { TEMPLATE_VARIABLES, type TemplateVariable } from './message-templates';
import { type OpenIdClient, openIdClients } from './openid-clients';

/** One variable for each row of the table of limits. */
const limitVariables = Object.fromEntries(
  Object.entries(POLICIES).map(([policy, { allowed }]) => [policy, limit(allowed)]),
) as Record<LimitName, ReturnType<typeof limit>>;

/** One variable for each kind of credit bucket. */
const creditVariables = Object.fromEntries(
  Object.entries(CREDIT_POLICIES).map(([policy, { credit: figures }]) => [policy, credit(figures)]),
) as Record<CreditName, ReturnType<typeof credit>>;

/** One variable for each channel's template in each language. */
const templateVariables = Object.fromEntries(
  TEMPLATE_VARIABLES.map((name) => [name, identifier("Copy the id of the application's template.").optional()]),
) as Record<TemplateVariable, z.ZodOptional<z.ZodString>>;

/** Every variable, with its default and the remedy for each fault. */
export const environment = z.object({
  ...limitVariables,
  ...creditVariables,
  ...templateVariables,
  INFOBIP_BASE_URL: required("Copy your account's base URL from Infobip's portal, like https://abc12.api.infobip.com.")
    .transform(withScheme)
    .pipe(origin),
  INFOBIP_API_KEY: required("Create an API key with the scope 2fa:pin:send in Infobip's portal.").regex(
    /^[\x21-\x7e]+$/,
    'must be the key alone, without "App " in front and without spaces.',
  ),
  INFOBIP_2FA_APP_ID: identifier('Copy the id of your 2FA application.'),
  INFOBIP_2FA_MESSAGE_ID: identifier("Copy the id of the application's message template for SMS."),
  INFOBIP_2FA_VOICE_MESSAGE_ID: identifier("Copy the id of the application's template for calls.").optional(),
  INFOBIP_SENDER_ID: z
    .string()
    .regex(/^[\x20-\x7e]{1,32}$/, 'must be 1 to 32 plain characters.')
    .optional(),
  INFOBIP_SENDER_IDS: senders.optional(),
  INFOBIP_PLACEHOLDERS: placeholders.optional(),
  INFOBIP_NUMBER_LOOKUP: z
    .enum(['true', 'false'], 'must be true or false.')
    .default('false')
    .transform((value) => value === 'true'),
  INFOBIP_TIMEOUT_MS: integer(100, 120_000, 30_000),
  PIN_LENGTH: integer(4, 10, 6),
  // At most 10 minutes: NIST SP 800-63B-4, §3.1.3.2.
  PIN_TTL_SECONDS: integer(1, 600, 300),
  MAX_PIN_ATTEMPTS: integer(1, 10, 5),
  RESEND_COOLDOWN_SECONDS: z
    .string()
    .regex(/^\d{1,5}(\s*,\s*\d{1,5}){0,9}$/, 'must be one to ten whole numbers of seconds, like 30,60,120,240.')
    .default('30,60,120,240')
    .transform((value) => value.split(',').map(Number)),
  ALLOWED_COUNTRIES: countries,
  BLOCKED_COUNTRIES: countries,
  VOICE_COUNTRIES: countries,
  HOME_COUNTRY: country.optional(),
  FRAUD_GUARD: z.enum(['enforce', 'record', 'off'], 'must be enforce, record or off.').default('enforce'),
  BUDGET_PER_HOUR: money('20'),
  BUDGET_PER_DAY: money('50'),
  PRICES: prices.optional(),
  BLOCKED_NUMBERS_FILE: z.string().optional(),
  APP_ORIGIN: origins,
  CONTINUE_URL: destination.optional(),
  REDIRECT_ORIGINS: origins,
  TRUSTED_PROXY_HOPS: integer(0, 10, 0),
  TRUSTED_PROXIES: addressRanges.default([]),
  REDIS_URL: redisUrl.optional(),
  REDIS_TIMEOUT_MS: integer(50, 10_000, 250),
  FACTORS: z.enum(['on', 'off'], 'must be on or off.').optional(),
  DATABASE_URL: databaseUrl.optional(),
  DATA_DIR: z.string().optional(),
  WEBAUTHN_RP_ID: webauthnHost.optional(),
  PHONE_REVERIFY_DAYS: integer(1, 400, 45),
  PRIVACY_KEY: secret(
    parsePrivacyKeys,
    'must be base64 of at least 32 bytes, or several different ones separated by commas. Create one with: openssl rand -base64 32',
  ),
  PROOF_PRIVATE_JWK: secret(
    parseProofKeys,
    'must be a private EC key on P-256 as JWK, or a JSON array of different ones. Create one with: npm run -s keys',
  ),
  PROOF_ISSUER: name.optional(),
  PROOF_AUDIENCE: name.optional(),
  OIDC_CLIENTS: openIdClients.optional(),
  OIDC_SUBJECT_KEY: secret(
    (text) => (parsePrivacyKeys(text)?.length === 1 ? text : undefined),
    'must be base64 of at least 32 bytes. Create one with: openssl rand -base64 32',
  ),
  API_CLIENTS: apiClients.optional(),
  API_ACCESS: z.enum(['open', 'keys'], 'must be open or keys.').optional(),
  WEBHOOK_URL: webhookUrl.optional(),
  WEBHOOK_SECRET: secret(
    parseWebhookSecrets,
    'must be whsec_ and base64 of 24 to 64 bytes, or several different ones separated by commas. Create one with: echo "whsec_$(openssl rand -base64 32)"',
  ),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be plain characters without spaces. Create one with: openssl rand -hex 32')
    .optional(),
  ALLOW_IN_MEMORY: z.enum(['true', 'false'], 'must be true or false.').default('false'),
  REDIS_CLUSTER: z
    .enum(['true', 'false'], 'must be true or false.')
    .default('false')
    .transform((value) => value === 'true'),
  ALLOW_PLAIN_REDIS: z.enum(['true', 'false'], 'must be true or false.').default('false'),
  LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be trace, debug, info, warn, error, fatal or silent.',
    )
    .default('info'),
  PORT: integer(0, 65_535, 3000),
  BRAND_NAME: brandName.optional(),
  BRAND_LOGO: logo.optional(),
  BRAND_COLOR: brandColors.optional(),
  DEMO_INBOX_URL: z
    .string()
    .refine(
      (value) =>
        URL.canParse(value) && /^http:$/.test(new URL(value).protocol) && LOOPBACK.test(new URL(value).hostname),
      "must be the simulator's inbox on loopback, like http://127.0.0.1:4010/inbox. Leave it out in production.",
    )
    .optional(),
});

export type Variable = keyof typeof environment.shape;

/** The variables that this project reads. `documentation.ts` says what each means. */
export const VARIABLES = Object.keys(environment.shape) as readonly Variable[];

/**
 * Whether the connection leaves this machine without TLS. Others on the network could then read the password, and read
 * and change all data.
 */
const isPlainRedisElsewhere = (url: string) =>
  url.startsWith('redis:') && !(URL.canParse(url) && LOOPBACK.test(new URL(url).hostname));

const PLAIN_REDIS =
  'REDIS_URL must begin with rediss://: redis:// has no TLS, so it is only for loopback or, with ALLOW_PLAIN_REDIS=true, for a private network.';

/** On Vercel, each request may reach another process, which would know nothing about the code that was sent. */
export const SERVERLESS_NEEDS_REDIS =
  'REDIS_URL is missing. On Vercel state must live in Redis. To try the app without it, set ALLOW_IN_MEMORY=true.';

const SHARED_KEY =
  'With REDIS_URL every instance needs the same key, and must keep it across restarts. Create one with:';

const SUBJECT_KEY_MISSING = `OIDC_SUBJECT_KEY is missing. ${SHARED_KEY} openssl rand -base64 32`;

/**
 * Checks for faults of instances that share a Redis: missing keys, which each instance would otherwise create for
 * itself, and a connection without TLS.
 */
export function faultsOfSharedState(given: Readonly<Record<string, string>>): string[] {
  if (!given.REDIS_URL) return [];
  const missing = ['PRIVACY_KEY', 'PROOF_PRIVATE_JWK'].filter((key) => !given[key]);
  return [...missing.map((key) => `${key} is missing. ${SHARED_KEY} npm run -s keys`), ...faultsOfPlainRedis(given)];
}

/** Checks for a connection that others could read and change. */
export const faultsOfPlainRedis = (given: Readonly<Record<string, string>>): string[] =>
  given.ALLOW_PLAIN_REDIS !== 'true' && isPlainRedisElsewhere(given.REDIS_URL ?? '') ? [PLAIN_REDIS] : [];

/** Checks that webhooks have both of their variables. */
export const faultsOfWebhook = ({ WEBHOOK_URL: url, WEBHOOK_SECRET: secrets }: Readonly<Record<string, string>>) => [
  ...(url && !secrets
    ? ['WEBHOOK_SECRET is missing: it signs webhooks. Create one with: echo "whsec_$(openssl rand -base64 32)"']
    : []),
  ...(secrets && !url ? ['WEBHOOK_URL is missing: without it, WEBHOOK_SECRET has no use.'] : []),
];

/**
 * Checks what factors besides codes need: a database, a key that outlives the process, and a host that passkeys can
 * belong to.
 */
export function faultsOfFactors(
  origins: readonly string[],
  { FACTORS, DATABASE_URL, DATA_DIR, PRIVACY_KEY, WEBAUTHN_RP_ID: rpId }: Readonly<Record<string, string>>,
): string[] {
  if (!isFactorsOn({ FACTORS, DATABASE_URL, DATA_DIR })) return [];
  return [
    ...(DATABASE_URL || DATA_DIR
      ? []
      : ['DATA_DIR is missing: FACTORS=on needs a directory for its database, or DATABASE_URL for PostgreSQL.']),
    ...(PRIVACY_KEY
      ? []
      : [
          'PRIVACY_KEY is missing. With FACTORS the server must keep it across restarts, or it can no longer read its database. Create one with: npm run -s keys',
        ]),
    ...(rpId !== undefined && origins.some((origin) => !isUnder(new URL(origin).hostname, rpId))
      ? ['WEBAUTHN_RP_ID must be the host of every origin in APP_ORIGIN, or a domain above it: browsers refuse others.']
      : []),
  ];
}

/** Whether a host is the domain itself or below it (WebAuthn Level 3, §5.1.2: "registrable domain suffix"). */
const isUnder = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`);

/** Factors besides codes are on if there is a place for their database, unless the environment says otherwise. */
export const isFactorsOn = ({
  FACTORS,
  DATABASE_URL,
  DATA_DIR,
}: {
  readonly FACTORS?: string | undefined;
  readonly DATABASE_URL?: string | undefined;
  readonly DATA_DIR?: string | undefined;
}): boolean => (FACTORS ?? (DATABASE_URL || DATA_DIR ? 'on' : 'off')) === 'on';

const listed = (text: string | undefined): readonly string[] | undefined => text?.split(',').map((part) => part.trim());

/** Checks that codes may go to the home country. */
export function faultsOfHomeCountry({
  HOME_COUNTRY: home,
  ALLOWED_COUNTRIES: allowed,
  BLOCKED_COUNTRIES: blocked,
}: Readonly<Record<string, string>>): string[] {
  if (home === undefined) return [];
  return [
    ...(listed(allowed)?.includes(home) === false
      ? ['HOME_COUNTRY is not in ALLOWED_COUNTRIES, so it gets no codes. Add it there, or choose another home country.']
      : []),
    ...(listed(blocked)?.includes(home) === true
      ? [
          'HOME_COUNTRY is in BLOCKED_COUNTRIES, so it gets no codes. Remove it from BLOCKED_COUNTRIES, or choose another country.',
        ]
      : []),
  ];
}

/** Checks what logins at other applications need besides their list. */
export function faultsOfOpenId(
  clients: readonly OpenIdClient[] | undefined,
  { APP_ORIGIN, REDIS_URL, OIDC_SUBJECT_KEY, PROOF_AUDIENCE }: Readonly<Record<string, string>>,
): string[] {
  if (!clients?.length) return [];
  return [
    ...(APP_ORIGIN
      ? []
      : ['APP_ORIGIN is missing. With OIDC_CLIENTS it is the issuer, so set the public address of this server.']),
    ...(REDIS_URL && !OIDC_SUBJECT_KEY ? [SUBJECT_KEY_MISSING] : []),
    ...(clients.some(({ id }) => id === PROOF_AUDIENCE)
      ? [
          'OIDC_CLIENTS has a client_id that is also PROOF_AUDIENCE, so an ID token could pass for a proof. Change one of the two.',
        ]
      : []),
  ];
}

/**
 * Checks that no client can be taken for another one: in logs and metrics, or by an application that accepts a proof as
 * an ID token, because both have the same issuer.
 */
export function faultsOfApiClients(
  programs: readonly ApiClient[] = [],
  applications: readonly OpenIdClient[] = [],
): string[] {
  const ids = new Set(applications.map(({ id }) => id));
  return [
    ...(programs.some(({ id }) => ids.has(id))
      ? ['API_CLIENTS has an id that is also a client_id in OIDC_CLIENTS. Change one of the two.']
      : []),
    ...(programs.some(({ audiences }) => audiences.some((audience) => ids.has(audience)))
      ? [
          'API_CLIENTS has an audience that is also a client_id in OIDC_CLIENTS, so a proof could pass for an ID token. Change one of the two.',
        ]
      : []),
  ];
}

/** Placeholders as guides and portals write them. */
const PLACEHOLDER = /(^|\/\/)(your[_-]|x{4,}\b|<)/i;

/** A blank value counts as unset, and so does a placeholder. On Vercel, the default is one proxy in front. */
export function present(env: NodeJS.ProcessEnv): Record<string, string> {
  const defaults = env.VERCEL ? { TRUSTED_PROXY_HOPS: '1' } : {};
  const set = VARIABLES.map((name) => [name, env[name]?.trim()] as const).filter(
    ([, value]) => value && !PLACEHOLDER.test(value),
  );
  return { ...defaults, ...Object.fromEntries(set) };
}
