import type { IncomingMessage } from 'node:http';
import { testEnvironment } from '@/__tests__/support/app';
import { loadConfig } from '@/lib/config/config';
import { clientAddress, isFromUnknownProxy } from '@/lib/http/client-address';

const request = (remoteAddress: string | undefined, forwarded?: string) =>
  ({
    headers:
      forwarded === undefined ? {} : { 'x-forwarded-for': forwarded, forwarded: 'for=9.9.9.9', 'x-real-ip': '9.9.9.9' },
    rawHeaders: [],
    socket: { remoteAddress },
  }) as unknown as IncomingMessage;

const configOf = (variables: { TRUSTED_PROXY_HOPS?: string; TRUSTED_PROXIES?: string }) =>
  loadConfig({ ...testEnvironment('http://127.0.0.1:9'), ...variables } as unknown as NodeJS.ProcessEnv);
const NONE = configOf({});
const behind = (hops: number) => configOf({ TRUSTED_PROXY_HOPS: String(hops) });

test.each([
  ['203.0.113.7', '203.0.113.7', undefined, '203.0.113.0/24'],
  ['::ffff:203.0.113.7', '203.0.113.7', undefined, '203.0.113.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1:0::/56', '2001:db8:1::/48'],
  ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64', '2001:db8:1:0::/56', '2001:db8:1::/48'],
  ['2001:db8:1:3::1', '2001:db8:1:3::/64', '2001:db8:1:0::/56', '2001:db8:1::/48'],
  ['2001:db8:0:abcd::1', '2001:db8:0:abcd::/64', '2001:db8:0:ab00::/56', '2001:db8:0::/48'],
  ['2001:db8:0:abff::1', '2001:db8:0:abff::/64', '2001:db8:0:ab00::/56', '2001:db8:0::/48'],
  ['2001:db8:0:ac00::1', '2001:db8:0:ac00::/64', '2001:db8:0:ac00::/56', '2001:db8:0::/48'],
  ['::1', '0:0:0:0::/64', '0:0:0:0::/56', '0:0:0::/48'],
  [undefined, 'unreadable', undefined, 'unreadable'],
])('the connection’s address %p counts as %p, at the site %p, in %p', (remote, address, site, network) => {
  expect(clientAddress(request(remote), NONE)).toMatchObject({ address, site, network });
});

test('without trusted proxies no header counts', () => {
  expect(clientAddress(request('203.0.113.7', '1.2.3.4'), NONE).address).toBe('203.0.113.7');
});

test.each([
  [1, '1.2.3.4', '1.2.3.4'],
  [1, '6.6.6.6, 1.2.3.4', '1.2.3.4'],
  [2, '6.6.6.6, 1.2.3.4, 10.0.0.1', '1.2.3.4'],
  [1, '1.2.3.4:5678', '1.2.3.4'],
  [1, '[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'],
  [1, '::ffff:1.2.3.4', '1.2.3.4'],
  [3, '1.2.3.4', 'unreadable'],
  [1, '1.2.3.4, garbage', 'unreadable'],
  [1, '', 'unreadable'],
  [1, undefined, 'unreadable'],
  [1, '1.2.3.4, ', 'unreadable'],
  [1, '7', 'unreadable'],
  [1, '127.1', 'unreadable'],
  [1, '010.0.0.1', 'unreadable'],
  [1, '0x7f000001', 'unreadable'],
  [1, 'fe80::1%eth0', 'fe80:0:0:0::/64'],
  [1, 'fe80::1%eth0.1', 'unreadable'],
  [1, `1.2.3.4${' '.repeat(100)}`, 'unreadable'],
])('behind %i proxies %p is %p', (hops, forwarded, expected) => {
  expect(clientAddress(request('10.0.0.1', forwarded), behind(hops)).address).toBe(expected);
});

test('the address is unreadable when Node.js dropped headers', () => {
  const cut = { ...request('10.0.0.1', '6.6.6.6'), rawHeaders: Array.from({ length: 2000 }, () => 'a') };
  for (const config of [behind(1), configOf({ TRUSTED_PROXIES: '10.0.0.0/8' })])
    expect(clientAddress(cut as IncomingMessage, config).address).toBe('unreadable');
});

describe('behind the proxies 10.0.0.0/8, 192.0.2.7 and 2001:db8:ff::/48', () => {
  const TRUSTED_PROXIES = '10.0.0.0/8, 192.0.2.7,2001:db8:ff::/48';
  const config = configOf({ TRUSTED_PROXIES });

  test.each([
    ['10.0.0.1', '1.2.3.4', '1.2.3.4'],
    ['::ffff:10.0.0.1', '1.2.3.4', '1.2.3.4'],
    ['2001:db8:ff:1::9', '1.2.3.4', '1.2.3.4'],
    ['192.0.2.7', '2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['10.0.0.1', '6.6.6.6, 1.2.3.4', '1.2.3.4'],
    ['10.0.0.1', '6.6.6.6, 1.2.3.4, 10.9.9.9', '1.2.3.4'],
    ['10.0.0.1', '6.6.6.6, 1.2.3.4, 192.0.2.7:4711, [2001:db8:ff::1]:80', '1.2.3.4'],
    ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '', 'unreadable'],
    ['10.0.0.1', '1.2.3.4, garbage', 'unreadable'],
    ['10.0.0.1', '1.2.3.4, garbage, 10.0.0.2', 'unreadable'],
  ])('from %p %p is %p', (remote, forwarded, expected) => {
    expect(clientAddress(request(remote, forwarded), config).address).toBe(expected);
    expect(isFromUnknownProxy(request(remote, forwarded), config)).toBe(false);
  });

  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['11.0.0.1', '11.0.0.1'],
    ['192.0.2.8', '192.0.2.8'],
    ['2001:db8:fe::1', '2001:db8:fe:0::/64'],
    ['::ffff:192.0.2.6', '192.0.2.6'],
    [undefined, 'unreadable'],
  ])('%p bypasses the proxies, and counts as %p whatever it claims', (remote, expected) => {
    for (const forwarded of ['1.2.3.4', '1.2.3.4, 10.0.0.1', '10.0.0.1']) {
      expect(clientAddress(request(remote, forwarded), config).address).toBe(expected);
      expect(isFromUnknownProxy(request(remote, forwarded), config)).toBe(true);
    }
  });

  test.each([
    [1, '10.0.0.1', '6.6.6.6, 10.5.5.5', '10.5.5.5'],
    [2, '10.0.0.1', '6.6.6.6, 10.5.5.5, 10.0.0.2', '10.5.5.5'],
    [3, '10.0.0.1', '1.2.3.4, 10.0.0.2', '1.2.3.4'],
    [1, '203.0.113.7', '1.2.3.4', '203.0.113.7'],
    [3, '10.0.0.1', '10.0.0.2', '10.0.0.2'],
  ])('and at most %i of them, from %p %p is %p', (hops, remote, forwarded, expected) => {
    const both = configOf({ TRUSTED_PROXIES, TRUSTED_PROXY_HOPS: String(hops) });
    expect(clientAddress(request(remote, forwarded), both).address).toBe(expected);
  });
});

test.each([
  ['without proxies', NONE, true],
  ['behind as many as are counted', behind(1), false],
])('%s, X-Forwarded-For comes from an unknown sender: %p', (_name, config, expected) => {
  expect(isFromUnknownProxy(request('203.0.113.7', '1.2.3.4'), config as typeof NONE)).toBe(expected);
  // Next fills the header in like this.
  expect(isFromUnknownProxy(request('203.0.113.7', '203.0.113.7'), config as typeof NONE)).toBe(false);
});
