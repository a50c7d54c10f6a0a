import { solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import type { Challenge } from '@/lib/contract';

/** What a request takes as its `solution`. */
export const encodeSolution = (challenge: Challenge, solution: object): string =>
  Buffer.from(JSON.stringify({ challenge, solution })).toString('base64url');

/** Solves a challenge as a program does. */
export async function solve(challenge: Challenge): Promise<string> {
  const solution = await solveChallenge({ challenge, deriveKey });
  if (!solution) throw new Error('The challenge was not solved.');
  return encodeSolution(challenge, { counter: solution.counter, derivedKey: solution.derivedKey });
}
