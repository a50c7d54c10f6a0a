import type { NextApiRequest, NextApiResponse } from 'next';
import type { Channel } from '@/lib/contract';
import type { Logger } from '@/lib/observability/logger';

/** A number that has just been verified. */
export interface Verified {
  /** E.164: `+14155552671`. */
  readonly phoneNumber: string;
  /** The number as logs and the store know it. */
  readonly phone: string;
  /** ISO 3166-1 alpha-2; undefined for numbers of no country. */
  readonly country: string | undefined;
  /** How the code travelled. */
  readonly channel: Channel;
  /** The id (`jti`) of the proof that the client gets. */
  readonly proofId: string;
}

/** The request that brought the right code. */
export interface Occasion {
  readonly request: NextApiRequest;
  /** For a cookie of your own, say: append to `Set-Cookie`. What is not ended here is answered afterwards. */
  readonly response: NextApiResponse;
  /** Its lines carry the request's id. */
  readonly logger: Logger;
}

export type OnVerified = (verified: Verified, occasion: Occasion) => Promise<void>;

/**
 * **The place to act on a verification**: log the person in, mark the account's number as verified. As it stands it does
 * nothing: the event that audits look for, `number.verified`, is in the request's log line anyway.
 *
 * It runs at most once for each verification, when the code is spent and before the client is told. It may end the response
 * itself, with a redirect say. Where it throws, the client gets that error, no cookie and no proof, and has to ask for a new
 * code: an AppError as its own reply, any other as INTERNAL_ERROR. Nothing limits how long it takes but itself.
 */
export const onVerified: OnVerified = async () => undefined;
