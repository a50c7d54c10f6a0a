import { solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import type { Challenge } from '@/lib/contract';

/** The `solution` of a request. */
export const encodeSolution = (challenge: Challenge, solution: object): string =>
  Buffer.from(JSON.stringify({ challenge, solution })).toString('base64url');

/** Solves a challenge like a program. */
export async function solve(challenge: Challenge): Promise<string> {
  const solution = await solveChallenge({ challenge, deriveKey });
  if (!solution) throw new Error('Nobody found the solution.');
  return encodeSolution(challenge, { counter: solution.counter, derivedKey: solution.derivedKey });
}
