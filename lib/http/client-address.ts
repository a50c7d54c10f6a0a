import type { IncomingMessage } from 'node:http';
import { IPv6, isValid, parse } from 'ipaddr.js';

/** Whose address cannot be read shares one bucket with all such. */
const UNREADABLE = 'unreadable';
const IPV6_SUBSCRIBER_GROUPS = 4;
/** Names and values that Node keeps of a request's headers; it drops the rest, a proxy's own line among them. */
const MAX_RAW_HEADERS = 2000;

/** IPv4 as it is, also where mapped into IPv6; IPv6 by its /64, which is what one subscriber gets (RFC 6177). */
function canonical(text: string): string {
  // Some proxies append the port.
  const bare = text.trim().replace(/^(\d+\.\d+\.\d+\.\d+):\d+$|^\[(.+)\](?::\d+)?$/, '$1$2');
  if (!isValid(bare)) return UNREADABLE;
  const address = parse(bare);
  if (!(address instanceof IPv6)) return address.toString();
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString();
  return `${address.parts
    .slice(0, IPV6_SUBSCRIBER_GROUPS)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}

/**
 * The client's address, for limits. With trusted proxies in front it is the entry of `X-Forwarded-For` that the outermost
 * of them appended, counted from the right: what stands further left is the client's own word. No other header counts.
 * @param trustedHops how many proxies in front append to `X-Forwarded-For`
 */
export function clientAddress(
  request: Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'socket'>,
  trustedHops: number,
): string {
  if (trustedHops === 0) return canonical(request.socket.remoteAddress ?? '');
  if (request.rawHeaders.length >= MAX_RAW_HEADERS) return UNREADABLE;
  const entries = String(request.headers['x-forwarded-for'] ?? '').split(',');
  return canonical(entries.at(-trustedHops) ?? '');
}
