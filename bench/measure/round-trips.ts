import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Running, startContender } from '@/bench/contenders';
import type { ShapeName } from '@/bench/load/shapes';
import type { Workplace } from '@/bench/workplace';

/** Long enough for everything that the app sends at once to leave before the first answer arrives. */
const REPLY_DELAY_MS = 10;
const REQUESTS = 5;

/** Sits between the app and Redis, and counts round trips: commands sent together, before any answer, count as one. */
async function countingProxy(redisPort: number) {
  let roundTrips = 0;
  const server = createServer((client) => {
    const redis = connect(redisPort, '127.0.0.1');
    let isAnswered = true;
    client.on('data', (chunk) => {
      if (isAnswered) roundTrips += 1;
      isAnswered = false;
      redis.write(chunk);
    });
    redis.on('data', (chunk) =>
      setTimeout(() => {
        isAnswered = true;
        client.write(chunk);
      }, REPLY_DELAY_MS),
    );
    for (const [from, to] of [
      [client, redis],
      [redis, client],
    ] as const) {
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}/0`,
    /** Returns the round trips since the last call. */
    take: () => {
      const taken = roundTrips;
      roundTrips = 0;
      return taken;
    },
    end: () => void server.close(),
  };
}

/** Redis round trips of one request, by its kind. */
export async function measureRoundTrips(place: Workplace): Promise<Record<string, number> | undefined> {
  const { redis, upstream, load, folder } = place;
  if (!redis) return undefined;
  const proxy = await countingProxy(redis.port);
  const server: Running = await startContender('redis', { upstreamUrl: upstream.url, folder, redisUrl: proxy.url });
  const perRequest = async (shape: ShapeName) => {
    proxy.take();
    const { requests } = await load.closed({
      url: server.url,
      shape,
      server: 'round-trips',
      connections: 1,
      ms: 10_000,
      count: REQUESTS,
    });
    await sleep(5 * REPLY_DELAY_MS);
    return proxy.take() / requests;
  };
  // The first request of each kind loads its script into Redis.
  await perRequest('send');
  await perRequest('verify');
  const figures = {
    send: await perRequest('send'),
    verify: await perRequest('verify'),
    'refused-number': await perRequest('refused-number'),
  };
  await server.end();
  proxy.end();
  return figures;
}
