import { randomInt } from 'node:crypto';
import { type Challenge, createChallenge, type Solution, verifySolution } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { AppError } from '@/lib/errors';
import { refusalError } from '@/lib/limits/refusals';
import type { Privacy } from '@/lib/privacy';
import { HARDEST } from '@/lib/store/charges';
import type { Pass, Refusal } from '@/lib/store/limits';
import { CHALLENGE_TTL_MS, createId, type Doubtful, ID, signedText } from './doubtful';
import { issueTicket, readTicket, type Ticket } from './ticket';

/**
 * A proof of work for doubtful messages. The server derives a key from a secret number, and the client finds the number
 * by trying one after the other. It uses PBKDF2, not plain SHA-256, so that a browser spends its time in the same
 * native code as an attacker's program, not on calls to it. `npm run measure` shows how long each level takes on a slow
 * phone.
 */
const ALGORITHM = 'PBKDF2/SHA-256';
/** Iterations for each number that a client tries: 0.2 ms. To create a challenge, the server runs as many once. */
const COST = 1000;
/**
 * Candidate numbers in the first level. Each further level has twice as many, and a client has to try half of them on
 * average.
 */
const NUMBERS = 300;

/** The number of candidates that a level's secret number is drawn from. */
export const numbersOf = (level: number): number => NUMBERS * 2 ** (level - 1);

const PURPOSE = 'challenges';
const IS_ID = new RegExp(`^${ID}$`);

/** The challenge, as a client gets it with the reply that asks for a solution. */
export interface Asked {
  readonly challenge: Challenge;
  readonly ticket: Ticket;
}

export interface Challenges {
  /**
   * @param level from 1 to 4; each level is twice as hard as the one before
   * @param given the solution that came with the request: if it is a ticket whose wait is not over, the client gets the
   * same one again
   */
  ask(level: number, message: Doubtful, given: string | undefined): Promise<Asked>;
  /**
   * What a solution or a ticket is worth; undefined if it is neither, has expired, came before its wait was over, or
   * belongs to another message. The store makes sure that each id counts once.
   */
  check(given: string | undefined, message: Doubtful): Promise<Pass | undefined>;
}

interface Solved {
  readonly challenge: Challenge;
  readonly solution: Solution;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Checks only what the functions below rely on; the signature vouches for the rest. */
function parseSolved(text: string): Solved | undefined {
  try {
    const value = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown;
    if (!isObject(value) || !isObject(value.challenge) || !isObject(value.solution)) return undefined;
    const { parameters, signature } = value.challenge;
    return isObject(parameters) && typeof signature === 'string' ? (value as unknown as Solved) : undefined;
  } catch {
    return undefined;
  }
}

/** Challenges that every instance with one of the same keys accepts. */
export function createChallenges(privacy: Privacy): Challenges {
  const signing = privacy.secrets('challenge signatures');
  const numbers = privacy.secrets('challenge numbers');

  /** Tries each key in turn. A wrong key costs little: the library compares the signature before anything else. */
  async function isSolved({ challenge, solution }: Solved): Promise<boolean> {
    for (const [index, hmacSignatureSecret] of signing.entries()) {
      const hmacKeySignatureSecret = numbers[index] ?? '';
      const { verified, expired } = await verifySolution({
        challenge,
        solution,
        deriveKey,
        hmacSignatureSecret,
        hmacKeySignatureSecret,
      });
      if (verified || expired) return verified;
    }
    return false;
  }

  async function solvedIn(given: string, message: Doubtful): Promise<Pick<Pass, 'id' | 'level'> | undefined> {
    const solved = parseSolved(given);
    const { id, to, level } = solved?.challenge.parameters.data ?? {};
    if (!solved || typeof id !== 'string' || typeof to !== 'string' || !IS_ID.test(id)) return undefined;
    const isFor = privacy.verify(PURPOSE, signedText(id, message), to);
    return isFor && (await isSolved(solved).catch(() => false)) ? { id, level: Number(level) } : undefined;
  }

  return {
    async ask(level, message, given) {
      const id = createId();
      const challenge = await createChallenge({
        algorithm: ALGORITHM,
        cost: COST,
        counter: randomInt(1, numbersOf(level) + 1),
        deriveKey,
        expiresAt: new Date(Date.now() + CHALLENGE_TTL_MS),
        data: { id, level, to: privacy.sign(PURPOSE, signedText(id, message)) },
        hmacSignatureSecret: signing[0],
        hmacKeySignatureSecret: numbers[0],
      });
      return { challenge, ticket: issueTicket(privacy, message, given) };
    },

    async check(given, message) {
      if (given === undefined) return undefined;
      // The store remembers the id for as long as the solution could come again, by the clock of any instance.
      const ttlMs = 2 * CHALLENGE_TTL_MS;
      const ticket = readTicket(privacy, given, message);
      // A wait replaces a challenge of any level.
      if (ticket) return ticket.waitMs > 0 ? undefined : { id: ticket.id, kind: 'waited', level: HARDEST, ttlMs };
      const solved = await solvedIn(given, message);
      return solved && { ...solved, kind: 'solved', ttlMs };
    },
  };
}

/**
 * The reply for a message that the limits refused, with a challenge if one helps.
 * @param given the solution that came with the request
 */
export async function refusalOf(
  challenges: Challenges,
  refusal: Refusal,
  message: Doubtful,
  given: string | undefined,
): Promise<AppError> {
  const error = refusalError(refusal);
  const { challengeLevel } = error.details;
  if (challengeLevel === undefined) return error;
  return new AppError(error.code, { ...error.details, ...(await challenges.ask(challengeLevel, message, given)) });
}
