import { setTimeout as sleep } from 'node:timers/promises';
import { type ContenderName, contenderOf, startContender } from '@/bench/contenders';
import { residentBytes } from '@/bench/processes';
import type { Workplace } from '@/bench/workplace';
import { optionsOf } from './sockets';

const REQUESTS = 20_000;
const SETTLE_MS = 2000;

/** Resident megabytes of a process. */
export interface MemoryFigures {
  readonly idle: number;
  readonly afterRequests?: number;
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

/** @param withRequests whether 20,000 sends follow, which take a while */
export async function measureMemory(
  place: Workplace,
  names: readonly ContenderName[],
  withRequests: boolean,
): Promise<Record<string, MemoryFigures>> {
  const figures: Record<string, MemoryFigures> = {};
  for (const name of names) {
    const server = await startContender(name, optionsOf(place));
    await sleep(SETTLE_MS);
    const idle = megabytes(residentBytes(server.pid));
    const shape = contenderOf(name).send ?? 'empty';
    const job = { url: server.url, shape, server: name, connections: 10, ms: 300_000, count: REQUESTS };
    if (withRequests) {
      await place.load.closed(job);
      await sleep(SETTLE_MS);
    }
    figures[name] = { idle, ...(withRequests && { afterRequests: megabytes(residentBytes(server.pid)) }) };
    await server.end();
  }
  return figures;
}
