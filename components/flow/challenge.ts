import type { Solution } from 'altcha-lib';
import type { Outcome } from '@/components/client';
import type { Challenge } from '@/lib/contract';

/** The server may ask for a second, harder solution if other messages have used up more credit in the meantime. */
const ROUNDS = 2;

/** The worker gives up after this time. */
const TIMEOUT_MS = 90_000;

function solve(challenge: Challenge, signal: AbortSignal | null): Promise<Solution> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./challenge-worker.ts', import.meta.url));
    const end = (settle: () => void) => {
      worker.terminate();
      signal?.removeEventListener('abort', abort);
      settle();
    };
    const fail = () => end(() => reject(new Error('The challenge was not solved.')));
    const abort = () => fail();
    signal?.addEventListener('abort', abort);
    worker.onerror = fail;
    worker.onmessage = ({ data }: MessageEvent<Solution | { error: unknown } | null>) =>
      data && 'derivedKey' in data ? end(() => resolve(data)) : fail();
    worker.postMessage({ type: 'work', challenge, timeout: TIMEOUT_MS });
  });
}

/** base64url. Challenges and solutions are plain ASCII. */
const encode = (solved: object): string =>
  btoa(JSON.stringify(solved)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/**
 * Solves the challenge in the server's answer and sends the request again with the solution.
 * @param send sends the request with a solution
 * @returns the last outcome, which contains a challenge if the server accepted no solution
 */
export async function answerChallenge<Reply>(
  outcome: Outcome<Reply>,
  send: (solution: string) => Promise<Outcome<Reply>>,
  signal: AbortSignal | null,
): Promise<Outcome<Reply>> {
  let last = outcome;
  for (let round = 0; round < ROUNDS && !last.ok && last.failure.challenge; round += 1) {
    const { challenge } = last.failure;
    const { counter, derivedKey } = await solve(challenge, signal);
    last = await send(encode({ challenge, solution: { counter, derivedKey } }));
  }
  return last;
}
