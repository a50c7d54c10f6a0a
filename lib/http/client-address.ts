import type { IncomingMessage } from 'node:http';
import { isIP, isIPv4 } from 'node:net';
import { type IPv4, IPv6, parse } from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import type { Config } from '@/lib/config/config';
import type { AddressRange } from '@/lib/config/environment-values';

/** The client's address, as the rate limits count it. */
export interface ClientAddress {
  /** IPv4 in full, even if it is mapped into IPv6. IPv6 by its /64, the least that a subscriber gets (RFC 6177). */
  readonly address: string;
  /** IPv6 by its /56, which many providers give to a household; undefined for IPv4. */
  readonly site: string | undefined;
  /** The network that the address belongs to: IPv4 by /24, IPv6 by /48, the most that one site gets. */
  readonly network: string;
}

interface Parsed extends ClientAddress {
  /** The address as it arrived; '' if it cannot be read. */
  readonly text: string;
}

type Request = Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'socket'>;
type Proxies = Pick<Config, 'trustedProxies' | 'trustedProxyHops' | 'isBehindProxy'>;

/** All clients whose address cannot be read share one bucket. */
const UNREADABLE: Parsed = { address: 'unreadable', site: undefined, network: 'unreadable', text: '' };
const SUBSCRIBER_GROUPS = 4;
const NETWORK_GROUPS = 3;
/** The first eight bits of the fourth group belong to the /56. */
const SITE_MASK = 0xff00;
/** Node keeps this many header names and values of a request. It drops the rest, the proxy's own line included. */
const MAX_RAW_HEADERS = 2000;
/** The longest possible address, with its zone, brackets and port. */
const MAX_LENGTH = 80;

function parseIp(text: string): IPv4 | IPv6 | undefined {
  // Some proxies append the port.
  const bare = text.trim().replace(/^(\d+\.\d+\.\d+\.\d+):\d+$|^\[(.+)\](?::\d+)?$/, '$1$2');
  // The library also reads numbers, and parts in octal and hex, as IPv4.
  if (isIP(bare) === 0) return undefined;
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
  // Most addresses are IPv4, and those need no parsing.
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

/** Parsing IPv6 takes about 10 µs, and the same few proxies and clients come again and again. */
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

/** Whether an address is in the configured ranges: cached by ranges, then by address. */
const answers = new WeakMap<readonly AddressRange[], LRUCache<string, boolean>>();

function isIn({ text }: Parsed, ranges: readonly AddressRange[]): boolean {
  const known = answers.get(ranges) ?? new LRUCache<string, boolean>({ max: 500 });
  answers.set(ranges, known);
  const answer = known.get(text) ?? isInRanges(text, ranges);
  known.set(text, answer);
  return answer;
}

/**
 * Reads the address that a program sent for a person, as the rate limits count it.
 * @returns undefined if it is not an address
 */
export function parseClientAddress(text: string): ClientAddress | undefined {
  const parsed = read(text);
  if (parsed === UNREADABLE) return undefined;
  const { text: _, ...client } = parsed;
  return client;
}

const connectionOf = ({ socket }: Request): Parsed => read(socket.remoteAddress ?? '');

/** Whether one of our proxies vouches for `X-Forwarded-For`. */
const isProxy = (connection: Parsed, { isBehindProxy, trustedProxies }: Proxies): boolean =>
  trustedProxies.length > 0 ? isIn(connection, trustedProxies) : isBehindProxy;

/**
 * Starts at the connection, and walks `X-Forwarded-For` from the right, past our own proxies. Stops after `hops`
 * entries, unless that is 0.
 */
function firstStranger(connection: Parsed, entries: readonly string[], proxies: Proxies): Parsed {
  const { trustedProxies, trustedProxyHops: hops } = proxies;
  const most = hops > 0 ? Math.min(hops, entries.length) : entries.length;
  let client = connection;
  for (let hop = 1; hop <= most && isIn(client, trustedProxies); hop += 1) client = read(entries.at(-hop) ?? '');
  return client;
}

/**
 * The client's address. Behind trusted proxies it is an entry of `X-Forwarded-For`, counted from the right: each proxy
 * appends the address that connected to it, and the client could have written anything further left. No other header
 * counts.
 *
 * With `TRUSTED_PROXIES` it is the first address from the right that is not a trusted proxy's. The connection's own
 * address comes first, so a request that bypassed the proxies counts under its real address. With `TRUSTED_PROXY_HOPS`
 * alone it is the entry at that position from the right, no matter who is connected.
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
 * Whether a sender that is not one of our proxies set `X-Forwarded-For`. Next itself adds the connection's address if
 * the header was missing.
 */
export const isFromUnknownProxy = (request: Request, proxies: Proxies): boolean =>
  request.headers['x-forwarded-for'] !== request.socket.remoteAddress && !isProxy(connectionOf(request), proxies);
