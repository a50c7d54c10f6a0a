import { randomBytes } from 'node:crypto';

/** A message that leaves only after a solved challenge or a wait. A solution for one message counts for no other. */
export interface Doubtful {
  readonly kind: 'send' | 'resend';
  /** The number that the message goes to, or the key of its verification. */
  readonly to: string;
  /** The requested method; undefined for the same as before. */
  readonly method: string | undefined;
}

export const CHALLENGE_TTL_MS = 10 * 60_000;

const ID_BYTES = 16;
/** The form of an id: 128 random bits. */
export const ID = '[A-Za-z0-9_-]{22}';

/** Id of a challenge or a ticket, so that it counts once. */
export const createId = (): string => randomBytes(ID_BYTES).toString('base64url');

/**
 * The text to sign for a message, under an id. No other message has the same text, and the signature reveals nothing
 * about the number.
 */
export const signedText = (id: string, { kind, to, method = '' }: Doubtful): string =>
  JSON.stringify([id, kind, method, to]);
