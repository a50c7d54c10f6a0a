import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Load } from '@/bench/workplace';

const STALL_MS = 500;

let load: Load;
let server: Server;
let stallUntil = 0;
let served = 0;
/** The server stalls at the request with this number. */
let stallsAt: number | undefined;

beforeAll(async () => {
  load = await Load.start();
  server = createServer((_, response) => {
    served += 1;
    if (served === stallsAt) stallUntil = Date.now() + STALL_MS;
    setTimeout(() => response.end('{}'), Math.max(0, stallUntil - Date.now()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  await load.end();
  server.closeAllConnections();
  server.close();
});

const job = () => ({
  url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  shape: 'empty' as const,
  server: 'test',
});

test('the open loop counts every request that a stall kept waiting', async () => {
  stallsAt = served + 100;
  const { p99, requests } = await load.open({ ...job(), perSecond: 200, ms: 2000, warmUpMs: 0 });
  expect(requests).toBe(400);
  // A quarter of the requests were due during the stall. A closed loop would count only one, too few for the 99th
  // percentile to show.
  expect(p99).toBeGreaterThan(STALL_MS * 0.8);
});

test('the closed loop makes no more requests than it should', async () => {
  const { requests } = await load.closed({ ...job(), connections: 1, ms: 10_000, count: 20 });
  expect(requests).toBe(20);
});

test('a reply with another status fails the measurement', async () => {
  const refused = load.closed({ ...job(), shape: 'refused-number', connections: 1, ms: 1000, count: 1 });
  await expect(refused).rejects.toThrow('200 instead of 400');
});
