/**
 * What each variable means, for people: `npm run configuration` makes docs/configuration.md and .env.example from it. Defaults,
 * what is required and what a value must be come from the schema. No part of the app: only scripts and tests read it.
 */
import type { Variable } from './environment';
import type { TemplateVariable } from './message-templates';

/** The headings, in the order of the documents; where there is more to say, what holds for all under one. */
export const GROUPS = {
  account: { title: 'Infobip: the four that must be set' },
  messages: { title: 'Infobip: optional' },
  codes: {
    title: 'Codes',
    note: 'The first three must be the same in the Infobip application and template.',
  },
  limits: {
    title: 'Limits',
    note: 'The first request opens a window; when it ends, all is free again.',
  },
  countries: { title: 'Countries' },
  guard: {
    title: 'The guard against SMS pumping',
    note: 'Budgets hold whatever `FRAUD_GUARD` says. Amounts are in the currency of the price table, US dollars.',
  },
  credit: {
    title: 'Credit of the guard',
    note: 'Messages to strangers take credit. Time and verified codes give it back. A message takes one credit, and a call as many as it costs messages.',
  },
  state: { title: 'State' },
  proofs: { title: 'Proofs' },
  server: { title: 'The server' },
  demo: { title: 'Demo' },
} as const satisfies Record<string, { title: string; note?: string }>;

/** What is to be known of one variable. Code is in backticks. */
export interface Documentation {
  readonly group: keyof typeof GROUPS;
  /** One or two sentences, with the unit. */
  readonly meaning: string;
  /** What holds where it is not set and the schema has no default. */
  readonly unset?: string;
  /** When it must be set although the schema lets it be absent. */
  readonly requiredWhen?: string;
  /** A value that is accepted; none where a made-up one would be copied. An ellipsis stands for what is left out. */
  readonly example?: string;
  /** To be kept like a password. */
  readonly secret?: true;
  /** Where there is more, within docs/. */
  readonly see?: string;
}

/** Those of one channel differ by the language at their end, and are documented together. */
type Documented =
  | Exclude<Variable, TemplateVariable>
  | 'INFOBIP_2FA_MESSAGE_ID_*'
  | 'INFOBIP_2FA_VOICE_MESSAGE_ID_*'
  | 'SIMULATOR_PORT';

/** In the order of the documents. A variable that is not here does not compile. */
export const DOCUMENTATION = {
  INFOBIP_BASE_URL: {
    group: 'account',
    meaning: "Your account's base URL, as shown in Infobip's portal.",
    example: 'https://abc12.api.infobip.com',
  },
  INFOBIP_API_KEY: {
    group: 'account',
    meaning: 'An API key with the scope `2fa:pin:send`.',
    secret: true,
  },
  INFOBIP_2FA_APP_ID: {
    group: 'account',
    meaning: 'The id of the 2FA application.',
    example: '0123456789ABCDEF0123456789ABCDEF',
  },
  INFOBIP_2FA_MESSAGE_ID: {
    group: 'account',
    meaning: "The id of the application's message template for text messages.",
    example: 'FEDCBA9876543210FEDCBA9876543210',
  },

  INFOBIP_2FA_VOICE_MESSAGE_ID: {
    group: 'messages',
    meaning: 'The id of the template for calls.',
    unset: 'that of text messages',
    see: 'api.md#languages',
  },
  'INFOBIP_2FA_MESSAGE_ID_*': {
    group: 'messages',
    meaning: 'The ids of templates for text messages in one language, where there are such.',
    unset: '`INFOBIP_2FA_MESSAGE_ID`',
    see: 'api.md#languages',
  },
  'INFOBIP_2FA_VOICE_MESSAGE_ID_*': {
    group: 'messages',
    meaning: 'The ids of templates for calls in one language, where there are such.',
    unset: '`INFOBIP_2FA_VOICE_MESSAGE_ID`',
    see: 'api.md#languages',
  },
  INFOBIP_SENDER_ID: {
    group: 'messages',
    meaning: 'The sender that the message shows ("from").',
    unset: "the template's",
    example: 'Example',
  },
  INFOBIP_PLACEHOLDERS: {
    group: 'messages',
    meaning: "Values for the template's own placeholders.",
    unset: 'none',
    example: '{"firstName":"friend"}',
  },
  INFOBIP_NUMBER_LOOKUP: {
    group: 'messages',
    meaning: 'Whether Infobip looks a number up before it sends ("ncNeeded"). That must be enabled for the account.',
    example: 'true',
  },
  INFOBIP_TIMEOUT_MS: {
    group: 'messages',
    meaning: 'Deadline over a whole call to Infobip, from connecting to the last byte, in milliseconds.',
    example: '10000',
  },

  PIN_LENGTH: { group: 'codes', meaning: 'Digits in a code (`pinLength`).', example: '8' },
  PIN_TTL_SECONDS: { group: 'codes', meaning: 'Lifetime of a code, in seconds (`pinTimeToLive`).', example: '600' },
  MAX_PIN_ATTEMPTS: { group: 'codes', meaning: 'Tries on one code (`pinAttempts`).', example: '3' },
  RESEND_COOLDOWN_SECONDS: {
    group: 'codes',
    meaning:
      'Seconds to wait between messages to one number: after the first, the second and so on; the last repeats. 0 is no wait.',
    example: '60,300',
    see: 'api.md#the-wait-between-messages',
  },

  LIMIT_SEND_PER_ADDRESS: {
    group: 'limits',
    meaning:
      'Messages (sends and resends) for one client address. It is a ceiling above the credit of the guard; while `FRAUD_GUARD` is not `enforce`, the default is 20/1h.',
    example: '100/1h',
  },
  LIMIT_SEND_PER_NETWORK: {
    group: 'limits',
    meaning:
      'Messages for one network: an IPv4 /24 or an IPv6 /48. While `FRAUD_GUARD` is not `enforce`, the default is 200/1h.',
    example: '1000/1h',
  },
  LIMIT_SEND_PER_NUMBER: { group: 'limits', meaning: 'Messages to one number.', example: '3/1d' },
  LIMIT_SEND_PER_NUMBER_AND_NETWORK: {
    group: 'limits',
    meaning: 'Messages to one number that strangers in one network may ask for. Keep it below `LIMIT_SEND_PER_NUMBER`.',
    example: '2/1d',
    see: 'api.md#known-devices',
  },
  LIMIT_SEND_GLOBAL: {
    group: 'limits',
    meaning: 'Messages in all. Set it to what you are ready to pay for.',
    example: '60/1m',
  },
  LIMIT_SEND_GLOBAL_PER_DAY: {
    group: 'limits',
    meaning:
      'Messages in all, over a longer time. The default is what Infobip allows an application unless told otherwise.',
    example: '2000/1d',
  },
  LIMIT_VOICE_PER_NUMBER: {
    group: 'limits',
    meaning: 'Calls to one number. They count as messages, too.',
    example: '1/1d',
  },
  LIMIT_SEND_PER_RANGE: {
    group: 'limits',
    meaning:
      'Messages to ten thousand numbers that differ in their last four digits, outside the home country, without those whose codes were verified. It counts while `FRAUD_GUARD` is `enforce`.',
    example: '80/1d',
  },
  LIMIT_SEND_PER_BLOCK: {
    group: 'limits',
    meaning: 'The same for a million numbers that differ in their last six digits.',
    example: '600/1d',
  },
  LIMIT_WAITS_PER_COUNTRY: {
    group: 'limits',
    meaning: 'Messages to one country that browsers without script may get by a wait in place of a challenge.',
    example: '20/1d',
  },
  LIMIT_VERIFY_PER_NETWORK: {
    group: 'limits',
    meaning: 'Tries of codes for one network.',
    example: '3000/1h',
  },
  LIMIT_VERIFY_PER_ADDRESS: { group: 'limits', meaning: 'Tries of codes for one client address.', example: '300/1h' },
  LIMIT_REQUESTS_PER_ADDRESS: {
    group: 'limits',
    meaning: 'Requests of any kind from one client address to the API. Each instance counts for itself.',
    example: '3000/1m',
    see: 'api.md#limits',
  },

  ALLOWED_COUNTRIES: {
    group: 'countries',
    meaning: 'Countries whose numbers codes are sent to, with commas between.',
    unset: 'all',
    example: 'US,CA,GB',
  },
  VOICE_COUNTRIES: {
    group: 'countries',
    meaning: 'Countries that calls go to, with commas between.',
    unset:
      'all; while `FRAUD_GUARD` is `enforce`, `HOME_COUNTRY`, or without one the countries where people verified codes of late',
    example: 'US,GB',
  },
  BLOCKED_COUNTRIES: {
    group: 'countries',
    meaning: 'Countries whose numbers get no codes, with commas between. It wins over `ALLOWED_COUNTRIES`.',
    unset: 'none',
    example: 'CU,SO',
  },

  FRAUD_GUARD: {
    group: 'guard',
    meaning:
      'What happens to messages that look like SMS pumping. `enforce` refuses them or asks for a challenge; `record` lets them pass, and logs and counts them; `off` does neither.',
    example: 'record',
  },
  HOME_COUNTRY: {
    group: 'guard',
    meaning:
      'The country where most of your users are. It has the most credit, calls go there unless `VOICE_COUNTRIES` says otherwise, and other countries share two fifths of the budgets. Codes must be allowed to go there.',
    unset: 'none; a country with enough verified codes is treated like one',
    example: 'US',
  },
  BUDGET_PER_HOUR: {
    group: 'guard',
    meaning: 'What messages may cost in an hour. Beyond it the server sends none.',
    example: '12.5',
  },
  BUDGET_PER_DAY: {
    group: 'guard',
    meaning: 'What messages may cost in a day. The log tells when half, 80 % and all of it is spent.',
    example: '100',
  },
  PRICES: {
    group: 'guard',
    meaning:
      "What one message costs, by country and channel: your account's prices in place of those of the table, which are list prices of other providers.",
    unset: 'the table in `lib/methods/phone/prices.json`',
    example: '{"US":{"sms":0.0083,"voice":0.014}}',
  },
  BLOCKED_NUMBERS_FILE: {
    group: 'guard',
    meaning:
      'Path of a file of numbers that get no codes: one a line, in E.164, or the beginning of one, like `+252612`. What follows a `#` is a comment. The server reads it at startup. With Redis, `npm run guard -- block` adds numbers while it runs.',
    unset: 'none',
    example: '/etc/phone-verification/blocked-numbers.txt',
  },

  CREDIT_PER_RANGE: {
    group: 'credit',
    meaning: 'Credit of ten thousand numbers that differ in their last four digits.',
    example: '12,1,0.35',
  },
  CREDIT_PER_HOME_RANGE: {
    group: 'credit',
    meaning:
      'The same in the home country, and where as many codes are verified as in one: there the numbers have more customers.',
    example: '40,2,0.35',
  },
  CREDIT_PER_BLOCK: {
    group: 'credit',
    meaning: 'Credit of a million numbers that differ in their last six digits, outside the home country.',
    example: '50,6,0.35',
  },
  CREDIT_PER_COUNTRY: {
    group: 'credit',
    meaning: 'Credit of a country where few codes were verified recently.',
    example: '60,3,0.35',
  },
  CREDIT_PER_MAIN_COUNTRY: {
    group: 'credit',
    meaning: 'Credit of a country where codes are verified regularly.',
    example: '300,15,0.5',
  },
  CREDIT_PER_HOME_COUNTRY: {
    group: 'credit',
    meaning: 'Credit of `HOME_COUNTRY`, and of countries with as many verified codes.',
    example: '5000,250,0.56',
  },
  CREDIT_PER_ADDRESS: {
    group: 'credit',
    meaning: 'Credit of one client address: an IPv4 address or an IPv6 /64.',
    example: '20,6,0.35',
  },
  CREDIT_PER_SITE: {
    group: 'credit',
    meaning: 'Credit of one IPv6 /56.',
    example: '40,12,0.35',
  },
  CREDIT_PER_NETWORK: {
    group: 'credit',
    meaning: 'Credit of one network: an IPv4 /24 or an IPv6 /48.',
    example: '80,24,0.35',
  },

  REDIS_URL: {
    group: 'state',
    meaning:
      'Redis (one, with replicas if you like, or any node of a cluster), for more than one instance and to survive restarts. `redis://`, without TLS, is for loopback only.',
    unset: "this process's memory",
    requiredWhen: 'on Vercel, unless `ALLOW_IN_MEMORY` is true',
    example: 'rediss://user:password@redis.example.com:6379/0',
    secret: true,
  },
  PRIVACY_KEY: {
    group: 'state',
    meaning:
      'What phone numbers and addresses are hidden with, in Redis and in logs. Of several the first is used, and the others are still understood.',
    unset: 'made at the start',
    requiredWhen: 'with `REDIS_URL`',
    secret: true,
    see: 'privacy.md#keyed-hashes-and-encryption',
  },
  ALLOW_IN_MEMORY: {
    group: 'state',
    meaning: 'Whether the app may run on Vercel without Redis, for a trial.',
    example: 'true',
  },
  REDIS_CLUSTER: {
    group: 'state',
    meaning: 'Whether `REDIS_URL` names a node of a Redis Cluster.',
    example: 'true',
    see: 'deployment.md#redis-cluster',
  },
  ALLOW_PLAIN_REDIS: {
    group: 'state',
    meaning:
      'Whether `REDIS_URL` may be `redis://`, without TLS, off loopback too: for a network that nobody else is on, like that of containers on one machine.',
    example: 'true',
  },

  PROOF_PRIVATE_JWK: {
    group: 'proofs',
    meaning:
      'What proofs are signed with. Of several the first signs, and all are published at `/.well-known/jwks.json`. In an env file it is put in single quotes.',
    unset: 'made at the start',
    requiredWhen: 'with `REDIS_URL`',
    example: '\'{"kty":"EC","crv":"P-256","x":"…","y":"…","d":"…"}\'',
    secret: true,
    see: 'proof.md#keys',
  },
  PROOF_ISSUER: {
    group: 'proofs',
    meaning: 'Who signs ("iss").',
    unset: 'the first `APP_ORIGIN`, or `http://localhost:` and the port',
    example: 'https://verify.example.com',
    see: 'proof.md#proofs',
  },
  PROOF_AUDIENCE: {
    group: 'proofs',
    meaning: 'Whom a proof is for ("aud").',
    unset: 'the issuer',
    example: 'https://api.example.com',
    see: 'proof.md#proofs',
  },

  APP_ORIGIN: {
    group: 'server',
    meaning:
      'Public address of the page, or several with commas between. Set it in production: an https origin makes cookies `Secure`.',
    unset: "the request's own host",
    example: 'https://verify.example.com',
    see: 'api.md#what-holds-for-every-route',
  },
  TRUSTED_PROXY_HOPS: {
    group: 'server',
    meaning:
      'How many proxies in front of the server append to `X-Forwarded-For`. Too few, and all clients share one limit; too many, and clients can choose their address. On Vercel it is 1 unless set.',
    example: '1',
    see: 'api.md#limits',
  },
  TRUSTED_PROXIES: {
    group: 'server',
    meaning:
      'Addresses of the proxies in front of the server, separated by commas. `X-Forwarded-For` then counts only on connections from them, and the client is the right-most entry that is not one of them. With `TRUSTED_PROXY_HOPS` as well, the server looks at no more entries than that.',
    unset: '`TRUSTED_PROXY_HOPS` alone decides',
    example: '10.0.0.0/8,2001:db8::/32',
    see: 'api.md#limits',
  },
  METRICS_TOKEN: {
    group: 'server',
    meaning: 'What `GET /api/metrics` must be asked with: `Authorization: Bearer` and this.',
    unset: 'there are no metrics',
    secret: true,
  },
  LOG_LEVEL: { group: 'server', meaning: 'The least level that is logged.', example: 'warn' },
  PORT: {
    group: 'server',
    meaning: 'The port that the server listens on. It is taken from the environment only, not from an env file.',
    example: '8080',
  },

  DEMO_INBOX_URL: {
    group: 'demo',
    meaning: "Address of the simulator's inbox; the page then links to it. `npm run demo` sets it.",
    unset: 'no link',
    example: 'http://127.0.0.1:4010/inbox',
  },
  SIMULATOR_PORT: {
    group: 'demo',
    meaning: 'Port of the simulator. Like `PORT` it is taken from the environment only.',
    example: '4020',
  },
} as const satisfies Record<Documented, Documentation>;

/** The variables whose values are never shown. */
export const SECRET_VARIABLES: readonly string[] = Object.entries<Documentation>(DOCUMENTATION)
  .filter(([, { secret }]) => secret)
  .map(([name]) => name);
