import type { IncomingMessage } from 'node:http';
import { isIPv4 } from 'node:net';
import { type IPv4, IPv6, parse } from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import type { Config } from '@/lib/config/config';
import type { AddressRange } from '@/lib/config/environment-values';

/** Where a request comes from, for limits. */
export interface ClientAddress {
  /** IPv4 as it is, also where mapped into IPv6; IPv6 by its /64, which is what one subscriber gets (RFC 6177). */
  readonly address: string;
  /** IPv6 by /56, which many providers give a household; undefined for IPv4. */
  readonly site: string | undefined;
  /** What its neighbours share with it: IPv4 by /24, IPv6 by /48, which is what one site gets at most. */
  readonly network: string;
}

interface Parsed extends ClientAddress {
  /** As it was written; '' where it cannot be read. */
  readonly text: string;
}

type Request = Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'socket'>;
type Proxies = Pick<Config, 'trustedProxies' | 'trustedProxyHops' | 'isBehindProxy'>;

/** All clients whose address cannot be read share one bucket. */
const UNREADABLE: Parsed = { address: 'unreadable', site: undefined, network: 'unreadable', text: '' };
const SUBSCRIBER_GROUPS = 4;
const NETWORK_GROUPS = 3;
/** Of the fourth group a /56 has the first eight bits. */
const SITE_MASK = 0xff00;
/** Names and values that Node keeps of a request's headers; it drops the rest, a proxy's own line among them. */
const MAX_RAW_HEADERS = 2000;
/** No address is longer, with its zone, brackets and port. */
const MAX_LENGTH = 80;

function parseIp(text: string): IPv4 | IPv6 | undefined {
  // Some proxies append the port.
  const bare = text.trim().replace(/^(\d+\.\d+\.\d+\.\d+):\d+$|^\[(.+)\](?::\d+)?$/, '$1$2');
  try {
    const ip = parse(bare);
    return ip instanceof IPv6 && ip.isIPv4MappedAddress() ? ip.toIPv4Address() : ip;
  } catch {
    return undefined;
  }
}

const describeIPv4 = (address: string, text: string): Parsed => ({
  address,
  site: undefined,
  network: `${address.slice(0, address.lastIndexOf('.'))}.0/24`,
  text,
});

function describe(text: string): Parsed {
  // Most addresses are IPv4, whose parts need not be known.
  if (isIPv4(text)) return describeIPv4(text, text);
  const ip = parseIp(text);
  if (!ip) return UNREADABLE;
  if (!(ip instanceof IPv6)) return describeIPv4(ip.toString(), text);
  const groups = ip.parts.map((part) => part.toString(16));
  const network = groups.slice(0, NETWORK_GROUPS).join(':');
  return {
    address: `${groups.slice(0, SUBSCRIBER_GROUPS).join(':')}::/64`,
    site: `${network}:${((ip.parts[NETWORK_GROUPS] ?? 0) & SITE_MASK).toString(16)}::/56`,
    network: `${network}::/48`,
    text,
  };
}

/** Parsing IPv6 takes some 10 µs, and the same few proxies and clients come again and again. */
const recent = new LRUCache<string, Parsed>({ max: 500 });

function read(text: string): Parsed {
  if (text.length > MAX_LENGTH) return UNREADABLE;
  const known = recent.get(text);
  if (known) return known;
  const parsed = describe(text);
  recent.set(text, parsed);
  return parsed;
}

function isInRanges(text: string, ranges: readonly AddressRange[]): boolean {
  const ip = parseIp(text);
  return ip !== undefined && ranges.some(([address, bits]) => address.kind() === ip.kind() && ip.match(address, bits));
}

/** By the ranges of a configuration, and by address. */
const answers = new WeakMap<readonly AddressRange[], LRUCache<string, boolean>>();

function isIn({ text }: Parsed, ranges: readonly AddressRange[]): boolean {
  const known = answers.get(ranges) ?? new LRUCache<string, boolean>({ max: 500 });
  answers.set(ranges, known);
  const answer = known.get(text) ?? isInRanges(text, ranges);
  known.set(text, answer);
  return answer;
}

/**
 * An address that somebody wrote, as limits count it.
 * @returns undefined where it is none
 */
export function parseClientAddress(text: string): ClientAddress | undefined {
  const parsed = read(text);
  if (parsed === UNREADABLE) return undefined;
  const { text: _, ...client } = parsed;
  return client;
}

const connectionOf = ({ socket }: Request): Parsed => read(socket.remoteAddress ?? '');

/** Whether `X-Forwarded-For` is the word of a proxy of ours. */
const isProxy = (connection: Parsed, { isBehindProxy, trustedProxies }: Proxies): boolean =>
  trustedProxies.length > 0 ? isIn(connection, trustedProxies) : isBehindProxy;

/** Goes from the connection to the left, past proxies of ours, as far as `hops` allows. */
function firstStranger(connection: Parsed, entries: readonly string[], proxies: Proxies): Parsed {
  const { trustedProxies, trustedProxyHops: hops } = proxies;
  const most = hops > 0 ? Math.min(hops, entries.length) : entries.length;
  let client = connection;
  for (let hop = 1; hop <= most && isIn(client, trustedProxies); hop += 1) client = read(entries.at(-hop) ?? '');
  return client;
}

/**
 * The client's address. Behind trusted proxies it is an entry of `X-Forwarded-For`, counted from the right: each proxy
 * appends whom it was asked by, and what stands further left is the client's own word. No other header counts.
 *
 * With `TRUSTED_PROXIES` it is the first address from the right that is none of them, the connection's own first of all: a
 * request that came past the proxies counts as what it is. With `TRUSTED_PROXY_HOPS` alone it is the entry so many from
 * the right, whoever is connected.
 */
export function clientAddress(request: Request, proxies: Proxies): ClientAddress {
  const connection = connectionOf(request);
  if (!isProxy(connection, proxies)) return connection;
  if (request.rawHeaders.length >= MAX_RAW_HEADERS) return UNREADABLE;
  const header = request.headers['x-forwarded-for'];
  const entries = header === undefined ? [] : String(header).split(',');
  return proxies.trustedProxies.length > 0
    ? firstStranger(connection, entries, proxies)
    : read(entries.at(-proxies.trustedProxyHops) ?? '');
}

/**
 * Whether somebody who is no proxy of ours sent `X-Forwarded-For`. Next itself puts the connection's address there, where
 * there was none.
 */
export const isFromUnknownProxy = (request: Request, proxies: Proxies): boolean =>
  request.headers['x-forwarded-for'] !== request.socket.remoteAddress && !isProxy(connectionOf(request), proxies);
