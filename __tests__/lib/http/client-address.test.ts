import type { IncomingMessage } from 'node:http';
import { clientAddress } from '@/lib/http/client-address';

const request = (remoteAddress: string | undefined, forwarded?: string) =>
  ({
    headers:
      forwarded === undefined ? {} : { 'x-forwarded-for': forwarded, forwarded: 'for=9.9.9.9', 'x-real-ip': '9.9.9.9' },
    rawHeaders: [],
    socket: { remoteAddress },
  }) as unknown as IncomingMessage;

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
  ['::1', '0:0:0:0::/64'],
  [undefined, 'unreadable'],
])('the connection’s address %p counts as %p', (remote, expected) => {
  expect(clientAddress(request(remote), 0)).toBe(expected);
});

test('without trusted proxies no header counts', () => {
  expect(clientAddress(request('203.0.113.7', '1.2.3.4'), 0)).toBe('203.0.113.7');
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
  [1, '1.2.3.4, ', 'unreadable'],
])('behind %i proxies %p is %p', (hops, forwarded, expected) => {
  expect(clientAddress(request('10.0.0.1', forwarded), hops)).toBe(expected);
});

test('the address is unreadable when Node.js dropped headers', () => {
  const cut = { ...request('10.0.0.1', '6.6.6.6'), rawHeaders: Array.from({ length: 2000 }, () => 'a') };
  expect(clientAddress(cut as IncomingMessage, 1)).toBe('unreadable');
});
