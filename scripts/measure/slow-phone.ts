/**
 * Makes a browser as slow as a phone.
 *
 * The phone is a Moto G Power (2022), a cheap one from the end of 2021. Chrome's DevTools use it as their "low-tier
 * mobile", with 264 points of Lighthouse's BenchmarkIndex (strings made and arrays copied in a second). DevTools' own
 * slowdown (`Emulation.setCPUThrottlingRate`) affects only a page's main thread: workers, and the threads that compute
 * PBKDF2, keep running at full speed. So this stops and continues the browser's renderers about thirty times a second,
 * and adjusts the pauses until a worker gets the phone's points. The measurement hashes with the processor's own
 * instructions for that, which nearly every phone since 2015 has, too.
 */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from '@playwright/test';
import { CommandError } from '@/scripts/command';

const PHONE_POINTS = 264;
/** Short, so that even one try at a challenge takes several slices. */
const SLICE_MS = 4;

/** Computes the points of the thread that runs it, as a worker's script at /benchmark.js. */
export const BENCHMARK = `
  const perSecond = (work) => {
    const start = performance.now();
    let times = 0;
    for (; times % 10 > 0 || performance.now() - start < 500; times += 1) work(times);
    return (times * 100) / (performance.now() - start);
  };
  const [one, other] = [0, 1].map(() => Array.from({ length: 100_000 }, (_, index) => index));
  const strings = perSecond(() => {
    let text = '';
    for (let length = 0; length < 10_000; length += 1) text += 'a';
    if (text.length === 1) throw new Error('Keeps the text from being left out.');
  });
  const copies = perSecond((times) => {
    const [from, to] = times % 2 ? [one, other] : [other, one];
    for (let index = 0; index < from.length; index += 1) to[index] = from[index];
  });
  postMessage((strings + copies) / 2);
`;

/** Makes a worker answer one message. */
export const ask = <Answer>(page: Page, script: string, message: object): Promise<Answer> =>
  page.evaluate(
    ([path, data]) =>
      new Promise<Answer>((resolve) => {
        const worker = new Worker(path);
        worker.onmessage = (event: MessageEvent<Answer>) => {
          worker.terminate();
          resolve(event.data);
        };
        worker.postMessage(data);
      }),
    [script, message] as const,
  );

/** The browser's processes that run pages and their workers. */
export function renderersOf(browserPid: number): number[] {
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 16 << 20 })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, pid, parent, command = '']) => ({ pid: Number(pid), parent: Number(parent), command }));
  const below = (pid: number): typeof processes =>
    processes.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid)]);
  return below(browserPid).flatMap(({ pid, command }) => (command.includes('--type=renderer') ? [pid] : []));
}

/** Lets processes run for a slice of time, then stops them for a pause, until the caller ends it. */
export function slowDown(pids: readonly number[]) {
  const state = { slowdown: 1, ended: false };
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
    for (const pid of pids) process.kill(pid, name);
  };
  async function run() {
    while (!state.ended) {
      const startedAt = performance.now();
      await sleep(SLICE_MS);
      if (state.slowdown === 1) continue;
      signal('SIGSTOP');
      // Timers are late on a busy machine: a longer slice gets a longer pause.
      await sleep((performance.now() - startedAt) * (state.slowdown - 1));
      signal('SIGCONT');
    }
  }
  const running = run();
  return {
    by: (slowdown: number) => {
      state.slowdown = slowdown;
    },
    async end() {
      state.ended = true;
      await running;
    },
  };
}

/** The results of several measurements, one after the other, in ascending order. */
export async function inTurn(times: number, measure: () => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let done = 0; done < times; done += 1) values.push(await measure());
  return values.sort((one, other) => one - other);
}

export const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;

/** Adjusts the pauses until the benchmark matches the phone, or is a little slower. */
export async function calibrate(page: Page, slowBy: (slowdown: number) => void): Promise<void> {
  const measure = () => ask<number>(page, '/benchmark.js', {});
  await measure();
  const full = await measure();
  if (full < PHONE_POINTS) throw new CommandError(`This machine is slower than the phone: ${Math.round(full)} points.`);
  let slowdown = full / PHONE_POINTS;
  for (let round = 0; ; round += 1) {
    slowBy(slowdown);
    const points = median(await inTurn(3, measure));
    const share = points / PHONE_POINTS;
    process.stdout.write(`${Math.round(full)} points at full speed, ${Math.round(points)} slowed down\n`);
    if (share > 0.8 && share < 1.05) return;
    if (round === 10) throw new CommandError('The slowdown does not settle, because this machine is too busy.');
    slowdown = Math.max(1, slowdown * Math.sqrt(share));
  }
}
