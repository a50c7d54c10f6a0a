import type { Privacy } from '@/lib/privacy';
import { CHALLENGE_TTL_MS, createId, type Doubtful, ID, signedText } from './doubtful';

/** How long people wait instead of solving a challenge if the page's script does not run. */
export const WAIT_MS = 60_000;

const PURPOSE = 'tickets';
/** A ticket's id, the time when it was made (epoch milliseconds in base 36), and a signature. */
const FORM = new RegExp(`^(${ID})\\.([0-9a-z]{8,9})\\.([A-Za-z0-9_-]{43})$`);

/** Replaces a solution once its wait is over. */
export interface Ticket {
  readonly text: string;
  readonly waitSeconds: number;
}

/**
 * Parses a ticket for a message; undefined if the text is not one of our tickets, belongs to another message, or has
 * expired.
 */
export function readTicket(privacy: Privacy, text: string | undefined, message: Doubtful) {
  const [, id = '', issued = '', signature = ''] = FORM.exec(text ?? '') ?? [];
  const ageMs = Date.now() - Number.parseInt(issued, 36);
  if (!privacy.verify(PURPOSE, `${issued} ${signedText(id, message)}`, signature)) return undefined;
  return ageMs < CHALLENGE_TTL_MS ? { id, waitMs: Math.max(0, WAIT_MS - ageMs) } : undefined;
}

/** @param given a ticket that came too early stays valid, so that nobody has to wait from the start again */
export function issueTicket(privacy: Privacy, message: Doubtful, given: string | undefined): Ticket {
  const { waitMs = 0 } = readTicket(privacy, given, message) ?? {};
  if (given !== undefined && waitMs > 0) return { text: given, waitSeconds: Math.ceil(waitMs / 1000) };
  const id = createId();
  const issued = Date.now().toString(36);
  const signature = privacy.sign(PURPOSE, `${issued} ${signedText(id, message)}`);
  return { text: `${id}.${issued}.${signature}`, waitSeconds: WAIT_MS / 1000 };
}
