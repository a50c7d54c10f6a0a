import { isSupportedCountry } from 'libphonenumber-js/max';
import { z } from 'zod';
import { type LimitName, POLICIES, parseAllowed } from '@/lib/abuse/policies';
import { parsePrivacyKeys, parseProofKeys } from './keys';
import { TEMPLATE_VARIABLES, type TemplateVariable } from './message-templates';

const PLACEHOLDER = /(^|\/\/)(your[_-]|x{4,}\b|<)/i;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** A password on its way to Redis, and all that comes back, could be read and changed on a network that others are on. */
const isPlainRedisElsewhere = (url: string) =>
  url.startsWith('redis:') && !(URL.canParse(url) && LOOPBACK.test(new URL(url).hostname));

const required = (remedy: string) => z.string(`is missing, or still a placeholder. ${remedy}`);

function isSafeRedisUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username, password, pathname } = new URL(value);
  try {
    decodeURIComponent(username + password);
  } catch {
    return false;
  }
  if (!/^\/?\d*$/.test(pathname)) return false;
  return (protocol === 'rediss:' || protocol === 'redis:') && hostname !== '';
}

const identifier = (remedy: string) =>
  required(remedy).regex(/^[A-Za-z0-9_-]{1,64}$/, `has characters that no Infobip id has. ${remedy}`);

const integer = (min: number, max: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: `must be a whole number from ${min} to ${max}.`, abort: true })
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}.`)
    .default(fallback);

/** The URL's origin; https, or plain http on loopback; undefined where it is something else. */
function safeOrigin(value: string): string | undefined {
  if (!URL.canParse(value)) return undefined;
  const url = new URL(value);
  const bare = url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
  return bare && safe ? url.origin : undefined;
}

/** Infobip's portal shows the base URL without a scheme; https is meant. */
const withScheme = (value: string) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `https://${value}`);

const originRule = 'must be an https origin without a path, like https://example.com; http is for loopback only.';

const origin = z.string().transform((value, ctx) => {
  const result = safeOrigin(value);
  if (result === undefined) ctx.addIssue({ code: 'custom', message: originRule });
  return result ?? '';
});

function parsePlaceholders(value: string): Record<string, string> | undefined {
  try {
    const result = z
      .record(z.string().regex(/^(?!pin$)[A-Za-z0-9_]{1,64}$/), z.string())
      .safeParse(JSON.parse(value) as unknown);
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

const LIMIT_RULE = 'must be like 5/1d or 20/1h: so many in so many s, m, h or d, from one second to 24 days.';

/** One variable for each row of the table of limits. */
const limitVariables = Object.fromEntries(
  Object.entries(POLICIES).map(([name, { allowed }]) => [
    name,
    z
      .string()
      .refine((value) => parseAllowed(value) !== undefined, LIMIT_RULE)
      .default(allowed),
  ]),
) as Record<LimitName, z.ZodDefault<z.ZodString>>;

/** One variable for each channel's template in each language. */
const templateVariables = Object.fromEntries(
  TEMPLATE_VARIABLES.map((name) => [name, identifier("Copy the id of the application's template.").optional()]),
) as Record<TemplateVariable, z.ZodOptional<z.ZodString>>;

/** What a proof says in `iss` and `aud`: a StringOrURI (RFC 7519, §2). */
const name = z.string().regex(/^[\x21-\x7e]{1,256}$/, 'must be a URL or a name, without spaces.');

const COUNTRY_RULE = 'must be countries of two capital letters, like US,GB (ISO 3166-1 alpha-2).';

const countries = z
  .string()
  .regex(/^[A-Z]{2}(\s*,\s*[A-Z]{2})*$/, { error: COUNTRY_RULE, abort: true })
  .transform((value) => [...new Set(value.split(',').map((part) => part.trim()))])
  .refine((codes) => codes.every((code) => isSupportedCountry(code)), COUNTRY_RULE)
  .optional();

/** A variable that holds secrets: what is wrong with it is told without repeating it. */
const secret = <T>(parse: (text: string) => T | undefined, rule: string) =>
  z
    .string()
    .transform((text, ctx) => {
      const parsed = parse(text);
      if (parsed === undefined) ctx.addIssue({ code: 'custom', message: rule });
      return parsed as T;
    })
    .optional();

/** Every variable, with its default, and the remedy for each fault. */
export const environment = z.object({
  ...limitVariables,
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
  INFOBIP_PLACEHOLDERS: z
    .string()
    .transform((value, ctx) => {
      const result = parsePlaceholders(value);
      if (!result) {
        ctx.addIssue({
          code: 'custom',
          message: 'must be a JSON object of strings, like {"firstName":"friend"}, without a "pin".',
        });
      }
      return result ?? {};
    })
    .optional(),
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
  VOICE_COUNTRIES: countries,
  APP_ORIGIN: z
    .string()
    .transform((value) => value.split(',').map((part) => part.trim()))
    .pipe(z.array(origin))
    .default([]),
  TRUSTED_PROXY_HOPS: integer(0, 10, 0),
  REDIS_URL: z
    .string()
    .refine(isSafeRedisUrl, 'must be like rediss://user:password@host:6379/0, with special characters percent-encoded.')
    .optional(),
  PRIVACY_KEY: secret(
    parsePrivacyKeys,
    'must be base64 of at least 32 bytes, or several, different ones with commas between. Make one with: openssl rand -base64 32',
  ),
  PROOF_PRIVATE_JWK: secret(
    parseProofKeys,
    'must be a private EC key on P-256 as JWK, or a JSON array of different ones. Make one with: npm run -s keys',
  ),
  PROOF_ISSUER: name.optional(),
  PROOF_AUDIENCE: name.optional(),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be plain characters without spaces. Make one with: openssl rand -hex 32')
    .optional(),
  ALLOW_IN_MEMORY: z.enum(['true', 'false'], 'must be true or false.').default('false'),
  ALLOW_PLAIN_REDIS: z.enum(['true', 'false'], 'must be true or false.').default('false'),
  LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be trace, debug, info, warn, error, fatal or silent.',
    )
    .default('info'),
  PORT: integer(0, 65_535, 3000),
  DEMO_INBOX_URL: z
    .string()
    .refine(
      (value) =>
        URL.canParse(value) && /^http:$/.test(new URL(value).protocol) && LOOPBACK.test(new URL(value).hostname),
      "must be the simulator's inbox on loopback, like http://127.0.0.1:4010/inbox. Leave it out in production.",
    )
    .optional(),
});

/** The variables this project reads; `.env.example` names each of them. */
export const VARIABLES: readonly string[] = Object.keys(environment.shape);

const PLAIN_REDIS =
  'REDIS_URL must begin with rediss://: redis://, without TLS, is for loopback only, or with ALLOW_PLAIN_REDIS=true for a network that nobody else is on.';

/** Each request may meet another process there, which would know nothing of the code that was sent. */
export const SERVERLESS_NEEDS_REDIS =
  'REDIS_URL is missing. On Vercel state must live in Redis. ALLOW_IN_MEMORY=true goes without, for a trial.';

const SHARED_KEY =
  'With REDIS_URL every instance needs the same one, also after a restart. Make one with: npm run -s keys';

/** What cannot be right where instances share a Redis: keys that each would make for itself, and no TLS. */
export function faultsOfSharedState(given: Readonly<Record<string, string>>): string[] {
  if (!given.REDIS_URL) return [];
  const missing = ['PRIVACY_KEY', 'PROOF_PRIVATE_JWK'].filter((key) => !given[key]);
  return [...missing.map((key) => `${key} is missing. ${SHARED_KEY}`), ...faultsOfPlainRedis(given)];
}

/** What others could read, and change, on the way. */
export const faultsOfPlainRedis = (given: Readonly<Record<string, string>>): string[] =>
  given.ALLOW_PLAIN_REDIS !== 'true' && isPlainRedisElsewhere(given.REDIS_URL ?? '') ? [PLAIN_REDIS] : [];

/** Blank is unset, and so is a placeholder; Vercel puts one proxy in front. */
export function present(env: NodeJS.ProcessEnv): Record<string, string> {
  const defaults = env.VERCEL ? { TRUSTED_PROXY_HOPS: '1' } : {};
  const set = VARIABLES.map((name) => [name, env[name]?.trim()] as const).filter(
    ([, value]) => value && !PLACEHOLDER.test(value),
  );
  return { ...defaults, ...Object.fromEntries(set) };
}
