/**
 * What each variable means, for people. `npm run configuration` writes docs/configuration.md and .env.example from it.
 * Defaults, required variables and rules for values come from the schema. The app itself doesn't include this file:
 * only scripts and tests read it.
 */
import type { Variable } from './environment';
import type { TemplateVariable } from './message-templates';

/** The headings, in the order of the documents. A note holds for all variables under its heading. */
export const GROUPS = {
  account: { title: 'Infobip: the four that must be set' },
  messages: { title: 'Infobip: optional' },
  codes: {
    title: 'Codes',
    note: 'Set the first three to the same values as in the Infobip application and template.',
  },
  limits: {
    title: 'Limits',
    note: 'The first request that counts opens a window. When the window ends, the full limit is available again.',
  },
  countries: { title: 'Countries' },
  guard: {
    title: 'The guard against SMS pumping',
    note: 'Budgets hold in every mode of `FRAUD_GUARD`. Amounts are in the currency of the price table, US dollars.',
  },
  credit: {
    title: 'Credit of the guard',
    note: 'Each message takes credit, unless it is for a browser that verified the number before. Credit comes back with time and with verified codes. A text message takes one credit. A call takes one credit for each text message that its price would buy.',
  },
  state: { title: 'State' },
  factors: {
    title: 'Passkeys and authenticator apps',
    note: 'People add these factors to a number that they have verified with a code.',
  },
  proofs: { title: 'Proofs' },
  openid: {
    title: 'Logins at other applications',
    note: 'Each application is an OpenID Connect client.',
  },
  keys: {
    title: 'Programs with keys',
    note: 'These programs call the API from a server.',
  },
  webhooks: { title: 'Webhooks' },
  server: { title: 'The server' },
  brand: {
    title: 'Brand',
    note: 'The name, the logo and the colors of the page. The server checks these variables at startup.',
  },
  demo: { title: 'Demo' },
} as const satisfies Record<string, { title: string; note?: string }>;

/** What people need to know about one variable. Code is in backticks. */
export interface Documentation {
  readonly group: keyof typeof GROUPS;
  /** One or two sentences, with the unit. */
  readonly meaning: string;
  /** What holds if it is not set and the schema has no default. */
  readonly unset?: string;
  /** When it must be set although the schema allows its absence. */
  readonly requiredWhen?: string;
  /** A valid value. None if people might copy an invented one. An ellipsis stands for an omission. */
  readonly example?: string;
  /** Keep it like a password. */
  readonly secret?: true;
  /** The document that says more, within docs/. */
  readonly see?: string;
}

/** Templates of one channel differ by the language at the end of their names. One entry documents them together. */
type Documented =
  | Exclude<Variable, TemplateVariable>
  | 'INFOBIP_2FA_MESSAGE_ID_*'
  | 'INFOBIP_2FA_VOICE_MESSAGE_ID_*'
  | 'SIMULATOR_PORT';

/** In the order of the documents. If a variable is missing here, the code does not compile. */
export const DOCUMENTATION = {
  INFOBIP_BASE_URL: {
    group: 'account',
    meaning: "Your account's base URL, from Infobip's portal.",
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
    unset: 'the one for text messages',
    see: 'api.md#languages',
  },
  'INFOBIP_2FA_MESSAGE_ID_*': {
    group: 'messages',
    meaning: 'The id of the template for text messages in one language.',
    unset: '`INFOBIP_2FA_MESSAGE_ID`',
    see: 'api.md#languages',
  },
  'INFOBIP_2FA_VOICE_MESSAGE_ID_*': {
    group: 'messages',
    meaning: 'The id of the template for calls in one language.',
    unset: '`INFOBIP_2FA_VOICE_MESSAGE_ID`',
    see: 'api.md#languages',
  },
  INFOBIP_SENDER_ID: {
    group: 'messages',
    meaning: 'The sender that messages show ("from").',
    unset: "the template's",
    example: 'Example',
  },
  INFOBIP_SENDER_IDS: {
    group: 'messages',
    meaning:
      'The sender for the numbers of each country, in place of `INFOBIP_SENDER_ID`. Calls use a sender only if it is a number.',
    unset: '`INFOBIP_SENDER_ID` everywhere',
    example: 'US:18335550100,GB:Example',
    see: 'going-live.md#senders-by-country',
  },
  INFOBIP_PLACEHOLDERS: {
    group: 'messages',
    meaning: "Values for the template's own placeholders.",
    unset: 'none',
    example: '{"firstName":"friend"}',
  },
  INFOBIP_NUMBER_LOOKUP: {
    group: 'messages',
    meaning: 'Whether Infobip looks up a number before it sends ("ncNeeded"). Your account must include that service.',
    example: 'true',
  },
  INFOBIP_TIMEOUT_MS: {
    group: 'messages',
    meaning: 'Deadline for an entire request to Infobip, from connecting to the last byte, in milliseconds.',
    example: '10000',
  },

  PIN_LENGTH: { group: 'codes', meaning: 'Digits in a code (`pinLength`).', example: '8' },
  PIN_TTL_SECONDS: { group: 'codes', meaning: 'Lifetime of a code, in seconds (`pinTimeToLive`).', example: '600' },
  MAX_PIN_ATTEMPTS: { group: 'codes', meaning: 'Attempts on one code (`pinAttempts`).', example: '3' },
  RESEND_COOLDOWN_SECONDS: {
    group: 'codes',
    meaning:
      'Seconds to wait between messages to one number: after the first, the second and so on. The last value repeats. 0 means no wait.',
    example: '60,300',
    see: 'api.md#the-wait-between-messages',
  },

  LIMIT_SEND_PER_ADDRESS: {
    group: 'limits',
    meaning:
      "Messages (sends and resends) that one client address may request. This is a ceiling on top of the guard's credit. While `FRAUD_GUARD` is not `enforce`, the default is 20/1h.",
    example: '100/1h',
  },
  LIMIT_SEND_PER_NETWORK: {
    group: 'limits',
    meaning:
      'Messages that one network may request: an IPv4 /24 or an IPv6 /48. While `FRAUD_GUARD` is not `enforce`, the default is 200/1h.',
    example: '1000/1h',
  },
  LIMIT_SEND_PER_NUMBER: { group: 'limits', meaning: 'Messages to one number.', example: '3/1d' },
  LIMIT_SEND_PER_NUMBER_AND_NETWORK: {
    group: 'limits',
    meaning: 'Messages to one number that strangers in one network may request. Keep it below `LIMIT_SEND_PER_NUMBER`.',
    example: '2/1d',
    see: 'api.md#known-devices',
  },
  LIMIT_SEND_GLOBAL: {
    group: 'limits',
    meaning: 'Messages to everybody together. Set it to what you are willing to pay for.',
    example: '60/1m',
  },
  LIMIT_SEND_GLOBAL_PER_DAY: {
    group: 'limits',
    meaning: 'The same limit over a longer time. The default equals what Infobip allows a new application.',
    example: '2000/1d',
  },
  LIMIT_VOICE_PER_NUMBER: {
    group: 'limits',
    meaning: 'Calls to one number. They also count as messages.',
    example: '1/1d',
  },
  LIMIT_SEND_PER_RANGE: {
    group: 'limits',
    meaning:
      'Messages to ten thousand numbers that differ only in their last four digits, outside the home country. Messages whose codes people verify do not count. The limit holds while `FRAUD_GUARD` is `enforce`.',
    example: '80/1d',
  },
  LIMIT_SEND_PER_BLOCK: {
    group: 'limits',
    meaning: 'The same limit for a million numbers that differ only in their last six digits.',
    example: '600/1d',
  },
  LIMIT_WAITS_PER_COUNTRY: {
    group: 'limits',
    meaning: 'Messages to one country for browsers without script, which wait instead of solving a challenge.',
    example: '20/1d',
  },
  LIMIT_VERIFY_PER_NETWORK: {
    group: 'limits',
    meaning: 'Attempts to enter a code from one network: an IPv4 /24 or an IPv6 /48.',
    example: '3000/1h',
  },
  LIMIT_VERIFY_PER_ADDRESS: {
    group: 'limits',
    meaning: 'Attempts to enter a code from one client address.',
    example: '300/1h',
  },
  LIMIT_FACTORS_PER_ADDRESS: {
    group: 'limits',
    meaning: 'Verifications with a passkey, an authenticator app or a recovery code from one client address.',
  },
  LIMIT_FACTORS_PER_NETWORK: {
    group: 'limits',
    meaning: 'The same limit for one network: an IPv4 /24 or an IPv6 /48.',
  },
  LIMIT_GUESSES_PER_NUMBER_AND_NETWORK: {
    group: 'limits',
    meaning: 'Codes from authenticator apps and recovery codes that strangers in one network may try for one number.',
  },
  LIMIT_REQUESTS_PER_ADDRESS: {
    group: 'limits',
    meaning: 'Requests of any kind from one client address to the API. Each instance keeps its own count.',
    example: '3000/1m',
    see: 'api.md#limits',
  },

  ALLOWED_COUNTRIES: {
    group: 'countries',
    meaning: 'Countries whose numbers get codes, separated by commas.',
    unset: 'all',
    example: 'US,CA,GB',
  },
  VOICE_COUNTRIES: {
    group: 'countries',
    meaning: 'Countries whose numbers get calls, separated by commas.',
    unset:
      'all, unless `FRAUD_GUARD` is `enforce`. Then it is `HOME_COUNTRY`, or if that is not set, the countries where people verified codes recently',
    example: 'US,GB',
  },
  BLOCKED_COUNTRIES: {
    group: 'countries',
    meaning: 'Countries whose numbers get no codes, separated by commas. This overrides `ALLOWED_COUNTRIES`.',
    unset: 'none',
    example: 'CU,SO',
  },

  FRAUD_GUARD: {
    group: 'guard',
    meaning:
      'What happens to messages that look like SMS pumping. `enforce` refuses them or asks for a challenge. `record` sends them, but logs and counts them. `off` just sends them.',
    example: 'record',
  },
  HOME_COUNTRY: {
    group: 'guard',
    meaning:
      'The country where most of your users are. It gets the most credit. While `FRAUD_GUARD` is `enforce`, calls go only there, unless you set `VOICE_COUNTRIES`. Countries where people verified few codes recently then share two fifths of each budget. If you set `ALLOWED_COUNTRIES`, include this country.',
    unset: 'none; a country with enough verified codes counts as the home country',
    example: 'US',
  },
  BUDGET_PER_HOUR: {
    group: 'guard',
    meaning: 'What messages may cost in an hour. Beyond that the server sends none.',
    example: '12.5',
  },
  BUDGET_PER_DAY: {
    group: 'guard',
    meaning: 'What messages may cost in a day. The log says when half, 80% and all of it is spent.',
    example: '100',
  },
  PRICES: {
    group: 'guard',
    meaning:
      "What one message costs, by country and channel. Your account's prices replace those of the table, which are list prices of other providers.",
    unset: 'the table in `lib/methods/phone/prices.json`',
    example: '{"US":{"sms":0.0083,"voice":0.014}}',
  },
  BLOCKED_NUMBERS_FILE: {
    group: 'guard',
    meaning:
      'Path of a file with numbers that get no codes. Each line has a number in E.164, or the beginning of one, like `+252612`. Text after a `#` is a comment. The server reads the file at startup. With Redis, `npm run guard -- block` adds numbers while the server runs.',
    unset: 'none',
    example: '/etc/phone-verification/blocked-numbers.txt',
  },

  CREDIT_PER_RANGE: {
    group: 'credit',
    meaning: 'Credit of ten thousand numbers that differ only in their last four digits.',
    example: '12,1,0.35',
  },
  CREDIT_PER_HOME_RANGE: {
    group: 'credit',
    meaning:
      'The same credit for ranges in the home country, and in countries with so many verified codes that the guard treats them like the home country. The default is higher, because more customers have numbers there.',
    example: '40,2,0.35',
  },
  CREDIT_PER_BLOCK: {
    group: 'credit',
    meaning: 'Credit of a million numbers that differ only in their last six digits, outside the home country.',
    example: '50,6,0.35',
  },
  CREDIT_PER_COUNTRY: {
    group: 'credit',
    meaning: 'Credit of a country where people verified few codes recently.',
    example: '60,3,0.35',
  },
  CREDIT_PER_MAIN_COUNTRY: {
    group: 'credit',
    meaning: 'Credit of a country where people verify codes regularly.',
    example: '300,15,0.5',
  },
  CREDIT_PER_HOME_COUNTRY: {
    group: 'credit',
    meaning:
      'Credit of `HOME_COUNTRY`, and of countries with so many verified codes that the guard treats them like it.',
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
      'Address of Redis, for more than one instance and to survive restarts: a single server, with or without replicas, or any node of a cluster. `redis://`, without TLS, works on loopback only, unless `ALLOW_PLAIN_REDIS` is true.',
    unset: "state is in this process's memory",
    requiredWhen: 'on Vercel, unless `ALLOW_IN_MEMORY` is true',
    example: 'rediss://user:password@redis.example.com:6379/0',
    secret: true,
  },
  PRIVACY_KEY: {
    group: 'state',
    meaning:
      'The key that hides phone numbers and addresses in Redis, in the database of factors and in logs. If you set several, separated by commas, the server uses the first and still understands the others.',
    unset: 'created at startup',
    requiredWhen: 'with `REDIS_URL`, `DATA_DIR` or `DATABASE_URL`',
    secret: true,
    see: 'privacy.md#keyed-hashes-and-encryption',
  },
  REDIS_TIMEOUT_MS: {
    group: 'state',
    meaning:
      'How long the app waits for Redis, in milliseconds. After that it answers 503, and neither sends nor verifies. Raise it only if Redis is far away.',
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
      'Whether `REDIS_URL` may be `redis://`, without TLS, beyond loopback. Use this only on a network that nobody else can reach, such as that of containers on one machine.',
    example: 'true',
  },

  FACTORS: {
    group: 'factors',
    meaning: 'Whether people can add passkeys and authenticator apps.',
    unset: 'on if `DATA_DIR` or `DATABASE_URL` is set',
    see: 'factors.md#switch-it-on',
  },
  DATA_DIR: {
    group: 'factors',
    meaning:
      'Directory for the embedded database: a file that only the user who runs the server may read. Several processes on one machine can share it.',
    unset: 'no embedded database',
    requiredWhen: 'with `FACTORS=on`, unless `DATABASE_URL` is set',
    example: '/var/lib/phone-verification',
  },
  DATABASE_URL: {
    group: 'factors',
    meaning: 'Address of a PostgreSQL database, for servers on more than one machine.',
    unset: 'the embedded database in `DATA_DIR`, if that is set',
    example: 'postgres://user:password@db.example.com:5432/verification?sslmode=verify-full',
    secret: true,
  },
  WEBAUTHN_RP_ID: {
    group: 'factors',
    meaning:
      'The host that passkeys belong to: that of `APP_ORIGIN`, or a domain above it. If it changes, all passkeys stop working.',
    unset: 'the host of the first `APP_ORIGIN`, else `localhost`',
    example: 'example.com',
  },
  PHONE_REVERIFY_DAYS: {
    group: 'factors',
    meaning:
      'For how many days people can use a factor instead of a code. After that, they enter a code as well, because numbers change hands.',
  },
  PROOF_PRIVATE_JWK: {
    group: 'proofs',
    meaning:
      'The key that signs proofs, as JWK, or a JSON array of keys. The first one signs, and the server publishes the public halves of all at `/.well-known/jwks.json`. In an env file, put it in single quotes.',
    unset: 'created at startup',
    requiredWhen: 'with `REDIS_URL`',
    example: '\'{"kty":"EC","crv":"P-256","x":"…","y":"…","d":"…"}\'',
    secret: true,
    see: 'proof.md#keys',
  },
  PROOF_ISSUER: {
    group: 'proofs',
    meaning: 'The issuer of proofs ("iss").',
    unset: 'the first `APP_ORIGIN`, or `http://localhost:` and the port',
    example: 'https://verify.example.com',
    see: 'proof.md#proofs',
  },
  PROOF_AUDIENCE: {
    group: 'proofs',
    meaning: 'The audience of proofs ("aud").',
    unset: 'the issuer',
    example: 'https://api.example.com',
    see: 'proof.md#proofs',
  },

  OIDC_CLIENTS: {
    group: 'openid',
    meaning:
      'The applications that may send people here to verify a number: a JSON array, or the path of a file with one.',
    unset: 'none',
    example:
      '[{"client_id":"shop","client_secret":"…","client_name":"Shop","redirect_uris":["https://shop.example/callback"]}]',
    secret: true,
    see: 'openid.md#clients',
  },
  OIDC_SUBJECT_KEY: {
    group: 'openid',
    meaning:
      'The key that turns a number into the `sub` that applications see, in base64. Never change it, because every `sub` would change too.',
    unset: 'created at startup',
    requiredWhen: 'with `OIDC_CLIENTS` and `REDIS_URL`',
    secret: true,
    see: 'openid.md#claims',
  },
  API_CLIENTS: {
    group: 'keys',
    meaning:
      'Programs that call the API with a key: a JSON array, or the path of a file with one. It contains only hashes of the keys.',
    unset: 'none',
    example: '[{"id":"shop","secretHash":"…","audiences":["https://shop.example"],"messagesPerDay":1000}]',
    see: 'api.md#api-keys',
  },
  API_ACCESS: {
    group: 'keys',
    meaning:
      'Which programs may use the API: `open` for all, `keys` for those with a key. `keys` does not affect the pages of this app.',
    unset: '`keys` if `API_CLIENTS` is set, otherwise `open`',
    example: 'keys',
    see: 'api.md#api-keys',
  },
  WEBHOOK_URL: {
    group: 'webhooks',
    meaning:
      'Where the server sends signed events, such as successful verifications, locked numbers and spent budgets.',
    unset: 'no events are sent',
    example: 'https://example.com/webhooks/…',
    see: 'webhooks.md#set-it-up',
  },
  WEBHOOK_SECRET: {
    group: 'webhooks',
    meaning:
      'The secret that signs events, in the form of Standard Webhooks: `whsec_` and base64 of 24 to 64 bytes. If you set several, separated by commas, all of them sign, so you can replace one.',
    unset: 'no events are sent',
    requiredWhen: 'with `WEBHOOK_URL`',
    secret: true,
    see: 'webhooks.md#rotating-the-secret',
  },

  APP_ORIGIN: {
    group: 'server',
    meaning:
      'Public address of the page, or several, separated by commas. Set it in production: an https origin makes cookies `Secure`.',
    unset: "the request's own host",
    requiredWhen: 'with `OIDC_CLIENTS`',
    example: 'https://verify.example.com',
    see: 'api.md#what-holds-for-every-route',
  },
  CONTINUE_URL: {
    group: 'server',
    meaning: 'Where "Continue" on the last screen leads. No request can change it.',
    unset: 'the last screen says that the page can be closed',
    example: 'https://example.com/account',
    see: 'page.md#after-a-success',
  },
  REDIRECT_ORIGINS: {
    group: 'server',
    meaning: 'Other sites that `lib/on-verified.ts` may send people to after a success, separated by commas.',
    unset: 'only this site and that of `CONTINUE_URL`',
    example: 'https://shop.example.com,https://www.example.com',
    see: 'proof.md#the-place-to-act',
  },
  TRUSTED_PROXY_HOPS: {
    group: 'server',
    meaning:
      'The number of proxies in front of the server that append to `X-Forwarded-For`. If it is too low, all clients share one limit. If it is too high, clients can choose their address. On Vercel the default is 1.',
    example: '1',
    see: 'api.md#the-client-address',
  },
  TRUSTED_PROXIES: {
    group: 'server',
    meaning:
      'Addresses of the proxies in front of the server, separated by commas. `X-Forwarded-For` then counts only on connections from them, and the client is the right-most entry that is not one of them. With `TRUSTED_PROXY_HOPS` as well, the server looks at no more entries than that.',
    unset: '`TRUSTED_PROXY_HOPS` alone decides',
    example: '10.0.0.0/8,2001:db8::/32',
    see: 'api.md#the-client-address',
  },
  METRICS_TOKEN: {
    group: 'server',
    meaning: 'The token that `GET /api/metrics` requires, after `Authorization: Bearer`.',
    unset: 'there are no metrics',
    secret: true,
  },
  LOG_LEVEL: { group: 'server', meaning: 'The lowest level that the log includes.', example: 'warn' },
  PORT: {
    group: 'server',
    meaning:
      'The port that the server listens on. Set it in the environment: the server does not read it from an env file.',
    example: '8080',
  },

  BRAND_NAME: {
    group: 'brand',
    meaning:
      'The name in the heading, as in "Verify your number for Example". `npm run setup` puts it into messages, too.',
    unset: 'the page shows no name',
    example: 'Example',
    see: 'page.md#brand',
  },
  BRAND_LOGO: {
    group: 'brand',
    meaning: 'The logo above the heading, at most 64 kB.',
    unset: 'the name, or a plain symbol if there is none',
    example: 'favicon.svg',
    see: 'page.md#brand',
  },
  BRAND_COLOR: {
    group: 'brand',
    meaning:
      'The color of buttons and links. Its contrast with the page must be at least 4.5:1 (WCAG AA). If you give one color, the server makes the one for the dark color scheme.',
    unset: 'that of `styles/tokens.css`',
    example: '5b3df5',
    see: 'page.md#brand',
  },

  DEMO_INBOX_URL: {
    group: 'demo',
    meaning:
      "Address of the simulator's inbox. The page then links to it, and `/demo` shows both side by side. `npm run demo` sets it.",
    unset: 'no link',
    example: 'http://127.0.0.1:4010/inbox',
  },
  SIMULATOR_PORT: {
    group: 'demo',
    meaning: 'Port of the simulator. Like `PORT`, set it in the environment.',
    example: '4020',
  },
} as const satisfies Record<Documented, Documentation>;

/** The variables whose values nobody may see. */
export const SECRET_VARIABLES: readonly string[] = Object.entries<Documentation>(DOCUMENTATION)
  .filter(([, { secret }]) => secret)
  .map(([name]) => name);
