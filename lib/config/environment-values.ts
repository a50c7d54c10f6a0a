/**
 * The kinds of values that variables have. An error message is printed after the variable's name, and never repeats a
 * value.
 */
import { IPv4, IPv6, parseCIDR } from 'ipaddr.js';
import { isSupportedCountry } from 'libphonenumber-js/max';
import { z } from 'zod';
import { parseCredit } from '@/lib/limits/credit';
import { parseAllowed } from '@/lib/limits/policies';
import { parseBrandColors } from './brand-colors';
import { parseLogo } from './brand-logo';

/** Hosts whose traffic stays on this machine. */
export const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** @param remedy where to find the value */
export const required = (remedy: string) => z.string(`is missing, or still a placeholder. ${remedy}`);

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

/** Address of a Redis, with TLS or without. Its path may only be a database's number. */
export const redisUrl = z
  .string()
  .refine(isSafeRedisUrl, 'must be like rediss://user:password@host:6379/0, with special characters percent-encoded.');

/**
 * Whether `pg` can read the address, and whether the address says how to protect the connection: anyone on a shared
 * network could read and change what goes over a plain connection.
 */
function isSafeDatabaseUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, searchParams, pathname } = new URL(value);
  if (!/^postgres(ql)?:$/.test(protocol) || hostname === '' || pathname.length < 2) return false;
  return LOOPBACK.test(hostname) || searchParams.has('sslmode');
}

/** Address of a PostgreSQL database. */
export const databaseUrl = z
  .string()
  .refine(
    isSafeDatabaseUrl,
    'must be like postgres://user:password@host:5432/database?sslmode=verify-full. Beyond loopback it must have sslmode.',
  );

/** The host that passkeys belong to (WebAuthn Level 3, §4, "Relying Party Identifier"). */
export const webauthnHost = z
  .string()
  .regex(/^(localhost|([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9])$/, {
    error: 'must be a host name in lower case, like example.com: no address, no scheme and no port.',
  });

/** The form of Infobip's ids of applications and templates. */
export const identifier = (remedy: string) =>
  required(remedy).regex(/^[A-Za-z0-9_-]{1,64}$/, `has characters that no Infobip id has. ${remedy}`);

/** A whole number in decimal digits. */
export const integer = (min: number, max: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: `must be a whole number from ${min} to ${max}.`, abort: true })
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}.`)
    .default(fallback);

/**
 * A name, or an IPv6 address in brackets. URL also accepts names such as `{{pin}}`, and converts other characters to
 * ASCII.
 */
const HOST = /^([a-z0-9.-]+|\[[0-9a-f:.]+\])$/;

/** The URL's origin if it is https, or plain http on loopback; otherwise undefined. */
function safeOrigin(value: string): string | undefined {
  if (!URL.canParse(value)) return undefined;
  const url = new URL(value);
  const bare = url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
  return bare && safe && HOST.test(url.hostname) ? url.origin : undefined;
}

/** Infobip's portal shows the base URL without a scheme, which means https. */
export const withScheme = (value: string) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `https://${value}`);

const originRule = 'must be an https origin without a path, like https://example.com; http is for loopback only.';

/** Scheme, host and port of an address. */
export const origin = z.string().transform((value, ctx) => {
  const result = safeOrigin(value);
  if (result === undefined) ctx.addIssue({ code: 'custom', message: originRule });
  return result ?? '';
});

/** Origins, separated by commas. */
export const origins = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim()))
  .pipe(z.array(origin))
  .default([]);

const ANY_ORIGIN = 'https://any.invalid';

/** A path on this site, or an https address; browsers treat a backslash as a slash. */
function isDestination(value: string): boolean {
  if (value.startsWith('/')) return URL.canParse(value, ANY_ORIGIN) && new URL(value, ANY_ORIGIN).origin === ANY_ORIGIN;
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username, password } = new URL(value);
  const safe = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
  return safe && !username && !password;
}

/** The target of a link on the page. */
export const destination = z
  .string()
  .refine(
    isDestination,
    'must be a path of this site, like /welcome, or an https address, like https://example.com/account; http is for loopback only.',
  );

function isReceiver(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username, password, hash } = new URL(value);
  const safe = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
  return safe && HOST.test(hostname) && !username && !password && !hash;
}

/** Where the server sends events. */
export const webhookUrl = z
  .string()
  .refine(
    isReceiver,
    'must be an https URL without a user, a password or a fragment, like https://example.com/webhooks/phone; http is for loopback only.',
  );

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

/** Values for a template's own placeholders. Infobip fills in `pin` itself. */
export const placeholders = z.string().transform((value, ctx) => {
  const result = parsePlaceholders(value);
  if (!result) {
    ctx.addIssue({
      code: 'custom',
      message: 'must be a JSON object of strings, like {"firstName":"friend"}, without a "pin".',
    });
  }
  return result ?? {};
});

const LIMIT_RULE = 'must be like 5/1d or 20/1h: a count, then a period in s, m, h or d, from one second to 24 days.';

/** A limit in the notation of {@link parseAllowed}. */
export const limit = (allowed: string) =>
  z
    .string()
    .refine((value) => parseAllowed(value) !== undefined, LIMIT_RULE)
    .default(allowed);

const CREDIT_RULE =
  'must be like 6,0.5,0.35: maximum credit, refill per hour, and required share of verified codes from 0.001 to 1.';

/** A bucket's figures, in the notation of `parseCredit`. */
export const credit = (figures: string) =>
  z
    .string()
    .refine((value) => parseCredit(value) !== undefined, CREDIT_RULE)
    .default(figures);

/** Whole 1/100,000 of the currency, since prices of messages have up to five decimals. */
export const PRICE_UNITS = 100_000;

/** Converts an amount of the currency to whole 1/100,000 of it. */
export const toPriceUnits = (amount: number): number => Math.round(amount * PRICE_UNITS);

/** An amount of the prices' currency. */
export const money = (amount: string) =>
  z
    .string()
    .regex(
      /^(?!0+(\.0+)?$)\d{1,7}(\.\d{1,5})?$/,
      'must be an amount above 0, like 50 or 12.5, in the currency of the prices.',
    )
    .default(amount)
    .transform(Number);

const PRICES_RULE =
  'must be a JSON object of prices of one message by country and channel, like {"US":{"sms":0.0083,"voice":0.014}}.';

/** Smaller amounts would round to a price of zero. */
const price = z.number().min(0.00001).max(100);

const priceTable = z.record(
  z.string().refine((code) => isSupportedCountry(code)),
  z.strictObject({ sms: price, voice: price }).partial(),
);

function parsePrices(value: string): z.infer<typeof priceTable> | undefined {
  try {
    return priceTable.safeParse(JSON.parse(value) as unknown).data;
  } catch {
    return undefined;
  }
}

/** Prices that override the table's. */
export const prices = z.string().transform((value, ctx) => {
  const parsed = parsePrices(value);
  if (!parsed) ctx.addIssue({ code: 'custom', message: PRICES_RULE });
  return parsed ?? {};
});

/** The form of a proof's `iss` and `aud`: a StringOrURI (RFC 7519, §2). */
export const name = z.string().regex(/^[\x21-\x7e]{1,256}$/, 'must be a URL or a name, without spaces.');

const COUNTRY_RULE = 'must list two-letter country codes in capitals, like US,GB (ISO 3166-1 alpha-2).';

/** Countries, separated by commas, without duplicates. */
export const countries = z
  .string()
  .regex(/^[A-Z]{2}(\s*,\s*[A-Z]{2})*$/, { error: COUNTRY_RULE, abort: true })
  .transform((value) => [...new Set(value.split(',').map((part) => part.trim()))])
  .refine((codes) => codes.every((code) => isSupportedCountry(code)), COUNTRY_RULE)
  .optional();

/**
 * Up to 11 letters, digits and a little punctuation, or a number: 3GPP TS 23.040, §9.1.2.5. Infobip accepts none
 * shorter than three characters.
 */
const SENDER = /^(?:(?=.*[A-Za-z])[A-Za-z0-9 &._-]{3,11}|\d{3,15})$/;

const SENDERS_RULE =
  'must be a sender for each country, like US:18335550100,GB:Example: 3 to 11 letters and digits, or a number of 3 to 15 digits without a plus.';

function parseSenders(value: string): Record<string, string> | undefined {
  const entries = value.split(',').map((part) => part.split(':').map((text) => text.trim()));
  const isKnown = ([code = '', sender = '', ...more]: readonly string[]) =>
    isSupportedCountry(code) && SENDER.test(sender) && more.length === 0;
  const senders = Object.fromEntries(entries) as Record<string, string>;
  return entries.every(isKnown) && Object.keys(senders).length === entries.length ? senders : undefined;
}

/** Senders by country; no country twice. */
export const senders = z.string().transform((value, ctx) => {
  const parsed = parseSenders(value);
  if (!parsed) ctx.addIssue({ code: 'custom', message: SENDERS_RULE });
  return parsed ?? {};
});

/** One country. */
export const country = z
  .string()
  .refine(
    (code) => isSupportedCountry(code),
    'must be a two-letter country code in capitals, like US (ISO 3166-1 alpha-2).',
  );

/** A range of addresses: one of them, and how many leading bits they share. */
export type AddressRange = readonly [IPv4 | IPv6, number];

/**
 * Undefined if the text is not a range, or covers all addresses. An IPv4 address mapped into IPv6 counts as IPv4, so
 * a range of mapped addresses matches nothing.
 */
function parseRange(text: string): AddressRange | undefined {
  const bits = IPv4.isValidFourPartDecimal(text) ? '/32' : IPv6.isValid(text) ? '/128' : '';
  const cidr = text + bits;
  if (!IPv4.isValidCIDRFourPartDecimal(cidr) && !IPv6.isValidCIDR(cidr)) return undefined;
  const range = parseCIDR(cidr);
  const [address, shared] = range;
  return shared === 0 || (address instanceof IPv6 && address.isIPv4MappedAddress()) ? undefined : range;
}

/** Addresses and ranges of addresses (CIDR, RFC 4632), separated by commas. */
export const addressRanges = z.string().transform((value, ctx) => {
  const ranges = value.split(',').map((part) => parseRange(part.trim()));
  const known = ranges.filter((range) => range !== undefined);
  if (known.length < ranges.length)
    ctx.addIssue({
      code: 'custom',
      message:
        'must be addresses or CIDR ranges, like 10.0.0.0/8,2001:db8::/32. A range of all addresses is not accepted.',
    });
  return known as readonly AddressRange[];
});

/** A variable that holds secrets: its error message names the fault without repeating the value. */
export const secret = <T>(parse: (text: string) => T | undefined, rule: string) =>
  z
    .string()
    .transform((text, ctx) => {
      const parsed = parse(text);
      if (parsed === undefined) ctx.addIssue({ code: 'custom', message: rule });
      return parsed as T;
    })
    .optional();

/** A name as people read it. Braces would look like placeholders of a text. */
export const brandName = z
  .string()
  .regex(/^[^\p{C}{}]{1,40}$/u, 'must be 1 to 40 characters on one line, without braces.');

/** A brand's color, with enough contrast. */
export const brandColors = z.string().transform((value, ctx) => {
  const result = parseBrandColors(value);
  if ('colors' in result) return result.colors;
  ctx.addIssue({ code: 'custom', message: result.fault });
  return z.NEVER;
});

/** Where a brand's logo is. The file is read when the server starts. */
export const logo = z.string().transform((value, ctx) => {
  const source = parseLogo(value);
  if (source) return source;
  ctx.addIssue({
    code: 'custom',
    message: 'must be an SVG, PNG, WebP or JPEG image: the name of a file in public/, like logo.svg, or a data: URL.',
  });
  return z.NEVER;
});
