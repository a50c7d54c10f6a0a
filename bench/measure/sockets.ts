import { setTimeout as sleep } from 'node:timers/promises';
import { type ContenderName, contenderOf, startContender } from '@/bench/contenders';
import type { Sockets } from '@/bench/upstream';
import type { Workplace } from '@/bench/workplace';

const REQUESTS = 500;
const QUIET_REQUESTS = 3;
/** Longer than a transport with a short keep-alive keeps an idle connection. */
const QUIET_MS = 6000;

/** Sockets to the upstream: under load, and for requests far apart. */
export interface SocketFigures {
  readonly underLoad: Sockets;
  /** Sockets opened for three requests, six seconds apart; undefined if that was not measured. */
  readonly quiet?: number;
}

const CONNECTIONS = 50;

async function quietSockets(
  { load, upstream }: Workplace,
  job: Parameters<Workplace['load']['closed']>[0],
): Promise<number> {
  let opened = 0;
  for (let i = 0; i < QUIET_REQUESTS; i += 1) {
    await sleep(QUIET_MS);
    await load.closed({ ...job, connections: 1, count: 1 });
    opened += (await upstream.sockets()).opened;
  }
  return opened;
}

/** Starts one contender at a time, because the upstream cannot tell whose socket it sees. */
export async function measureSockets(
  place: Workplace,
  names: readonly ContenderName[],
  { quiet }: { readonly quiet: boolean },
): Promise<Record<string, SocketFigures>> {
  const figures: Record<string, SocketFigures> = {};
  for (const name of names) {
    const { send } = contenderOf(name);
    if (!send) continue;
    const { upstream, load } = place;
    const server = await startContender(name, optionsOf(place));
    await upstream.sockets();
    const job = { url: server.url, shape: send, server: name, connections: CONNECTIONS, ms: 30_000, count: REQUESTS };
    await load.closed(job);
    const underLoad = await upstream.sockets();
    figures[name] = { underLoad, ...(quiet && { quiet: await quietSockets(place, job) }) };
    await server.end();
  }
  return figures;
}

/** Settings of a contender for this measurement. */
export const optionsOf = ({ upstream, folder, redis }: Workplace) => ({
  upstreamUrl: upstream.url,
  folder,
  redisUrl: redis && `redis://127.0.0.1:${redis.port}/0`,
});
