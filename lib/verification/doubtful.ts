import { randomBytes } from 'node:crypto';

/** A message that is sent only for a challenge that was solved, or a wait that has ended. What counts for one counts for no other. */
export interface Doubtful {
  readonly kind: 'send' | 'resend';
  /** The number, or the key of the verification. */
  readonly to: string;
  /** As asked for; undefined: as before. */
  readonly method: string | undefined;
}

export const CHALLENGE_TTL_MS = 10 * 60_000;

const ID_BYTES = 16;
/** The form of an id: 128 random bits. */
export const ID = '[A-Za-z0-9_-]{22}';

/** Names a challenge or a ticket, so that it counts once. */
export const createId = (): string => randomBytes(ID_BYTES).toString('base64url');

/** What is signed for a message, under an id: no other message has the same, and from its signature nobody finds the number. */
export const signedText = (id: string, { kind, to, method = '' }: Doubtful): string =>
  JSON.stringify([id, kind, method, to]);
