import type { NextApiRequest, NextApiResponse } from 'next';
import type { Channel } from '@/lib/contract';
import type { Logger } from '@/lib/observability/logger';
import type { StepUpMethod } from '@/lib/verification/account';

/** A number that has just been verified. */
export interface Verified {
  /** E.164: `+14155552671`. */
  readonly phoneNumber: string;
  /** The number's pseudonym in logs and in the store. */
  readonly phone: string;
  /** ISO 3166-1 alpha-2; undefined for numbers without a country. */
  readonly country: string | undefined;
  /** How the number was verified: with a code through a channel, or with another factor. */
  readonly method: Channel | StepUpMethod;
  /** The code's channel; undefined for other factors. */
  readonly channel: Channel | undefined;
  /** Id of the account; undefined if a code alone was used. Unlike the number, it never passes to another person. */
  readonly account: string | undefined;
  /** The id (`jti`) of the proof that the client gets. */
  readonly proofId: string;
  /** Id of the client that asked for the verification, such as an API client; undefined for our own page. */
  readonly client: string | undefined;
}

/** The request that completed the verification. */
export interface Occasion {
  readonly request: NextApiRequest;
  /**
   * Add a cookie of your own here, for example: append to `Set-Cookie`. The route ends the response if you do not. The
   * page's script reads only the route's JSON, so redirect with `redirectTo`.
   */
  readonly response: NextApiResponse;
  /** Adds the request's id to each line. */
  readonly logger: Logger;
}

/** What happens next. */
export interface Next {
  /**
   * Where the person goes: a path on this origin, or a URL on an origin in `APP_ORIGIN`, `CONTINUE_URL` or
   * `REDIRECT_ORIGINS`. Anything else counts as an error. By default the page shows its last screen.
   */
  readonly redirectTo?: string;
}

export type OnVerified = (verified: Verified, occasion: Occasion) => Promise<Next | undefined>;

/**
 * **The place to act on a verification**: log the person in, mark the account's number as verified. By default it does
 * nothing. For audits, the request's log line already has the event `number.verified`.
 *
 * It runs at most once for each verification, after the code is spent and before the client gets its reply. It may say
 * where the person goes next. If it throws, the client gets that error, no cookie and no proof, and has to verify
 * again: an AppError becomes its own reply, any other error an INTERNAL_ERROR. The server puts no time limit on it.
 */
export const onVerified: OnVerified = async () => undefined;
