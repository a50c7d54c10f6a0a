import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { parseCIDR } from 'ipaddr.js';
import { anyText } from '@/__tests__/support/any-text';
import { clientAddress } from '@/lib/http/client-address';

const request = (forwarded: string | undefined, remoteAddress?: string) =>
  ({
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    rawHeaders: [],
    socket: { remoteAddress },
  }) as unknown as IncomingMessage;

const hopsOnly = (hops: number) => ({ trustedProxyHops: hops, trustedProxies: [], isBehindProxy: hops > 0 });
const listOf = (...ranges: string[]) => ({
  trustedProxyHops: 0,
  trustedProxies: ranges.map(parseCIDR),
  isBehindProxy: true,
});

const behindOne = (address: string) => clientAddress(request(address), hopsOnly(1)).address;
const networkOf = (address: string) => clientAddress(request(address), hopsOnly(1)).network;

/** Four groups in lower case, without leading zeros. */
const IPV6_BUCKET = /^(?:(?:0|[1-9a-f][0-9a-f]{0,3}):){3}(?:0|[1-9a-f][0-9a-f]{0,3})::\/64$/;

function expectCanonical(address: string): void {
  if (address === 'unreadable' || isIPv4(address)) return;
  expect(address).toMatch(IPV6_BUCKET);
  expect(isIPv6(address.slice(0, -'/64'.length))).toBe(true);
}

/** A network is a prefix of all its addresses. */
function expectNetworkOf(address: string, network: string): void {
  if (address === 'unreadable') expect(network).toBe('unreadable');
  else if (isIPv4(address)) expect(network).toBe(address.replace(/\.\d+$/, '.0/24'));
  else expect(network).toBe(address.replace(/:[^:]+::\/64$/, '::/48'));
}

const addressish = fc.string({ unit: fc.constantFrom(...'0123456789abcdefxF:.,[]% -/') });
const entry = fc.oneof(fc.ipV4(), fc.ipV4Extended(), fc.ipV6(), addressish, anyText());
const forwarded = fc.array(entry, { maxLength: 6 }).map((entries) => entries.join(', '));
const hops = fc.nat(5);

test('whatever arrives, an address is an IPv4, a /64 of IPv6, or unreadable', () => {
  const remote = fc.option(entry, { nil: undefined });
  fc.assert(
    fc.property(fc.option(forwarded, { nil: undefined }), remote, hops, (header, remoteAddress, trusted) => {
      const { address, network } = clientAddress(request(header, remoteAddress), hopsOnly(trusted));
      expectCanonical(address);
      expectNetworkOf(address, network);
      expectCanonical(clientAddress(request(header, remoteAddress), listOf('0.0.0.0/1', '8000::/1')).address);
    }),
    { numRuns: 500 },
  );
});

test('entries to the left of the trusted one change nothing', () => {
  const trusted = fc.array(
    entry.filter((one) => !one.includes(',')),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(trusted, anyText(), forwarded, (entries, forged, more) => {
      const proxies = hopsOnly(entries.length);
      const alone = clientAddress(request(entries.join(',')), proxies);
      expect(clientAddress(request([forged, more, ...entries].join(',')), proxies)).toEqual(alone);
    }),
    { numRuns: 300 },
  );
});

test('without trusted proxies the header changes nothing', () => {
  fc.assert(
    fc.property(entry, fc.option(forwarded, { nil: undefined }), (remoteAddress, header) => {
      expect(clientAddress(request(header, remoteAddress), hopsOnly(0))).toEqual(
        clientAddress(request(undefined, remoteAddress), hopsOnly(0)),
      );
    }),
  );
});

/** An address in 10.0.0.0/8, and one that is not. */
const inside = fc.nat(0xffffff).map((bits) => `10.${bits >> 16}.${(bits >> 8) & 255}.${bits & 255}`);
const outside = fc.ipV4().filter((address) => !address.startsWith('10.'));

test('past the listed proxies the header changes nothing', () => {
  fc.assert(
    fc.property(outside, fc.option(forwarded, { nil: undefined }), (remoteAddress, header) => {
      expect(clientAddress(request(header, remoteAddress), listOf('10.0.0.0/8')).address).toBe(remoteAddress);
    }),
  );
});

test('behind listed proxies, however many, the client is the address that connected to the first of them, whatever the client claims', () => {
  fc.assert(
    fc.property(inside, fc.array(inside, { maxLength: 5 }), outside, forwarded, (remote, proxies, client, forged) => {
      const header = [forged, client, ...proxies].join(', ');
      expect(clientAddress(request(header, remote), listOf('10.0.0.0/8')).address).toBe(client);
    }),
    { numRuns: 300 },
  );
});

/** One of the spellings of 128 bits: case, leading zeros, `::` for a run of zeros, brackets, port, zone. */
const spellingOf = (groups: readonly number[]) =>
  fc
    .record({
      upper: fc.boolean(),
      padded: fc.boolean(),
      shortened: fc.boolean(),
      dotted: fc.boolean(),
      wrap: fc.constantFrom(
        (text: string) => text,
        (text: string) => ` ${text}\t`,
        (text: string) => `[${text}]`,
        (text: string) => `[${text}]:65535`,
        (text: string) => `${text}%eth0`,
      ),
    })
    .map(({ upper, padded, shortened, dotted, wrap }) => {
      const hex = groups.map((group) => group.toString(16).padStart(padded ? 4 : 1, '0'));
      const [high = 0, low = 0] = groups.slice(6);
      const end = dotted ? [[high >> 8, high & 255, low >> 8, low & 255].join('.')] : hex.slice(6);
      const parts = [...hex.slice(0, 6), ...end];
      const zeros = shortened ? parts.findIndex((part, at) => Number(`0x${part}`) === 0 && at > 0 && at < 6) : -1;
      const text =
        zeros < 0 ? parts.join(':') : `${parts.slice(0, zeros).join(':')}::${parts.slice(zeros + 1).join(':')}`;
      return wrap(upper ? text.toUpperCase().replace('%ETH0', '%eth0') : text);
    });

const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
const MAPPED_MARK = 0xffff;

test('every spelling of every address of one /64 is one bucket', () => {
  const network = fc.tuple(group, group, group, group).filter((groups) => groups.some((one) => one !== 0));
  const host = fc.tuple(group, group, group, group);
  const two = fc
    .tuple(network, host, host)
    .chain(([net, one, other]) =>
      fc.tuple(fc.constant(net), spellingOf([...net, ...one]), spellingOf([...net, ...other])),
    );
  fc.assert(
    fc.property(two, ([net, one, other]) => {
      const bucket = `${net.map((part) => part.toString(16)).join(':')}::/64`;
      expect([behindOne(one), behindOne(other)]).toEqual([bucket, bucket]);
    }),
    { numRuns: 500 },
  );
});

test('every /64 of one /48, and every IPv4 of one /24, is one network', () => {
  const site = fc.tuple(group, group, group).filter((groups) => groups.some((one) => one !== 0));
  const rest = fc.tuple(group, group, group, group, group);
  fc.assert(
    fc.property(site, rest, rest, (net, one, other) => {
      const network = `${net.map((part) => part.toString(16)).join(':')}::/48`;
      const written = [one, other].map((end) => [...net, ...end].map((part) => part.toString(16)).join(':'));
      expect(written.map(networkOf)).toEqual([network, network]);
    }),
  );
  fc.assert(
    fc.property(fc.ipV4(), fc.nat(255), (address, last) => {
      expect(networkOf(address.replace(/\d+$/, String(last)))).toBe(networkOf(address));
    }),
  );
});

test('another /64 is another bucket', () => {
  const network = fc.tuple(group, group, group, group);
  fc.assert(
    fc.property(network, network, (one, other) => {
      fc.pre(one.join() !== other.join());
      const [first, second] = [one, other].map((net) =>
        behindOne([...net, 1, 2, 3, 4].map((part) => part.toString(16)).join(':')),
      );
      expect(first).not.toBe(second);
    }),
  );
});

test('an IPv4 address stays the same with a port, and mapped into IPv6 in any spelling', () => {
  const mapped = fc.ipV4().chain((address) => {
    const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
    return fc.tuple(fc.constant(address), spellingOf([0, 0, 0, 0, 0, MAPPED_MARK, a * 256 + b, c * 256 + d]));
  });
  fc.assert(
    fc.property(mapped, fc.nat(65_535), ([address, spelling], port) => {
      expect([behindOne(address), behindOne(`${address}:${port}`), behindOne(spelling)]).toEqual(
        Array(3).fill(address),
      );
    }),
    { numRuns: 300 },
  );
});
