/** Plays cases in as many processes as there are cores: each case is a few seconds of independent work. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Tally } from './engine';
import { type Case, type Settings, tallies } from './rows';

/** A job for a process. */
export interface Job {
  readonly case: Case;
  readonly settings: Settings;
}

async function askOf(worker: ChildProcess, job: Job): Promise<Tally[]> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const answered = once(worker, 'message', { signal }).then(([played]) => played as Tally[]);
  const ended = once(worker, 'exit', { signal }).then(([code]) => {
    throw new Error(`A process of the simulation ended (${code}).`);
  });
  worker.send(job);
  return Promise.race([answered, ended]).finally(() => waiting.abort());
}

/**
 * @param played called after each job
 * @returns results in the order of the jobs
 */
export async function playAll(
  jobs: readonly Job[],
  played: (job: Job, result: readonly Tally[]) => void,
): Promise<readonly (readonly Tally[])[]> {
  const results: Tally[][] = [];
  let next = 0;
  async function work(ask: (job: Job) => Promise<Tally[]>): Promise<void> {
    for (let index = next; index < jobs.length; index = next) {
      next += 1;
      const job = jobs[index] as Job;
      const result = await ask(job);
      results[index] = result;
      played(job, result);
    }
  }
  // A Redis holds the state of one case at a time, so cases with a Redis run one after another.
  const isShared = jobs.some(({ settings }) => settings.redis !== undefined);
  const workers = isShared ? 1 : Math.min(availableParallelism(), jobs.length);
  if (workers === 1) await work((job) => tallies(job.case, job.settings));
  else
    await Promise.all(
      Array.from({ length: workers }, async () => {
        const worker = fork(path.join(__dirname, 'worker.ts'));
        await work((job) => askOf(worker, job)).finally(() => worker.kill());
      }),
    );
  return results;
}
