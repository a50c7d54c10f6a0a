/**
 * The load generator, in its own process. Closed loop: a number of connections, each with one request at a time. Open
 * loop: requests leave at fixed times whatever the server does, and latency counts from the time at which a request was
 * due. So if a server stalls, the requests that had to wait count as well. This avoids coordinated omission.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Dispatcher, Pool } from 'undici';
import { type Exchange, type Kept, SHAPES, type Shape, type ShapeName } from './shapes';

interface Job {
  readonly url: string;
  readonly shape: ShapeName;
  /** Names the server, so that verifies use the results of sends on the same one. */
  readonly server: string;
}
/** The load lasts for a time or a count. Verifies end early once they have used the results of all sends. */
export interface ClosedJob extends Job {
  readonly kind: 'closed';
  readonly connections: number;
  readonly ms?: number;
  /** The most requests to make. */
  readonly count?: number;
}
export interface OpenJob extends Job {
  readonly kind: 'open';
  readonly perSecond: number;
  readonly ms: number;
  /** Warm-up, not counted. */
  readonly warmUpMs: number;
}
/** Gives the generator codes by number. Verifies then use them in place of the ids from replies. */
export interface CodesJob {
  readonly kind: 'codes';
  readonly server: string;
  readonly codes: Readonly<Record<string, string>>;
}
export interface ClosedResult {
  readonly requests: number;
  readonly seconds: number;
}
export interface OpenResult {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly requests: number;
}
export type LoadJob = ClosedJob | OpenJob | CodesJob;

const ORIGIN_OPTIONS = { pipelining: 1, headersTimeout: 30_000, bodyTimeout: 30_000 };
/** Timers fire up to a millisecond late, so the open loop polls for this long before a request is due. */
const POLL_MS = 1.5;
const MOST_CONNECTIONS = 256;

let serial = 0;
const kept = new Map<string, Kept[]>();

function keptFor(server: string): Kept[] {
  const list = kept.get(server) ?? [];
  kept.set(server, list);
  return list;
}

/** Sends one request, and reads its reply to the end. */
function exchange(to: Dispatcher, { method, path, body, status, address }: Exchange): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    let got = 0;
    to.dispatch(
      {
        method,
        path,
        headers: { 'X-Forwarded-For': address, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
        body: body ?? null,
      },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_, statusCode) => {
          got = statusCode;
        },
        onResponseData: (_, chunk) => {
          text += chunk.toString();
        },
        onResponseEnd: () => {
          if (got === status) resolve(text);
          else reject(new Error(`${method} ${path} returned ${got} instead of ${status}: ${text.slice(0, 300)}`));
        },
        onResponseError: (_, error) => reject(error),
      },
    );
  });
}

async function ask(to: Dispatcher, shape: Shape, list: Kept[]): Promise<void> {
  serial += 1;
  const request = shape.make(serial, shape.takes && list.pop());
  const text = await exchange(to, request);
  if (!shape.keeps) return;
  const { phoneNumber: number = '' } = JSON.parse(request.body ?? '{}') as { phoneNumber?: string };
  const { pinId = '' } = JSON.parse(text) as { pinId?: string };
  list.push({ number, pinId });
}

async function runClosed({
  url,
  shape: name,
  server,
  connections,
  ms = Infinity,
  count = Infinity,
}: ClosedJob): Promise<ClosedResult> {
  const shape: Shape = SHAPES[name];
  const list = keptFor(server);
  if (shape.keeps) list.length = 0;
  const clients = Array.from({ length: connections }, () => new Client(url, ORIGIN_OPTIONS));
  let requests = 0;
  const startedAt = performance.now();
  const goesOn = () => requests < count && performance.now() - startedAt < ms && !(shape.takes && list.length === 0);
  await Promise.all(
    clients.map(async (client) => {
      while (goesOn()) {
        requests += 1;
        await ask(client, shape, list);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  if (shape.takes) list.length = 0;
  await Promise.all(clients.map((client) => client.destroy()));
  return { requests, seconds };
}

/** @param at on the clock of `performance` */
async function until(at: number): Promise<void> {
  const waitMs = at - performance.now();
  if (waitMs > POLL_MS) await sleep(waitMs - POLL_MS);
  while (performance.now() < at) await new Promise((resolve) => setImmediate(resolve));
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;

async function runOpen({ url, shape: name, server, perSecond, ms, warmUpMs }: OpenJob): Promise<OpenResult> {
  const shape: Shape = SHAPES[name];
  const list = keptFor(server);
  const pool = new Pool(url, { ...ORIGIN_OPTIONS, connections: MOST_CONNECTIONS });
  const latencies: number[] = [];
  const flights: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let due = startedAt; due < startedAt + warmUpMs + ms; due += 1000 / perSecond) {
    await until(due);
    const isCounted = due >= startedAt + warmUpMs;
    flights.push(
      ask(pool, shape, list).then(() => {
        if (isCounted) latencies.push(performance.now() - due);
      }),
    );
  }
  await Promise.all(flights);
  list.length = 0;
  await pool.destroy();
  latencies.sort((one, other) => one - other);
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), requests: latencies.length };
}

function takeCodes({ server, codes }: CodesJob): true {
  const list = keptFor(server);
  list.length = 0;
  // Only each number's last code: earlier ones are no longer valid.
  for (const [to, code] of Object.entries(codes)) list.push({ number: `+${to}`, pinId: code });
  return true;
}

async function run(job: LoadJob): Promise<ClosedResult | OpenResult | true> {
  if (job.kind === 'codes') return takeCodes(job);
  return job.kind === 'closed' ? runClosed(job) : runOpen(job);
}

process.on('message', (job: LoadJob) => {
  run(job).then(
    (result) => process.send?.({ result }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
